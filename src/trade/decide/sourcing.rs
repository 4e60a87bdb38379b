//! Which locations serve what is bought.

use crate::cart::demand;
use crate::event::trade::{Address, Line, Units};
use crate::fulfilment::source;
use crate::id::Sku;
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;

/// The units that serve `lines` when the goods go to `address` (none when it is not known yet), chosen from what every location may promise
/// at `now`. One row per SKU and location.
///
/// # Errors
/// [`Rejection::OutOfStock`] when all locations together cannot promise enough of a SKU.
pub(super) fn sourced(state: &State, lines: &[Line], _address: Option<&Address>, _now: Timestamp) -> Result<Vec<Units>, Rejection> {
    let sellable = |sku: &Sku| state.stock_of(sku).iter().map(|stock| (&stock.location, stock.buckets.sellable()));
    source(&demand(lines), sellable).map_err(|short| Rejection::OutOfStock {
        sku: short.sku,
        requested: short.requested,
        available: short.available,
    })
}
