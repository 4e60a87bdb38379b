//! Words to a page of products: understand, match, rank, present.

pub mod columns;
pub mod facet;
pub mod fields;
pub mod filter;
pub mod request;

pub use columns::Columns;
pub use request::{Answer, FacetCounts, FacetValue, Hit, Mode, Request, SearchError, Sort};

#[cfg(test)]
mod testing;
