//! Which marketplaces a shop knows, so that a name typed wrongly is refused and not answered with the prices of everywhere else.

use crate::http::access::Caller;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::id::MarketplaceId;
use crate::search::Moment;
use std::collections::BTreeSet;

/// Names that a refusal shows.
const SHOWN_MAX: usize = 20;

/// Refuses a marketplace that neither the caller's key nor anything in the shop names: no offer, setting, price list, promotion or rule. A shop
/// that names none tells none apart, and takes any.
///
/// # Errors
/// Names those that there are.
pub(in crate::http) fn known(context: &Context, moment: &Moment, named: Option<&MarketplaceId>) -> Result<(), Problem> {
    let is_taken = |named: &MarketplaceId| moment.index.columns.has_offers_in(named) || Caller::current().is_bound_to(named);
    let Some(named) = named.filter(|named| !is_taken(named)) else { return Ok(()) };
    let trade = context.shop.readers().trade();
    let mut known: BTreeSet<&MarketplaceId> = moment.marketplaces();
    known.extend(trade.pricing().lists().filter_map(|book| book.list.marketplace.as_ref()));
    known.extend(trade.pricing().promotions().filter_map(|promotion| promotion.marketplace.as_ref()));
    if known.is_empty() || known.contains(named) {
        return Ok(());
    }
    let mut names: Vec<&str> = known.iter().take(SHOWN_MAX).map(|known| known.as_str()).collect();
    if known.len() > SHOWN_MAX {
        names.push("…");
    }
    Err(Problem::invalid(
        "marketplace",
        format!("no such marketplace; there are {}, and the shop's own when it is left out", names.join(", ")),
    ))
}
