//! The catalogue: search, look-up of many, and everything about one product.

mod filter;
mod lookup;
mod product;
mod search;
mod shapes;

pub(super) use lookup::lookup;
pub(super) use product::product;
pub(super) use search::search;

use crate::catalog::CatalogSnapshot;
use crate::http::access::Caller;
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::id::{Ordinal, ProductId, Sku};

/// A SKU, else a product; none that the caller's key does not show.
///
/// # Errors
/// When what the key shows cannot be told.
fn resolve(context: &Context, catalog: &CatalogSnapshot, id: &str) -> Result<Option<(Ordinal, Option<Sku>)>, Problem> {
    let Ok(sku) = Sku::new(id) else { return Ok(None) };
    let found = match catalog.ordinal_of_sku(&sku) {
        Some(ordinal) => Some((ordinal, Some(sku))),
        None => ProductId::new(id).ok().and_then(|id| catalog.ordinal_of(&id)).map(|ordinal| (ordinal, None)),
    };
    let is_shown = found.as_ref().map_or(Ok(true), |(ordinal, _)| Caller::current().shows(context, *ordinal))?;
    Ok(found.filter(|_| is_shown))
}
