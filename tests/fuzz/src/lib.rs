//! What the fuzz targets share: a server in this process, what the HTTP scenarios do with it, and every place of the interface that takes bytes.

mod door;
mod entrances;
mod scenarios;
mod written;

pub use door::{Answer, Door};
pub use entrances::{Entrance, Place, all, escaped, place_of};
pub use scenarios::{Played, play};
pub use written::{checkpoints, entries};
