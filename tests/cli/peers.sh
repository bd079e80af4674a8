#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What we export, read back by those it is for, is what we read: for this host's bundle and its system's store. And what
# `list` and `diff` say of them is what others find with their own means. $ANCHORAGE: the program, default: the build's.
. "$(dirname -- "$0")/../tap.sh"
want_program
want_bundle
want_temp
LC_ALL=C
export LC_ALL

# same SENTENCE FILE FILE: two lists are the same, and not empty
same()
{
	if [ ! -s "$2" ]; then
		verdict "$1" "an empty list"
	else
		verdict "$1" "$(diff "$2" "$3")"
	fi
}

# split DIR <PEM: each certificate as DIR/N.pem, without any tool of ours
split()
{
	rm -rf "$1"
	mkdir "$1"
	tr -d '\r' | awk -v dir="$1" '
		/-----BEGIN CERTIFICATE-----/ { file = sprintf("%s/%04d.pem", dir, ++n) }
		file != "" { print >file }
		/-----END CERTIFICATE-----/ && file != "" { close(file); file = "" }'
}

# ids <PEM: the SHA-256 of each certificate, sorted. Python is not needed for it, but ten times faster.
if has python3; then
	ids()
	{
		python3 -c '
import base64, hashlib, re, sys
for body in re.findall("-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", sys.stdin.read(), re.S):
    print(hashlib.sha256(base64.b64decode(body)).hexdigest())' | sort -u
	}
