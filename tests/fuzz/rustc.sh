#!/usr/bin/env bash
# The compiler as fuzzing wants it: own code tells which way a run took, as cargo-fuzz asks it of all code. A search through the libraries' branches is
# not what these targets are for, and without it they are built and run faster.
set -euo pipefail
covered=(
  -Cpasses=sancov-module
  -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares
)
case " $* " in
  *' --crate-name shopkeeper '*) exec "$@" "${covered[@]}" ;;
  # Counters and what they count have to stay together.
  *' targets/'*) exec "$@" -Clink-dead-code ;;
  *) exec "$@" ;;
esac
