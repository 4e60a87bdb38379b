//! All stock of one SKU: its locations, and how many units may be sold.

use super::Buckets;
use crate::event::trade::StockTerms;
use crate::id::{LocationId, Ordinal, Sku};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// The stock of one SKU at one location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationStock {
    /// Where.
    pub location: LocationId,
    /// How many.
    pub buckets: Buckets,
    /// What else is known, if anything is. In a box, because it seldom is and there are many rows.
    pub terms: Option<Box<StockTerms>>,
}

/// Two hundred locations of ten million SKUs are two billion rows: what a row takes is what a shop can have.
const ROW_BYTES_MAX: usize = 144;
const _: () = assert!(size_of::<LocationStock>() <= ROW_BYTES_MAX);

impl LocationStock {
    /// A location that has never stocked the SKU.
    pub(super) fn empty(location: LocationId) -> Self {
        Self { location, buckets: Buckets::default(), terms: None }
    }
}

/// All stock of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    /// What.
    pub sku: Sku,
    /// The product it is a variant of.
    pub product: Ordinal,
    /// Every location that ever stocked it, in order of name.
    pub locations: Vec<LocationStock>,
    /// Units available to sell: the sum of what each location may promise.
    pub available: i64,
    /// Units of those that are put aside for channels.
    pub escrowed: i64,
    /// When it is released by itself, while it is sold before its release.
    pub release_at: Option<Timestamp>,
}

impl StockRow {
    /// A SKU that nobody stocks yet.
    #[must_use]
    pub fn new(sku: Sku, product: Ordinal) -> Self {
        Self { sku, product, locations: Vec::new(), available: 0, escrowed: 0, release_at: None }
    }

    /// Units that may be sold to whoever buys through no channel with a quota.
    #[must_use]
    pub fn shared(&self) -> i64 {
        (self.available - self.escrowed).max(0)
    }

    fn place(&self, location: &LocationId) -> Result<usize, usize> {
        self.locations.binary_search_by(|stock| stock.location.cmp(location))
    }

    /// The buckets at `location`, if it ever stocked the SKU.
    #[must_use]
    pub fn at(&self, location: &LocationId) -> Option<&Buckets> {
        let place = self.place(location).ok()?;
        Some(&self.locations[place].buckets)
    }

    /// What else is known of the SKU at `location`.
    #[must_use]
    pub fn terms(&self, location: &LocationId) -> StockTerms {
        let place = self.place(location).ok();
        place.and_then(|place| self.locations[place].terms.as_deref()).copied().unwrap_or_default()
    }

    pub(super) fn at_mut(&mut self, location: &LocationId, is_closed: bool) -> &mut LocationStock {
        let place = self.place(location).unwrap_or_else(|place| {
            // A place that joins a SKU before its release sells under its terms too.
            let mut stock = LocationStock::empty(location.clone());
            stock.buckets = Buckets { is_closed, ..stock.buckets.with_preorder(self.release_at.is_some()) };
            self.locations.insert(place, stock);
            place
        });
        &mut self.locations[place]
    }
}
