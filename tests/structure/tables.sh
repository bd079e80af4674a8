#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The tables of the program are what there is: every row has its entry in the manual, and its test.
# `anchorage --tables` prints them, TABLE<TAB>NAME a line, behind a warning its severity; an option says its command in between, or "-" if all have it.
#
# An entry is a heading or an item of a list: .Sh .Ss .Nm .It, with the name as a word (".It Fl -filter Ar WORD").
# A test is a case in tests/cli whose `cmd` says the name, or a test or a chain case that does; a format has tests/corpus/NAME.
. "$(dirname -- "$0")/sources.sh"

program=${ANCHORAGE:-$builddir/anchorage}
tab=$(printf '\t')
if [ ! -d "$srcdir/man" ]; then
	skip "every row of the tables has its entry in the manual, and its test" "the manual is not begun"
	finish
fi
rows=$("$program" --tables </dev/null 2>/dev/null) || rows=''

told=''
[ -n "$rows" ] || told="$program --tables prints nothing"
for table in command export filter lint option purpose reason warning; do
	printf '%s\n' "$rows" | grep -q "^$table$tab." || told="$told
no table '$table' in what --tables prints"
done
printf '%s\n' "$rows" | grep -q "^\(kind\|format\)$tab." || told="$told
no table 'kind' in what --tables prints"
strange=$(printf '%s\n' "$rows" | grep -v "^\(command\|export\|filter\|format\|kind\|lint\|medium\|option\|purpose\|reason\|warning\)$tab.")
[ -z "$strange" ] || told="$told
a table this check does not know: $strange"
verdict "the program tells its tables" "$(printf '%s\n' "$told" | sed '/^$/d')"

# PAGE WORD for each word of each entry; "Fl -filter" is --filter, "anchorage-list" also list.
pages=$(cd "$srcdir" && find man -name '*.[1-8]' 2>/dev/null | LC_ALL=C sort)
entries=$([ -n "$pages" ] && cd "$srcdir" && awk '
	/^\.(It|Sh|Ss|Nm)/ {
		gsub(/"/, "")
		for (i = 2; i <= NF; i++) {
			if ($i == "Fl" && i < NF) { i++; sub(/[,;:]$/, "", $i); print FILENAME, "-" $i; continue }
			sub(/[,;:]$/, "", $i)
			print FILENAME, $i
			if (sub(/^anchorage-/, "", $i)) print FILENAME, $i
		}
	}' $pages | LC_ALL=C sort -u)

unwritten=$(printf '%s\n%s\n' "$entries" "$rows" | awk -F "$tab" '
	NF < 2 { split($0, e, " "); entry[e[1], e[2]] = 1; any[e[2]] = 1; page[e[1]] = 1; next }
	$1 == "option" {
		ok = 0
		for (p in page) if (((p, $3) in entry) && (((p, $2) in entry) || p ~ /\/anchorage\.1$/)) ok = 1
		if (!ok) print "option " $3 " of " $2 " has no entry in the page of its command"
		next
	}
	!($2 in any) { print $1 " " $2 " has no entry in the manual" }')
verdict "every row of the tables has its entry in the manual" "$unwritten"

# ".It Sy CODE Pq SEVERITY": how grave a warning is decides what must be accepted.
graded=$(printf '%s\n' "$rows" | sed -n "s/^warning$tab//p" | while IFS=$tab read -r code severity; do
	grep -qx "\.It Sy $code Pq $severity" "$srcdir"/man/*.1 || echo "no page has '.It Sy $code Pq $severity'"
done)
verdict "the manual tells how grave each warning is" "$graded"

# FILE WORD for the words of every case and test, for a look-up without a grep for each row.
words=$(cd "$srcdir" && find tests -type f \( -path 'tests/cli/*/cmd' -o -path 'tests/unit/*.c' -o -path 'tests/*/*.sh' -o -path 'tests/chains/*.txt' -o -path 'tests/chains/*.c' \) \
	! -path 'tests/structure/*' -exec awk '{
		gsub(/[^A-Za-z0-9_.-]/, " ")
		for (i = 1; i <= NF; i++) if (!((FILENAME, $i) in seen)) { seen[FILENAME, $i] = 1; print FILENAME, $i } }' {} +)
untested=$(printf '%s\n%s\n' "$words" "$rows" | awk -F "$tab" '
	NF < 2 { split($0, w, " "); said[w[1], w[2]] = 1; any[w[2]] = 1; if (w[1] ~ /\/cmd$/) { cmd[w[2]] = 1; files[w[1]] = 1 }; next }
	$1 == "format" || $1 == "kind" { print $1 "\t" $2 "\t" ($2 in cmd); next }
	$1 == "command" && !($2 in cmd) { print "no case in tests/cli says " $2; next }
	$1 == "option" {
		ok = 0
		for (f in files) if (($2 == "-" || ((f, $2) in said)) && ((f, $3) in said)) ok = 1
		if (!ok) print "no case in tests/cli says " $2 " " $3
		next
	}
	!($2 in any) { print "no test says the " $1 " " $2 }' | while IFS=$tab read -r text name cased; do
	case $text in
	kind) # a format, if a file of format/ says so; else a medium, for which a case will do
		if ! grep -q "\.kind = { \"$name\"" "$srcdir"/src/format/*.c; then
			[ "$cased" = 1 ] || echo "no case in tests/cli says the medium $name"
			continue
		fi
		;;
	format) ;;
	*) echo "$text" && continue ;;
	esac
	[ -n "$(find "$srcdir/tests/corpus/$name" -type f 2>/dev/null)" ] || echo "tests/corpus/$name is empty or absent"
done)
verdict "every row of the tables has its test" "$untested"

finish
