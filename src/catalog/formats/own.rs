//! Our own tables of products (`catalog/tables/products.rs`): one row for each variant, the rows of a product one after another. Reading what was
//! written gives the same documents.
//!
//! A product one of whose rows is refused is refused whole: without that row it would lose a variant.

use super::products::ProductReader;
use super::records::{RawRow, Records};
use super::value::Value;
use super::{Reject, Row};
use crate::catalog::tables::fused;
use crate::catalog::{Offer, Product, Rating, Variant};
use crate::id::{ProductId, Sku};
use crate::money::{Currency, Money};
use crate::stdx::objects;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::str::FromStr;

/// Makes products of rows of ours.
pub(super) struct OwnReader {
    rows: ProductReader,
    currency: Currency,
    /// Whether texts may carry the apostrophe that keeps spreadsheets from running them.
    is_defused: bool,
    /// The product whose rows are being read.
    open: Option<Row<Product>>,
    /// The product that had a row refused.
    broken: Option<ProductId>,
}

impl OwnReader {
    pub(super) fn new(rows: ProductReader, currency: Currency, is_defused: bool) -> Self {
        Self { rows, currency, is_defused, open: None, broken: None }
    }

    /// The next product whose rows have all come.
    pub(super) fn next(&mut self, records: &mut Records) -> Option<Result<Row<Product>, Reject>> {
        loop {
            let whole = match records.read(&mut |row| self.part(row)) {
                Some(Ok(part)) => self.take_in(part),
                Some(Err(refused)) => return Some(Err(refused)),
                None => return self.open.take().map(|whole| self.admitted(whole)),
            };
            if let Some(whole) = whole {
                return Some(self.admitted(whole));
            }
        }
    }

    fn admitted(&mut self, Row { line, value }: Row<Product>) -> Result<Row<Product>, Reject> {
        self.rows.admitted(line, value).map(|value| Row { line, value })
    }

    /// Adds a row to the open product, or opens the next one and gives the former.
    fn take_in(&mut self, part: Row<Product>) -> Option<Row<Product>> {
        match &mut self.open {
            Some(open) if open.value.id == part.value.id => {
                open.value.variants.extend(part.value.variants);
                None
            }
            Some(_) | None => self.open.replace(part),
        }
    }

    /// One row as a product of one variant.
    fn part(&mut self, row: &RawRow<'_>) -> Result<Row<Product>, Reject> {
        let cells = Cells { row, is_defused: self.is_defused };
        let id: ProductId = cells.needed("id")?;
        if self.broken.as_ref() == Some(&id) {
            return Err(row.reject("id", "another row of this product is refused"));
        }
        self.product(&cells, id.clone()).map(|value| Row { line: row.line, value }).inspect_err(|_| {
            self.open.take_if(|open| open.value.id == id);
            self.broken = Some(id);
        })
    }

    fn product(&self, cells: &Cells<'_, '_>, id: ProductId) -> Result<Product, Reject> {
        let average: Option<f32> = cells.parsed("rating_average")?;
        let count: Option<u32> = cells.parsed("rating_count")?;
        Ok(Product {
            id,
            title: cells.text("title").ok_or_else(|| cells.row.reject("title", "is missing"))?.into_owned(),
            brand: cells.owned("brand"),
            description: cells.owned("description"),
            categories: cells.shaped("categories")?,
            attributes: cells.shaped("attributes")?,
            images: cells.shaped("images")?,
            url: cells.owned("url"),
            rating: average.map(|average| Rating { average, count: count.unwrap_or(1) }),
            popularity: cells.parsed("popularity")?,
            variants: vec![self.variant(cells)?],
        })
    }

    fn variant(&self, cells: &Cells<'_, '_>) -> Result<Variant, Reject> {
        let sku: Sku = cells.needed("sku")?;
        let mut offers: Vec<Offer> = self.plain_offer(cells)?.into_iter().collect();
        offers.extend(cells.shaped::<Vec<Offer>>("offers")?);
        let (gtins, attributes) = (cells.shaped("gtins")?, cells.shaped("variant_attributes")?);
        Ok(Variant { sku, title: cells.owned("variant_title"), gtins, mpn: cells.owned("mpn"), attributes, offers })
    }

    /// The general offer, which has columns of its own.
    fn plain_offer(&self, cells: &Cells<'_, '_>) -> Result<Option<Offer>, Reject> {
        let currency: Currency = match cells.text("currency") {
            Some(code) => Currency::known(&code).map_err(|error| cells.row.reject("currency", error.to_string()))?,
            None => self.currency,
        };
        let amount = |name: &str| {
            let read = |text: Cow<'_, str>| Money::from_decimal(&text, currency).map_err(|error| cells.row.reject(name, error.to_string()));
            cells.text(name).map(read).transpose()
        };
        let (price, list_price) = (amount("price")?, amount("list_price")?);
        Ok(price.map(|price| Offer { marketplace: None, price, list_price }))
    }
}

/// The cells of one row by the names of their columns.
struct Cells<'r, 'v> {
    row: &'r RawRow<'v>,
    is_defused: bool,
}

impl<'r> Cells<'r, '_> {
    /// A cell's text; none when it is blank.
    fn text(&self, name: &str) -> Option<Cow<'r, str>> {
        let (_, value) = self.row.fields.iter().find(|(known, _)| known == name)?;
        match value {
            Value::Text(text) if self.is_defused => fused(text).map(Cow::Borrowed),
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Whole(number) => Some(Cow::Owned(number.to_string())),
            Value::Fraction(number) => Some(Cow::Owned(number.to_string())),
            Value::Null | Value::Flag(_) | Value::List(_) | Value::Object(_) => None,
        }
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(Cow::into_owned)
    }

    fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Reject> {
        let read = |text: Cow<'_, str>| text.trim().parse().map_err(|_| self.row.reject(name, "is not a number that fits"));
        self.text(name).map(read).transpose()
    }

    /// A name, which has to be there.
    fn needed<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, Reject> {
        let text = self.text(name).ok_or_else(|| self.row.reject(name, "is missing"))?;
        text.parse().map_err(|error: T::Err| self.row.reject(name, error.to_string()))
    }

    /// What has a shape of its own: JSON, or nothing.
    fn shaped<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, Reject> {
        let Some(text) = self.text(name) else { return Ok(T::default()) };
        objects::from_slice(text.as_bytes()).map_err(|error| self.row.reject(name, format!("is not JSON of the right shape: {error}")))
    }
}