else
	ids()
	{
		split ids
		for pem in ids/*.pem; do
			[ -f "$pem" ] && sed '/-----/d' "$pem" | base64 -d | sha256sum | cut -d' ' -f1
		done | sort -u
	}
fi

export_to() { rm -rf "$3" && "$program" -q export --format="$1" --purpose="$purpose" --filter=ca-anchors "$2" "$3"; }

# all_of DIR: the certificates of all its files, read by one OpenSSL; names have no blanks
all_of()
{
	# shellcheck disable=SC2046 # one word for each file
	openssl crl2pkcs7 -nocrl $(printf ' -certfile %s' "$1"/*) 2>/dev/null | openssl pkcs7 -print_certs
}

# The names in a directory, and where its links lead
names() { (cd "$1" && for name in *; do echo "$name $(readlink "$name")"; done); }

# hashed DIR: what openssl verify makes of each certificate of certs/ by the hashes of DIR, and by one file of them all.
# It is the same; not OK is the second of two roots with one name and one key.
hashed()
{
	openssl verify -no_check_time -no-CApath -no-CAstore -CAfile all.pem certs/*.pem >by.file 2>/dev/null
	openssl verify -no_check_time -no-CAfile -no-CAstore -CApath "$1" certs/*.pem >by.hash 2>/dev/null
	diff by.file by.hash
	grep -q ': OK$' by.hash || echo "nothing is found"
}

# The links of DIR, and those that rehash makes of its files, both by the new hash and by the old
rehashed()
{
	rm -rf again && mkdir again
	find "$1" -type f -exec cp {} again \;
	openssl rehash -compat again >/dev/null 2>&1
	links "$1" >links
	links again >links.again
	diff links.again links
}

# The links of DIR, and under each hash what they lead to: the numbers of equal hashes are in no order.
links()
{
	(cd "$1" && find . -type l | sort && find . -type l -exec sha256sum {} + | sed 's/\(.*\)\.[0-9]*$/\1/' | sort)
}

keystore() { keytool -list -rfc -keystore "$1" -storepass changeit 2>/dev/null; }

# trust_reads FILE: the certificates of a .p11-kit file, by `trust` with that for its only store
trust_reads()
{
	configs=$(pkg-config --variable=p11_module_configs p11-kit-1 2>/dev/null) || configs=/usr/share/p11-kit/modules
	rm -rf conf && mkdir -p conf trust
	cp "$1" trust/all.p11-kit
	printf 'module: p11-kit-trust.so\ntrust-policy: yes\nx-init-reserved: paths=%s/trust\n' "$temp" >conf/p11-kit-trust.module
	unshare -rm sh -c "mount --bind '$temp/conf' '$configs' && trust extract --overwrite --format=pem-bundle \
		--filter=ca-anchors --purpose=server-auth trusted.pem" >/dev/null 2>&1 && cat trusted.pem
}

# reads STORE NAME: what we make of the store for TLS servers, read back by each peer, is the list in `want`
reads()
{
	if has openssl; then
		export_to pem-bundle "$1" out.pem
		openssl storeutl -certs out.pem 2>/dev/null | ids >got
		same "openssl reads in the pem-bundle of $2 what is in it" want got
		export_to openssl-bundle "$1" out.pem
		openssl storeutl -certs out.pem 2>/dev/null | ids >got
		same "openssl reads in the openssl-bundle of $2 what is in it" want got
		export_to pem-directory "$1" out
		all_of out | ids >got
		same "openssl reads in the pem-directory of $2 what is in it" want got
		export_to x509-directory "$1" out
		for der in out/*; do
			[ -n "${parsed:-}" ] || openssl x509 -inform DER -in "$der"
		done 2>/dev/null | ids >got
		[ -n "${parsed:-}" ] || same "openssl reads in the x509-directory of $2 what is in it" want got
		parsed=1 # the same files again would take the same second again
		sha256sum out/* | cut -d' ' -f1 | sort >got
		same "the files in the x509-directory of $2 are DER and nothing else" want got
		export_to pkcs7 "$1" out.p7b
		openssl pkcs7 -inform DER -in out.p7b -print_certs 2>/dev/null | ids >got
		same "openssl reads in the pkcs7 of $2 what is in it" want got
		for format in pem-directory-hash openssl-directory; do
			export_to $format "$1" out
			verdict "openssl verify finds each root in the $format of $2" "$(hashed out)"
			verdict "openssl rehash gives the $format of $2 the same links" "$(rehashed out)"
		done
	else
		skip "openssl reads what we make of $2" "no openssl here"
	fi
	export_to der "$1" out.der
	verdict "the der of $2 is its certificates, one behind the other" \
		"$(export_to x509-directory "$1" out; [ "$(wc -c <out.der)" -eq "$(cat out/* | wc -c)" ] || echo "it is $(wc -c <out.der) bytes")"
	if has keytool; then
		export_to java-cacerts "$1" out.jks
		keystore out.jks | ids >got
		same "keytool reads in the java-cacerts of $2 what is in it" want got
	else
		skip "keytool reads in the java-cacerts of $2 what is in it" "no keytool here"
	fi
	export_to p11-kit "$1" out.p11-kit
	if has trust && has unshare && trust_reads out.p11-kit >out.pem; then
		ids <out.pem >got
		same "trust reads in the p11-kit of $2 what is in it" want got
	else
		skip "trust reads in the p11-kit of $2 what is in it" "no trust, or no way to give it a store"
	fi
}

# trust_of ROOT COMMAND: the command with Fedora's two directories in the root for p11-kit's only policy
trust_of()
{
	configs=$(pkg-config --variable=p11_module_configs p11-kit-1 2>/dev/null) || configs=/usr/share/p11-kit/modules
	rm -rf conf && mkdir -p conf
	printf 'module: p11-kit-trust.so\ntrust-policy: yes\nx-init-reserved: paths=%s/etc/pki/ca-trust/source:%s/usr/share/pki/ca-trust-source\n' \
		"$1" "$1" >conf/p11-kit-trust.module
	unshare -rm sh -c "mount --bind '$temp/conf' '$configs' && $2"
}

# A tree as Fedora's, with all of the bundle for its list, and of these the administrator forbids one
fedora()
{
	tree=$temp/fedora
	source=$tree/etc/pki/ca-trust/source
	mkdir -p "$source/anchors" "$source/blocklist" "$tree/usr/share/pki/ca-trust-source/anchors"
	cp "$bundle" "$tree/usr/share/pki/ca-trust-source/anchors/bundle.pem"
	set -- certs/*
	cp "$1" "$source/blocklist/forbidden.pem"
	cp "$2" "$source/anchors/again.pem"
	for filter in certificates ca-anchors blocklist; do
		sentence="a root as Fedora's has for $filter what trust dumps and extracts of it"
		command="trust extract --overwrite --format=pem-bundle --purpose=server-auth --filter=$filter $temp/trust.pem"
		[ $filter != certificates ] || command="trust dump --filter=$filter >$temp/trust.pem"
		if has trust && has unshare && trust_of "$tree" "$command" >/dev/null 2>&1; then
			ids <trust.pem >want
			"$program" --root="$tree" --json list --filter=$filter system 2>/dev/null |
				sed -n 's/^{"sha256":"\([0-9a-f]*\)".*/\1/p' | sort -u >got
			same "$sentence" want got
		else
			skip "$sentence" "no trust, or no way to give it a store"
		fi
	done
}

