//! What the shop holds, for other systems: products, orders, behaviour and recommendations as of one moment, written as they are read and never held whole.
//!
//! Who somebody is leaves the shop only when it is asked for: without [`ExportQuery::is_personal`] an order has neither buyer nor address, and
//! behaviour neither shopper nor visit (`docs/decisions/0045-what-leaves-the-shop-and-what-comes-by-itself.md`).

mod behaviour;
mod orders;
mod recommendations;
mod recommended;

pub use recommendations::{RecommendationExport, RecommendationQuery, exported_kind};

use crate::catalog::CatalogSnapshot;
use crate::catalog::tables::{Layout, PRODUCT_COLUMNS, ProductRecord, TableWriter};
use crate::id::{Ordinal, ProductId};
use crate::pipeline::{FeedError, Readers};
use crate::search::SearchError;
use crate::stdx::clock::Timestamp;
use behaviour::BehaviourExport;
use orders::OrderExport;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

/// Records between two reports.
const REPORT_EVERY: u64 = 1_000;

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Documents of products, in the order of their making.
    Products,
    /// Placed orders, the oldest first.
    Orders,
    /// What shoppers did, in the order of the journal.
    Events,
}

impl Subject {
    /// Its name in addresses and of files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Orders => "orders",
            Self::Events => "events",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportQuery {
    /// What.
    pub subject: Subject,
    /// How it is written.
    pub layout: Layout,
    /// Orders placed, and behaviour that happened, at this time or later.
    pub since: Option<Timestamp>,
    /// The same, before this time.
    pub until: Option<Timestamp>,
    /// What comes after this: the `id` of a product, the `number` of an order, the `offset` of an event.
    pub after: Option<String>,
    /// Whether it says who somebody is.
    pub is_personal: bool,
}

/// Why something cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A part of the query.
    #[error("{field}: {reason}")]
    Query {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The journal.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// Whoever takes it, or what is taken.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<SearchError> for ExportError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Invalid { field, reason } => Self::Query { field, reason },
            SearchError::Index(_) => Self::Io(io::Error::other(error)),
        }
    }
}

impl ExportError {
    fn query(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Query { field, reason: reason.into() }
    }
}

/// Told how many records are done, and of about how many.
pub(super) type Report<'a> = dyn FnMut(u64, u64) + 'a;

/// Something to be exported, as it is at this moment: what changes while it is written is not in it.
pub struct Export {
    layout: Layout,
    content: Content,
}

enum Content {
    Products { catalog: Arc<CatalogSnapshot>, from: Ordinal },
    Orders(OrderExport),
    Behaviour(BehaviourExport),
}

impl Export {
    /// Checks what is asked for, and takes the moment.
    ///
    /// # Errors
    /// When a part of the query names what there is not.
    pub fn prepare(readers: &Readers, query: &ExportQuery) -> Result<Self, ExportError> {
        if query.since.zip(query.until).is_some_and(|(since, until)| since > until) {
            return Err(ExportError::query("until", "lies before since"));
        }
        let content = match query.subject {
            Subject::Products => {
                let catalog = readers.catalog();
                Content::Products { from: first_ordinal(&catalog, query)?, catalog }
            }
            Subject::Orders => Content::Orders(OrderExport::prepare(readers, query)?),
            Subject::Events => Content::Behaviour(BehaviourExport::prepare(readers, query)?),
        };
        Ok(Self { layout: query.layout, content })
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the journal cannot be read, or `out` takes no more.
    pub fn write<W: Write + Send>(self, out: W, report: &mut Report<'_>) -> Result<W, ExportError> {
        match self.content {
            Content::Products { catalog, from } => Ok(write_products(&catalog, from, self.layout, out, report)?),
            Content::Orders(orders) => Ok(orders.write(self.layout, out, report)?),
            Content::Behaviour(behaviour) => behaviour.write(self.layout, out, report),
        }
    }
}

fn first_ordinal(catalog: &CatalogSnapshot, query: &ExportQuery) -> Result<Ordinal, ExportError> {
    let unknown = || ExportError::query("after", "is the id of no product that the shop ever had");
    for (field, moment) in [("since", query.since), ("until", query.until)] {
        if moment.is_some() {
            return Err(ExportError::query(field, "products are exported as they are now"));
        }
    }
    let Some(after) = &query.after else { return Ok(Ordinal(0)) };
    let last = ProductId::new(after).ok().and_then(|id| catalog.ordinal_ever(&id)).ok_or_else(unknown)?;
    Ok(Ordinal(last.0.saturating_add(1)))
}

fn write_products<W: Write + Send>(
    catalog: &CatalogSnapshot,
    from: Ordinal,
    layout: Layout,
    out: W,
    report: &mut Report<'_>,
) -> io::Result<W> {
    let mut table = TableWriter::create(out, layout, &PRODUCT_COLUMNS)?;
    let total = catalog.products_count() as u64;
    let ordinals = (from.0..catalog.ordinals_end().0).map(Ordinal);
    for (done, document) in (1..).zip(ordinals.filter_map(|ordinal| catalog.document(ordinal))) {
        table.write(&ProductRecord(document))?;
        if done % REPORT_EVERY == 0 {
            report(done, total);
        }
    }
    table.finish()
}

/// The number that `after` holds.
fn number_after<T: FromStr>(query: &ExportQuery, what: &str) -> Result<Option<T>, ExportError> {
    let read = |text: &String| text.parse().map_err(|_| ExportError::query("after", format!("take the {what} of the last one")));
    query.after.as_ref().map(read).transpose()
}
