#!/usr/bin/env bash
# Runs fuzz targets: tests/fuzz/run.sh SECONDS [target ...]     (all of them when none is named)
# Needs a C++ compiler; installs cargo-fuzz into target/tools when it is not there. Without a sanitizer, as all own code but stdx is safe;
# SANITIZER=address asks the stable compiler for one.
# Begins with what the HTTP scenarios send. What it finds is kept in tests/fuzz/artifacts, with a log, and the exit code is 1.
set -euo pipefail

seconds=${1:?how many seconds each target runs}
shift
cd "$(dirname "$0")"
CARGO_FUZZ=0.13.2
tools=$(realpath ../..)/target/tools
[ -x "$tools/bin/cargo-fuzz" ] || cargo install --quiet --locked --debug --root "$tools" "cargo-fuzz@$CARGO_FUZZ"
export PATH=$tools/bin:$PATH
export RUSTC_BOOTSTRAP=1
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  targets=(filter cursor feeds records segment requests)
fi
python3 seeds.py
mkdir -p artifacts
for target in "${targets[@]}"; do mkdir -p "corpus/$target"; done
for target in "${targets[@]}"; do
  printf '== %s for %s s\n' "$target" "$seconds"
  log=artifacts/$target.log
  if ! cargo fuzz run --dev --sanitizer "${SANITIZER:-none}" --fuzz-dir . --target-dir ../../target/fuzz "$target" "corpus/$target" "seeds/$target" -- \
    -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 >"$log" 2>&1; then
    tail -n 60 "$log"
    exit 1
  fi
  grep -E '^Done|stat::' "$log"
done
