#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Prints the directories of the third-party cases, one a line, and unpacks those
# that are archives into $builddir/corpora, once. They are looked for in
# $ANCHORAGE_CORPORA, then beside the source tree. Status 77 and a reason on
# standard output if there are none, or none that can be unpacked.
# The caller keeps two of these from running at once.
set -eu

from=${ANCHORAGE_CORPORA:-${srcdir:-.}/../shared/corpora}
into=${builddir:-.}/corpora
names='amazon-crl badinput badssl bettertls boringssl-chain crl-boringssl gnutls-chains gotests limbo
	ocsp-boringssl openssl-verify pkits realchains'

skip() {
	echo "$1"
	exit 77
}

[ -d "$from" ] || skip "the corpora are not there: no directory '$from', and ANCHORAGE_CORPORA names no other"
found=
for name in $names; do
	if [ -d "$from/$name" ]; then
		found="$found$from/$name
"
		continue
	fi
	[ -f "$from/$name.tar.zst" ] || continue
	if [ ! -d "$into/$name" ]; then
		command -v zstd >/dev/null || skip 'the corpora are archives, and zstd is not installed'
		rm -rf "$into/.new"
		mkdir -p "$into/.new"
		zstd -dcq "$from/$name.tar.zst" | tar -xf - -C "$into/.new"
		mv "$into/.new/$name" "$into/$name"
	fi
	found="$found$into/$name
"
done
[ -n "$found" ] || skip "the corpora are not there: none of them is in '$from'"
printf '%s' "$found"
