#!/usr/bin/env bash
# Plays the browser tests: tests/browser/run.sh path/to/shopkeeper [test file ...]
# Needs Node 20, npm and a Chromium; installs the locked packages of this folder when they are not there, and builds nothing.
# CHROMIUM names the browser when it is not found by name; SHOTS=1 keeps screenshots in tests/browser/shots.
# For a binary that was built without optimisation: UNHURRIED=1 does not judge how fast the first results are painted, and PRODUCTS=COUNT takes
# a smaller sample shop, which is filled sooner.
set -euo pipefail

binary=$(realpath "${1:?the path of the shopkeeper binary}")
shift
cd "$(dirname "$0")"
if ! node -e 'require("playwright-core"); require("esbuild")' 2>/dev/null; then
  npm ci
fi
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && path=$(command -v "$name"); then
    chromium=$path
    break
  fi
done
: "${chromium:?no Chromium found; set CHROMIUM}"
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  files=(tests/*.test.mjs)
fi
SHOPKEEPER=$binary CHROMIUM=$chromium node --test --test-concurrency=1 --test-reporter=spec "${files[@]}"
