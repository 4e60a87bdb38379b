//! Products as tables: one row for each variant. Reading them again gives the same documents, byte for byte (`formats/own.rs`).
//!
//! What tells rows apart for people (`id`, `title`, `brand`) stands in every row; whatever else is the product's stands in its first one. What has a
//! shape of its own is JSON. A general offer that comes first stands in `price`, `list_price` and `currency`; all others in `offers`.

use super::{Cell, Column, Record, TakeRow};
use crate::catalog::{Offer, Product, Variant};
use serde::Serialize;
use std::io;

/// The columns of a table of products.
pub const PRODUCT_COLUMNS: [Column; 20] = [
    Column::text("id"),
    Column::text("title"),
    Column::text("brand"),
    Column::text("description"),
    Column::text("url"),
    Column::text("categories"),
    Column::text("images"),
    Column::text("attributes"),
    Column::float("rating_average"),
    Column::whole("rating_count"),
    Column::float("popularity"),
    Column::text("sku"),
    Column::text("variant_title"),
    Column::text("gtins"),
    Column::text("mpn"),
    Column::text("variant_attributes"),
    Column::text("price"),
    Column::text("list_price"),
    Column::text("currency"),
    Column::text("offers"),
];

/// One product's document, to be written to a table.
pub struct ProductRecord<D>(pub D);

impl<D: AsRef<[u8]>> Record for ProductRecord<D> {
    fn json(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend_from_slice(self.0.as_ref());
        Ok(())
    }

    fn rows(&self, take: &mut TakeRow<'_>) -> io::Result<()> {
        let product = Product::from_document(self.0.as_ref()).map_err(io::Error::other)?;
        let mut variants = product.variants.iter().enumerate();
        variants.try_for_each(|(index, variant)| take(row(&product, variant, index == 0)?))
    }
}

fn row(product: &Product, variant: &Variant, is_first: bool) -> io::Result<Vec<Cell>> {
    let shared = |cell: Cell| if is_first { cell } else { Cell::None };
    let rating = product.rating.filter(|_| is_first);
    let (offer, others) = plain_offer(&variant.offers);
    Ok(vec![
        Cell::Text(product.id.to_string()),
        Cell::Text(product.title.clone()),
        Cell::text(product.brand.clone()),
        shared(Cell::text(product.description.clone())),
        shared(Cell::text(product.url.clone())),
        shared(json(&product.categories, product.categories.is_empty())?),
        shared(json(&product.images, product.images.is_empty())?),
        shared(json(&product.attributes, product.attributes.is_empty())?),
        rating.map_or(Cell::None, |rating| Cell::Float(rating.average)),
        Cell::whole(rating.map(|rating| i64::from(rating.count))),
        shared(product.popularity.map_or(Cell::None, Cell::Float)),
        Cell::Text(variant.sku.to_string()),
        Cell::text(variant.title.clone()),
        json(&variant.gtins, variant.gtins.is_empty())?,
        Cell::text(variant.mpn.clone()),
        json(&variant.attributes, variant.attributes.is_empty())?,
        Cell::text(offer.map(|offer| offer.price.decimal())),
        Cell::text(offer.and_then(|offer| offer.list_price).map(|price| price.decimal())),
        Cell::text(offer.map(|offer| offer.price.currency.to_string())),
        json(others, others.is_empty())?,
    ])
}

/// The offer that fits the columns of one price, if it comes first, and all others.
fn plain_offer(offers: &[Offer]) -> (Option<&Offer>, &[Offer]) {
    let is_plain = |offer: &Offer| {
        let is_of_one_currency = offer.list_price.is_none_or(|list_price| list_price.currency == offer.price.currency);
        offer.marketplace.is_none() && is_of_one_currency
    };
    match offers.split_first() {
        Some((first, others)) if is_plain(first) => (Some(first), others),
        Some(_) | None => (None, offers),
    }
}

fn json<T: Serialize + ?Sized>(value: &T, is_empty: bool) -> io::Result<Cell> {
    if is_empty {
        return Ok(Cell::None);
    }
    Ok(Cell::Text(serde_json::to_string(value)?))
}
