#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What update-ca-certificates leaves wrong in a tree, made by the real script in scratch trees and mended by
# `anchorage refresh system`: as OpenSSL sees it, by the bundle and by the hashed directory.
set -u
program=${ANCHORAGE:-$builddir/anchorage}
script=/usr/sbin/update-ca-certificates
top=$(mktemp -d "${TMPDIR:-/tmp}/states.XXXXXX") || exit 99
trap 'rm -rf "$top"' EXIT
trap 'exit 99' HUP INT TERM
number=0

[ -x "$script" ] && grep -q LOCALCERTSDIR "$script" || { echo "1..0 # SKIP no update-ca-certificates of Debian here"; exit 0; }
command -v openssl >/dev/null || { echo "1..0 # SKIP no openssl here"; exit 0; }

check() # SENTENCE COMMAND...
{
	number=$((number + 1))
	sentence=$1
	shift
	if "$@" >"$top/check" 2>&1; then
		echo "ok $number - $sentence"
	else
		echo "not ok $number - $sentence"
		cat "$top/check" "$top/said" 2>/dev/null | sed 's/^/# /' | head -40
	fi
}

ca() # NAME SUBJECT [EXTENSION]
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$top/$1.key" -out "$top/$1.pem" -days 3650 -subj "/CN=$2" \
		-addext "${3:-keyUsage=critical,keyCertSign,cRLSign}" 2>/dev/null
}

tree()
{
	rm -rf "$top/t"
	mkdir -p "$top/t/usr/share/ca-certificates/mozilla" "$top/t/usr/local/share/ca-certificates/sub" "$top/t/usr/sbin" \
		"$top/t/etc/ssl/certs" "$top/t/etc/ca-certificates/update.d"
	cp "$top/packaged.pem" "$top/t/usr/share/ca-certificates/mozilla/Packaged_Root.crt"
	echo mozilla/Packaged_Root.crt >"$top/t/etc/ca-certificates.conf"
	cp "$script" "$top/t/usr/sbin/"
	local=$top/t/usr/local/share/ca-certificates certs=$top/t/etc/ssl/certs
}

theirs()
{
	"$script" --certsconf "$top/t/etc/ca-certificates.conf" --certsdir "$top/t/usr/share/ca-certificates" \
		--localcertsdir "$local" --etccertsdir "$certs" --hooksdir "$top/t/etc/ca-certificates/update.d" "$@" >/dev/null 2>&1
}

ours() { "$program" --root="$top/t" refresh --yes "$@" system >"$top/said" 2>&1; }
idle() { "$program" --root="$top/t" refresh --check system; }
bundled() { openssl verify -no-CApath -no-CAstore -CAfile "$certs/ca-certificates.crt" "$top/$1.pem"; }
hashed() { openssl verify -no-CAfile -no-CAstore -CApath "$certs" "$top/$1.pem"; }
unless() { ! "$@"; }
dangling() { find "$certs" -xtype l | grep .; }
text() { LC_ALL=C tr -d '\n\t -~' <"$certs/ca-certificates.crt" | cmp -s - /dev/null; }

for name in packaged one two three four five; do ca $name "$name root"; done

tree
openssl x509 -in "$top/one.pem" -outform DER -out "$local/der.crt"
cat "$top/one.pem" "$top/two.pem" >"$local/bundle.crt"
cp "$top/three.pem" "$local/corp.crt"
cp "$top/four.pem" "$local/sub/corp.crt"
cp "$top/five.pem" "$local/With (spaces), x.crt"
echo junk >"$local/junk.crt"
theirs
check "E2 is there: theirs writes bytes into the bundle that are no text" unless text
check "E2 is there: theirs does not find what is in a file of two" unless hashed two
ours
check "E2 is mended: the bundle is text" text
for name in packaged one two three four five; do
	check "E2 is mended: $name is found by the bundle" bundled $name
	check "E2 is mended: $name is found by its hash" hashed $name
done
check "E2 is mended: there is nothing to do" idle

tree
cp "$top/one.pem" "$local/corp.crt"
cp "$top/two.pem" "$local/gone.crt"
theirs
rm "$local/gone.crt"
cp "$top/three.pem" "$local/corp.crt"
theirs
check "E3 is there: theirs leaves links that dangle" dangling
check "E4 is there: theirs does not find what was renewed in place" unless hashed three
ours
check "E3 is mended: no link dangles" unless dangling
check "E4 is mended: what was renewed is found by its hash" hashed three
check "E4 is mended: and by the bundle" bundled three
check "E3, E4 are mended: what went is not found" unless hashed two
check "E3, E4 are mended: nor what it replaced" unless hashed one
check "E3, E4 are mended: there is nothing to do" idle

tree
cp "$top/one.pem" "$local/corp.crt"
theirs
rm "$certs/corp.pem"
ln -s "$top/nowhere//usr/local/share/ca-certificates/corp.crt" "$certs/corp.pem"
check "E5 is there: a link leads to where the image was built" unless hashed one
ours
check "E5 is mended: it leads into the tree" hashed one
check "E5 is mended: by a link that is relative" sh -c 'case $(readlink "$1") in /*) exit 1;; esac' sh "$certs/corp.pem"
check "E5 is mended: there is nothing to do" idle

tree
theirs
echo '!mozilla/Packaged_Root.crt' >"$top/t/etc/ca-certificates.conf"
theirs --fresh
check "E6 is there: theirs leaves the bundle with all that was deselected" bundled packaged
ours
check "E6 is refused: nobody is locked out without having said so" grep -q allow-empty "$top/said"
ours --allow-empty
check "E6 is mended: what was deselected is not in the bundle" unless bundled packaged
check "E6 is mended: nor is it found by its hash" unless hashed packaged

tree
theirs
echo mozilla/Packaged_Root.crt >>"$top/t/etc/ca-certificates.conf"
cp "$top/packaged.pem" "$local/again.crt"
theirs
check "duplicates are there: theirs writes a certificate twice" \
	test "$(grep -c BEGIN "$certs/ca-certificates.crt")" -gt 1
ours
check "duplicates are mended: each certificate stands once" \
	test "$(grep -c BEGIN "$certs/ca-certificates.crt")" -eq 1
check "duplicates are mended: there is nothing to do" idle
echo "1..$number"
