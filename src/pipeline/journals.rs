//! The three journals of a shop, opened together under one lock.

use super::feed::Feed;
use super::folders::Folders;
use super::replay::PipelineError;
use crate::event::Stream;
use crate::journal::disk::RealDisk;
use crate::journal::{DataLock, SegmentJournal};
use crate::stdx::bell::Bell;
use std::sync::Arc;

/// One for each stream, and the lock that keeps other processes away.
pub(super) struct Journals {
    pub(super) trade: SegmentJournal,
    pub(super) catalog: SegmentJournal,
    pub(super) activity: SegmentJournal,
    pub(super) lock: DataLock,
}

impl Journals {
    /// Opens them, cutting what nobody was promised.
    ///
    /// # Errors
    /// When another process has the shop open, or a journal is damaged before its end.
    pub(super) fn open(folders: &Folders) -> Result<Self, PipelineError> {
        let lock = DataLock::take(&folders.journal(), Arc::new(RealDisk))?;
        let open = |stream: Stream| {
            let journal = SegmentJournal::open(stream, crate::journal::Options::default(), &lock)
                .map_err(|error| PipelineError::Journal { stream: stream.name(), reason: error.to_string() })?;
            if let Some(cut) = &journal.recovery().cut {
                tracing::warn!(
                    stream = stream.name(),
                    ?cut,
                    "an unfinished write at the end of the journal was cut; nobody had been promised it"
                );
            }
            Ok::<_, PipelineError>(journal)
        };
        Ok(Self { trade: open(Stream::Trade)?, catalog: open(Stream::Catalog)?, activity: open(Stream::Activity)?, lock: lock.clone() })
    }

    /// The journals as followers read them, and what is rung when there is more to read.
    pub(super) fn feed(&self) -> (Arc<Bell>, Arc<Feed>) {
        let bell = Arc::new(Bell::default());
        let feed = Feed::new(self.trade.reader(), self.catalog.reader(), Arc::clone(&bell));
        (bell, Arc::new(feed.with_activity(self.activity.reader())))
    }
}