# What `trust extract` makes of the system's store, and we, is byte for byte the same.
extracts()
{
	for format in pem-bundle openssl-bundle edk2-cacerts; do
		rm -rf theirs
		trust extract --format=$format --filter=ca-anchors --purpose=server-auth theirs >/dev/null 2>&1
		export_to $format system ours
		verdict "our $format of the system is trust's" "$(cmp theirs ours 2>&1)"
	done
	for format in pem-directory pem-directory-hash openssl-directory x509-directory; do
		rm -rf theirs
		trust extract --format=$format --filter=ca-anchors --purpose=server-auth theirs >/dev/null 2>&1
		export_to $format system ours
		names theirs >theirs.names
		names ours >ours.names
		same "our $format of the system has trust's names and links" theirs.names ours.names
		verdict "... and what they hold" "$(diff -r theirs ours)"
	done
	rm -rf theirs
	trust extract --format=java-cacerts --filter=ca-anchors --purpose=server-auth theirs >/dev/null 2>&1
	export_to java-cacerts system ours
	"$program" --json list theirs | sed -n 's/.*"sha256":"\([0-9a-f]*\)".*"alias":"\([^"]*\)".*/\1 \2/p' | sort >theirs.names
	"$program" --json list ours | sed -n 's/.*"sha256":"\([0-9a-f]*\)".*"alias":"\([^"]*\)".*/\1 \2/p' | sort >ours.names
	same "our java-cacerts of the system has trust's aliases" theirs.names ours.names
}

# The anchors of the system, each with all that is promised of it
system()
{
	"$program" list system --filter=ca-anchors --json >list.json 2>/dev/null
	sed -n 's/^{"sha256":"\([0-9a-f]*\)".*/\1/p' list.json | sort >got
	if has trust; then
		trust dump --filter=ca-anchors 2>/dev/null | ids >want
		same "list system has exactly the certificates of trust dump --filter=ca-anchors" want got
	else
		skip "list system has exactly the certificates of trust dump --filter=ca-anchors" "no trust here"
	fi
	for what in '"not_before":"[0-9-]*T[0-9:]*Z","not_after":"[0-9-]*T[0-9:]*Z"' '"key":{"type":"[A-Za-z0-9]*","bits":[1-9]' \
		'"trust":{"server-auth":"anchor"' '"origin":{"file":"/' '"spki_sha256":"[0-9a-f]\{64\}"' '"subject":"[^"]'; do
		verdict "each of them has ${what%%:*}" "$(grep '^{"sha256"' list.json | grep -v "$what" | cut -c 1-200)"
	done
}

# changed OLD NEW: what diff says came and went is what is in one list of fingerprints and not in the other
changed()
{
	ids <"$1" >old
	ids <"$2" >new
	comm -13 old new >come
	comm -23 old new >gone
	"$program" diff --json "$1" "$2" >diff.json
	status=$?
	sed -n 's/^{"kind":"\(added\|reissued\)","sha256":"\([0-9a-f]*\)".*/\2/p' diff.json | sort >ours.come
	sed -n 's/^{"kind":"removed","sha256":"\([0-9a-f]*\)".*/\1/p; s/^{"kind":"reissued".*"was_sha256":"\([0-9a-f]*\)".*/\1/p' \
		diff.json | sort >ours.gone
	diff come ours.come
	diff gone ours.gone
	[ $status -eq "$([ -s come ] || [ -s gone ] && echo 1 || echo 0)" ] || echo "status $status"
}

