#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# On a copy of this system: a change and its undo leave it as it was; and changes and the distribution's own tool at once
# leave what one of them would have made after the other, never a mixture. The copy is an overlay in a mount namespace of its own; nothing of the
# system is written.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
builddir=$(CDPATH='' cd -- "${builddir:-$here/../..}" && pwd) || exit 99
program=${ANCHORAGE:-$builddir/anchorage}
back="on a copy of this system what was added is taken back, byte, mode, time and link"
sentence="changes and update-ca-certificates at once leave what one of them makes after the other"
late="programs that a death kept from hearing of a change are told by the next one"
asked="what others do meanwhile so that much would go is not done with the change, but asked about"
told="a program that is told of a change and fails ends it with status 3, and undo tells it the opposite"

if [ "${1:-}" != inside ]; then
	echo 1..5
	[ -x "$program" ] || { echo "Bail out! no program $program"; exit 99; }
	temp=$(mktemp -d) || exit 99
	trap 'rm -rf "$temp"' EXIT
	trap 'exit 99' HUP INT TERM
	why=
	[ "$(id -u)" = 0 ] || why="only root may mount a copy of the system"
	command -v update-ca-certificates openssl unshare >/dev/null || why="no update-ca-certificates, openssl or unshare here"
	if [ -n "$why" ]; then
		echo "ok 1 - $back # SKIP $why"
		echo "ok 2 - $sentence # SKIP $why"
		echo "ok 3 - $told # SKIP $why"
		echo "ok 4 - $asked # SKIP $why"
		echo "ok 5 - $late # SKIP $why"
		exit 0
	fi
	for i in 1 2 3 4 5 6 7; do
		openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/key" -out "$temp/ca$i.pem" -days 3650 \
			-subj "/CN=Together $i" -addext keyUsage=critical,keyCertSign \
			-addext "nameConstraints=critical,permitted;DNS:example" >/dev/null 2>&1
		chmod 644 "$temp/ca$i.pem"
	done
	unshare -m sh "$here/together.sh" inside "$temp" "$program" 2>"$temp/said"
	if [ $? = 77 ]; then
		echo "ok 1 - $back # SKIP no overlay can be mounted here"
		echo "ok 2 - $sentence # SKIP no overlay can be mounted here"
		echo "ok 3 - $told # SKIP no overlay can be mounted here"
		echo "ok 4 - $asked # SKIP no overlay can be mounted here"
		echo "ok 5 - $late # SKIP no overlay can be mounted here"
	fi
	sed 's/^/# /' "$temp/said"
	exit 0
fi

# --- in the namespace ---
temp=$2 program=$3 bad=0
system=$temp/system
mkdir "$temp/upper" "$system"
mount --make-rprivate / 2>/dev/null
mount -t tmpfs tmpfs "$temp/upper" && mkdir "$temp/upper/up" "$temp/upper/work" &&
	mount -t overlay overlay -o "lowerdir=/,upperdir=$temp/upper/up,workdir=$temp/upper/work" "$system" 2>/dev/null &&
	mount --rbind /proc "$system/proc" && mount --rbind /dev "$system/dev" || exit 77
mkdir -p "$system/tmp" && cp "$temp"/ca?.pem "$system/tmp" && cp "$program" "$system/usr/bin/anchorage-under-test" || exit 77

rm -rf "$system/var/lib/anchorage" # in the copy: its own changes only are taken back

ours() { chroot "$system" anchorage-under-test "$@"; }
# Programs of packages are not what this is about, and take seconds.
theirs() { chroot "$system" update-ca-certificates --hooksdir /nonexistent >/dev/null 2>&1; }
has() { chroot "$system" openssl storeutl -noout -text -certs /etc/ssl/certs/ca-certificates.crt 2>/dev/null | grep -q "CN *= *Together $1\$"; }

picture() {
	(cd "$system" && find etc usr/local/share usr/share/ca-certificates \( -type d -printf '%p %M %u %g\n' \) -o \
		-type f -printf '%p %M %u %g %T@ ' -exec sha256sum {} \; -o -printf '%p %M %l\n' | sort)
}
ours -q refresh --yes system
picture >"$temp/before"
ours -q add --yes /tmp/ca1.pem && ! picture | cmp -s "$temp/before" - && ours -q undo --yes || bad=1
picture | diff "$temp/before" - >&2 || bad=1
[ $bad = 0 ] && echo "ok 1 - $back" || echo "not ok 1 - $back"

