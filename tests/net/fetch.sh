#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What anchorage-fetch gets from a TLS server on loopback, good and bad, and what it may no longer do.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
srcdir=$(CDPATH='' cd -- "${srcdir:-$here/../..}" && pwd) || exit 99
builddir=$(CDPATH='' cd -- "${builddir:-$srcdir/build}" && pwd) || exit 99
program=${ANCHORAGE_FETCH:-$builddir/anchorage-fetch}
[ -x "$program" ] || { echo "Bail out! no program $program"; exit 99; }
for tool in python3 openssl; do
	command -v $tool >/dev/null 2>&1 || { echo "1..0 # SKIP no $tool here"; exit 0; }
done
temp=$(mktemp -d) || exit 99
trap 'rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM
LC_ALL=C PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/net/fetch.py" "$program" "$temp"
