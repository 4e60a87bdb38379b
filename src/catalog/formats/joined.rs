//! Rows that tell of one product in several categories: shops that list a desk under tables and under bookcases write it twice, and the second row says
//! nothing else. Such rows are one product of both categories; rows of one name that differ in more contradict each other, and the later one is refused.
//!
//! A product is given out once so many others have come, so rows may lie apart; what repeats farther away is refused as before.

use super::products::ProductReader;
use super::records::Records;
use super::{Omissions, Reject, Row};
use crate::catalog::Product;
use std::collections::{HashMap, VecDeque};

/// Products that wait for further rows, and bytes of them, about.
const WAITING_MAX: usize = 16_384;
const WAITING_BYTES_MAX: usize = 64 << 20;
/// Categories of one product; a row that adds more is refused.
const PATHS_MAX: usize = 16;

/// Makes products of rows, those of one product joined.
pub(super) struct JoinedReader {
    rows: ProductReader,
    omissions: Omissions,
    waiting: VecDeque<Row<Product>>,
    /// Where each waits, counted from the first product of the file.
    places: HashMap<String, usize>,
    given_count: usize,
    waiting_bytes: usize,
}

impl JoinedReader {
    pub(super) fn new(rows: ProductReader, omissions: Omissions) -> Self {
        Self { rows, omissions, waiting: VecDeque::new(), places: HashMap::new(), given_count: 0, waiting_bytes: 0 }
    }

    /// The next product.
    pub(super) fn next(&mut self, records: &mut Records) -> Option<Result<Row<Product>, Reject>> {
        while self.waiting.len() < WAITING_MAX && self.waiting_bytes < WAITING_BYTES_MAX {
            match records.read(&mut |raw| Ok(Row { line: raw.line, value: self.rows.made(raw)? })) {
                Some(Ok(row)) => {
                    if let Err(refused) = self.take(row) {
                        return Some(Err(refused));
                    }
                }
                Some(Err(refused)) => return Some(Err(refused)),
                None => break,
            }
        }
        let row = self.waiting.pop_front()?;
        self.places.remove(row.value.id.as_str());
        self.given_count += 1;
        // Categories that were added weigh nothing.
        self.waiting_bytes = self.waiting_bytes.saturating_sub(weight(&row.value));
        Some(Ok(row))
    }

    fn take(&mut self, Row { line, value }: Row<Product>) -> Result<(), Reject> {
        let known = self.places.get(value.id.as_str()).map(|place| place - self.given_count);
        if let Some(known) = known.and_then(|place| self.waiting.get_mut(place))
            && join(&mut known.value, &value)
        {
            self.omissions.add_joined();
            return Ok(());
        }
        let value = self.rows.admitted(line, value)?;
        self.places.insert(value.id.as_str().to_owned(), self.given_count + self.waiting.len());
        self.waiting_bytes += weight(&value);
        self.waiting.push_back(Row { line, value });
        Ok(())
    }
}

/// Bytes of a product, about: what makes one long are its description, its attributes and its variants.
fn weight(product: &Product) -> usize {
    const EACH: usize = 256;
    let several = product.attributes.len() + product.images.len() + product.variants.len();
    product.title.len() + product.description.as_ref().map_or(0, String::len) + EACH * (1 + several)
}

/// Adds the categories of a product that is another row's in all else; says whether it is.
fn join(known: &mut Product, again: &Product) -> bool {
    let further: Vec<_> = again.categories.iter().filter(|path| !known.categories.contains(path)).cloned().collect();
    if further.is_empty() || known.categories.len() + further.len() > PATHS_MAX {
        return false;
    }
    let categories = std::mem::take(&mut known.categories);
    let is_one = Product { categories: Vec::new(), ..again.clone() } == *known;
    known.categories = categories;
    if is_one {
        known.categories.extend(further);
    }
    is_one
}
