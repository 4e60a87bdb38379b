#!/usr/bin/env python3
"""Recommendations by the library implicit, over the same split and with the same measures as `shopkeeper evaluate recommend`.

    loadtest/peers/recommend.py TRAIN TEST [--methods cosine,tfidf,bm25,als,bpr] [--k 20]

TRAIN and TEST have a shopper and then products on each line, and may be compressed with gzip. Needs implicit from PyPI. Every product is ranked but those
that the shopper had in TRAIN; of the knobs those are used that its documentation names, 64 factors and 20 (als) or 200 (bpr) rounds. Printed for each method: recall@k, nDCG@k and the
processor time of it all.
"""

import argparse
import gzip
import os
import time
import warnings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from scipy.sparse import csr_matrix

warnings.filterwarnings("ignore", message="Method expects CSR")

METHODS = {
    "cosine": lambda: CosineRecommender(K=100),
    "tfidf": lambda: TFIDFRecommender(K=100),
    "bm25": lambda: BM25Recommender(K=100, K1=1.2, B=0.75),
    "als": lambda: AlternatingLeastSquares(factors=64, iterations=20, random_state=1),
    "bpr": lambda: BayesianPersonalizedRanking(factors=64, iterations=200, random_state=1),
}
BATCH = 1_000


def rows(path):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            shopper, *products = line.split()
            yield shopper, products


def numbered(train, test):
    shoppers, products = {}, {}
    pairs = [(shoppers.setdefault(shopper, len(shoppers)), products.setdefault(product, len(products)))
             for shopper, bought in train for product in bought]
    known = np.array(pairs)
    matrix = csr_matrix((np.ones(len(known), np.float32), known.T), shape=(len(shoppers), len(products)))
    matrix.data[:] = 1
    wanted = {}
    for shopper, bought in test:
        if bought:
            # Products that nobody bought in training cannot be found, and count all the same.
            wanted[shopper] = {products.get(product, f"unseen {product}") for product in bought}
    return matrix, [(shoppers[shopper], found) for shopper, found in wanted.items() if shopper in shoppers]


def judged(model, matrix, wanted, k):
    gains = 1 / np.log2(np.arange(2, k + 2))
    recall = ndcg = 0.0
    for start in range(0, len(wanted), BATCH):
        some = wanted[start:start + BATCH]
        numbers = np.array([shopper for shopper, _ in some])
        answers, _ = model.recommend(numbers, matrix[numbers], N=k, filter_already_liked_items=True)
        for (_, products), answer in zip(some, answers):
            hits = np.array([product in products for product in answer[:k]])
            recall += hits.sum() / len(products)
            ndcg += gains[:len(hits)][hits].sum() / gains[:min(k, len(products))].sum()
    return recall / len(wanted), ndcg / len(wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--k", type=int, default=20)
    args = parser.parse_args()
    matrix, wanted = numbered(list(rows(args.train)), list(rows(args.test)))
    print(f"{matrix.shape[0]} shoppers, {matrix.shape[1]} products, {matrix.nnz} pairs, {len(wanted)} shoppers judged")
    for name in args.methods.split(","):
        began = time.process_time()
        model = METHODS[name]()
        model.fit(matrix, show_progress=False)
        recall, ndcg = judged(model, matrix, wanted, args.k)
        print(f"{name:8} recall@{args.k} {recall:.4f}, nDCG@{args.k} {ndcg:.4f}, {time.process_time() - began:.0f} s of processor time", flush=True)


if __name__ == "__main__":
    main()
