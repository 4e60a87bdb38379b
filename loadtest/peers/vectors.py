#!/usr/bin/env python3
"""The nearest ten of all products by others, over the vectors and queries that `cargo bench --bench ann -- DATA --write FOLDER` wrote.

    loadtest/peers/vectors.py FOLDER [--engines hnswlib,faiss-hnsw,faiss-ivf,usearch,scann]

Needs numpy and the engines, each from PyPI: hnswlib, faiss-cpu, usearch, scann; what is missing is left out. Each is built once and asked with more and
more effort on one thread, one query after another, until recall@10 is 0.99. Printed for each effort: recall@10 and queries a second of processor
time. Vectors have length 1, so the nearest by inner product are the nearest by any measure. The build uses all cores and is told in seconds of
processor time.
"""

import argparse
import os
import time
from pathlib import Path

for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(library, str(os.cpu_count()))

import numpy as np

K = 10
RECALL_ENOUGH = 0.99
# Candidates of a walk, or cells that are looked into.
WALKS = (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768)
CELLS = (1, 2, 3, 4, 6, 8, 12, *WALKS[1:])


def fvecs(path):
    words = np.fromfile(path, dtype=np.int32)
    return np.ascontiguousarray(words.reshape(-1, words[0] + 1)[:, 1:].view(np.float32))


class Hnswlib:
    def __init__(self, products):
        import hnswlib

        self.index = hnswlib.Index(space="ip", dim=products.shape[1])
        self.index.init_index(max_elements=len(products), ef_construction=200, M=16)
        self.index.add_items(products)
        self.index.set_num_threads(1)

    def ask(self, query, effort):
        self.index.set_ef(effort)
        return self.index.knn_query(query, k=K)[0][0]


class FaissHnsw:
    def __init__(self, products):
        import faiss

        self.faiss = faiss
        self.index = faiss.IndexHNSWFlat(products.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = 200
        self.index.add(products)
        faiss.omp_set_num_threads(1)

    def ask(self, query, effort):
        self.index.hnsw.efSearch = effort
        return self.index.search(query[None], K)[1][0]


class FaissIvf:
    """Cells, four-bit codes compared many at once, and the best looked at exactly: the closest to what shopkeeper does."""

    efforts = CELLS

    def __init__(self, products):
        import faiss

        dims = products.shape[1]
        cells = int(4 * np.sqrt(len(products)))
        self.index = faiss.index_factory(dims, f"IVF{cells},PQ{dims // 2}x4fs,RFlat", faiss.METRIC_INNER_PRODUCT)
        self.index.train(products)
        self.index.add(products)
        self.base = faiss.downcast_index(self.index.base_index)
        faiss.omp_set_num_threads(1)

    def ask(self, query, effort):
        self.base.nprobe = effort
        self.index.k_factor = 10
        return self.index.search(query[None], K)[1][0]


class Usearch:
    def __init__(self, products):
        from usearch.index import Index

        self.index = Index(ndim=products.shape[1], metric="ip", dtype="f32", connectivity=16, expansion_add=200)
        self.index.add(np.arange(len(products)), products)

    def ask(self, query, effort):
        self.index.expansion_search = effort
        return self.index.search(query, K, threads=1).keys


class Scann:
    efforts = CELLS

    def __init__(self, products):
        import scann

        leaves = int(2 * np.sqrt(len(products)))
        builder = scann.scann_ops_pybind.builder(products, K, "dot_product")
        builder = builder.tree(num_leaves=leaves, num_leaves_to_search=leaves // 10, training_sample_size=min(len(products), 250_000))
        self.index = builder.score_ah(2, anisotropic_quantization_threshold=0.2).reorder(200).build()

    def ask(self, query, effort):
        return self.index.search(query, leaves_to_search=effort)[0]


ENGINES = {"hnswlib": Hnswlib, "faiss-hnsw": FaissHnsw, "faiss-ivf": FaissIvf, "usearch": Usearch, "scann": Scann}


def recall(engine, effort, products, queries, floors):
    """A product as near as the tenth is as good as the tenth: many have the same words."""
    found = 0
    for query, floor in zip(queries, floors):
        keys = np.asarray(engine.ask(query, effort), dtype=np.int64)
        keys = np.unique(keys[(keys >= 0) & (keys < len(products))])
        found += int(np.sum(products[keys] @ query >= floor - 1e-6))
    return found / (K * len(queries))


def speed(engine, effort, queries):
    began, turns = time.process_time(), 0
    while time.process_time() - began < 1.5:
        for query in queries:
            engine.ask(query, effort)
        turns += 1
    return turns * len(queries) / (time.process_time() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engines", default=",".join(ENGINES))
    args = parser.parse_args()
    products, queries = fvecs(args.folder / "products.fvecs"), fvecs(args.folder / "queries.fvecs")
    print(f"{len(products)} products, {len(queries)} queries, {products.shape[1]} elements")
    floors = [np.partition(products @ query, -K)[-K] for query in queries]
    for name in args.engines.split(","):
        began = time.process_time()
        try:
            engine = ENGINES[name](products)
        except ImportError as missing:
            print(f"{name}: {missing}, left out")
            continue
        print(f"{name}: built in {time.process_time() - began:.0f} s of processor time")
        for effort in getattr(engine, "efforts", WALKS):
            reached = recall(engine, effort, products, queries, floors)
            print(f"  effort {effort:4}: recall@{K} {reached:.3f}, {speed(engine, effort, queries):6.0f} queries a second")
            if reached >= RECALL_ENOUGH:
                break


if __name__ == "__main__":
    main()
