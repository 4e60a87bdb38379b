#!/usr/bin/env bash
# The searches of a shop in PostgreSQL with a RUM index, which keeps what ranking needs beside each posting.
#
#   loadtest/peers/postgresql-rum.sh CATALOGUE.jsonl QUERIES.tsv [SECONDS]
#
# CATALOGUE and QUERIES are what `loadtest generate --queries` writes. Makes a cluster in a temporary folder, served on a Unix socket only, and takes it
# away again. Times the ten best products that hold all words ("plain"), and the same among those cheaper than half of all, with the counts of
# brands, categories and colours of all matches ("filter and facets"): with one client, in searches a second and a CPU-second of the server's processes.
# Needs Debian's packages "postgresql" and "postgresql-15-rum".
set -euo pipefail

CATALOGUE="$1" QUERIES="$2" SECONDS_EACH="${3:-10}"
. "$(dirname "$0")/postgresql.sh"
cluster rum "-E UTF8 --locale=C" "-c shared_buffers=1GB -c work_mem=64MB -c jit=off -c fsync=off"
sql() { as_user psql -h "$WORK" -U shop -d postgres -qAt -v ON_ERROR_STOP=1 "$@"; }

# A document a row, by way of bytes that COPY does not read anything into.
began=$SECONDS
sql -c 'CREATE EXTENSION rum' -c 'CREATE TABLE raw (document jsonb)' -c 'CREATE TABLE query (number int PRIMARY KEY, text text, words tsquery)'
sed 's/\\/\\\\/g' "$CATALOGUE" | sql -c 'COPY raw FROM STDIN'
cut -f2 "$QUERIES" | awk '{print NR-1 "\t" $0}' | sql -c 'COPY query (number, text) FROM STDIN'
sql <<'SQL'
UPDATE query SET words = plainto_tsquery('simple', text);
CREATE TABLE product AS SELECT
    document->>'id' AS id, document->>'brand' AS brand, document#>>'{categories,0}' AS category,
    document#>>'{variants,0,attributes,colour}' AS colour, (document#>>'{variants,0,offers,0,price,amount_minor}')::int AS price,
    setweight(to_tsvector('simple', document->>'title'), 'A') || setweight(to_tsvector('simple', document->>'brand'), 'B')
        || setweight(to_tsvector('simple', document->>'description'), 'D') AS words
FROM raw;
DROP TABLE raw;
CREATE INDEX ON product USING rum (words rum_tsvector_ops);
VACUUM ANALYZE product;
SQL
HALF="$(sql -c 'SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY price) FROM product')"
LAST="$(($(sql -c 'SELECT count(*) FROM query') - 1))"
echo "$("$BIN/postgres" --version) with RUM: $(sql -c 'SELECT count(*) FROM product') products, built in $((SECONDS - began)) s"

cat >"$WORK/plain.sql" <<SQL
\\set number random(0, $LAST)
SELECT id FROM product, query WHERE number = :number AND product.words @@ query.words ORDER BY product.words <=> query.words LIMIT 10;
SQL
cat >"$WORK/page.sql" <<SQL
\\set number random(0, $LAST)
WITH found AS MATERIALIZED (
    SELECT id, brand, category, colour, product.words <=> query.words AS far FROM product, query
    WHERE number = :number AND product.words @@ query.words AND price < $HALF)
(SELECT 'hit', id, 0 FROM found ORDER BY far LIMIT 10)
UNION ALL SELECT 'brand', brand, count(*) FROM found GROUP BY brand
UNION ALL SELECT 'category', category, count(*) FROM found GROUP BY category
UNION ALL SELECT 'colour', colour, count(*) FROM found GROUP BY colour;
SQL
chmod -R a+rX "$WORK"/*.sql

# Processor time of the postmaster and all that it has waited for, in ticks; a backend's time is added when it has ended.
POSTMASTER="$(head -1 "$WORK/data/postmaster.pid")"
ticks() {
    while pgrep -P "$POSTMASTER" -f '^postgres: shop' >/dev/null; do sleep 0.05; done
    awk '{print $14 + $15 + $16 + $17}' "/proc/$POSTMASTER/stat"
}
for what in plain page; do
    before="$(ticks)"
    out="$(as_user pgbench -h "$WORK" -U shop -n -M prepared -f "$WORK/$what.sql" -c 1 -T "$SECONDS_EACH" postgres 2>/dev/null)"
    cpu="$((($(ticks) - before)))"
    awk -v what="$what" -v cpu="$cpu" -v tick="$(getconf CLK_TCK)" '
        /number of transactions actually processed/ {split($NF, done, "/"); count = done[1]}
        /latency average/ {ms = $4}
        END {printf "  %-18s %9.0f a CPU-second, mean %.2f ms\n", what == "page" ? "filter and facets" : what, count / (cpu / tick), ms}' <<<"$out"
done
