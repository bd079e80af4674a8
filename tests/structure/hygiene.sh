#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What every file must have, and what none may.
. "$(dirname -- "$0")/sources.sh"

# Everything that is ours: what git knows, or in a release what is there.
ours()
{
	cd "$srcdir" || return
	if [ -e .git ] && command -v git >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files | while read -r file; do [ -f "$file" ] && [ ! -L "$file" ] && echo "$file"; done
	else
		for there in bootstrap .ci configure.ac Makefile.am README.md src man data tests; do
			[ -e "$there" ] && find "$there" -type f ! -name '*.o' ! -name '*.log' ! -name '*.trs' ! -path '*/.deps/*'
		done
	fi | LC_ALL=C sort
}
all=$(ours)

unlicensed=$(printf '%s\n' "$all" | sed -n '/^tests\/\(cli\|roots\|corpus\)\/.*\//d
	/\.\([ch]\|sh\|awk\|ac\|am\|py\|[1-8]\)$/p; /\.conf$/p; /^data\/completion\//p
	/^bootstrap$/p; /^\.ci\/run$/p' | while read -r file; do
	head -n 3 "$srcdir/$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later' || echo "$file"
done)
verdict "every source file says its licence in its first lines" "$unlicensed"

unbuilt=$(sources '*.[ch]' | sed '/^tests\/\(cli\|roots\|corpus\)\//d' | while read -r file; do
	grep -q "[^A-Za-z0-9_./-]$file\\( \\|\$\\)" "$srcdir/Makefile.am" || echo "$file is not in Makefile.am"
done)
verdict "every source file is built or shipped" "$unbuilt"

still=$(sed -n '/^dist_check_SCRIPTS = /,/[^\\]$/s/^[[:blank:]]\{1,\}\([^ ]*\.sh\).*/\1/p' "$srcdir/Makefile.am" | while read -r file; do
	[ -x "$srcdir/$file" ] || echo "$file is not executable"
done)
verdict "every script that is a test can be run" "$still"

# Where this checkout lies says nothing to anybody else. Its path is looked for whole, and only if it is long enough to
# be no example's: "check" is a word that sources use, and /root/a is part of /root/alice.
places=$(for dir in "$srcdir" "$builddir"; do
	dir=$(CDPATH='' cd -- "$dir" 2>/dev/null && pwd) || continue
	case ${dir#/} in */*) [ ${#dir} -lt 10 ] || echo "$dir" ;; esac
done | LC_ALL=C sort -u)
local_paths=$(cd "$srcdir" && printf '%s\n' "$places" | while read -r place; do
	[ -n "$place" ] || continue
	whole=$(printf '%s\n' "$place" | sed 's/[][\\.*^$+?(){}|]/\\&/g')'([^A-Za-z0-9_.-]|$)'
	printf '%s\n' "$all" | tr '\n' '\0' | xargs -0 grep -InE -- "$whole" | sed 's/^\([^:]*:[0-9]*\):.*/\1/; s|$| names '"$place|"
done)
verdict "no file names a path of the machine it was written on" "$local_paths"

# What reads one way to people and another to compilers: bidirectional overrides, isolates and marks.
b=$(printf '\342\200') c=$(printf '\342\201')
hidden=$(cd "$srcdir" && printf '%s\n' "$all" | sed '/^tests\/\(cli\|roots\|corpus\)\/.*\//d' | tr '\n' '\0' |
	LC_ALL=C xargs -0 grep -InE "(${b}[$(printf '\216-\217\252-\256')]|${c}[$(printf '\246-\251')])" | sed 's/^\([^:]*:[0-9]*\):.*/\1/')
verdict "no source file holds a bidirectional control character" "$hidden"

finish
