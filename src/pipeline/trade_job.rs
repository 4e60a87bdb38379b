//! What the trade writer is asked to do, and how it answers.

use super::payments::About;
use super::queue::{Reply, Unavailable};
use crate::event::trade::NoticeDigest;
use crate::id::{IdempotencyKey, PaymentId};
use crate::payment::{DisputeReport, RefundFailure};
use crate::trade::{Answer, Command, PaymentOutcome, Rejection, Snapshot, State, StepAnswer};
use std::sync::Arc;

/// The shop as it was right after a command took effect.
#[derive(Clone)]
pub struct TradeAnswer {
    /// A snapshot that holds the effect.
    pub state: Arc<State>,
    /// What the command was about and what became of it, when it carried a key: the same for every repetition.
    pub answer: Option<Answer>,
    /// Whether the same key had done the same before, so that nothing happened now.
    pub repeated: bool,
}

impl TradeAnswer {
    /// What the write under `key` was about, as that was right after it; [`Snapshot::Gone`] when nothing is left of it or the key is forgotten.
    #[must_use]
    pub fn snapshot_under(&self, key: &IdempotencyKey) -> Snapshot {
        self.state.answer_of(key).map_or(Snapshot::Gone, |answer| answer.snapshot)
    }
}

/// Why a trade command had no effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TradeError {
    /// The engine said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It was not even asked.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// How a command is answered.
pub(super) type TradeReply = Reply<Result<TradeAnswer, TradeError>>;

/// What the trade writer is asked to do.
pub(super) enum TradeJob {
    /// Decide a command; the answer waits for the payment when `wait_for_payment`.
    Command { command: Box<Command>, wait_for_payment: bool, reply: TradeReply },
    /// What a provider said to an authorisation.
    Provider { payment: PaymentId, outcome: PaymentOutcome },
    /// What a provider said to a step after it.
    Step { payment: PaymentId, about: About, answer: StepAnswer },
    /// How a dispute stands at the provider.
    Dispute { payment: PaymentId, report: Box<DisputeReport> },
    /// Refunds that were done have come back.
    RefundsFailed { payment: PaymentId, failures: Vec<RefundFailure> },
    /// A provider has too much to do to say what has become of what was done.
    LookLater { payment: PaymentId, retry_after_ms: u64 },
    /// A provider has too much to do.
    ProviderBusy { payment: PaymentId, about: About, was_asked: bool, retry_after_ms: u64 },
    /// Somebody says that something has happened to a payment.
    LookNow { payment: PaymentId },
    /// A provider told of something, in its own words for the payment.
    Notice { provider: String, notice: NoticeDigest, provider_reference: String, reply: TradeReply },
    /// A provider told of something about a payment, if it is one of ours.
    Heard { notice: NoticeDigest, payment: Option<PaymentId>, reply: TradeReply },
    /// It could not be found out what a provider told of: it has to be told again.
    NotHeard { reply: TradeReply },
    /// Finish what is queued, save, and end.
    Stop,
}
