#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Switches off each rule of verification, and each row of the profile, in turn: at least one chain case must no longer hold.
# With -v prints which, as a table of rules and cases.
. "$(dirname -- "$0")/../tap.sh"
export srcdir builddir
run=$builddir/tests/chains/run
[ -x "$run" ] || { echo "Bail out! no program $run"; exit 99; }

# without WHAT OPTION NAME
without()
{
	fails=$("$run" "$2" "$3")
	n=$(printf '%s\n' "$fails" | grep -c .)
	verdict "without the $1 '$3' $n of the chain cases no longer hold" "$([ "$n" -gt 0 ] || echo 'all hold')"
	[ "$verbose" = -v ] && printf '%s\n' "$fails" | sed 's/^/#   /'
}
verbose=${1:-}
for rule in $("$run" --rules); do without rule --off "$rule"; done
for lint in $("$run" --lints); do without "row of the profile" --off-lint "$lint"; done
finish
