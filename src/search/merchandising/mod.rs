//! What merchants ask of a search: rules that pin, boost, bury, hide, redirect, show a banner or replace the query, and synonyms.
//!
//! ```text
//!  catalog stream ──► documents ──read──► Settings (rules indexed by what they wait for, synonyms by their first words)
//!                                              │ published with every change
//!  request ──► synonyms join the query's words ◄┤
//!              rules in force ◄────────────────┘ ──► hidden products leave the match set, pinned ones join it
//!                                                ──► Adjustments: places of pinned products, factors of boosted and buried ones
//! ```
//!
//! What is hidden and what joins is settled before filters, facets and totals, and is the same for every page, sort and facet, so rules
//! never make a count wrong (invariant 12). Places and factors only order: they hold when the order is relevance.
//!
//! Read in this order: `rule` (the document), `book` (which rules are in force), `effect` (what they do to a match set), `synonyms`,
//! `preview`.

mod book;
mod effect;
mod preview;
mod rule;
mod settings;
mod synonyms;

pub use book::InForce;
pub(super) use effect::take_out;
pub use effect::{Adjustments, Banner, Merchandised, Redirect, ReplacedQuery, Stage};
pub use preview::{Effect, Moved, preview, warnings};
pub(super) use rule::is_default;
pub use rule::{Fault, PINS_MAX, Rule, RuleDocument};
pub use settings::Settings;
pub use synonyms::{Synonym, SynonymDocument, Synonyms, UsedSynonym};

#[cfg(test)]
mod reading_tests;
#[cfg(test)]
mod tests;
