//! Words to a page of products: understand, match, rank, present.

pub mod columns;
mod completions;
mod costed;
pub mod facet;
pub mod fields;
pub mod filter;
pub mod highlight;
pub mod index;
mod query_log;
pub mod request;
mod spelling;
pub mod suggest;
pub mod vocabulary;

pub use columns::Columns;
pub use request::{Answer, FacetCounts, FacetValue, Hit, Mode, Request, SearchError, Sort};
pub use suggest::{Suggestions, suggest};
pub use vocabulary::Vocabulary;

#[cfg(test)]
mod testing;
