//! Limits of the pipeline.

use super::balances::BALANCES_EVERY_MS;
use super::debt::{CHECKPOINT_BYTES, CHECKPOINT_ENTRIES};
use crate::search::Languages;
use crate::trade;
use std::sync::Arc;

/// Queue lengths, batch sizes and intervals.
#[derive(Debug, Clone)]
pub struct Options {
    /// Commands that may wait for the trade writer; more are told to come back.
    pub trade_queue_len_max: usize,
    /// Batches of product commands that may wait for the catalog writer.
    pub catalog_queue_len_max: usize,
    /// Batches of behaviour that may wait for the activity writer.
    pub activity_queue_len_max: usize,
    /// Commands decided before one sync.
    pub batch_len_max: usize,
    /// Durable batches that may wait for the projector or the indexer before the writers wait for them.
    pub projection_queue_len_max: usize,
    /// Questions that may wait to be asked of one payment provider; more are asked later.
    pub payments_in_flight_max: usize,
    /// Questions that are asked of one payment provider at the same time, each on a thread that is made for it.
    pub payment_questions_at_once: usize,
    /// How long completing a checkout session waits for the provider before answering `complete_in_progress`.
    pub payment_wait_ms: u64,
    /// Behaviour is synced at least this often.
    pub activity_sync_ms: u64,
    /// Catalogue changes become visible to search at least this often.
    pub index_commit_ms: u64,
    /// How often the trade writer lets time pass when nothing is asked of it.
    pub trade_tick_ms: u64,
    /// Entries folded since the last checkpoint after which the next one is written.
    pub checkpoint_entries: u64,
    /// Bytes of entries folded since the last checkpoint after which the next one is written, however few entries they are.
    pub checkpoint_bytes: u64,
    /// How long after one look through all balances the next one begins, in milliseconds.
    pub balances_every_ms: u64,
    /// Which language each marketplace reads.
    pub languages: Arc<Languages>,
    /// What the trade engine goes by.
    pub trade: trade::Options,
    /// Products changed since the generation after which a new one is built when a shop is opened.
    pub rebuild_when_changed: u64,
    /// Whether one is built and promoted of its own accord while the shop is open, when enough has changed.
    pub rebuilds_index: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trade_queue_len_max: 16_384,
            catalog_queue_len_max: 64,
            activity_queue_len_max: 4_096,
            batch_len_max: 4_096,
            projection_queue_len_max: 1_024,
            payments_in_flight_max: 16_384,
            payment_questions_at_once: 64,
            payment_wait_ms: 10_000,
            activity_sync_ms: 50,
            index_commit_ms: 150,
            trade_tick_ms: 100,
            checkpoint_entries: CHECKPOINT_ENTRIES,
            checkpoint_bytes: CHECKPOINT_BYTES,
            balances_every_ms: BALANCES_EVERY_MS,
            languages: Arc::default(),
            trade: trade::Options::default(),
            rebuild_when_changed: 5_000,
            rebuilds_index: true,
        }
    }
}

impl Options {
    /// Checks that the limits agree with each other.
    ///
    /// # Panics
    /// When they do not: they are set by the program, not by a user.
    pub fn assert_sound(&self) {
        assert!(self.batch_len_max > 0 && self.batch_len_max <= 8_192, "a journal batch has at most 8,192 records");
        assert!(self.payments_in_flight_max > 0 && self.payment_questions_at_once > 0, "somebody has to talk to the provider");
        assert!(self.activity_sync_ms <= 100, "behaviour is synced at least every 100 ms");
        assert!(self.index_commit_ms < 1_000, "a changed product is found within a second");
        assert!(self.checkpoint_entries > 0 && self.checkpoint_bytes > 0, "a checkpoint has to hold something new");
    }
}
