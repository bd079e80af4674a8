#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# openssl verify and certtool agree with us on plain chains; where they do not, -v says why.
. "$(dirname -- "$0")/../tap.sh"

want_program
want_temp

# Dates are wide, as certtool knows no time but now.
"$builddir/tests/chains/run" --make "$temp" <<END
cert root ca from=2020-01-01 until=2049-01-01
cert inter ca by=root from=2020-01-01 until=2049-01-01
cert good by=inter dns=www.example.com from=2020-01-01 until=2049-01-01
cert expired by=inter dns=www.example.com from=2020-01-01 until=2021-01-01
cert future by=inter dns=www.example.com from=2048-01-01 until=2049-01-01
cert forged by=inter signed=mallory dns=www.example.com from=2020-01-01 until=2049-01-01
cert stranger ca from=2020-01-01 until=2049-01-01
cert lost by=stranger dns=www.example.com from=2020-01-01 until=2049-01-01
cert mail by=inter eku=emailProtection mail=ann@example.com from=2020-01-01 until=2049-01-01
cert deep ca by=root pathlen=0 from=2020-01-01 until=2049-01-01
cert deeper ca by=deep from=2020-01-01 until=2049-01-01
cert deepest by=deeper dns=www.example.com from=2020-01-01 until=2049-01-01
cert limited ca by=root permit=dns:example.org from=2020-01-01 until=2049-01-01
cert outside by=limited dns=www.example.com from=2020-01-01 until=2049-01-01
cert noca by=root ku=keyCertSign from=2020-01-01 until=2049-01-01
cert below by=noca dns=www.example.com from=2020-01-01 until=2049-01-01
cert critical by=inter dns=www.example.com ext=1.2.3.4:c:0500 from=2020-01-01 until=2049-01-01
cert common by=inter cn=www.example.com from=2020-01-01 until=2049-01-01
END
chain()
{
	leaf=$1
	shift
	cat "$temp/$leaf.pem" >"$temp/$leaf-chain.pem"
	for above; do cat "$temp/$above.pem" >>"$temp/$leaf-chain.pem"; done
}
for leaf in good expired future forged mail critical common; do chain $leaf inter; done
chain lost stranger
chain deepest deeper deep
chain outside limited
chain below noca
all="good expired future forged mail critical lost deepest outside below"

ours()
{
	"$program" -q verify -s "$temp/root.pem" --purpose=server-auth --name=www.example.com "$temp/$1-chain.pem" 2>/dev/null && echo yes || echo no
}

theirs_openssl()
{
	openssl verify -CAfile "$temp/root.pem" -untrusted "$temp/$1-chain.pem" -purpose sslserver \
		-verify_hostname www.example.com "$temp/$1-chain.pem" >/dev/null 2>&1 && echo yes || echo no
}

theirs_certtool()
{
	certtool --verify --load-ca-certificate="$temp/root.pem" --infile="$temp/$1-chain.pem" --verify-purpose=1.3.6.1.5.5.7.3.1 \
		--verify-hostname=www.example.com >/dev/null 2>&1 && echo yes || echo no
}

for peer in openssl certtool; do
	if ! command -v $peer >/dev/null 2>&1; then
		skip "$peer agrees on plain chains" "no $peer here"
		continue
	fi
	verdict "$peer agrees on plain chains" "$(for leaf in $all; do
		a=$(ours $leaf) b=$(theirs_$peer $leaf)
		[ "$a" = "$b" ] || echo "$leaf: ours $a, theirs $b"
	done)"
done

# A name that stands in the common name alone: RFC 9525 does not count it, others do.
why=$("$program" -v verify -s "$temp/root.pem" --name=www.example.com "$temp/common-chain.pem" 2>&1)
verdict "where peers believe the common name, -v says that it does not count, and by which rule" \
	"$(printf '%s\n' "$why" | grep -q 'no-subject-alt-name' && printf '%s\n' "$why" | grep -q 'RFC' || printf '%s\n' "$why")"

finish
