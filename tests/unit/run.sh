#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs a cmocka program and says its skipped tests as TAP does: cmocka prints the reason in a line of its own, then
# "not ok N # SKIP NAME", which automake counts as a failure.
exec 4>&1
status=$(
	{
		{
			"$@" 3>&- 4>&-
			echo $? >&3
		} | awk '
			/^not ok [0-9]+ # SKIP / {
				name = $0
				sub(/^not ok [0-9]+ # SKIP /, "", name)
				print "ok " $3 " - " name " # SKIP " (before == "" ? "it does not say why" : before)
				before = ""
				next
			}
			{ print }
			{ before = /^(not )?ok |^[0-9]+\.\.[0-9]+$/ ? "" : $0 }' >&4
	} 3>&1
)
exit "$status"
