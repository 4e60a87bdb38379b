//! Recommendations for every shopper whom the journal names, or for every product: as many answers at a time as keep all cores busy.

use super::recommended::{COLUMNS, Row};
use super::{ExportError, Report};
use crate::app::assortment::Shelves;
use crate::catalog::tables::{Layout, TableWriter};
use crate::id::{MarketplaceId, Ordinal, ShopperId};
use crate::model::taste::Taste;
use crate::pipeline::{BehaviourBounds, Feed, Readers, shoppers_after};
use crate::recommend::request::LIMIT_MAX;
use crate::recommend::{Kind, RecommendSnapshot, Request, recommend};
use crate::search::{Moment, Onlooker};
use crate::stdx::clock::Timestamp;
use rayon::prelude::*;
use std::io::Write;
use std::sync::Arc;

/// Answers made together: enough work for all cores, little enough to hold.
const CHUNK: usize = 2_048;
/// Answers made by one core with one reading of the filter.
const SHARE_MIN: usize = 64;
/// Shoppers whose names are held at a time: some 50 MB. Each time the activity stream is read once.
const SHOPPERS_MAX: usize = 500_000;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct RecommendationQuery {
    /// Which kind; see [`exported_kind`].
    pub kind: Kind,
    /// How they are written.
    pub layout: Layout,
    /// Products in each answer.
    pub limit: usize,
    /// A filter that every product passes.
    pub filter: String,
    /// Whose offers and prices hold.
    pub marketplace: Option<MarketplaceId>,
    /// Whether what is more general than the kind may fill a list up.
    pub fill: bool,
}

/// A kind that is made for all shoppers, or for all products.
///
/// # Errors
/// When there is none of that name; names the ones there are.
pub fn exported_kind(name: &str) -> Result<Kind, String> {
    let is_made = |kind: Kind| kind.is_about_products() || kind.is_about_shopper();
    Kind::named(name).filter(|kind| is_made(*kind)).ok_or_else(|| {
        let made = Kind::ALL.iter().filter(|(kind, _)| is_made(*kind));
        format!("kinds are {}", made.map(|(_, name)| *name).collect::<Vec<_>>().join(", "))
    })
}

/// How many answers were asked for, and how many products are in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecommendationCounts {
    /// Shoppers or products.
    pub subjects: u64,
    /// Products recommended to them.
    pub recommendations: u64,
}

/// Recommendations as of one moment.
pub struct RecommendationExport {
    query: RecommendationQuery,
    moment: Moment,
    tables: Arc<RecommendSnapshot>,
    taste: Arc<Option<Taste>>,
    now: Timestamp,
    feed: Arc<Feed>,
    /// Of the activity stream, when it is about shoppers.
    bounds: Option<BehaviourBounds>,
}

impl RecommendationExport {
    /// Checks what is asked for, and takes the moment.
    ///
    /// # Errors
    /// When a part of the query is wrong, the shop has no index yet, or the journal cannot be read.
    pub fn prepare(readers: &Readers, now: Timestamp, query: RecommendationQuery) -> Result<Self, ExportError> {
        if !(1..=LIMIT_MAX).contains(&query.limit) {
            return Err(ExportError::query("limit", format!("must be between 1 and {LIMIT_MAX}")));
        }
        let moment = readers.moment().ok_or_else(|| ExportError::query("kind", "the shop has no index"))?;
        let feed = Arc::clone(readers.feed());
        let bounds = query.kind.is_about_shopper().then(|| BehaviourBounds::of(&feed, true)).transpose()?;
        let export = Self { query, moment, tables: readers.recommend(), taste: readers.taste(), now, feed, bounds };
        // A filter with a fault is refused before anything is written.
        export.shelves()?;
        Ok(export)
    }

    /// Writes them.
    ///
    /// # Errors
    /// When the journal cannot be read, or `out` takes no more.
    pub fn write<W: Write + Send>(self, out: W, report: &mut Report<'_>) -> Result<(W, RecommendationCounts), ExportError> {
        let mut table = TableWriter::create(out, self.query.layout, &COLUMNS)?;
        let mut counts = RecommendationCounts::default();
        let total = match self.bounds {
            // As many as have a history now; who has none any more is among them, too.
            Some(_) => self.tables.histories_count() as u64,
            None => self.moment.catalog.products_count() as u64,
        };
        let mut take = |rows: Result<Vec<Row>, ExportError>, subjects: usize| -> Result<(), ExportError> {
            for row in rows? {
                counts.recommendations += row.len() as u64;
                table.write(&row)?;
            }
            counts.subjects += subjects as u64;
            report(counts.subjects, total.max(counts.subjects));
            Ok(())
        };
        match &self.bounds {
            Some(bounds) => self.each_shopper(bounds, &mut |these| take(self.made(these, Self::for_shopper), these.len()))?,
            None => {
                let products: Vec<Ordinal> = self.moment.catalog.live().collect();
                products.chunks(CHUNK).try_for_each(|these| take(self.made(these, Self::for_product), these.len()))?;
            }
        }
        Ok((table.finish()?, counts))
    }

    fn each_shopper(
        &self,
        bounds: &BehaviourBounds,
        take: &mut impl FnMut(&[ShopperId]) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let mut last: Option<ShopperId> = None;
        loop {
            let shoppers = shoppers_after(&self.feed, bounds, last.as_ref(), SHOPPERS_MAX)?;
            shoppers.chunks(CHUNK).try_for_each(&mut *take)?;
            if shoppers.len() < SHOPPERS_MAX {
                return Ok(());
            }
            last = shoppers.into_iter().next_back();
        }
    }

    fn shelves(&self) -> Result<Shelves<'_>, ExportError> {
        let onlooker = Onlooker { marketplace: self.query.marketplace.as_ref(), now: self.now };
        let shelves = Shelves::of(&self.moment, &self.query.filter, onlooker);
        Ok(shelves?.with_taste(Arc::clone(&self.taste)))
    }

    /// The rows of some subjects, in their order.
    fn made<T: Sync>(&self, subjects: &[T], make: impl Fn(&Self, &T, &Shelves<'_>) -> Option<Row> + Sync) -> Result<Vec<Row>, ExportError> {
        let shares = subjects.par_chunks(SHARE_MIN).map(|share| {
            let shelves = self.shelves()?;
            Ok(share.iter().filter_map(|subject| make(self, subject, &shelves)).collect::<Vec<Row>>())
        });
        Ok(shares.collect::<Result<Vec<_>, ExportError>>()?.concat())
    }

    fn for_shopper(&self, shopper: &ShopperId, shelves: &Shelves<'_>) -> Option<Row> {
        self.row(shopper.to_string(), &Request { shopper: Some(shopper.clone()), ..self.request() }, shelves)
    }

    fn for_product(&self, product: &Ordinal, shelves: &Shelves<'_>) -> Option<Row> {
        let name = self.moment.catalog.id_of(*product)?.to_string();
        self.row(name, &Request { products: vec![*product], ..self.request() }, shelves)
    }

    fn request(&self) -> Request {
        Request { fill: self.query.fill, ..Request::of(self.query.kind, self.query.limit) }
    }

    /// None when there is nothing to recommend.
    fn row(&self, subject: String, request: &Request, shelves: &Shelves<'_>) -> Option<Row> {
        let found = recommend(&self.tables, &self.moment.signals, request, shelves);
        let row = Row::of(self.query.kind, subject, &found, &self.moment.catalog);
        (row.len() > 0).then_some(row)
    }
}
