#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# format/ turns bytes into anchors and back: its objects import nothing that opens, prints, asks or ends.
. "$(dirname -- "$0")/sources.sh"

: "${NM:=nm}"
# With the names that fortified and large-file builds use.
impure='
open open64 openat openat64 __open_2 __open64_2 creat fopen fopen64 fdopen freopen read write pread pwrite mmap
socket connect pipe fork execve system popen unlink rename
printf vprintf fprintf vfprintf dprintf __printf_chk __vprintf_chk __fprintf_chk __vfprintf_chk __dprintf_chk
puts putchar putc fputs fputc fwrite perror stdin stdout stderr
getenv secure_getenv time gettimeofday clock_gettime localtime localtime_r clock_now
exit _exit _Exit quick_exit abort
'

objects=$(cd "$srcdir" && for file in src/format/*.c; do echo "${file%.c}.o"; done)
unbuilt=$(for object in $objects; do
	[ -f "$builddir/$object" ] || echo "$object is not built: what it imports cannot be seen"
done)
verdict "every file of format/ is built" "$unbuilt"

dirty=$(for object in $objects; do
	[ -f "$builddir/$object" ] || continue
	imports=$($NM -u "$builddir/$object") || echo "$object: $NM failed"
	for name in $(printf '%s\n' "$imports" | awk '{ sub(/@.*/, "", $NF); print $NF }'); do
		case " $(echo $impure) " in *" $name "*) echo "$object imports $name" ;; esac
	done
done)
verdict "no object of format/ opens, prints, asks for the time or the environment, or exits" "$dirty"

finish
