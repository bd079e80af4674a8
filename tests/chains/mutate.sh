#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Switches off each rule of verification, and each row of the profile, in turn: at least one chain case must no longer hold.
# With -v prints which, as a table of rules and cases.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
srcdir=$(CDPATH='' cd -- "${srcdir:-$here/../..}" && pwd) || exit 99
builddir=$(CDPATH='' cd -- "${builddir:-$srcdir/build}" && pwd) || exit 99
export srcdir builddir
run=$builddir/tests/chains/run
[ -x "$run" ] || { echo "Bail out! no program $run"; exit 99; }

count=0 bad=0
# without WHAT OPTION NAME
without()
{
	count=$((count + 1))
	fails=$("$run" "$2" "$3")
	n=$(printf '%s\n' "$fails" | grep -c .)
	if [ "$n" -gt 0 ]; then
		echo "ok $count - without the $1 '$3' $n of the chain cases no longer hold"
	else
		echo "not ok $count - without the $1 '$3' a chain case no longer holds"
		bad=1
	fi
	[ "$verbose" = -v ] && printf '%s\n' "$fails" | sed 's/^/#   /'
}
verbose=${1:-}
for rule in $("$run" --rules); do without rule --off "$rule"; done
for lint in $("$run" --lints); do without "row of the profile" --off-lint "$lint"; done
echo "1..$count"
exit $bad
