//! Nearest neighbours: vectors sorted into cells of similar ones, and only the cells near a question are read.
//!
//! 1. Equal vectors become one *node* with several ordinals: a shop has many products with the same words.
//! 2. `cells.rs` finds centres by spherical k-means (Dhillon & Modha, Machine Learning 2001), coarse ones first and finer ones within each,
//!    and `build.rs`, the only file that knows `hnsw_rs`, links the centres into a graph (Malkov & Yashunin, "Efficient and robust approximate
//!    nearest neighbor search using hierarchical navigable small world graphs", TPAMI 2020). Every node goes to the nearest centre that a walk
//!    of this graph finds.
//! 3. `file.rs` writes nodes cell by cell, each once exactly and once as bytes (`codes.rs`), so that a cell is one run of memory.
//! 4. A question is compared with the codes of all centres, or walks their graph where there are very many (`route.rs`, `walk.rs`), reads the codes of the
//!    nearest cells from one end to the other, and compares exactly whom their bounds put among the nearest (`shortlist.rs`). [`Neighbours`]
//!    decides how much is read.
//!
//! This is the inverted file of Jégou, Douze & Schmid ("Product quantization for nearest neighbor search", TPAMI 2011) with a graph in front, as
//! in SPANN (Chen et al., NeurIPS 2021). A graph of all nodes answers as well, but takes half a millisecond to link each of them, and every step
//! of a walk through it waits for memory (`docs/decisions/0044-cells-before-graphs.md`). Few vectors have no cells at all: reading all codes takes no longer,
//! and misses nothing.

mod among;
mod build;
mod cells;
mod codes;
mod file;
mod layers;
mod neighbours;
mod route;
mod shortlist;
mod walk;

pub use among::Among;
pub use build::{Options, build};
pub use neighbours::{Neighbours, Plan};

#[cfg(test)]
mod tests;
