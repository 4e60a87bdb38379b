//! Feeds that the shop polls: a file at an address or on this machine, looked at again and again, and taken whenever it has changed.
//!
//! ```text
//!  due, or asked ──► fetch (ETag, size, deadlines) ──► same as before? ──► rows through the importer ──► remembered
//!      ▲                 address checked, to a file        nothing to do       one feed at a time           one small file
//!      └──── interval, or a longer and longer pause after failures ◄────────────────────────────────────────────┘
//! ```
//!
//! Each feed has a thread and a memory of its own, so that none waits for another's server. What was fetched is brought in by a [`Taker`], which
//! knows the shop; nothing here does. What is remembered is written after the rows were taken, so a crash in between takes them once more, and
//! rows that change nothing leave no trace (`docs/decisions/0045-what-leaves-the-shop-and-what-comes-by-itself.md`).

mod desk;
mod fetch;
mod memory;
mod runner;

pub use desk::{Feeds, Options, Status};
pub use memory::{Outcome, Run, Taken};

use crate::catalog::formats::{Encoding, Format};
use crate::money::Currency;
use crate::text::Language;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Feeds of a shop: each has a thread.
pub const FEEDS_MAX: usize = 64;
/// The shortest time between two looks at a feed: a server that is asked more often takes it for an attack.
pub const INTERVAL_MIN: Duration = Duration::from_secs(60);
/// The longest, so that a typing error is not a feed that is never looked at.
pub const INTERVAL_MAX: Duration = Duration::from_secs(30 * 24 * 3_600);

/// What the rows of a feed are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// Products.
    #[default]
    Products,
    /// Stock counts.
    Stock,
}

impl FeedKind {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Stock => "stock",
        }
    }
}

/// Where a feed is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// At an address of the web.
    Web(String),
    /// On this machine.
    File(PathBuf),
}

impl Source {
    /// It as people may see it: an address without its query, in which passwords are found.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Web(url) => url.split(['?', '#']).next().unwrap_or_default().to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// What an operator says of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its name: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// Where it is.
    pub source: Source,
    /// What its rows are.
    pub kind: FeedKind,
    /// How they are written.
    pub format: Format,
    /// In which encoding its text is, where that is not to be recognised.
    pub encoding: Option<Encoding>,
    /// What its columns mean, where their names do not tell.
    pub map: Option<PathBuf>,
    /// The language that counts where it has texts in several.
    pub language: Language,
    /// The currency of prices that do not name theirs.
    pub currency: Currency,
    /// How long after one look the next is due.
    pub interval: Duration,
    /// The file that holds the token which is shown to the server, if it wants one.
    pub token_file: Option<PathBuf>,
    /// The longest file that is taken.
    pub bytes_max: u64,
    /// Whether products that are no longer in it are taken off sale: the share of them, in percent, that may go at once.
    pub delist_percent_max: Option<u8>,
}

/// Brings what was fetched into the shop.
pub trait Taker: Send + Sync {
    /// Takes the rows of `file`; ends early, with an error, when `is_wanted` says no. It may take minutes.
    ///
    /// # Errors
    /// Why it could not be taken, for people.
    fn take(&self, feed: &Settings, file: &Path, is_wanted: &dyn Fn() -> bool) -> Result<Taken, String>;
}
