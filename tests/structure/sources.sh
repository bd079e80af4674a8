# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the structure checks: what they read. Needs srcdir and builddir; by hand they are guessed.
# shellcheck shell=sh
. "$(dirname -- "$0")/../tap.sh"
[ -d "$srcdir/src" ] || { echo "Bail out! no sources in $srcdir"; exit 99; }

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
