//! Lines of carts and orders as `/v1` shows them: with the shop's own name of the product, by which everything else knows it.

use crate::catalog::CatalogSnapshot;
use crate::event::trade::{Component, Line};
use crate::id::{LineId, Ordinal, ProductId, Sku};
use crate::money::Money;
use serde::Serialize;

#[derive(Serialize)]
pub(in crate::http) struct LineView<'a> {
    id: &'a LineId,
    sku: &'a Sku,
    product: Ordinal,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
    title: &'a str,
    quantity: i64,
    unit_price: Money,
    components: &'a [Component],
}

/// What was put into a cart, or bought.
pub(in crate::http) fn lines<'a>(lines: &'a [Line], catalog: &CatalogSnapshot) -> Vec<LineView<'a>> {
    let view = |Line { id, sku, product, title, quantity, unit_price, components }: &'a Line| LineView {
        id,
        sku,
        product: *product,
        product_id: catalog.id_of(*product),
        title,
        quantity: *quantity,
        unit_price: *unit_price,
        components,
    };
    lines.iter().map(view).collect()
}
