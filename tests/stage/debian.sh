#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian's system store: what our stager makes, held against update-ca-certificates itself, which runs on
# a copy of the machine's own files in a mount namespace. Each state that it leaves wrong is made by it,
# and must come right by staging with no request.
. "$(dirname -- "$0")/../tap.sh"
perform=$builddir/tests/stage/perform
script=/usr/sbin/update-ca-certificates

[ -x "$script" ] && grep -q LOCALCERTSDIR "$script" || skip_all "there is no update-ca-certificates of Debian here"
[ -s /etc/ca-certificates.conf ] && [ -d /usr/local/share ] || skip_all "it is not set up here"
want openssl
unshare -rm true 2>/dev/null || skip_all "no mount namespace can be made here"
want_temp

# A tree with the machine's packaged certificates and nothing else.
tree() {
	rm -rf "$temp/t"
	mkdir -p "$temp/t/usr/share" "$temp/t/usr/local/share/ca-certificates" "$temp/t/etc/ssl/certs/java" \
		"$temp/t/etc/ca-certificates/update.d" "$temp/t/etc/default"
	cp -a /usr/share/ca-certificates "$temp/t/usr/share/"
	sed 's/^!//' /etc/ca-certificates.conf >"$temp/t/etc/ca-certificates.conf"
	cp /etc/ssl/openssl.cnf "$temp/t/etc/ssl/" 2>/dev/null
	echo 'cacerts_updates=yes' >"$temp/t/etc/default/cacerts"
	cd "$temp/t" || exit 1
}

# in_tree COMMAND...: with the tree's directories in the place of the machine's.
in_tree() {
	unshare -rm sh -c 't=$1; shift
		mount --bind "$t/usr/share/ca-certificates" /usr/share/ca-certificates &&
		mount --bind "$t/usr/local/share" /usr/local/share &&
		mount --bind "$t/etc" /etc && exec "$@"' sh "$temp/t" "$@"
}

theirs() { in_tree "$script" "$@" >"$temp/theirs" 2>&1; }
ours() { in_tree "$perform" / "$@" >"$temp/said" 2>&1; }

# Which links there are, where they point, and what is in files; hash links by the set of what they reach.
state() {
	(cd "$1" && find . -type l ! -name '????????.[0-9]*' -printf '%p -> %l\n' | sort &&
		find . -type l -name '????????.[0-9]*' | while read -r link; do
			echo "${link%.*} reaches $(readlink "$link")"
		done | sort && find . -type f ! -path './java/*' | sort | xargs -r sha256sum)
}
same_as() { state etc/ssl/certs >"$temp/state" && diff "$1" "$temp/state"; }
nothing_to_do() { ours && grep -q ': 0 edits' "$temp/said"; }
says() { grep -q -e "$1" "$temp/said"; }
not_says() { ! grep -q -e "$1" "$temp/said"; }

