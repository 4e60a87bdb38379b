#!/usr/bin/env python3
"""The searches of a shop in SQLite FTS5 and in Xapian, in one process each and counted in processor time.

    loadtest/peers/text.py CATALOGUE.jsonl QUERIES.tsv [--engines sqlite,xapian] [--seconds 10]

CATALOGUE and QUERIES are what `loadtest generate --queries` writes. Two searches are timed: ten best products that hold all words ("plain"),
and the same among those cheaper than half of all, with the counts of brands, categories and colours of all matches ("filter and facets").
Both engines are libraries: they have no HTTP, no JSON, no live stock or sales in their ranking, and no spelling, which is to their advantage.
Xapian comes with Debian's package python3-xapian and needs that Python (/usr/bin/python3).
"""

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 10


def products(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            product = json.loads(line)
            variant = product["variants"][0]
            yield {
                "id": product["id"],
                "title": product["title"],
                "description": product["description"],
                "brand": product["brand"],
                "category": " > ".join(product["categories"][0]),
                "colour": variant["attributes"]["colour"],
                "price": variant["offers"][0]["price"]["amount_minor"],
            }


class Sqlite:
    name = f"SQLite {sqlite3.sqlite_version} FTS5"

    def __init__(self, folder):
        self.db = sqlite3.connect(Path(folder) / "shop.db")

    def build(self, rows):
        self.db.execute("CREATE TABLE product (rowid INTEGER PRIMARY KEY, id, brand, category, colour, price INTEGER)")
        self.db.execute("CREATE VIRTUAL TABLE words USING fts5(title, brand, description, content='')")
        for number, row in enumerate(rows):
            self.db.execute("INSERT INTO product VALUES (?, ?, ?, ?, ?, ?)", (number, row["id"], row["brand"], row["category"], row["colour"], row["price"]))
            self.db.execute("INSERT INTO words(rowid, title, brand, description) VALUES (?, ?, ?, ?)", (number, row["title"], row["brand"], row["description"]))
        self.db.execute("INSERT INTO words(words) VALUES ('optimize')")
        self.db.commit()
        self.half = self.db.execute("SELECT price FROM product ORDER BY price LIMIT 1 OFFSET (SELECT count(*) / 2 FROM product)").fetchone()[0]

    def plain(self, words):
        return self.db.execute(
            "SELECT product.id FROM words JOIN product ON product.rowid = words.rowid WHERE words MATCH ? ORDER BY bm25(words, 5, 2, 1) LIMIT ?",
            (self.query(words), LIMIT)).fetchall()

    def page(self, words):
        found = self.db.execute(
            "SELECT product.id, product.brand, product.category, product.colour FROM words JOIN product ON product.rowid = words.rowid WHERE words MATCH ? AND price < ? ORDER BY bm25(words, 5, 2, 1)",
            (self.query(words), self.half)).fetchall()
        counts = [{}, {}, {}]
        for row in found:
            for place, count in enumerate(counts):
                count[row[place + 1]] = count.get(row[place + 1], 0) + 1
        return found[:LIMIT]

    @staticmethod
    def query(words):
        return " AND ".join(f'"{word}"' for word in words)


class Xapian:
    def __init__(self, folder):
        import xapian

        self.xapian = xapian
        self.name = f"Xapian {xapian.version_string()}"
        self.folder = str(Path(folder) / "xapian")

    def build(self, rows):
        xapian = self.xapian
        database = xapian.WritableDatabase(self.folder, xapian.DB_CREATE_OR_OVERWRITE)
        terms, prices = xapian.TermGenerator(), []
        for row in rows:
            document = xapian.Document()
            terms.set_document(document)
            terms.index_text(row["title"], 5)
            terms.index_text(row["brand"], 2)
            terms.index_text(row["description"], 1)
            document.set_data(row["id"])
            document.add_value(0, xapian.sortable_serialise(row["price"]))
            for slot, field in enumerate(("brand", "category", "colour"), start=1):
                document.add_value(slot, row[field])
            prices.append(row["price"])
            database.add_document(document)
        database.commit()
        self.half = sorted(prices)[len(prices) // 2]
        self.database = xapian.Database(self.folder)

    def all_words(self, words):
        return self.xapian.Query(self.xapian.Query.OP_AND, [self.xapian.Query(word) for word in words])

    def plain(self, words):
        enquire = self.xapian.Enquire(self.database)
        enquire.set_query(self.all_words(words))
        return [match.docid for match in enquire.get_mset(0, LIMIT)]

    def page(self, words):
        xapian = self.xapian
        cheap = xapian.Query(xapian.Query.OP_VALUE_LE, 0, xapian.sortable_serialise(self.half - 1))
        enquire = xapian.Enquire(self.database)
        enquire.set_query(xapian.Query(xapian.Query.OP_FILTER, self.all_words(words), cheap))
        spies = [xapian.ValueCountMatchSpy(slot) for slot in (1, 2, 3)]
        for spy in spies:
            enquire.add_matchspy(spy)
        found = [match.docid for match in enquire.get_mset(0, LIMIT, self.database.get_doccount())]
        for spy in spies:
            list(spy.top_values(10))
        return found


def timed(search, queries, seconds):
    """Searches a CPU-second, and the median and 99th percentile in milliseconds."""
    choice, took = random.Random(1), []
    ends, cpu = time.monotonic() + seconds, time.process_time()
    while time.monotonic() < ends:
        words = choice.choice(queries)
        began = time.perf_counter()
        search(words)
        took.append((time.perf_counter() - began) * 1e3)
    cpu, took = time.process_time() - cpu, sorted(took)
    return len(took) / cpu, took[len(took) // 2], took[int(len(took) * 0.99)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("catalogue")
    arguments.add_argument("queries")
    arguments.add_argument("--engines", default="sqlite,xapian")
    arguments.add_argument("--seconds", type=float, default=10.0)
    given = arguments.parse_args()
    with open(given.queries, encoding="utf-8") as lines:
        queries = [line.rstrip("\n").split("\t")[-1].split() for line in lines]
    known = {"sqlite": Sqlite, "xapian": Xapian}
    for name in given.engines.split(","):
        with tempfile.TemporaryDirectory() as folder:
            try:
                engine = known[name](folder)
            except ImportError as error:
                print(f"{name}: left out, {error}", file=sys.stderr)
                continue
            began = time.monotonic()
            engine.build(products(given.catalogue))
            print(f"{engine.name}: built in {time.monotonic() - began:.1f} s", flush=True)
            for what, search in (("plain", engine.plain), ("filter and facets", engine.page)):
                rate, median, slow = timed(search, queries, given.seconds)
                print(f"  {what:<18} {rate:9.0f} a CPU-second, p50 {median:.2f} ms, p99 {slow:.2f} ms", flush=True)


if __name__ == "__main__":
    main()
