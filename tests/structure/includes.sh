#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who may include whom, which foreign header is fenced where, and who may print.
. "$(dirname -- "$0")/sources.sh"

# folder, colon, what it may include besides itself. The empty cells are the design.
matrix='
base:
model: base
format: base model
medium: base model format
stage: base model format medium
find: base model medium
check: base model
net: base model
change: base model medium check stage
show: base model check change
cmd: base model medium find stage check net change show
main.c: base model medium find stage check net change show cmd
'

# header (a prefix), the folder it is for, and in how many files at most.
# arpa/ is for the text of addresses alone, in check/host.c; it opens nothing.
fences='
ini.h find 1
p11-kit/ medium 1
archive.h medium 1
archive_entry.h medium 1
curl/ net 1
netdb.h net 99
netinet/ net 99
arpa/ check 1
'

all=$(sources '*.[ch]' | sed -n '/^src\//p')
code=$(code $all) && heads=$(functions $all) || exit 99
# FILE FOLDER HEADER, for "own" and for <foreign> headers; main.c is a folder of its own.
lines() { printf '%s\n' "$code" | sed -n "s|^\(src/\([^/:]*\)[^:]*\):[0-9]*:[ \t]*#[ \t]*include[ \t]*$1|\1 \2 \3|p"; }
own=$(lines '"\([^"]*\)".*')
foreign=$(lines '<\([^>]*\)>.*')

out_of_order=$(printf '%s\n%s\n' "$matrix" "$own" | awk '
	/^[a-z.]+:/ { folder = $1; sub(/:$/, "", folder); row[folder] = " " folder " "
		for (i = 2; i <= NF; i++) row[folder] = row[folder] $i " "
		next }
	NF == 3 { to = $3; sub(/\/.*/, "", to)
		if (!($2 in row)) print $1 ": the folder " $2 " is not in the matrix"
		else if (index($3, "/") == 0) print $1 ": \"" $3 "\" is not named folder/file.h"
		else if (index(row[$2], " " to " ") == 0) print $1 ": " $2 " must not include " to " (" $3 ")" }' | sort -u)
verdict "every include follows the arrows of the include matrix" "$out_of_order"

absent=$(printf '%s\n' "$own" | while read -r file folder header; do
	[ -f "$srcdir/src/$header" ] || echo "$file: there is no src/$header"
done)
verdict "every header in quotes is one of ours" "$absent"

fenced=$(printf '%s\n%s\n' "$fences" "$foreign" | awk '
	NF == 3 && $1 !~ /^src\// { at[$1] = $2; most[$1] = $3; next }
	NF == 3 { for (header in at) if (index($3, header) == 1) {
		if ($2 != at[header]) print $1 ": <" $3 "> belongs into src/" at[header]
		else if (!((header, $1) in seen)) { seen[header, $1] = 1; files[header] = files[header] " " $1; n[header]++ } } }
	END { for (header in n) if (n[header] > most[header])
		print "<" header "> is for " most[header] " file, and is in:" files[header] }' | sort)
verdict "foreign libraries stay behind their fences" "$fenced"

# main.c hands the two streams to show/, and names them for that alone.
outside=$(printf '%s\n' "$code" | sed '/^src\/show\//d; s/__attribute__((format(printf/((/')
printing=$(printf '%s\n' "$outside" | sed -n '/[^A-Za-z0-9_]\(printf\|vprintf\|puts\|putchar\) *(/p
	/^src\/main\.c:/!{/[^A-Za-z0-9_]stdout[^A-Za-z0-9_]/p;}')
verdict "only show/ writes to standard output" "$printing"

# Errors leave through one function. Where nothing can be returned is the exception: no memory, no GnuTLS.
writing=$(printf '%s\n' "$outside" | sed -n '/[^A-Za-z0-9_]\(v*fprintf\|fputs\|fputc\|putc\|fwrite\|v*dprintf\|perror\|v*warnx*\|v*errx*\|error\) *(/p' |
	sed 's/^\([^:]*\):\([0-9]*\):.*/\1 \2/')
mouths=$(printf '%s\n%s\n' "$heads" "$writing" | awk '
	NF == 4 { n++; file[n] = $1; first[n] = $2; last[n] = $3; name[n] = $4 }
	NF == 2 { who = $1 ":" $2; for (i = 1; i <= n; i++) if (file[i] == $1 && first[i] <= $2 && $2 <= last[i]) who = $1 " " name[i]
		if (who != "src/base/mem.c mem_out" && who != "src/base/crypto.c stop" && !(who in seen)) { seen[who] = 1; all[++mouths] = who } }
	END { if (mouths > 1) for (i = 1; i <= mouths; i++) print all[i] }')
verdict "one function outside show/ writes to a stream" "$mouths"

# GnuTLS is not linked to the program, but loaded when it is needed (base/crypto.h).
direct=$(printf '%s\n' "$code" | awk -F: '$1 ~ /^src\/base\/crypto\./ { next }
	/[^A-Za-z0-9_]gnutls_[a-z0-9_]*\(/ { print $1 ":" $2 }' | sort)
verdict "GnuTLS is called through base/crypto.h only" "$direct"

finish
