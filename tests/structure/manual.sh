#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every page of the manual is mdoc that mandoc has nothing to warn about.
. "$(dirname -- "$0")/sources.sh"

pages=$(cd "$srcdir" && find man -name '*.[1-8]' 2>/dev/null | LC_ALL=C sort)
sentence="no page of the manual makes mandoc warn"
if [ ! -d "$srcdir/man" ]; then
	skip "$sentence" "the manual is not begun"
elif [ -z "$pages" ]; then
	verdict "$sentence" "there is no page in man/"
elif ! command -v mandoc >/dev/null 2>&1; then
	skip "$sentence" "no mandoc here"
else
	verdict "$sentence" "$(cd "$srcdir" && mandoc -T lint -W warning $pages 2>&1)"
	verdict "every page of the manual is installed" "$(for page in $pages; do
		grep -q "[^A-Za-z0-9_./-]$page\\( \\|\$\\)" "$srcdir/Makefile.am" || echo "$page is not in Makefile.am"
	done)"
fi

finish
