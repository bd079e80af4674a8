#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What `refresh` says of newer lists is what a comparison by other code says, and what it does is what it said.
# $ANCHORAGE: the program, default: the build's. $ANCHORAGE_LISTS: a folder with real lists to compare besides:
# ca-certificates_*.deb, certifi-*.whl, libnssckbi*.so.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
srcdir=$(CDPATH='' cd -- "${srcdir:-$here/../..}" && pwd) || exit 99
builddir=$(CDPATH='' cd -- "${builddir:-$srcdir/build}" && pwd) || exit 99
program=${ANCHORAGE:-$builddir/anchorage}
[ -x "$program" ] || { echo "Bail out! no program $program"; exit 99; }
for tool in python3 openssl; do
	command -v $tool >/dev/null 2>&1 || { echo "1..0 # SKIP no $tool here"; exit 0; }
done
temp=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$temp"; rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM
LC_ALL=C PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$srcdir/tests/net" python3 "$srcdir/tests/cli/refresh.py" "$program" "$temp"
