#!/usr/bin/env bash
# Runs fuzz targets: tests/fuzz/run.sh SECONDS [target ...]     (all of them when none is named)
# Needs a C++ compiler and python3, and no other Rust than the project's. No sanitizer: all own code but stdx is safe.
# Begins with what the HTTP scenarios send. What it finds is kept in tests/fuzz/artifacts, with a log, and the exit code is 1.
set -euo pipefail

seconds=${1:?how many seconds each target runs}
shift
cd "$(dirname "$0")"
built=../../target/fuzz
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  targets=(filter cursor feeds records segment requests)
fi
RUSTC_WRAPPER=$PWD/rustc.sh cargo build --target-dir "$built" "${targets[@]/#/--bin=}"
python3 seeds.py
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "seeds/$target" "artifacts/$target"
  printf '== %s for %s s\n' "$target" "$seconds"
  log=artifacts/$target.log
  if ! "$built/debug/$target" "corpus/$target" "seeds/$target" -artifact_prefix="artifacts/$target/" \
    -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 >"$log" 2>&1; then
    tail -n 60 "$log"
    exit 1
  fi
  grep -E '^Done|stat::' "$log"
done
