//! Tables that are asked millions of times while something is built: their hash takes a third of the time of the standard library's.
//!
//! It is seeded anew in every process, so that a catalogue cannot be written to make it slow by somebody who knows the code alone; it does not
//! withstand whoever can time it, so tables that strangers fill while they wait keep the standard one.

/// A map.
pub type QuickMap<Key, Value> = foldhash::HashMap<Key, Value>;
