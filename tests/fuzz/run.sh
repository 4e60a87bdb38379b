#!/usr/bin/env bash
# Runs fuzz targets: tests/fuzz/run.sh SECONDS [target ...]     (all of them when none is named)
# Needs a C++ compiler, and no other Rust than the project's. No sanitizer: all own code but stdx is safe.
# Begins with what the HTTP scenarios send. What it finds is kept in tests/fuzz/artifacts, with a log, and the exit code is 1.
set -euo pipefail

seconds=${1:?how many seconds each target runs}
shift
cd "$(dirname "$0")"
built=../../target/fuzz
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  targets=(filter cursor feeds records segment checkpoints told headers requests)
fi
# Dependencies in the versions that the project is built with; where they are compiled already, they are taken.
cp ../../Cargo.lock Cargo.lock
if [ ! -e "$built" ] && [ -d ../../target/debug/deps ]; then
  mkdir -p "$built"
  cp -al ../../target/debug "$built/debug"
  rm -rf "$built"/debug/{.cargo-lock,incremental,examples,shopkeeper*} "$built"/debug/.fingerprint/shopkeeper-* "$built"/debug/deps/*shopkeeper*
fi
RUSTC_WRAPPER=$PWD/rustc.sh cargo build --target-dir "$built" --bin=seeds "${targets[@]/#/--bin=}"
# Most targets write files that nobody needs a moment later.
if [ -w /dev/shm ]; then
  TMPDIR=$(mktemp -d -p /dev/shm shopkeeper-fuzz.XXXXXX)
  export TMPDIR
  trap 'rm -rf "$TMPDIR"' EXIT
fi
mkdir -p artifacts
"$built/debug/seeds" -runs=0 2>artifacts/seeds.log
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "seeds/$target" "artifacts/$target"
  printf '== %s for %s s\n' "$target" "$seconds"
  log=artifacts/$target.log
  # Longer than the longest answer waits on purpose.
  if ! "$built/debug/$target" "corpus/$target" "seeds/$target" -artifact_prefix="artifacts/$target/" \
    -max_total_time="$seconds" -max_len=4096 -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 >"$log" 2>&1; then
    tail -n 60 "$log"
    exit 1
  fi
  grep -E '^Done|stat::' "$log"
done
