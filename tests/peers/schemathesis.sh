#!/bin/sh
# Has schemathesis read /openapi.json of a running server and send what it makes up: what follows the description and what does not. Fails
# when an answer is a 5xx, has a status or content type that is not described, or a body that is not of the described shape.
#
#   tests/peers/schemathesis.sh [examples for each operation, 20 unless told] [path to a shopkeeper binary]
#
# Needs python3 with venv, and once a package index for schemathesis; both stay in target/.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
examples=${1:-20}
binary=${2:-$root/target/debug/shopkeeper}
tools=$root/target/schemathesis
deadline_s=900

if [ ! -x "$tools/bin/schemathesis" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" --quiet install 'schemathesis==4.*'
fi

shop=$(mktemp -d)
port=$("$tools/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$binary" serve --shop "$shop" --listen "127.0.0.1:$port" >"$shop/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$shop"' EXIT INT TERM

tries=0
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { cat "$shop/log"; exit 1; }
    sleep 0.1
done
curl --silent --fail --output /dev/null --header 'content-type: application/x-ndjson' \
    --data-binary "@$root/tests/scenarios/shop.jsonl" "http://127.0.0.1:$port/v1/products"

cd "$shop"
timeout "$deadline_s" "$tools/bin/schemathesis" run "http://127.0.0.1:$port/openapi.json" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --phases examples,coverage,fuzzing --max-examples "$examples" --generation-deterministic --request-timeout 30 --workers 2 \
    --exclude-path /metrics
