#!/bin/sh
# Has the standard generators make a TypeScript and a Python client of /openapi.json, and shops with each: search, suggest, recommend, cart,
# checkout, order, and a refusal that is read as a problem. Fails when one is not generated whole, does not pass its compiler, or does not get its order.
#
#   tests/peers/clients.sh [path to a shopkeeper binary]
#
# Needs node 20 and npm, python3 with venv, and once a package index for what package-lock.json and the pins below name. Everything that is
# generated stays in target/.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
binary=$(realpath "${1:-$root/target/debug/shopkeeper}")
here=$root/tests/peers/clients
tools=$root/target/clients
generator='openapi-python-client==0.29.1'
checker='mypy==1.18.2'

mkdir -p "$tools"
cp "$here/.npmrc" "$here/package.json" "$here/package-lock.json" "$here/tsconfig.json" "$here/shop.ts" "$here/shop.py" "$here/generator.yaml" "$tools"
cd "$tools"
cmp -s package-lock.json node_modules/.installed || { npm ci --silent && cp package-lock.json node_modules/.installed; }
[ -x venv/bin/mypy ] || { python3 -m venv venv && venv/bin/pip --quiet install "$generator" "$checker"; }

python=venv/bin/python
. "$root/tests/peers/server.sh"
number=0
while read -r line; do
    number=$((number + 1))
    curl --silent --fail --output /dev/null --header 'content-type: application/json' --header "idempotency-key: stock-$number" \
        --data "$line" "$url/v1/inventory"
done <"$root/tests/scenarios/stock.jsonl"
key=$(curl --silent --fail --header 'content-type: application/json' --data '{"name": "clients", "preset": "admin"}' "$url/v1/keys" |
    venv/bin/python -c 'import json, sys; print(json.load(sys.stdin)["secret"])')
tries=0
until curl --silent --fail --header "authorization: Bearer $key" "$url/v1/search?q=lamp&limit=1" | grep -q '"id":'; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { echo 'the products do not become findable'; exit 1; }
    sleep 0.1
done
curl --silent --fail --output openapi.json "$url/openapi.json"

node_modules/.bin/openapi-typescript openapi.json --output shop-api.ts >typescript.log || { cat typescript.log; exit 1; }
node_modules/.bin/tsc --project tsconfig.json
node built/shop.js "$url" "$key"

# A warning of this generator is an operation or a schema that it left out.
venv/bin/openapi-python-client generate --path openapi.json --meta none --config generator.yaml --output-path shopkeeper_client --overwrite --fail-on-warning >python.log 2>&1 ||
    { cat python.log; exit 1; }
MYPYPATH=. venv/bin/mypy --no-error-summary --follow-imports silent shop.py
PYTHONPATH=. venv/bin/python shop.py "$url" "$key"
