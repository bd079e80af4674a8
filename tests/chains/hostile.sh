#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile files of the third-party corpora as targets, as helpers, and as anchors to try: each gets an answer.
. "$(dirname -- "$0")/../tap.sh"

want_program
chains=$srcdir/tests/roots/verify
want_temp

sentence="every hostile file gets an answer as a target"
if ! found=$(srcdir=$srcdir builddir=$builddir sh "$srcdir/tests/corpus/unpack.sh" 2>/dev/null); then
	skip "$sentence" "$(printf '%s\n' "$found" | head -n 1)"
	finish
fi
hostile=$(printf '%s\n' "$found" | grep '/badinput$')
if [ -z "$hostile" ]; then
	skip "$sentence" "no badinput among the corpora"
	finish
fi
find "$hostile" -type f -print0 >"$temp/list"
files=$(tr -cd '\0' <"$temp/list" | wc -c)
"$program" --at=2026-11-23 verify --null -s "$chains/root.pem" --name=www.example.com <"$temp/list" >"$temp/out" 2>"$temp/err"
status=$?
answers=$(grep -c '^\(accepted\|rejected\|unknown\): ' "$temp/out")
verdict "$sentence" "$([ $status -eq 2 ] && [ "$answers" -eq "$files" ] ||
	{ echo "status $status, $answers answers for $files files"; grep -a 'ERROR\|runtime error' "$temp/err" | head -n 5; })"
verdict "none of them is accepted" "$(grep '^accepted: ' "$temp/out" | head -n 5)"
"$program" --at=2026-11-23 verify --null --json-lines -v -s "$chains/root.pem" <"$temp/list" >"$temp/json" 2>/dev/null
verdict "in JSON too, a line each" "$([ "$(wc -l <"$temp/json")" -eq "$files" ] || echo "$(wc -l <"$temp/json") lines for $files files")"

# One of ten beside a good chain: it still is accepted, and the file is read or refused.
died=$(tr '\0' '\n' <"$temp/list" | awk 'NR % 10 == 1' | while IFS= read -r file; do
	"$program" --at=2026-11-23 -q verify -s "$chains/root.pem" -i "$file" "$chains/chain.pem" >/dev/null 2>&1
	status=$?
	[ $status -eq 0 ] || [ $status -eq 2 ] || echo "$file: status $status"
done)
verdict "none of them, given as an intermediate, makes a good chain bad" "$died"

finish
