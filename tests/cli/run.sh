#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The cases of the command line, as data. A case is a folder beside this file:
#
#   name    the sentence that holds if the case passes
#   cmd     one line for sh, which says $ANCHORAGE, and $ROOT, $CASE if it needs them
#   root    if there: the name of a folder in tests/roots, of which $ROOT is a copy; NAME.sh beside the folder, if
#           there, is run in the copy and makes what an archive of sources cannot hold, such as links that dangle
#   needs   if there: without what the case is skipped: programs, and kind:NAME for a kind of store of ours
#   stdout, stderr, status
#           what must come out, byte for byte; an absent file stands for nothing, or for status 0
#
# The line runs in an empty folder of its own, with an environment of nothing but PATH, LC_ALL=C.UTF-8, TZ=UTC, HOME,
# TMPDIR and these three. $ROOT and $CASE are copies with relative names ("root", "case"), so that they look alike
# everywhere; where the folder's own path is printed all the same, @WORK@ stands in what is compared.
#
#   tests/cli/run.sh [CASE]...            all cases, or these; $ANCHORAGE: the program, default: the build's
#   UPDATE=1 tests/cli/run.sh [CASE]...   takes what comes out for what must: look at the difference in git
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
srcdir=$(CDPATH='' cd -- "${srcdir:-$here/../..}" && pwd) || exit 99
builddir=$(CDPATH='' cd -- "${builddir:-$srcdir/build}" && pwd) || exit 99
cases=${CASES:-$srcdir/tests/cli}
roots=${ROOTS:-$srcdir/tests/roots}
program=${ANCHORAGE:-$builddir/anchorage}
[ -x "$program" ] || { echo "Bail out! no program $program"; exit 99; }

temp=$(mktemp -d) || exit 99
temp=$(CDPATH='' cd -- "$temp" && pwd -P)
trap 'chmod -R u+rwx "$temp"; rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM

# run CASE: leaves stdout, stderr and status in $temp/got
run()
{
	work=$temp/work
	[ ! -e "$work" ] || { chmod -R u+rwx "$work" && rm -rf "$work"; }
	rm -rf "$temp/got"
	mkdir -p "$work/home" "$work/tmp" "$temp/got"
	cp -R "$1" "$work/case" && chmod -R u+w "$work/case"
	root=''
	if [ -f "$1/root" ]; then
		root=root
		[ -d "$roots/$(cat "$1/root")" ] || return 1
		cp -RPp "$roots/$(cat "$1/root")" "$work/root" && chmod -R u+w "$work/root" || return 1
		[ ! -f "$roots/$(cat "$1/root").sh" ] || (cd "$work/root" && sh "$roots/$(cat "$1/root").sh") || return 1
	fi
	(
		cd "$work" &&
			exec env -i PATH="$PATH" LC_ALL=C.UTF-8 TZ=UTC HOME="$work/home" TMPDIR="$work/tmp" \
				ANCHORAGE="$program" CASE=case ${root:+ROOT=root} $limit sh case/cmd
	) >"$temp/got/stdout" 2>"$temp/got/stderr" </dev/null
	echo $? >"$temp/got/status"
	for stream in stdout stderr; do
		sed "s|$work|@WORK@|g" "$temp/got/$stream" >"$temp/got/sed"
		mv "$temp/got/sed" "$temp/got/$stream"
	done
	return 0
}

# What is expected in file $2 of case $1
expected()
{
	if [ -f "$1/$2" ]; then
		cat "$1/$2"
	elif [ "$2" = status ]; then
		echo 0
	fi
}

# compare CASE: what differs, as a diff
compare()
{
	for part in status stdout stderr; do
		expected "$1" $part >"$temp/expected"
		cmp -s "$temp/expected" "$temp/got/$part" && continue
		echo "$part:"
		diff -u "$temp/expected" "$temp/got/$part" | sed '1,2d'
	done
}

bless()
{
	for part in status stdout stderr; do
		expected "$1" $part >"$temp/expected"
		cmp -s "$temp/expected" "$temp/got/$part" && continue
		echo "$part of $(basename "$1") is new"
		if [ -s "$temp/got/$part" ]; then cp "$temp/got/$part" "$1/$part"; else rm -f "$1/$part"; fi
	done
}

lacking()
{
	[ -f "$1/needs" ] && for need in $(cat "$1/needs"); do
		case $need in
		kind:*) "$program" --tables 2>/dev/null | grep -q "^kind[[:blank:]]${need#kind:}\$" || echo "$need" ;;
		*) command -v "$need" >/dev/null 2>&1 || echo "$need" ;;
		esac
	done
}

if [ $# -eq 0 ]; then
	set -- $(cd "$cases" && for dir in */; do [ -d "$dir" ] && echo "${dir%/}"; done | LC_ALL=C sort)
fi
limit=$(command -v timeout >/dev/null 2>&1 && echo timeout 120)
echo "1..$#"
[ $# -gt 0 ] || exit 0

count=0 bad=0
for case; do
	count=$((count + 1))
	dir=$cases/$(basename "$case")
	name=$(cat "$dir/name" 2>/dev/null)
	lack=$(lacking "$dir")
	if [ ! -f "$dir/cmd" ] || [ -z "$name" ]; then
		what="a case has a cmd and a name"
		name=$case
	elif [ -n "$lack" ]; then
		echo "ok $count - $name # SKIP no $(echo $lack) here"
		continue
	elif ! run "$dir"; then
		what="no root $(cat "$dir/root"), or its script fails"
	else
		[ -n "${UPDATE:-}" ] && bless "$dir" | sed 's/^/# /'
		what=$(compare "$dir")
	fi
	if [ -z "$what" ]; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		printf '%s\n' "tests/cli/$(basename "$dir"):" "$what" | sed 's/^/# /'
		bad=1
	fi
done
exit $bad
