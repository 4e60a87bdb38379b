//! Nearest neighbours: an HNSW graph (Malkov & Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical
//! navigable small world graphs", TPAMI 2020) built once into one mapped file and searched in place.
//!
//! `hnsw_rs` builds (`build.rs`, the only file that knows it), because inserting is the intricate part; but its graph lives in the heap,
//! takes seconds to load, answers filtered questions slowly and sometimes wrongly, and thins out where a catalogue is densest. So:
//!
//! 1. Equal vectors become one *node* with several ordinals: a shop has many products with the same words.
//! 2. The nodes are dealt out to two graphs, built at the same time, each by one thread in a fixed order: the result is the same on every
//!    machine and run, which one graph fed by two threads is not.
//! 3. `join.rs` finds for each node its neighbours in the other graph, chooses its final links among all candidates so that they point
//!    in different directions, and ties in whatever cannot be reached.
//! 4. `file.rs` writes arrays of fixed width, with each vector once more as bytes (`codes.rs`); `walk.rs` searches the links without
//!    allocating per hop; [`Graph`] decides between walking and scanning.
//!
//! Few vectors have no links at all: reading their codes from one end to the other takes no longer than a walk, and misses nothing.

mod among;
mod build;
mod codes;
mod file;
mod graph;
mod join;
mod layers;
mod walk;

pub use among::Among;
pub use build::{GraphOptions, build_graph};
pub use graph::{Graph, Plan};

#[cfg(test)]
mod tests;