differences()
{
	awk '/-----BEGIN/ { n++ } n != 7' "$bundle" >fewer.pem
	verdict "diff with a bundle of which one root was cut tells that root" "$(changed "$bundle" fewer.pem)"
	verdict "... and the other way round" "$(changed fewer.pem "$bundle")"
	verdict "... as one line, and a sum" "$("$program" diff "$bundle" fewer.pem | sed '/^- [0-9a-f]\{16\}  ./d; /: 1 removed, [0-9]* the same$/d')"
	verdict "diff with the bundle itself tells nothing" "$(changed "$bundle" "$bundle")"
	for module in certifi pip._vendor.certifi; do
		python=$(command -v python3) || break
		other=$("$python" -c "import $module as c; print(c.where())" 2>/dev/null) && [ -s "$other" ] || continue
		verdict "diff with the bundle of $module is the difference of their fingerprints" "$(changed "$other" "$bundle")"
		found=1
	done
	[ -n "${found:-}" ] || skip "diff with certifi's bundle is the difference of their fingerprints" "no certifi here"
}

# The fingerprints of all that we list of a store
listed() { "$program" --json list "$@" 2>/dev/null | sed -n 's/^{"sha256":"\([0-9a-f]*\)".*/\1/p' | sort -u; }

# many COUNT >PEM: that many different certificates, real ones with the last bytes of the signature numbered
many()
{
	python3 -c '
import base64, re, sys
ders = [base64.b64decode(b) for b in re.findall("-----BEGIN CERTIFICATE-----(.*?)-----END", open(sys.argv[1]).read(), re.S)]
for n in range(int(sys.argv[2])):
    der = ders[n % len(ders)][:-4] + n.to_bytes(4, "big")
    print("-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----" % base64.encodebytes(der).decode())' "$bundle" "$1"
}

# converted FILE TYPE OPTION...: the key store FILE as keytool writes it as another
converted()
{
	rm -f store.new
	keytool "$@" -importkeystore -noprompt -srcstorepass changeit -destkeystore store.new -deststorepass changeit >/dev/null 2>&1
}

