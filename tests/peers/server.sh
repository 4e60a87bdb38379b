# Sourced by its neighbours: starts $binary on a shop of its own, waits until it is ready, and fills it with the shop of the HTTP scenarios.
# Takes $root and $python; leaves $shop, $url and $server. The server and its shop are gone when the script ends.

shop=$(mktemp -d)
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
"$binary" serve --shop "$shop" --listen "127.0.0.1:$port" >"$shop/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$shop"' EXIT INT TERM

tries=0
until curl --silent --fail --output /dev/null "$url/readyz"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { cat "$shop/log"; exit 1; }
    sleep 0.1
done
curl --silent --fail --output /dev/null --header 'content-type: application/x-ndjson' \
    --data-binary "@$root/tests/scenarios/shop.jsonl" "$url/v1/products"
