//! The journal as followers read it: durable entries only, from any offset, while the writers go on and never know.

use crate::event::{Recorded, Stream, codec};
use crate::id::Offset;
use crate::journal::{JournalError, JournalReader};
use crate::stdx::bell::Bell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// Why a stream cannot be followed from there.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The offset was removed by retention.
    #[error("offset {} is no longer kept; the stream starts at {}", from.0, start.0)]
    Discarded {
        /// What was asked for.
        from: Offset,
        /// The first offset kept.
        start: Offset,
    },
    /// The offset lies beyond the stream's end.
    #[error("offset {} is beyond the stream's end {}", from.0, end.0)]
    Beyond {
        /// What was asked for.
        from: Offset,
        /// The offset that the next record will get.
        end: Offset,
    },
    /// The stream is not one that others may follow.
    #[error("the {0} stream is not told to others")]
    Private(&'static str),
    /// The journal cannot be read.
    #[error("the {stream} journal: {reason}")]
    Journal {
        /// Which stream.
        stream: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// A visitor of entries: the entry, and how many bytes it is in the journal. `Break` ends the reading after it.
pub type Follow<'a> = dyn FnMut(Recorded, usize) -> ControlFlow<()> + 'a;

/// Reads the trade and catalog streams. Activity is what people did, not what happened to the shop: it is nobody else's.
#[derive(Debug)]
pub struct Feed {
    trade: JournalReader,
    catalog: JournalReader,
    /// Read for the person that it is about, and for nobody else.
    activity: Option<JournalReader>,
    bell: Arc<Bell>,
}

impl Feed {
    /// Over readers of the two streams; `bell` is rung whenever something has become durable.
    #[must_use]
    pub fn new(trade: JournalReader, catalog: JournalReader, bell: Arc<Bell>) -> Self {
        Self { trade, catalog, activity: None, bell }
    }

    /// The same with the stream that is told to nobody.
    pub(super) fn with_activity(self, activity: JournalReader) -> Self {
        Self { activity: Some(activity), ..self }
    }

    pub(super) fn activity(&self) -> Option<&JournalReader> {
        self.activity.as_ref()
    }

    fn reader(&self, stream: Stream) -> Result<&JournalReader, FeedError> {
        match stream {
            Stream::Trade => Ok(&self.trade),
            Stream::Catalog => Ok(&self.catalog),
            Stream::Activity => Err(FeedError::Private(stream.name())),
        }
    }

    /// The first offset that is kept, and the one after the last durable entry.
    ///
    /// # Errors
    /// When the stream is not one that others may follow.
    pub fn bounds(&self, stream: Stream) -> Result<(Offset, Offset), FeedError> {
        self.reader(stream).map(|reader| (reader.start(), reader.durable_end()))
    }

    /// Visits the durable entries of `stream` from `from` on; gives the offset after the last one visited.
    ///
    /// # Errors
    /// When `from` lies outside the stream, or the journal cannot be read.
    pub fn read(&self, stream: Stream, from: Offset, visit: &mut Follow<'_>) -> Result<Offset, FeedError> {
        let mut damaged = None;
        let read = self.reader(stream)?.read(from, &mut |offset, bytes| match codec::decode(stream, offset, bytes) {
            Ok(recorded) => visit(recorded, bytes.len()),
            Err(error) => {
                damaged = Some(format!("record {}: {error}", offset.0));
                ControlFlow::Break(())
            }
        });
        match (read, damaged) {
            (Ok(next), None) => Ok(next),
            (Ok(_), Some(reason)) => Err(FeedError::Journal { stream: stream.name(), reason }),
            (Err(error), _) => Err(told(stream, &error)),
        }
    }

    /// How often something has become durable; to be taken before looking, and handed to [`Feed::wait_past`].
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.bell.rings()
    }

    /// Waits until something has become durable since `seen`, or for `patience`.
    pub fn wait_past(&self, seen: u64, patience: Duration) -> u64 {
        self.bell.wait_past(seen, patience)
    }

    /// Wakes everybody who waits, so that they can see that the shop is closing.
    pub fn wake(&self) {
        self.bell.ring();
    }
}

fn told(stream: Stream, error: &JournalError) -> FeedError {
    match error {
        JournalError::Discarded { from, start } => FeedError::Discarded { from: *from, start: *start },
        JournalError::Beyond { from, end } => FeedError::Beyond { from: *from, end: *end },
        JournalError::Io { .. } | JournalError::Damaged { .. } | JournalError::Lock(_) => {
            FeedError::Journal { stream: stream.name(), reason: error.to_string() }
        }
    }
}
