# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the structure checks: each says what it found wrong, and nothing found is a pass.
# Needs srcdir and builddir; by hand they are guessed.
# shellcheck shell=sh
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
srcdir=${srcdir:-$(dirname -- "$(dirname -- "$here")")}
builddir=${builddir:-$srcdir/build}
count=0 bad=0
[ -d "$srcdir/src" ] || { echo "Bail out! no sources in $srcdir"; exit 99; }

# verdict SENTENCE FINDINGS: one line of TAP; the findings, one a line, are why it is not ok.
verdict()
{
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		bad=1
	fi
}

# skip SENTENCE REASON
skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

finish()
{
	echo "1..$count"
	exit $bad
}

# The files of a kind, as paths from the source directory: sources '*.c' '*.h'
sources()
{
	(cd "$srcdir" && for pattern; do find src tests -type f -name "$pattern"; done | LC_ALL=C sort)
}

# C without comments and without what strings and characters hold, each line prefixed with FILE:LINE:
code()
{
	(cd "$srcdir" && awk -f "$here/code.awk" "$@")
}

# FILE FIRST LAST NAME of each function. The brace style of .clang-format makes that readable by line.
functions()
{
	(cd "$srcdir" && awk -f "$here/functions.awk" "$@")
}
