//! The trade engine as a pure function: `decide` and `fold` over carts, stock, payments and orders.
//!
//! [`decide`] says what a command makes happen, or why not; [`fold`] makes it so. Neither asks the clock, draws lots, or waits: time, names
//! and prices come with the command, and whoever has to be asked (the payment provider) is asked by an event and answers by a command. So
//! the same entries give the same [`State`], anywhere, byte for byte ([`State::hash`]).

pub mod checkpoint;
pub mod command;
mod decide;
mod finding;
mod fold;
mod index;
mod invariants;
mod keys;
mod open;
mod options;
mod orders;
mod pending;
mod shoppers;
pub mod simulate;
mod state;
mod stock;
mod version;
pub mod wanted;

pub use checkpoint::CheckpointError;
pub use command::{
    Action, AfterSaleAction, CartAction, Command, CountedUnits, Edit, FulfilmentAction, Offer, Part, PaymentAction, PaymentOutcome,
    PricingAction, Rejection, ShopperAction, StepAnswer, StockAction, StockChange, Terms,
};
pub use decide::{Edited, ShippingOption, SourcingPreview, decide};
pub use finding::{ORDERS_LOOKED_AT_MAX, OrderPage, OrderQuery, OrderSort};
pub use fold::{Fault, fold};
pub use keys::{Answer, KEPT_AT_LEAST_MS, RETIRED_IN_A_FLOOD_MAX, RETIRED_MAX, Snapshot};
pub use options::Options;
pub use pending::{PendingPayment, Question};
pub use shoppers::{Held, ShopperBook};
pub use state::State;
pub use version::{Condition, VERSIONS_MAX, Version, VersionError};

#[cfg(test)]
mod tests;
