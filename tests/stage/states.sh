#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What update-ca-certificates leaves wrong in a tree, made by the real script in scratch trees and mended by
# `anchorage refresh system`: as OpenSSL sees it, by the bundle and by the hashed directory.
. "$(dirname -- "$0")/../tap.sh"
want_program
script=/usr/sbin/update-ca-certificates
[ -x "$script" ] && grep -q LOCALCERTSDIR "$script" || skip_all "no update-ca-certificates of Debian here"
want openssl
want_temp

ca() # NAME SUBJECT [EXTENSION]
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/$1.key" -out "$temp/$1.pem" -days 3650 -subj "/CN=$2" \
		-addext "${3:-keyUsage=critical,keyCertSign,cRLSign}" 2>/dev/null
}

tree()
{
	rm -rf "$temp/t"
	mkdir -p "$temp/t/usr/share/ca-certificates/mozilla" "$temp/t/usr/local/share/ca-certificates/sub" "$temp/t/usr/sbin" \
		"$temp/t/etc/ssl/certs" "$temp/t/etc/ca-certificates/update.d"
	cp "$temp/packaged.pem" "$temp/t/usr/share/ca-certificates/mozilla/Packaged_Root.crt"
	echo mozilla/Packaged_Root.crt >"$temp/t/etc/ca-certificates.conf"
	cp "$script" "$temp/t/usr/sbin/"
	local=$temp/t/usr/local/share/ca-certificates certs=$temp/t/etc/ssl/certs
}

theirs()
{
	"$script" --certsconf "$temp/t/etc/ca-certificates.conf" --certsdir "$temp/t/usr/share/ca-certificates" \
		--localcertsdir "$local" --etccertsdir "$certs" --hooksdir "$temp/t/etc/ca-certificates/update.d" "$@" >/dev/null 2>&1
}

ours() { "$program" --root="$temp/t" refresh --yes "$@" system >"$temp/said" 2>&1; }
idle() { "$program" --root="$temp/t" refresh --check system; }
bundled() { openssl verify -no-CApath -no-CAstore -CAfile "$certs/ca-certificates.crt" "$temp/$1.pem"; }
hashed() { openssl verify -no-CAfile -no-CAstore -CApath "$certs" "$temp/$1.pem"; }
unless() { ! "$@"; }
dangling() { find "$certs" -xtype l | grep .; }
text() { LC_ALL=C tr -d '\n\t -~' <"$certs/ca-certificates.crt" | cmp -s - /dev/null; }

for name in packaged one two three four five; do ca $name "$name root"; done

tree
openssl x509 -in "$temp/one.pem" -outform DER -out "$local/der.crt"
cat "$temp/one.pem" "$temp/two.pem" >"$local/bundle.crt"
cp "$temp/three.pem" "$local/corp.crt"
cp "$temp/four.pem" "$local/sub/corp.crt"
cp "$temp/five.pem" "$local/With (spaces), x.crt"
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
cp "$temp/one.pem" "$local/corp.crt"
cp "$temp/two.pem" "$local/gone.crt"
theirs
rm "$local/gone.crt"
cp "$temp/three.pem" "$local/corp.crt"
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
cp "$temp/one.pem" "$local/corp.crt"
theirs
rm "$certs/corp.pem"
ln -s "$temp/nowhere//usr/local/share/ca-certificates/corp.crt" "$certs/corp.pem"
check "E5 is there: a link leads to where the image was built" unless hashed one
ours
check "E5 is mended: it leads into the tree" hashed one
check "E5 is mended: by a link that is relative" sh -c 'case $(readlink "$1") in /*) exit 1;; esac' sh "$certs/corp.pem"
check "E5 is mended: there is nothing to do" idle

tree
theirs
echo '!mozilla/Packaged_Root.crt' >"$temp/t/etc/ca-certificates.conf"
theirs --fresh
check "E6 is there: theirs leaves the bundle with all that was deselected" bundled packaged
ours
check "E6 is refused: nobody is locked out without having said so" grep -q allow-empty "$temp/said"
ours --allow-empty
check "E6 is mended: what was deselected is not in the bundle" unless bundled packaged
check "E6 is mended: nor is it found by its hash" unless hashed packaged

tree
theirs
echo mozilla/Packaged_Root.crt >>"$temp/t/etc/ca-certificates.conf"
cp "$temp/packaged.pem" "$local/again.crt"
theirs
check "duplicates are there: theirs writes a certificate twice" \
	test "$(grep -c BEGIN "$certs/ca-certificates.crt")" -gt 1
ours
check "duplicates are mended: each certificate stands once" \
	test "$(grep -c BEGIN "$certs/ca-certificates.crt")" -eq 1
check "duplicates are mended: there is nothing to do" idle
finish
