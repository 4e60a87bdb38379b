//! From a request to a page of products: the kind's own tables first, then ever more general ones, until the page is full.
//!
//! ```text
//!  request ─► asked: history, roots, categories near them
//!                 │
//!  stages(kind) ──► candidates ──► page: eligible, not taken, varied ──► slots: pins, exploration ──► answer
//!                        └─ ties (own, inherited), derived, sources of a shopper, content, trending, popular, everything
//! ```
//!
//! Nothing is filtered after it was ranked: each candidate is tried as it comes, and the last stage goes through all that passes the filter.

mod asked;
mod audience;
mod derived;
mod diversity;
mod general;
mod inherit;
mod page;
mod shopper;
mod slots;
mod stage;
mod ties;

pub use audience::{Audience, Reached, SHOPPERS_MAX, audience};

use super::assortment::Assortment;
use super::reason::Recommendation;
use super::request::Request;
use super::snapshot::RecommendSnapshot;
use crate::signal::SignalTable;
use asked::Asked;
use page::Page;
use slots::Slots;
use stage::stages;

/// Answers a request.
///
/// Nothing but what the assortment calls eligible is answered (a pin may insist), never a product that the request is about or shuts out,
/// and none twice. If `n` other products are eligible, `min(n, limit)` are answered, unless the request wants nothing but its own kind.
#[must_use]
pub fn recommend(
    snapshot: &RecommendSnapshot,
    signals: &SignalTable,
    request: &Request,
    assortment: &dyn Assortment,
) -> Vec<Recommendation> {
    let asked = Asked::of(snapshot, signals, request, assortment);
    let slots = Slots::of(&asked);
    let mut page = Page::new(&asked, &slots);
    let (stages, own_count) = stages(request.kind);
    let stages = if request.fill { stages } else { &stages[..own_count] };
    for (place, &stage) in stages.iter().enumerate() {
        if page.is_full() {
            break;
        }
        page.fill(asked.candidates(stage, &page), stages.len() - place);
    }
    slots.lay_out(page.finish(), signals, request.seed)
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
