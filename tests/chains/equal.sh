#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# "As if" is as it would be: --with and --without give the answer that a copy of the store gives in which
# the anchor was really added or removed. What may differ is where the anchor is said to stand.
. "$(dirname -- "$0")/../tap.sh"

want_program
chains=$srcdir/tests/roots/verify
want_temp

# answer OPTION...: for every chain, the verdict, the reasons and every path
answer()
{
	for chain in "$chains"/*chain.pem "$chains"/leaf.pem "$chains"/self.pem "$chains"/shuffled.pem "$chains"/two-ways.pem; do
		for purpose in server-auth email; do
			"$program" --at=2026-11-23 -v verify --purpose=$purpose "$@" "$chain" 2>&1
			echo "status $?"
		done
	done | sed 's/against .*, at /at /; s/  anchor, .*/  anchor/'
}

cat "$chains/pine.pem" "$chains/root.pem" >"$temp/both.pem"
answer -s "$temp/both.pem" >"$temp/both"
answer -s "$chains/pine.pem" >"$temp/pine"
answer -s "$chains/pine.pem" --with="$chains/root.pem" >"$temp/with"
answer -s "$temp/both.pem" --without="$chains/root.pem" >"$temp/without"
answer -s "$chains/pine.pem" --with="$chains/root.pem" --without="$chains/pine.pem" >"$temp/swapped"
answer -s "$chains/root.pem" >"$temp/root"
answer -s "$chains/root.pem" --with="$chains/root.pem" >"$temp/twice"

verdict "there is something to compare" "$(cmp -s "$temp/both" "$temp/pine" && echo "both stores give the same answers")"
verdict "--with gives the answer of a store to which it was added" "$(diff "$temp/both" "$temp/with")"
verdict "--without gives the answer of a store from which it was removed" "$(diff "$temp/pine" "$temp/without")"
verdict "both together give the answer of a store with the one instead of the other" "$(diff "$temp/root" "$temp/swapped")"
verdict "--with what is there already changes nothing" "$(diff "$temp/root" "$temp/twice")"

# A store with purposes: what was trusted for mail alone is trusted for all once it is added.
if "$program" --at=2026-11-23 -q export --format=inventory "$chains/pine.pem" "$temp/pine.json" 2>/dev/null; then
	answer -s "$temp/pine.json" --with="$chains/root.pem" >"$temp/inventory"
	verdict "so it is with an inventory" "$(diff "$temp/both" "$temp/inventory")"
else
	verdict "so it is with an inventory" "no inventory could be written"
fi

finish
