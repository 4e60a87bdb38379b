//! The trade engine as a pure function: `decide` and `fold` over carts, stock, payments and orders.

pub mod command;

pub use command::{Action, Command, PaymentOutcome, Rejection, StockChange};