bad=0
rm -rf "$system"/etc/ca-certificates/update.d/*
theirs
ours -q refresh --yes system 2>/dev/null
# The tool reads the local sources late and puts its bundle in place last: that is where ours must not get lost.
begin=$(date +%s%N)
theirs
span=$((($(date +%s%N) - begin) / 1000000))
i=0
for part in 20 55 65 75 82 88 94; do
	i=$((i + 1)) wait=$((span * part / 100))
	theirs &
	sleep "$((wait / 1000)).$(printf %03d $((wait % 1000)))"
	ours -q add --yes "/tmp/ca$i.pem" 2>"$temp/said$i" &
	[ $i = 1 ] || ours -q remove --yes "Together $((i - 1))" 2>/dev/null &
	wait
	has $i || { echo "round $i: what was added is not there: $(cat "$temp/said$i")" >&2; bad=1; }
	[ $i = 1 ] || ! has $((i - 1)) || { echo "round $i: what was removed is there still" >&2; bad=1; }
	ours -q refresh --check system 2>/dev/null || { echo "round $i: it does not agree with itself" >&2; bad=1; }
	! ours history 2>/dev/null | grep -q interrupted || { echo "round $i: something was left half done" >&2; bad=1; }
done
left=$(find "$system/etc/ssl" "$system/usr/local/share" "$system/etc/ca-certificates.conf" -name '.anchorage-*')
[ -z "$left" ] || { echo "left behind: $left" >&2; bad=1; }
[ $bad = 0 ] && echo "ok 2 - $sentence" || echo "not ok 2 - $sentence"

bad=0
hook=$system/etc/ca-certificates/update.d/one
printf '#!/bin/sh\ncat >>/tmp/heard\nexit 7\n' >"$hook" && chmod 755 "$hook"
for what in "add /tmp/ca1.pem" undo; do
	ours -q $what --yes 2>"$temp/said1"
	[ $? = 3 ] && grep -q 'status 7' "$temp/said1" || { echo "$what: $(cat "$temp/said1")" >&2; bad=1; }
done
[ "$(sed 's,/.*/,,' "$system/tmp/heard" | xargs)" = "+Together_1.pem -Together_1.pem" ] || { cat "$system/tmp/heard" >&2; bad=1; }
[ $bad = 0 ] && echo "ok 3 - $told" || echo "not ok 3 - $told"

# Between the change and its reading back, sources of a fifth of the bundle go.
bad=0
conf=$system/etc/ca-certificates.conf
bundle=$system/etc/ssl/certs/ca-certificates.crt
loses() { printf '#!/bin/sh\nsed -i "10,80s,^mozilla/,!&," /etc/ca-certificates.conf\n' >"$hook"; chmod 755 "$hook"; }
loses
cp "$conf" "$temp/conf" && most=$(grep -c BEGIN "$bundle")
ours -q add --yes /tmp/ca1.pem 2>"$temp/said1"
[ $? = 3 ] && grep -q -e '--accept shrinks' "$temp/said1" && has 1 && [ "$(grep -c BEGIN "$bundle")" -gt "$most" ] ||
	{ echo "$(grep -c BEGIN "$bundle") of $most, $(cat "$temp/said1")" >&2; bad=1; }
rm "$hook" && cp "$temp/conf" "$conf" && ours -q remove --yes "Together 1" && loses
ours -q add --yes --accept=shrinks /tmp/ca1.pem 2>"$temp/said1"
[ $? = 0 ] && has 1 && [ "$(grep -c BEGIN "$bundle")" -lt "$most" ] ||
	{ echo "accepted: $(grep -c BEGIN "$bundle") of $most, $(cat "$temp/said1")" >&2; bad=1; }
[ $bad = 0 ] && echo "ok 4 - $asked" || echo "not ok 4 - $asked"

bad=0
cp "$temp/conf" "$conf" && rm "$hook" "$system/tmp/heard" && ours -q refresh --yes system 2>/dev/null
printf '#!/bin/sh\n[ -e /tmp/once ] || { : >/tmp/once; kill -9 $PPID; exit; }\ncat >>/tmp/heard\n' >"$hook"
chmod 755 "$hook"
ours -q add --yes /tmp/ca2.pem 2>/dev/null
[ $? = 137 ] && has 2 && ours history | sed -n 2p | grep -q untold && ours add --yes /tmp/ca3.pem >/dev/null 2>"$temp/said1" &&
	grep -q 'they were told now' "$temp/said1" && ! ours history | grep -q untold || { cat "$temp/said1" >&2; bad=1; }
[ "$(sed 's,/.*/,,' "$system/tmp/heard" | xargs)" = "+Together_2.pem +Together_3.pem" ] || { cat "$system/tmp/heard" >&2; bad=1; }
[ $bad = 0 ] && echo "ok 5 - $late" || echo "not ok 5 - $late"
exit 0