# Key stores that Java and openssl write, and this host's
key_stores()
{
	if ! has keytool || ! has python3; then
		skip "what keytool lists of key stores is what we list" "no keytool or no python3 here"
		return
	fi
	many 5000 >many.pem
	ids <many.pem >want
	"$program" -q export --format=java-cacerts many.pem many.jks
	for type in JKS PKCS12; do
		converted -srckeystore many.jks -deststoretype $type
		keystore store.new | ids >got
		same "keytool lists 5000 certificates of the $type that it wrote itself" want got
		listed store.new >got
		same "... and so do we" want got
	done
	"$program" -q export --format=java-cacerts "$bundle" few.jks
	ids <"$bundle" >want
	converted -srckeystore few.jks -deststoretype JCEKS
	listed store.new >got
	same "we list what keytool writes as JCEKS" want got
	converted -J-Dkeystore.pkcs12.legacy -srckeystore few.jks -deststoretype PKCS12
	listed store.new >got
	same "we list what keytool writes with the older encryption" want got
	converted -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE \
		-srckeystore few.jks -deststoretype PKCS12
	listed store.new >got
	same "we list what keytool writes without a password" want got
	if has openssl; then
		openssl pkcs12 -export -nokeys -in "$bundle" -out store.new -passout pass:changeit 2>/dev/null
		listed --filter=certificates store.new >got
		same "we list the certificates of a PKCS#12 that openssl wrote" want got
		verdict "... but as no anchors, and keytool lists none" "$(listed store.new; keystore store.new | ids)"
	else
		skip "we list the certificates of a PKCS#12 that openssl wrote" "no openssl here"
	fi
	cacerts=''
	for file in /etc/ssl/certs/java/cacerts /etc/pki/java/cacerts /usr/lib/jvm/*/lib/security/cacerts; do
		file=$(readlink -f "$file") && [ -s "$file" ] || continue
		case " $cacerts " in *" $file "*) continue ;; esac
		cacerts="$cacerts $file"
		keystore "$file" | ids >want
		listed "$file" >got
		same "we list of $file what keytool does" want got
	done
	[ -n "$cacerts" ] || skip "we list of this host's cacerts what keytool does" "there are none"
}

# What we list as certutil would: NICKNAME FLAGS
as_certutil()
{
	"$program" --json list --filter=all "$1" 2>/dev/null | awk '
		function says(purpose, what) { return index(trust, "\"" purpose "\":\"" what "\"") > 0 }
		function flag(purpose) { return says(purpose, "distrusted") ? "p" : says(purpose, "anchor") ? "C" : "" }
		/^{"sha256"/ {
			match($0, /"label":"[^"]*"/); label = substr($0, RSTART + 9, RLENGTH - 10)
			match($0, /"trust":{[^}]*}/); trust = substr($0, RSTART, RLENGTH)
			print label, flag("server-auth") (says("client-auth", "anchor") ? "T" : "") "," flag("email") "," flag("code-signing")
		}' | sort
}

# nss SENTENCE COUNT CERTUTIL-OPTION...: a database with that many of the bundle, and flags of all kinds
nss()
{
	sentence=$1 most=$2 number=0
	shift 2
	rm -rf db && mkdir db
	certutil -N -d sql:db "$@" 2>/dev/null
	: >batch.txt
	: >given.pem
	for pem in certs/*.pem; do
		[ $number -lt "$most" ] || break
		number=$((number + 1))
		case $((number % 6)) in
		0) flags=p,p,p ;;
		1) flags=,, ;;
		2) flags=CT,C,C ;;
		3) flags=T,C, ;;
		*) flags=C,, ;;
		esac
		echo "-A -n root$number -t $flags -i $pem" >>batch.txt
		cat "$pem" >>given.pem
	done
	if [ "$1" = -f ]; then # certutil -B asks for the password again
		while read -r line; do
			# shellcheck disable=SC2086 # its words
			certutil $line -d sql:db "$@" 2>/dev/null
		done <batch.txt
	else
		certutil -B -d sql:db -i batch.txt >/dev/null 2>&1
	fi
	certutil -L -d sql:db | awk '/ [A-Za-z]*,[A-Za-z]*,[A-Za-z]* *$/ { print $1, $NF }' | sort >want
	as_certutil db >got
	same "certutil shows of $sentence the nicknames and flags that we do" want got
	ids <given.pem >want
	listed --filter=all db >got
	same "... and it has the certificates that it was given" want got
}

nss_databases()
{
	if ! has certutil; then
		skip "certutil shows of an NSS database the nicknames and flags that we do" "no certutil here"
		return
	fi
	split certs <"$bundle"
	nss "an NSS database" 1000 --empty-password
	echo 'a password' >password
	nss "an NSS database with a password" 12 -f password
}

# Node's own roots are in its program, or in libnode.so
compiled_in()
{
	sentence="we find in node what tls.rootCertificates has"
	if ! has node; then
		skip "$sentence" "no node here"
		return
	fi
	node -e '
		const { X509Certificate } = require("crypto");
		console.log(process.execPath);
		for (const pem of require("tls").rootCertificates)
			console.log(new X509Certificate(pem).fingerprint256.replace(/:/g, "").toLowerCase())' >roots 2>/dev/null
	file=$(head -n 1 roots)
	sed 1d roots | sort -u >want
	library=$(ldd "$file" 2>/dev/null | sed -n 's/.*libnode[^ ]* => \([^ ]*\) .*/\1/p')
	if [ ! -s want ]; then
		skip "$sentence" "this node has no X509Certificate, or no roots"
		return
	fi
	listed "embedded:${library:-$file}" >got
	same "$sentence" want got
}

purpose=any
cp "$bundle" all.pem
split certs <all.pem
ids <all.pem >want
reads "$bundle" "the bundle"
purpose=server-auth
if has trust && trust extract --format=pem-bundle --filter=ca-anchors --purpose=server-auth trust.pem >/dev/null 2>&1; then
	mv -f trust.pem all.pem
	split certs <all.pem
	ids <all.pem >want
	reads system "the system"
	extracts
else
	skip "what we make of the system is what trust makes of it" "no trust, or it has no store"
fi
fedora
system
differences
key_stores
nss_databases
compiled_in
finish
