//! Payments: their state machine, the ledger, what a provider has to be able to do, and the guard against card numbers.

mod book;
mod card;
mod ledger;
mod provider;
mod status;

pub use book::PaymentBook;
pub use card::{CardNumber, card_guard};
pub use ledger::{Ledger, account};
pub use provider::{PaymentOutcome, Provider, TestProvider};
pub use status::{Payment, PaymentError, PaymentStatus, Step};
