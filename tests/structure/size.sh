#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# How long functions and files may be.
. "$(dirname -- "$0")/sources.sh"

: "${MOST_LINES_OF_A_FUNCTION:=80}" "${MOST_LINES_OF_A_FILE:=600}"
all=$(sources '*.[ch]')
ours=$(functions $all) || exit 99

long=$(printf '%s\n' "$ours" | awk -v most="$MOST_LINES_OF_A_FUNCTION" '
	$3 - $2 + 1 > most { print $1 ":" $2 ": " $4 " has " $3 - $2 + 1 " lines, " most " are allowed" }')
verdict "no function has more than $MOST_LINES_OF_A_FUNCTION lines" "$long"

long=$(cd "$srcdir" && awk -v most="$MOST_LINES_OF_A_FILE" '
	FNR == most + 1 { print FILENAME " has more than " most " lines" }' $all $(sources '*.sh' '*.awk') bootstrap)
verdict "no file has more than $MOST_LINES_OF_A_FILE lines" "$long"

# The line-wise reading above is right only as long as it sees what a real parser sees.
sentence="functions are read as universal-ctags reads them"
if ctags --version 2>/dev/null | grep -q Universal; then
	theirs=$(cd "$srcdir" && ctags -x --kinds-C=f --_xformat='%{input} %{line} %{end} %{name}' $all)
	differ=$(printf '%s\n%s\n' "$ours" "$theirs" | LC_ALL=C sort | uniq -u)
	verdict "$sentence" "$differ"
else
	skip "$sentence" "no universal-ctags here"
fi

finish
