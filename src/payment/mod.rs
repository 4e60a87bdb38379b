//! Payments: their state machine, the ledger, what a provider has to be able to do, and the guard against card numbers.

mod book;
mod card;
mod dispute;
mod ledger;
mod nothing_due;
mod options;
mod provider;
mod record;
mod status;
mod step;
mod test_provider;

pub use book::PaymentBook;
pub use card::{CardNumber, card_guard};
pub use dispute::{Dispute, DisputeStatus};
pub use ledger::{Ledger, account};
pub use nothing_due::NothingDue;
pub use options::Options;
pub use provider::{
    AUTHORIZATION_EXPIRED, Abilities, AuthorizationQuestion, DisputeReport, Notice, NoticeError, PaymentOutcome, Provider, ProviderSums,
    RefundFailure, Said, StepAnswer, StepQuestion,
};
pub use record::{DISPUTES_MAX, Payment, PaymentError, STEPS_MAX, ShopperAction};
pub use status::{PaymentStatus, Step};
pub use step::{StepRecord, StepStatus};
pub use test_provider::{SingleCaptureProvider, TestProvider};