ca() { # NAME SUBJECT
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$temp/$1.key" \
		-subj "/O=Test/CN=$2" -days 3650 -out "$temp/$1.pem" 2>/dev/null
}
id() { openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/.*=//'; }
# bundle_has PEM COUNT; found PEM: by OpenSSL in the directory, as a program would.
bundle_has() {
	awk -v d="$temp/split" 'BEGIN { system("rm -rf " d "; mkdir " d) }
		/BEGIN CERT/ { n++ } n { print >(d "/" n ".pem") }' etc/ssl/certs/ca-certificates.crt
	[ "$(for f in "$temp"/split/*.pem; do id "$f"; done | grep -c "$(id "$1")")" = "$2" ]
}
found() {
	in_tree openssl verify -no-CAfile -no-CAstore -CApath /etc/ssl/certs "$1" | grep -q ': OK$'
}
not_found() { ! found "$1"; }
plain_text() { ! LC_ALL=C grep -q '[^ -~	]' etc/ssl/certs/ca-certificates.crt; }
no_dangling() { [ -z "$(find etc/ssl/certs -maxdepth 1 -name '????????.[0-9]*' -printf '%l\n' | while read -r l; do
	[ -L "etc/ssl/certs/$l" ] || [ -f "etc/ssl/certs/$l" ] || echo "$l"; done)" ]; }

ca corp 'Corp Root'
ca corp2 'Corp Root Renewed'
ca second 'Second Root'
ca third 'Third Root'
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$temp/leaf.key" \
	-subj /CN=leaf.example -out "$temp/leaf.csr" 2>/dev/null
printf 'basicConstraints=CA:FALSE\n' >"$temp/leaf.ext"
openssl x509 -req -in "$temp/leaf.csr" -CA "$temp/corp.pem" -CAkey "$temp/corp.key" -CAcreateserial \
	-extfile "$temp/leaf.ext" -days 30 -out "$temp/leaf.pem" 2>/dev/null
local=usr/local/share/ca-certificates

# A clean tree.
tree
cp "$temp/corp.pem" "$local/corp.crt"
cp "$temp/second.pem" "$local/Second (of two), b.crt"
theirs --fresh
state etc/ssl/certs >"$temp/clean"
check "where theirs ended well there is nothing to do" nothing_to_do
rm -rf etc/ssl/certs && mkdir etc/ssl/certs
ours
check "from nothing ours makes the same bytes, links and hash links" same_as "$temp/clean"
check "and then there is nothing to do" nothing_to_do
theirs
check "and nothing for theirs" grep -q '^0 added, 0 removed' "$temp/theirs"

# Requests.
ours trust "$temp/third.pem"
check "a certificate is added as a file of its name" cmp "$local/Third_Root.crt" "$temp/third.pem"
theirs
check "after an addition theirs finds nothing to do" grep -q '^0 added, 0 removed' "$temp/theirs"
check "an added certificate is found" found "$temp/third.pem"
ours trust "$temp/third.pem"
check "what is there is said to be there" says '^outcome 0 already'
ours remove "$temp/third.pem"
check "a removed certificate takes its file and links along" same_as "$temp/clean"
first=$(sed -n '/^[^#!]/{p;q}' etc/ca-certificates.conf)
ours distrust "usr/share/ca-certificates/$first"
check "a packaged one can only be left out, and that is said" says '^outcome 0 absent it is deselected in'
check "it is deselected in the configuration" grep -q "^!$first$" etc/ca-certificates.conf
theirs --fresh
check "theirs makes the same of it" nothing_to_do
ours trust "usr/share/ca-certificates/$first"
check "adding a deselected one selects it again" same_as "$temp/clean"

# E2: what is odd in the local directory.
tree
openssl x509 -in "$temp/corp.pem" -outform DER -out "$local/der.crt"
cat "$temp/second.pem" "$temp/third.pem" >"$local/two.crt"
mkdir "$local/sub"
cp "$temp/corp2.pem" "$local/clash.crt"
cp "$temp/leaf.pem" "$local/sub/clash.crt"
cp "$temp/third.pem" "$local/ignored.pem"
echo junk >"$local/junk.crt"
theirs
check "E2: theirs leaves bytes in the bundle that are no text" test ! "$(plain_text && echo yes)"
ours
check "E2: the bundle is text" plain_text
check "E2: a certificate in DER is in the bundle" bundle_has "$temp/corp.pem" 1
check "E2: a certificate in DER is found" found "$temp/corp.pem"
check "E2: the first of a file with two is found" found "$temp/second.pem"
check "E2: the second of two is found" found "$temp/third.pem"
check "E2: of two files of one name the first is found" found "$temp/corp2.pem"
check "E2: junk is not in the bundle" sh -c '! grep -q junk etc/ssl/certs/ca-certificates.crt'
check "E2: an ignored name is told" says "note .*ignored.pem' is not looked at"
check "E2: a leaf is told, and stays" says "note .*sub/clash.crt' holds a certificate that is no CA"
check "E2: then there is nothing to do" nothing_to_do
theirs
ours
check "E2: after theirs only what it wrote is mended" sh -c '! grep -q "^link" "$1"' sh "$temp/said"

# E3: removed, E4: renewed in place.
tree
cp "$temp/corp.pem" "$local/corp.crt"
cp "$temp/second.pem" "$local/second.crt"
theirs
rm "$local/second.crt"
cp "$temp/corp2.pem" "$local/corp.crt"
theirs
check "E4: theirs does not find a certificate that was renewed in place" not_found "$temp/corp2.pem"
printf '#!/bin/sh\n' >etc/ca-certificates/update.d/listener
chmod +x etc/ca-certificates/update.d/listener
cp etc/ca-certificates/update.d/listener etc/ca-certificates/update.d/not.run
ours
check "E3: links of what was removed are gone" no_dangling
check "E4: a certificate that was renewed in place is found" found "$temp/corp2.pem"
check "E4: nothing leads to the old one" not_found "$temp/corp.pem"
check "hooks are told by run-parts' rule of names" sh -c 'grep -q "^run .*/listener" "$1" && ! grep -q "^run .*not.run" "$1"' \
	sh "$temp/said"
check "E3: a hook hears what went" says '^in -/etc/ssl/certs/second.pem'
check "E4: a hook hears of what was renewed" says '^in +/etc/ssl/certs/corp.pem'
check "E3, E4: taken back, a hook hears the inverse" says '^undo +/etc/ssl/certs/second.pem'
check "E3, E4: then there is nothing to do, and nothing to hear" nothing_to_do

# E5: an image with links into the machine that it was built on.
tree
cp "$temp/corp.pem" "$local/corp.crt"
mkdir -p "$temp/t/usr/sbin"
cp "$script" "$temp/t/usr/sbin/"
(cd / && "$script" --certsconf "$temp/t/etc/ca-certificates.conf" --certsdir "$temp/t/usr/share/ca-certificates" \
	--localcertsdir "$temp/t/usr/local/share/ca-certificates" --etccertsdir "$temp/t/etc/ssl/certs" \
	--hooksdir "$temp/t/none") >/dev/null 2>&1
mkdir "$temp/other" && mv "$temp/t" "$temp/other/t" && cd "$temp/other/t" || exit 1
"$perform" "$temp/other/t" >"$temp/said" 2>&1
check "E5: in a tree links lead to the sources from outside" openssl verify -no-CAfile -no-CAstore \
	-CApath "$temp/other/t/etc/ssl/certs" "$temp/corp.pem"
mv "$temp/other/t" "$temp/t" && cd "$temp/t" || exit 1
check "E5: and from inside" found "$temp/corp.pem"

# What others put there.
tree
cp "$temp/third.pem" etc/ssl/certs/own.pem
cp "$temp/corp.pem" "$local/corp.crt"
theirs --fresh
third=$(openssl x509 -in "$temp/third.pem" -noout -subject_hash)
check "theirs makes a hash link to a file of others, and ours leaves it" sh -c '[ -L "etc/ssl/certs/$1.0" ]' sh "$third"
check "with a file of others there is nothing to do either" nothing_to_do
rm "etc/ssl/certs/$third.0"
check "no certificate of others becomes trusted by ours" nothing_to_do
tree
cp "$temp/corp.pem" "$local/corp.crt"
cp "$temp/second.pem" "$local/second.crt"
cp "$temp/third.pem" etc/ssl/certs/corp.pem
cp "$temp/third.pem" etc/third.pem
ln -s /etc/third.pem etc/ssl/certs/elsewhere.pem
ln -s /nowhere.pem etc/ssl/certs/dangling.pem
third=$(openssl x509 -in "$temp/third.pem" -noout -subject_hash)
ln -s elsewhere.pem "etc/ssl/certs/$third.0"
ours
check "a file of others stays, and the certificate gets another name" sh -c \
	'cmp "$1" etc/ssl/certs/corp.pem && grep -q "^note .*corp.pem. is not made from" "$2"' sh "$temp/third.pem" "$temp/said"
check "that certificate is found" found "$temp/corp.pem"
check "links of others stay, also where they lead to nothing" sh -c \
	'[ -L etc/ssl/certs/elsewhere.pem ] && [ -L etc/ssl/certs/dangling.pem ]'
check "a hash link of others stays" test "$(readlink "etc/ssl/certs/$third.0")" = elsewhere.pem
openssl req -x509 -key "$temp/corp.key" -subj '/O=Test/CN=Third Root' -days 99 -out "$temp/twin.pem" 2>/dev/null
ours trust "$temp/twin.pem" trust "$temp/third.pem"
check "of equal subjects all are found, each once" sh -c \
	'[ -L "etc/ssl/certs/$1.0" ] && [ -L "etc/ssl/certs/$1.1" ] && [ ! -L "etc/ssl/certs/$1.2" ]' sh "$third"
ours remove "$temp/twin.pem" remove "$temp/third.pem"
check "and no gap is left when some go" sh -c '[ "$(readlink "etc/ssl/certs/$1.0")" = elsewhere.pem ] && [ ! -L "etc/ssl/certs/$1.1" ]' \
	sh "$third"

tree
cp "$temp/corp.pem" "$local/corp.crt"
theirs
rm etc/ssl/certs/corp.pem && cp "$temp/corp.pem" etc/ssl/certs/corp.pem
check "a copy that somebody put in the place of a link is as good" nothing_to_do
ours remove "$temp/corp.pem"
check "and that it stays when the certificate goes is told" says "note .*corp.pem' leads to the certificate too"

# Java's key store.
jar=/usr/share/ca-certificates-java/ca-certificates-java.jar
with_certs() { unshare -rm sh -c 't=$1; shift; mount --bind "$t/etc/ssl/certs" /etc/ssl/certs && exec "$@"' sh "$temp/t" "$@"; }
keys() { keytool -list -keystore etc/ssl/certs/java/cacerts -storepass "${1-changeit}" 2>/dev/null |
	sed -n 's/^\(.*\), .*, .*, trustedCertEntry, *$/\1/p; s/.*fingerprint.*: //p' | paste - - | sort; }
if command -v keytool >/dev/null && [ -f "$jar" ]; then
	tree
	cp "$temp/corp.pem" "$local/Corp (one).crt"
	theirs
	find "$PWD/etc/ssl/certs" -name '*.pem' -printf '+/etc/ssl/certs/%f\n' | sort >"$temp/pems"
	for pem in $(sed 's/^+//' "$temp/pems"); do # the links lead to the machine's certificates
		rm "etc/ssl/certs/${pem##*/}"
	done
	cp -a usr/share/ca-certificates/mozilla/*.crt etc/ssl/certs/ && cp "$temp/corp.pem" "etc/ssl/certs/Corp_=one=.crt"
	(cd etc/ssl/certs && for f in *.crt; do [ "$f" = ca-certificates.crt ] || mv "$f" "${f%.crt}.pem"; done)
	with_certs java -jar "$jar" -storepass changeit <"$temp/pems" >"$temp/java" 2>&1
	keys >"$temp/keys"
	rm -rf etc/ssl/certs && mkdir etc/ssl/certs
	printf '#!/bin/sh\n' >etc/ca-certificates/update.d/jks-keystore
	chmod +x etc/ca-certificates/update.d/jks-keystore
	ours
	keys >"$temp/keys-ours"
	check "Java's key store has the entries that ca-certificates-java makes" sh -c 'test -s "$1" && diff "$1" "$2"' \
		sh "$temp/keys" "$temp/keys-ours"
	check "the hook whose work is done is not run" not_says '^run'
	keytool -importcert -noprompt -alias mine -file "$temp/second.pem" -keystore etc/ssl/certs/java/cacerts \
		-storepass changeit >/dev/null 2>&1
	check "an entry of others is no reason to change it" nothing_to_do
	ours trust "$temp/third.pem" remove "$temp/corp.pem"
	check "an entry of others stays, ours come and go" sh -c \
		'grep -q "^mine" "$1" && grep -q "^debian:third_root.pem" "$1" && ! grep -q "corp" "$1"' sh "$(keys >"$temp/k"; echo "$temp/k")"
	keytool -storepasswd -new secret1 -keystore etc/ssl/certs/java/cacerts -storepass changeit >/dev/null 2>&1
	ours remove "$temp/third.pem"
	check "a key store with another password is an error that says what to do" says '^error debian: .*storepass='
	printf "storepass='secret1'\ncacerts_updates=yes\n" >etc/default/cacerts
	ours remove "$temp/third.pem"
	check "with its password in the settings it is kept under it" sh -c '! grep -q third "$1" && grep -q mine "$1"' \
		sh "$(keys secret1 >"$temp/k"; echo "$temp/k")"
else
	for i in 1 2 3 4 5 6; do
		skip "Java's key store" "there is no ca-certificates-java here"
	done
fi

# E6: everything deselected.
tree
theirs
sed -i 's/^\([^#!]\)/!\1/' etc/ca-certificates.conf
theirs --fresh
check "E6: theirs leaves the old bundle" test -s etc/ssl/certs/ca-certificates.crt
ours
check "E6: an empty bundle is refused" says '^error debian: .*would be empty'
in_tree "$perform" -e / >"$temp/said" 2>&1
check "E6: where it is allowed it is written, and no link is left" \
	sh -c '[ ! -s etc/ssl/certs/ca-certificates.crt ] && [ -z "$(find etc/ssl/certs -type l)" ]'
finish
