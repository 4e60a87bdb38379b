//! How much of the journal the next start would have to fold again, and when that is enough for a checkpoint.
//!
//! What a start costs beyond reading checkpoints is replay, and what replay costs goes with entries and with bytes: an order is three short
//! entries that are dear to fold, a product is one long entry that is dear to read, and one entry of behaviour may hold thousands of events. So
//! both are counted, from where the newest checkpoint ends: what a start has replayed counts until it is saved, or a process that dies early
//! every time would replay more every time.

use super::options::Options;

/// How long the replay of one stream is to take at most, in milliseconds, on a machine that replays as fast as the two constants below say.
pub const REPLAY_MS_MAX: u64 = 2_000;
/// Entries that are folded in a millisecond: orders are the dearest, three entries each (`cargo bench --bench trade`: replay).
const ENTRIES_PER_MS: u64 = 50;
/// Bytes of entries that are read and folded in a millisecond.
const BYTES_PER_MS: u64 = 32 << 10;
/// Entries without a checkpoint after which one is written.
pub(super) const CHECKPOINT_ENTRIES: u64 = REPLAY_MS_MAX * ENTRIES_PER_MS;
/// Bytes without a checkpoint after which one is written.
pub(super) const CHECKPOINT_BYTES: u64 = REPLAY_MS_MAX * BYTES_PER_MS;

/// What no checkpoint holds yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Debt {
    pub(super) entries: u64,
    pub(super) bytes: u64,
}

impl Debt {
    /// Entries that were appended or replayed.
    pub(super) fn add(&mut self, more: Self) {
        self.entries += more.entries;
        self.bytes += more.bytes;
    }

    /// One entry of so many bytes.
    pub(super) fn add_one(&mut self, bytes: u64) {
        self.add(Self { entries: 1, bytes });
    }

    /// Whether a checkpoint is due.
    pub(super) fn is_due(&self, options: &Options) -> bool {
        self.entries >= options.checkpoint_entries || self.bytes >= options.checkpoint_bytes
    }
}

/// What each checkpoint lacked when the shop was opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Debts {
    pub(super) trade: Debt,
    pub(super) catalog: Debt,
    pub(super) activity: Debt,
    /// Of the projections, over all streams.
    pub(super) projector: Debt,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_due_by_entries_or_by_bytes() {
        let options = Options { checkpoint_entries: 3, checkpoint_bytes: 100, ..Options::default() };
        let due = |entries: &[u64]| {
            let mut debt = Debt::default();
            entries.iter().for_each(|bytes| debt.add_one(*bytes));
            debt.is_due(&options)
        };
        assert!(!due(&[]));
        assert!(!due(&[49, 50]));
        assert!(due(&[1, 1, 1]), "three short ones");
        assert!(due(&[100]), "a long one");
    }
}
