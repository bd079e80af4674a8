#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Packages and images as others make them: what is listed is what they say is in them. $ANCHORAGE: the program, default:
# the build's.
. "$(dirname -- "$0")/../tap.sh"
want_program
want python3
want_bundle
want_temp
LC_ALL=C
export LC_ALL
mkdir tmp

anchorage() { TMPDIR=$temp/tmp timeout 120 "$program" "$@" </dev/null; }

# ids STORE: the SHA-256 of each certificate in it, sorted
ids() { anchorage --json list --filter=certificates "$1" 2>/dev/null | sed -n 's/.*{"sha256":"\([0-9a-f]*\)".*/\1/p' | LC_ALL=C sort -u; }

# same SENTENCE FILE FILE: two lists are the same, and not empty
same()
{
	if [ ! -s "$2" ]; then verdict "$1" "an empty list"; else verdict "$1" "$(diff "$2" "$3")"; fi
}

# holds NAME: what is listed of it, and of each file in it, is what NAME.want says
holds()
{
	cut -d' ' -f2 "made/$1.want" | sort -u >want
	ids "made/$1" >got
	same "$1: every certificate that is in it, and no other" want got
	told=''
	cut -d' ' -f1 "made/$1.want" | sort -u >paths
	while read -r path; do
		sed -n "s|^$path ||p" "made/$1.want" | sort -u >want
		ids "made/$1!/$path" >got
		cmp -s want got || told="$told $path"
	done <paths
	verdict "$1: every file in it by its path" "$told"
}

