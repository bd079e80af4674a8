#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# CRLs and OCSP responses as OpenSSL and GnuTLS make them, and what OpenSSL says of the same chains.
# $ANCHORAGE: the program, default: the build's.
. "$(dirname -- "$0")/../tap.sh"
want_program
want openssl
want_temp
LC_ALL=C
export LC_ALL

# says SENTENCE STATUS WORDS OPTION…: the verdict on a leaf has this status, and these words
says()
{
	sentence=$1 status=$2 words=$3
	shift 3
	"$program" verify --store=pem:root.pem --intermediates=inter.pem "$@" >out 2>&1
	is=$?
	verdict "$sentence" "$({ [ $is -eq "$status" ] && grep -q -- "$words" out; } ||
		{ cat out && echo "status $is, expected $status and '$words'"; })"
}

# peer SENTENCE STATUS OPTION…: so does openssl
peer()
{
	sentence=$1 status=$2
	shift 2
	openssl verify -CAfile root.pem -untrusted inter.pem "$@" >out 2>&1
	is=$?
	verdict "$sentence" "$([ $((is != 0)) -eq $((status != 0)) ] || { cat out && echo "status $is, expected $status"; })"
}

cat >ca.cnf <<'EOF'
[req]
distinguished_name = dn
prompt = no
[dn]
CN = none
[ca]
default_ca = inter
[root]
database = root.db
certificate = root.pem
private_key = root.key
new_certs_dir = .
serial = root.serial
crlnumber = root.number
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any
crl_extensions = crl
[inter]
database = inter.db
certificate = inter.pem
private_key = inter.key
new_certs_dir = .
serial = inter.serial
crlnumber = inter.number
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any
crl_extensions = crl
[any]
commonName = supplied
[crl]
authorityKeyIdentifier = keyid
[ca_cert]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[inter_cert]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf_cert]
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:www.example.com
[responder_cert]
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
EOF
: >root.db
: >inter.db
for ca in root inter; do
	echo 1001 >$ca.serial
	echo 2001 >$ca.number
done

# issue CA EXTENSIONS NAME
issue()
{
	openssl req -new -config ca.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$3.key" -subj "/CN=$3" \
		-out "$3.csr" && openssl ca -batch -notext -config ca.cnf -name "$1" -extensions "$2" -in "$3.csr" -out "$3.pem"
}
# answer NAME OUT OPTION…: an OCSP response about it, made without a server
answer()
{
	name=$1 out=$2 hash=-sha1
	[ "$3" = -sha256 ] && hash=-sha256 && shift
	shift 2
	openssl ocsp "$hash" -issuer inter.pem -cert "$name.pem" -no_nonce -reqout request.der &&
		openssl ocsp -index inter.db -CA inter.pem -reqin request.der -respout "$out" -ndays 3 "$@"
}
make()
{
	openssl req -x509 -config ca.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -subj "/CN=root" \
		-days 60 -extensions ca_cert -out root.pem &&
		issue root inter_cert inter && issue inter leaf_cert good && issue inter leaf_cert gone &&
		issue inter leaf_cert held && issue inter responder_cert responder && issue inter leaf_cert pretender &&
		openssl ca -config ca.cnf -name root -gencrl -out root.crl &&
		openssl ca -config ca.cnf -name inter -revoke gone.pem -crl_compromise 20240101000000Z &&
		openssl ca -config ca.cnf -name inter -revoke held.pem -crl_reason certificateHold &&
		openssl ca -config ca.cnf -name inter -gencrl -out inter.crl &&
		openssl crl -in inter.crl -outform DER -out inter.der.crl &&
		cat root.crl inter.crl >both.crl
}
make >log 2>&1 || skip_all "openssl makes no CA here: $(tail -n 1 log)"

says "with the lists of both CAs a good certificate is good" 0 "accepted" --crl=both.crl --revocation=require good.pem
peer "openssl says so too" 0 -crl_check_all -CRLfile both.crl good.pem
says "a list may be DER" 0 "accepted" --crl=root.crl --crl=inter.der.crl --revocation=require good.pem
says "a revoked certificate is revoked, and why" 1 "keyCompromise, not to be relied on since 2024-01-01" --crl=inter.crl gone.pem
peer "openssl says so too, of the revoked" 1 -crl_check -CRLfile inter.crl gone.pem
says "one on hold is on hold" 1 "on hold since" --crl=inter.der.crl held.pem
says "the list of one CA is not enough" 1 "revocation-unknown" --crl=inter.crl --revocation=require good.pem
says "a month later the lists are too old" 1 "was valid until" --crl=both.crl --revocation=require \
	--at="$(($(date +%s) + 20 * 86400))" good.pem
peer "openssl says so too, of the old" 1 -attime "$(($(date +%s) + 20 * 86400))" -crl_check_all -CRLfile both.crl good.pem

if answer good good.ocsp -rsigner inter.pem -rkey inter.key >log 2>&1; then
	says "what the issuer answers is enough for the leaf" 0 "accepted" --ocsp=good.ocsp --crl=root.crl \
		--revocation=require good.pem
	answer good key.ocsp -rsigner inter.pem -rkey inter.key -resp_key_id >>log 2>&1
	says "the issuer may be called by its key" 0 "accepted" --ocsp=key.ocsp --crl=root.crl --revocation=require good.pem
	answer good sha256.ocsp -sha256 -rsigner inter.pem -rkey inter.key >>log 2>&1
	says "the certificate may be called by SHA-256" 0 "accepted" --ocsp=sha256.ocsp --crl=root.crl \
		--revocation=require good.pem
	answer gone gone.ocsp -rsigner responder.pem -rkey responder.key >>log 2>&1
	says "what its responder answers revokes" 1 "keyCompromise" --ocsp=gone.ocsp gone.pem
	answer gone pretender.ocsp -rsigner pretender.pem -rkey pretender.key >>log 2>&1
	says "what somebody else answers does not" 0 "gave no right" -v --ocsp=pretender.ocsp gone.pem
	says "an answer about another certificate does not help" 1 "revocation-unknown" --ocsp=gone.ocsp --crl=root.crl \
		--revocation=require good.pem
	says "an answer is no list" 2 "give it with --ocsp" --crl=good.ocsp good.pem
else
	skip "OCSP responses are understood" "openssl makes none here: $(tail -n 1 log)"
fi

if has certtool; then
	printf 'crl_next_update = 7\ncrl_number = 9\n' >crl.tmpl
	certtool --generate-crl --load-ca-privkey inter.key --load-ca-certificate inter.pem --load-certificate gone.pem \
		--template crl.tmpl --outfile gnutls.crl >log 2>&1
	says "a list that GnuTLS made revokes" 1 "revoked since" --crl=gnutls.crl gone.pem
	says "and lets the others be" 0 "accepted" --crl=gnutls.crl --crl=root.crl --revocation=require good.pem
else
	skip "a list that GnuTLS made is understood" "no certtool here"
fi
finish
