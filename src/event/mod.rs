//! The closed vocabulary of what can happen in a shop, its codec, and what a projection of it is.
//!
//! Every fact enters through a journal as an [`Entry`] of one of three streams; everything else the process knows is a fold over them.

pub mod access;
pub mod activity;
pub mod catalog;
pub mod codec;
pub mod dormant;
pub mod roll;
pub mod sealed;
pub mod trade;
pub mod used_keys;

pub use access::AccessEvent;
pub use activity::{ActivityEvent, Behaviour, Origin};
pub use catalog::{CatalogEvent, Document, SettingKind};
pub use trade::TradeEvent;

use crate::id::Offset;
use crate::stdx::clock::Timestamp;
use crate::stdx::words::{WordReader, WordWriter};
use serde::{Deserialize, Serialize};

/// How long the key of a write is remembered, in event time and in every stream: a day.
pub const KEY_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// The three journal streams, each with its own offsets, durability and retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Carts, orders, payments and stock; synced before the answer; kept.
    Trade,
    /// Product documents, merchandising rules and synonyms; synced before the answer; kept.
    Catalog,
    /// Impressions, views, clicks, purchases; synced at least every 100 ms; kept 90 days.
    Activity,
}

impl Stream {
    /// All streams, in the order in which they are replayed: later ones name what earlier ones introduced.
    pub const ALL: [Self; 3] = [Self::Catalog, Self::Trade, Self::Activity];

    /// The stream's name, as in folder names, metrics and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Catalog => "catalog",
            Self::Activity => "activity",
        }
    }
}

/// What one command made happen: the unit that is kept whole or not at all. One entry is one journal record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry<E> {
    /// When the pipeline took the command.
    pub at: Timestamp,
    /// What happened, in order. Never empty.
    pub events: Vec<E>,
}

/// The events of one entry, of whichever stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Events {
    /// Of [`Stream::Trade`].
    Trade(Vec<TradeEvent>),
    /// Of [`Stream::Catalog`].
    Catalog(Vec<CatalogEvent>),
    /// Of [`Stream::Activity`].
    Activity(Vec<ActivityEvent>),
}

/// A durable entry and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its offset in its stream.
    pub offset: Offset,
    /// When the pipeline took the command.
    pub at: Timestamp,
    /// What happened.
    pub events: Events,
}

impl Recorded {
    /// The stream that the entry belongs to.
    #[must_use]
    pub fn stream(&self) -> Stream {
        match self.events {
            Events::Trade(_) => Stream::Trade,
            Events::Catalog(_) => Stream::Catalog,
            Events::Activity(_) => Stream::Activity,
        }
    }
}

/// How far something has folded, in each stream: the end offsets (the next offset to apply).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Next offset of the trade stream.
    pub trade: Offset,
    /// Next offset of the catalog stream.
    pub catalog: Offset,
    /// Next offset of the activity stream.
    pub activity: Offset,
}

impl Progress {
    /// The next offset to apply of `stream`.
    #[must_use]
    pub fn of(&self, stream: Stream) -> Offset {
        match stream {
            Stream::Trade => self.trade,
            Stream::Catalog => self.catalog,
            Stream::Activity => self.activity,
        }
    }

    /// Appends it to a checkpoint's words.
    pub fn write(&self, out: &mut WordWriter) {
        [self.trade, self.catalog, self.activity].iter().for_each(|end| out.unsigned(end.0));
    }

    /// What [`Progress::write`] wrote; none when there are no more words.
    pub fn read(from: &mut WordReader<'_>) -> Option<Self> {
        let [trade, catalog, activity] = [from.unsigned()?, from.unsigned()?, from.unsigned()?].map(Offset);
        Some(Self { trade, catalog, activity })
    }

    /// Records that `stream` is folded up to, not including, `end`.
    pub fn advance(&mut self, stream: Stream, end: Offset) {
        match stream {
            Stream::Trade => self.trade = end,
            Stream::Catalog => self.catalog = end,
            Stream::Activity => self.activity = end,
        }
    }
}

/// A fold over the journal that readers see as published snapshots.
///
/// Live and replay run the same code: the same entries in the same order per stream give the same state, whatever the wall clock says.
pub trait Projection {
    /// Folds one entry. Entries of one stream come in offset order; an entry below [`Projection::progress`] must be ignored.
    fn apply(&mut self, recorded: &Recorded);

    /// Makes everything applied so far visible to readers.
    fn publish(&mut self);

    /// What has been folded so far.
    fn progress(&self) -> Progress;
}
