//! Experiments on search: some shoppers are answered in one way and some in another, and what they then do is compared.
//!
//! An experiment is a document of the catalogue stream, as rules and synonyms are. Its arms have whole-number shares; the first is the
//! control and changes nothing, each other one changes something of a closed vocabulary ([`Overrides`]): weights of ranking, the mode, parts
//! that are switched off, rules that do not hold, segments for which others do.
//!
//! ```text
//!  place of somebody = 64 bits of BLAKE3(BLAKE3(experiment) ‖ kind ‖ name)       the same for ever, independent between experiments
//!  arm = where the place, scaled to the sum of the shares, falls
//! ```
//!
//! Whoever has neither a shopper's name nor a visit's is answered as the control is, and not counted. A search that says itself what an
//! experiment varies is left out of it, whatever arm it would have had: so no arm loses more than another. Several experiments run at the
//! same time as long as no two vary the same thing. What comes of all this is counted in `signal::experiments`.

mod document;
mod overrides;
mod running;

pub use document::{ArmDocument, Experiment, ExperimentDocument, State};
pub use overrides::{Overrides, Part};
pub use running::{Enrolled, Experiments, Stated, Visitor};

/// Experiments that run at the same time.
pub const RUNNING_MAX: usize = 8;
/// Arms of one experiment, the control included.
pub const ARMS_MAX: usize = 8;

#[cfg(test)]
mod tests;
