#!/usr/bin/env bash
# Counts the instructions of one search, one recommendation and one order, and fails when one grew by more than three per cent.
#
#   benches/counted.sh [--refresh]
#
# Needs valgrind (Debian's package of that name). The counts depend on the compiler and on the processor's instruction set as valgrind shows it, so
# refresh benches/counted.txt when either changes, and only then or when a change is worth its price: say in the commit which.
set -euo pipefail
cd "$(dirname "$0")/.."

TIMES=200
program="$(cargo bench --no-run --bench counted --message-format=json 2>/dev/null | sed -n 's/.*"executable":"\([^"]*counted-[^"]*\)".*/\1/p' | tail -1)"
out="$(mktemp)"
trap 'rm -f "$out"' EXIT

count() {
    valgrind --tool=callgrind --callgrind-out-file="$out" --collect-atstart=no --toggle-collect='*counted*measured*' "$program" "$1" >/dev/null 2>&1
    awk -v times="$TIMES" '/^(totals|summary):/ {print int($2 / times); exit}' "$out"
}

[ "${1:-}" = --refresh ] && : >benches/counted.txt
status=0
for what in search recommend order; do
    now="$(count "$what")"
    if [ "${1:-}" = --refresh ]; then
        echo "$what $now" | tee -a benches/counted.txt
        continue
    fi
    kept="$(awk -v what="$what" '$1 == what {print $2}' benches/counted.txt)"
    awk -v what="$what" -v now="$now" -v kept="$kept" 'BEGIN {
        printf "%-10s %10d instructions, kept %10d, %+.1f %%\n", what, now, kept, (now / kept - 1) * 100
        exit now > kept * 1.03 }' || status=1
done
exit "$status"
