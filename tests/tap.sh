# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the checks in shell: TAP, and what many of them need. Nothing found wrong is a pass.
# Where srcdir and builddir are not given, as by hand, they are guessed.
# shellcheck shell=sh
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
srcdir=$(CDPATH='' cd -- "${srcdir:-$here/../..}" && pwd) || exit 99
builddir=${builddir:-$srcdir/build}
[ ! -d "$builddir" ] || builddir=$(CDPATH='' cd -- "$builddir" && pwd)
count=0 bad=0

# verdict SENTENCE FINDINGS: one line of TAP; the findings, one a line, are why it is not ok.
verdict()
{
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		bad=1
	fi
}

# check SENTENCE COMMAND...: what it prints is shown where it fails, and $temp/said, if that is there.
check()
{
	sentence=$1
	shift
	if "$@" >"$temp/check" 2>&1; then
		verdict "$sentence" ''
	else
		verdict "$sentence" "status $?: $*
$(cat "$temp/check" "$temp/said" 2>/dev/null | head -n 60)"
	fi
}

# skip SENTENCE REASON
skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# skip_all REASON: before the first verdict
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

finish()
{
	echo "1..$count"
	exit $bad
}

has() { command -v "$1" >/dev/null 2>&1; }

# want TOOL...: without one there is nothing to check.
want()
{
	for tool; do
		has "$tool" || skip_all "no $tool here"
	done
}

# $program, which is $ANCHORAGE or the build's
want_program()
{
	program=${ANCHORAGE:-$builddir/anchorage}
	[ -x "$program" ] || { echo "Bail out! no program $program"; exit 99; }
	program=$(CDPATH='' cd -- "$(dirname -- "$program")" && pwd)/${program##*/}
}

# $temp, which goes in the end, as the working directory
want_temp()
{
	temp=$(mktemp -d) && cd "$temp" || exit 99
	trap 'chmod -R u+rwx "$temp"; rm -rf "$temp"' EXIT
	trap 'exit 99' HUP INT TERM
}

# $bundle, this host's
want_bundle()
{
	for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
		[ ! -s "$bundle" ] || return 0
	done
	skip_all "no bundle of certificates on this host"
}
