#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every header compiles alone, twice, and its guard is its path.
. "$(dirname -- "$0")/sources.sh"

: "${CC:=cc}"
all=$(sources '*.h')

# shellcheck disable=SC2086 # words
alone=$(for header in $all; do
	printf '#include "%s"\n#include "%s"\n' "$srcdir/$header" "$srcdir/$header" |
		$CC -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -x c \
			-I"$srcdir/src" -I"$srcdir/tests/unit" ${LIBRARY_CFLAGS:-} - 2>&1 || echo "$header does not compile alone"
done)
verdict "every header compiles alone, and twice" "$alone"

guards=$(for header in $all; do
	guard=$(echo "$header" | sed 's|^src/||; s|^tests/||; s|[^A-Za-z0-9]|_|g' | tr '[:lower:]' '[:upper:]')
	awk -v header="$header" -v guard="$guard" '
		$1 == "#ifndef" && !open { open = $2 }
		$1 == "#define" && !defined { defined = $2 }
		$1 != "" { last = $1 }
		END { if (open != guard || defined != guard || last != "#endif")
			print header ": the guard should be " guard }' "$srcdir/$header"
done)
verdict "every header's guard is its path" "$guards"

finish
