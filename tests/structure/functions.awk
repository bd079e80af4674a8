# SPDX-License-Identifier: LGPL-2.1-or-later
# FILE FIRST LAST NAME of each C function: its head starts in the first column, its braces stand there alone.
FNR == 1 { head = ""; inside = 0 }
/^[A-Za-z_]/ && !inside { head = $0; first = FNR }
/^\{$/ && head ~ /\(/ {
	name = head
	sub(/^__attribute__\(\(.*\)\) */, "", name)
	sub(/\(.*/, "", name)
	sub(/.*[^A-Za-z0-9_]/, "", name)
	inside = 1
}
/^\}$/ && inside {
	print FILENAME, first, FNR, name
	inside = 0
	head = ""
}
/;$/ && !inside { head = "" }
