//! What the standard library lacks: time as an argument, published snapshots, copy-on-write arrays and tables, records changed in place under
//! their readers, top-k, mapped files, arrays packed into them, lists remembered, dot products as wide as the processor, hints about memory.
//!
//! The only module that may contain `unsafe`, and the only home of `memmap2`.

pub mod base32;
pub mod base64;
pub mod before;
pub mod bell;
pub mod cells;
pub mod chunked;
pub mod clock;
pub mod crypto;
pub mod digest;
pub mod hints;
pub mod mapped;
pub mod memo;
pub mod objects;
pub mod open_files;
pub mod packed;
mod pages;
pub mod percent;
mod piece;
pub mod prefetch;
pub mod private_file;
pub mod probe;
pub mod published;
pub mod quick;
pub mod ranges;
pub mod remembered;
pub mod resident;
pub mod rice;
pub mod section;
pub mod signing;
pub mod simd;
pub mod slab;
pub mod table;
pub mod topk;
pub mod words;
