//! Learned artefacts: embeddings and the nearest-neighbour graph.
