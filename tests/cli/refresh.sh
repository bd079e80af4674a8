#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What `refresh` says of newer lists is what a comparison by other code says, and what it does is what it said.
# $ANCHORAGE: the program, default: the build's. $ANCHORAGE_LISTS: a folder with real lists to compare besides:
# ca-certificates_*.deb, certifi-*.whl, libnssckbi*.so.
. "$(dirname -- "$0")/../tap.sh"
want_program
want python3 openssl
want_temp
LC_ALL=C PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$srcdir/tests/net" python3 "$srcdir/tests/cli/refresh.py" "$program" "$temp"
