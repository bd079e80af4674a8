#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What anchorage-fetch gets from a TLS server on loopback, good and bad, and what it may no longer do.
. "$(dirname -- "$0")/../tap.sh"
program=${ANCHORAGE_FETCH:-$builddir/anchorage-fetch}
[ -x "$program" ] || { echo "Bail out! no program $program"; exit 99; }
want python3 openssl
want_temp
LC_ALL=C PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/net/fetch.py" "$program" "$temp"
