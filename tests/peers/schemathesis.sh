#!/bin/sh
# Has schemathesis read /openapi.json of a running server and send what it makes up: what follows the description and what does not. Fails
# when an answer is a 5xx, has a status or content type that is not described, or a body that is not of the described shape.
#
#   tests/peers/schemathesis.sh [examples for each operation, 8 unless told] [path to a shopkeeper binary]
#
# Needs python3 with venv, and once a package index for schemathesis; both stay in target/.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
examples=${1:-8}
binary=${2:-$root/target/debug/shopkeeper}
tools=$root/target/schemathesis
deadline_s=900

if [ ! -x "$tools/bin/schemathesis" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" --quiet install 'schemathesis==4.*'
fi

python=$tools/bin/python
. "$root/tests/peers/server.sh"

# The first key closes the shop; without one some example would make it, and everything after that would be refused.
key=$(curl --silent --fail --header 'content-type: application/json' --header 'idempotency-key: first' \
    --data '{"name": "schemathesis", "preset": "admin"}' "$url/v1/keys" |
    "$tools/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["secret"])')

# Left out: what would take the key away or needs a login, and two operations that take nothing but lines of JSON, which it cannot write.
# One worker: its generators are not safe with several.
cd "$shop"
timeout "$deadline_s" "$tools/bin/schemathesis" run "$url/openapi.json" \
    --header "Authorization: Bearer $key" \
    --exclude-path-regex '^/(metrics|v1/keys|v1/admins|console)' \
    --exclude-operation-id post_rules --exclude-operation-id post_synonyms \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --phases coverage,fuzzing --max-examples "$examples" --generation-deterministic --request-timeout 30 --workers 1