mkdir made
python3 "$srcdir/tests/cli/images.py" "$bundle" made || exit 99
for want in made/*.want; do
	name=${want#made/}
	holds "${name%.want}"
done
verdict "what a layer took away is not there" "$(anchorage list made/save-plain.tar!/etc/ssl/certs/old.pem 2>&1 |
	grep -v 'there is no such file in it$')"
verdict "a link in an upper layer leads to what lower ones have" "$(ids made/layout!/etc/ssl/link >got
	ids made/layout!/etc/ssl/certs | diff - got)"
start=$(date +%s)
said=$(anchorage list made/bomb.zip 2>&1)
status=$?
verdict "a zip bomb is an error, in seconds" "$([ $status = 2 ] || echo "status $status"
	[ $(($(date +%s) - start)) -le 20 ] || echo "after $(($(date +%s) - start)) s"
	case $said in *"as a bomb does"*) ;; *) echo "$said" ;; esac)"

# A tree as a package has it, for the programs that make packages.
mkdir -p tree/DEBIAN tree/usr/share/ca-certificates/test
awk '/-----BEGIN CERT/ { file = sprintf("tree/usr/share/ca-certificates/test/%03d.crt", ++n) } file { print >file }
	/-----END CERT/ { close(file); file = "" }' "$bundle"
ids "$bundle" >want
printf 'Package: test\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: test\n' >tree/DEBIAN/control

for how in gzip xz zstd none; do
	if ! has dpkg-deb; then
		skip "a .deb by $how: what dpkg-deb says is in it" "no dpkg-deb here"
	elif ! dpkg-deb --root-owner-group -Z$how -b tree test.deb >/dev/null 2>&1; then
		skip "a .deb by $how: what dpkg-deb says is in it" "this dpkg-deb has no $how"
	else
		dpkg-deb --fsys-tarfile test.deb | tar -xO --wildcards '*.crt' >peer.pem
		ids peer.pem >peer
		ids test.deb >got
		same "a .deb by $how: what dpkg-deb says is in it" peer got
		dpkg-deb -c test.deb | sed -n 's|.* \./\(.*\.crt\)$|test.deb!/\1|p' | sort >peer
		anchorage --json list test.deb!/usr/share/ca-certificates/test 2>/dev/null | grep -o 'test\.deb![^"]*\.crt' | sort -u >got
		same "... and each at the path that dpkg-deb lists" peer got
	fi
done
if has rpmbuild; then
	printf 'Name: test\nVersion: 1\nRelease: 1\nSummary: test\nLicense: none\nBuildArch: noarch\n%%description\ntest\n%%install\ncp -r %s/tree/usr %%{buildroot}\n%%files\n/usr/share/ca-certificates\n' "$temp" >test.spec
	rpmbuild -bb --define "_topdir $temp/rpm" test.spec >rpm.log 2>&1 && cp rpm/RPMS/noarch/*.rpm test.rpm
	ids test.rpm >got
	same "an rpm has what it was built of" want got
else
	skip "an rpm has what it was built of" "no rpmbuild here"
fi
if has cpio; then
	(cd tree && find usr | cpio -o -H newc 2>/dev/null) >rest.cpio
	(cd tree && find DEBIAN | cpio -o -H newc 2>/dev/null) >initrd
	gzip -c rest.cpio >>initrd
	ids initrd >got
	same "an initramfs: the second of two archives, which is compressed" want got
else
	skip "an initramfs: the second of two archives, which is compressed" "no cpio here"
fi
iso=''
for tool in xorrisofs genisoimage mkisofs; do has $tool && iso=$tool; done
if [ -n "$iso" ]; then
	$iso -quiet -R -o test.iso tree >/dev/null 2>&1
	ids test.iso >got
	same "an ISO 9660 image" want got
else
	skip "an ISO 9660 image" "no program here makes one"
fi
certifi=$(python3 -c "import pip._vendor.certifi as c; print(c.where())" 2>/dev/null)
if [ -s "$certifi" ]; then
	mkdir -p wheel/certifi && cp "$certifi" wheel/certifi
	(cd wheel && python3 -c "import shutil; shutil.make_archive('../certifi', 'zip', '.')") && mv certifi.zip certifi.whl
	ids "$certifi" >want
	ids certifi.whl!/certifi/cacert.pem >got
	same "a wheel of certifi" want got
	tar -cf image.tar certifi.whl
	ids image.tar!/certifi.whl!/certifi/cacert.pem >got
	same "... and in an archive" want got
else
	skip "a wheel of certifi" "no certifi here"
fi
# What takes its time tells of it, on a terminal and nowhere else.
name="a terminal shows how far the reading of an image has come, and then no more of that"
if has bzip2; then
	mkdir slow && head -c 400M /dev/zero >slow/zeros && cp "$bundle" slow/a.pem && tar -cf - slow/zeros slow/a.pem | bzip2 -1 >slow.tar.bz2
	rm -r slow
	cat >terminal.py <<'END'
import os, pty, sys
out = open(sys.argv[1], "wb")
def read(fd):
    data = os.read(fd, 65536)
    out.write(data)
    return b"."
pty.spawn(sys.argv[2:], read, lambda fd: b"")
END
	begin=$(date +%s)
	TMPDIR=$temp/tmp timeout 120 python3 terminal.py shown "$program" list slow.tar.bz2 </dev/null >/dev/null
	took=$(($(date +%s) - begin))
	TMPDIR=$temp/tmp timeout 120 python3 terminal.py quiet "$program" -q list slow.tar.bz2 </dev/null >/dev/null
	anchorage list slow.tar.bz2 >piped 2>&1
	told=''
	grep -q 'slow\.tar\.bz2: [0-9]* files, [0-9]* MiB' shown || told="nothing of it is shown"
	tr '\r' '\n' <shown | grep 'anchors' | grep -q "$(printf '^\033')\[K" || told="$told; it is not wiped away"
	grep -q 'files, [0-9]* MiB' quiet piped && told="$told; it is shown where it should not be"
	if [ -n "$told" ] && [ "$took" -lt 2 ]; then skip "$name" "it was read too fast"; else verdict "$name" "$told"; fi
else
	skip "$name" "no bzip2 here"
fi
verdict "nothing is left behind" "$(ls -A tmp)"
finish
