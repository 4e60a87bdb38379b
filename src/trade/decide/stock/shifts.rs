//! Units that lie at a location and move between accounts.

use super::{check_stocked, check_units, happened, moved};
use crate::event::TradeEvent;
use crate::event::trade::{Account, StockEvent, StockReason, Units};
use crate::id::Ordinal;
use crate::trade::command::Rejection;
use crate::trade::decide::units::refusal;
use crate::trade::state::State;

pub(super) fn shift(
    state: &State,
    units: &Units,
    product: Ordinal,
    (from, to): (Account, Account),
    reason: StockReason,
) -> Result<Vec<TradeEvent>, Rejection> {
    check_stocked(state, "sku", &units.sku)?;
    check_units("quantity", units.quantity, 1)?;
    check_account("from", from)?;
    check_account("to", to)?;
    if from.is_on_hand() == to.is_on_hand() && (from == to || !from.is_on_hand()) {
        return Err(Rejection::invalid("to", "must be another account, and not outside when from is"));
    }
    state.stock().after_shift(units, from, to).map_err(|error| refusal(&error, "quantity"))?;
    // What comes or goes is told like every change of units on hand; what it becomes, or was, is told beside it.
    let on_hand_delta = (i64::from(to.is_on_hand()) - i64::from(from.is_on_hand())) * units.quantity;
    let moved = (on_hand_delta != 0).then(|| moved(&units.sku, product, &units.location, on_hand_delta, reason));
    let (from, to) = (inside(from), inside(to));
    let shifted = (from != to).then(|| happened(StockEvent::Shifted { units: units.clone(), from, to, reason }));
    Ok(if on_hand_delta > 0 { moved.into_iter().chain(shifted).collect() } else { shifted.into_iter().chain(moved).collect() })
}

/// Units pass through what is available when they come or go.
fn inside(account: Account) -> Account {
    if account.is_on_hand() { account } else { Account::Available }
}

/// Only what nobody was promised can be moved by hand.
fn check_account(field: &str, account: Account) -> Result<(), Rejection> {
    match account {
        Account::Available | Account::Damaged | Account::QualityHold => Ok(()),
        Account::Supplier | Account::Customer | Account::WrittenOff => Ok(()),
        Account::Reserved | Account::Allocated | Account::Picked | Account::Incoming | Account::InTransit => {
            Err(Rejection::invalid(field, "cannot be moved by hand: it follows sessions, orders, purchases and transfers"))
        }
    }
}
