//! The one door: commands become durable events, and events move every projection.
//!
//! Each journal stream has one writer thread, and so has the access journal beside them. It takes whatever commands have queued while the last sync ran, decides them one after
//! another, appends what happened as one batch with one sync, publishes a snapshot, and only then answers. Durable batches go on to the
//! projector (signals, recommendations) and the indexer (search). Nothing here waits for a reader, a payment provider or a client.
//!
//! ```text
//!  commands ─► queue ─► writer: decide · append · publish · answer ─► projector ─► signals, recommendations
//!                          │                                      └─► indexer   ─► search
//!                          └─► payment jobs ─► provider ─► command
//! ```

mod access_writer;
mod activity_writer;
#[cfg(test)]
mod asking_tests;
mod balances;
mod base_prices;
mod batches;
mod behaviour;
mod catalog_write;
mod catalog_writer;
mod checkpoint;
mod debt;
#[cfg(test)]
mod erasing_tests;
mod feed;
mod folders;
mod handle;
mod imported;
mod indexer;
mod journals;
mod key_ring;
mod learnt;
mod lost_keys;
mod noted;
mod open_index;
mod options;
mod own_builds;
mod payments;
mod people;
mod pool;
mod projector;
mod queue;
mod readers;
mod rebuild;
mod receipts;
mod replay;
mod sent;
mod shoppers;
#[cfg(test)]
mod size_tests;
#[cfg(test)]
mod tests;
mod trade_job;
mod trade_writer;
#[cfg(test)]
mod upkeep_tests;
mod weights;

pub use access_writer::{ACCESS_JOURNAL, Access, AccessError, AccessPage};
pub use balances::{BALANCES_EVERY_MS, Balances, WRONG_LISTED_MAX};
pub use behaviour::{BehaviourBounds, VisitBehaviour, read as read_behaviour};
pub use catalog_write::{CatalogCommand, CatalogWrite, NOTE_BYTES_MAX, Once, Outcomes, PutOutcome, WriteReceipt, Written};
pub use checkpoint::CheckpointFiles;
pub use debt::REPLAY_MS_MAX;
pub use feed::{Feed, FeedError, Follow};
pub use folders::Folders;
pub use handle::{ACTIVITY_BATCH_MAX, CATALOG_BATCH_MAX, Pipeline};
pub use imported::FileReceipt;
pub use indexer::IndexCommand;
pub use key_ring::KeyError;
pub use options::Options;
pub use people::{ERASED, People};
pub use queue::{Reply, Unavailable};
pub use readers::Readers;
pub use rebuild::{RebuildReply, Rebuilt};
pub use receipts::{FileDigest, KeyReceipt, Receipts};
pub use replay::{Opening, PipelineError, open};
pub use shoppers::{BEHAVIOUR_LISTED_MAX, Behaviour, behaviour_of, shoppers_after};
pub use trade_job::{TradeAnswer, TradeError};
