//! Gift cards and store credit: made, funded, blocked.

use crate::event::TradeEvent;
use crate::event::trade::pricing::AccountKind;
use crate::event::trade::{Posting, PricingEvent};
use crate::id::AccountId;
use crate::money::Money;
use crate::order::check_text;
use crate::pricing::{ISSUED, ledger_account};
use crate::stdx::clock::Timestamp;
use crate::trade::command::Rejection;
use crate::trade::state::State;

/// Most on one account, in minor units: no gift is larger, and sums over all accounts still fit.
const BALANCE_MAX: i64 = 1_000_000_000;
/// Most accounts: about a gigabyte of memory.
const ACCOUNTS_MAX: usize = 4_000_000;

fn happened(event: PricingEvent) -> TradeEvent {
    TradeEvent::Pricing(event)
}

pub(super) fn open(
    state: &State,
    id: &AccountId,
    kind: &AccountKind,
    (amount, expires_at, reason): (Money, Option<Timestamp>, &str),
    now: Timestamp,
) -> Result<Vec<TradeEvent>, Rejection> {
    let accounts = state.pricing().accounts();
    let is_taken = accounts.get(id).is_some()
        || match kind {
            AccountKind::GiftCard { code_digest, .. } => accounts.by_code(code_digest).is_some(),
            AccountKind::StoreCredit { shopper } => accounts.of_shopper(shopper, amount.currency).is_some(),
        };
    if is_taken {
        return Err(Rejection::exists("account", id));
    }
    if accounts.len() >= ACCOUNTS_MAX {
        return Err(Rejection::invalid("account", format!("there are {ACCOUNTS_MAX} already")));
    }
    check_text("reason", reason)?;
    amount.currency.check_known().map_err(|error| Rejection::invalid("amount.currency", error))?;
    if !(1..=BALANCE_MAX).contains(&amount.amount_minor) {
        return Err(Rejection::invalid("amount.amount_minor", format!("must be between 1 and {BALANCE_MAX}")));
    }
    if expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Err(Rejection::invalid("expires_at", "must be in the future"));
    }
    let opened = PricingEvent::AccountOpened { account: id.clone(), kind: kind.clone(), currency: amount.currency, expires_at };
    Ok([happened(opened)].into_iter().chain(funded(id, amount, reason)).collect())
}

pub(super) fn fund(state: &State, id: &AccountId, amount: Money, reason: &str) -> Result<Vec<TradeEvent>, Rejection> {
    let account = state.pricing().accounts().get(id).ok_or_else(|| Rejection::unknown("account", id))?;
    check_text("reason", reason)?;
    if amount.currency != account.currency {
        return Err(Rejection::invalid("amount.currency", format!("must be {}", account.currency)));
    }
    let free = account.balance_minor() - account.held_minor;
    if amount.amount_minor == 0 || !(-free..=BALANCE_MAX - account.balance_minor()).contains(&amount.amount_minor) {
        let reason = format!("must not be 0, take more than {free} off, nor lead beyond {BALANCE_MAX}");
        return Err(Rejection::invalid("amount.amount_minor", reason));
    }
    Ok(funded(id, amount, reason))
}

/// Money on an account or off it, and the posting that says the same.
fn funded(id: &AccountId, amount: Money, reason: &str) -> Vec<TradeEvent> {
    let (owed, issued) = (ledger_account(id), ISSUED.to_owned());
    let (from, to) = if amount.amount_minor > 0 { (owed, issued) } else { (issued, owed) };
    let posting = Posting { from, to, amount: Money::new(amount.amount_minor.abs(), amount.currency) };
    let funded = PricingEvent::AccountFunded { account: id.clone(), amount, reason: reason.to_owned() };
    vec![happened(funded), TradeEvent::LedgerPosted { posting }]
}

pub(super) fn block(state: &State, id: &AccountId, is_blocked: bool) -> Result<Vec<TradeEvent>, Rejection> {
    let account = state.pricing().accounts().get(id).ok_or_else(|| Rejection::unknown("account", id))?;
    let changed = (account.is_blocked != is_blocked).then(|| happened(PricingEvent::AccountBlocked { account: id.clone(), is_blocked }));
    Ok(changed.into_iter().collect())
}
