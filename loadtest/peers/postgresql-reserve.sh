#!/usr/bin/env bash
# Reservations of one SKU in PostgreSQL, as shops on SQL databases make them: lock the row, check, count, write the reservation down, commit.
#
#   loadtest/peers/postgresql-reserve.sh [SECONDS]
#
# Makes a cluster in a temporary folder (on the disk of TMPDIR), serves it on a Unix socket only, runs pgbench against the hot row with 1, 16 and 64
# clients, then against 100,000 different rows, and takes everything away again. Needs Debian's package "postgresql"; refuses to run as root
# anything but through "runuser". Default durability: every commit is synced.
set -euo pipefail

SECONDS_EACH="${1:-10}"
. "$(dirname "$0")/postgresql.sh"
cluster reserve "" "-c shared_buffers=256MB -c max_connections=100"
sql() { as_user psql -h "$WORK" -U shop -d postgres -q "$@"; }

sql <<'SQL'
CREATE TABLE stock (sku int PRIMARY KEY, on_hand bigint NOT NULL, reserved bigint NOT NULL DEFAULT 0, CHECK (reserved <= on_hand));
CREATE TABLE reservation (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), sku int NOT NULL, units int NOT NULL, expires_at timestamptz NOT NULL);
INSERT INTO stock SELECT sku, 1000000000 FROM generate_series(1, 100000) AS sku;
SQL

reserve() {
    cat <<SQL
\\set sku random(1, $1)
BEGIN;
SELECT on_hand - reserved FROM stock WHERE sku = :sku FOR UPDATE;
UPDATE stock SET reserved = reserved + 1 WHERE sku = :sku AND on_hand - reserved >= 1;
INSERT INTO reservation (sku, units, expires_at) VALUES (:sku, 1, now() + interval '10 minutes');
COMMIT;
SQL
}
reserve 1 >"$WORK/hot.sql"
reserve 100000 >"$WORK/spread.sql"
chmod -R a+rX "$WORK"/*.sql

echo "$("$BIN/postgres" --version), $SECONDS_EACH s each, Unix socket, synced commits"
printf '%-32s %10s %12s\n' "reservations" "per second" "mean ms"
run() {
    local out
    out="$(as_user "$BIN/pgbench" -h "$WORK" -U shop -n -f "$2" -c "$3" -j 2 -T "$SECONDS_EACH" postgres 2>/dev/null || as_user pgbench -h "$WORK" -U shop -n -f "$2" -c "$3" -j 2 -T "$SECONDS_EACH" postgres)"
    printf '%-32s %10.0f %12.1f\n' "$1" "$(awk '/^tps/ {print $3}' <<<"$out")" "$(awk '/latency average/ {print $4}' <<<"$out")"
}
for clients in 1 16 64; do run "one SKU, $clients clients" "$WORK/hot.sql" "$clients"; done
run "100,000 SKUs, 64 clients" "$WORK/spread.sql" 64
