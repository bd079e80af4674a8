#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/fuzz/run.sh [SECONDS]: each fuzzer for so long (60), beginning with the fixtures, in the build directory that
# is the working directory. It was configured with CC=clang and --enable-fuzzers, and `make fuzzers` was run in it.
# What it finds stays in fuzz/found; what it learns in fuzz/NAME, for the next time.
set -eu

seconds=${1:-60}
fixtures=$(dirname -- "$0")/../corpus
mkdir -p fuzz/found fuzz/seeds fuzz/certs fuzz/proofs

for file in "$fixtures"/*/*; do
	name=$(basename -- "$(dirname -- "$file")")-$(basename -- "$file")
	case $file in
	*.hex)
		if command -v xxd >/dev/null; then
			sed 's/#.*//' "$file" | xxd -r -p >"fuzz/seeds/${name%.hex}"
		else
			echo "$file is left out: no xxd here" >&2
		fi
		;;
	*) cp "$file" "fuzz/seeds/$name" ;;
	esac
done
for file in fuzz/seeds/der-*; do
	cp "$file" fuzz/certs/
done

for file in "$(dirname -- "$0")"/proof-*.hex; do
	if command -v xxd >/dev/null; then
		sed 's/#.*//' "$file" | xxd -r -p >"fuzz/proofs/$(basename -- "$file" .hex)"
	fi
done

status=0
fuzz() {
	mkdir -p "fuzz/$1"
	FORMAT=$2 "tests/fuzz/$3" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=16384 \
		-artifact_prefix="fuzz/found/$1-" -print_final_stats=1 "fuzz/$1" "$4" 2>"fuzz/$1.log" || status=1
	printf '%s: %s\n' "$1" "$(grep -E 'SUMMARY|number_of_executed|^[a-z0-9]+: [a-z]' "fuzz/$1.log" | tr '\n' ' ')"
}
fuzz cert '' fuzz-cert fuzz/certs
fuzz proof '' fuzz-proof fuzz/proofs
for format in ${FORMATS:-$(FORMAT='?' tests/fuzz/fuzz-format)}; do
	fuzz "$format" "$format" fuzz-format fuzz/seeds
done
for format in $(FORMAT='?' tests/fuzz/fuzz-amend); do
	case " ${FORMATS:-$format} " in
	*" $format "*) fuzz "amend-$format" "$format" fuzz-amend fuzz/seeds ;;
	esac
done
exit $status
