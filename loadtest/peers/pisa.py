#!/usr/bin/env python3
"""The ten best of all products by their words in PISA, one process, one thread, counted in processor time.

    loadtest/peers/pisa.py CATALOGUE.jsonl QUERIES.tsv [--seconds 10]

CATALOGUE and QUERIES are what `loadtest generate --queries` writes. Needs pyterrier-pisa and python-terrier from PyPI, and Java for the latter. Queries are asked in large
batches, so that what Python takes for each is little. Title, brand and description are one text: PISA knows no fields, no filter, no facets,
and no exact totals, and its index never changes; it is here as the nearest thing to the limit.
"""

import argparse
import json
import tempfile
import time

import pandas
from pyterrier_pisa import PisaIndex

LIMIT = 10
ALGORITHMS = {
    "all words": ("ranked_and", "block_max_ranked_and"),
    "any word": ("block_max_wand", "block_max_maxscore", "maxscore"),
}
# Longer batches take what is not the search itself apart.
BATCH = 20_000


def products(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            product = json.loads(line)
            yield {"docno": product["id"], "text": " ".join((product["title"], product["brand"], product["description"]))}


def queries(path):
    with open(path, encoding="utf-8") as lines:
        words = [line.rstrip("\n").split("\t", 1)[1] for line in lines]
    asked = [words[number % len(words)] for number in range(BATCH)]
    return pandas.DataFrame({"qid": [str(number) for number in range(BATCH)], "query": asked})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalogue")
    parser.add_argument("queries")
    parser.add_argument("--seconds", type=float, default=10)
    args = parser.parse_args()
    asked = queries(args.queries)
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        index = PisaIndex(f"{folder}/index", stemmer="none", threads=1)
        index.index(products(args.catalogue))
        print(f"built in {time.process_time() - began:.0f} s of processor time")
        for words, algorithms in ALGORITHMS.items():
            for algorithm in algorithms:
                find = index.bm25(k1=1.2, b=0.75, num_results=LIMIT, threads=1, query_algorithm=algorithm)
                find.transform(asked)
                began, batches = time.process_time(), 0
                while time.process_time() - began < args.seconds:
                    found = find.transform(asked)
                    batches += 1
                each = batches * BATCH / (time.process_time() - began)
                print(f"{words}, {algorithm}: {each:.0f} searches a second of processor time, {len(found) / BATCH:.1f} hits each")


if __name__ == "__main__":
    main()
