//! What must always be true of price lists, promotions, coupons, gift cards and store credit.

use crate::event::trade::{Discount, Totals};
use crate::id::{AccountId, OrderId};
use crate::money::Currency;
use crate::order::{Checkout, CheckoutStatus, Order, OrderStatus};
use crate::pricing::{Carried, ISSUED, ledger_account};
use crate::trade::state::State;
use std::collections::BTreeMap;

impl State {
    /// What is wrong, in words: counters equal the placed, non-canceled orders and the attempts that carry them; accounts are never
    /// overspent; totals are the sums of their parts.
    pub(super) fn check_pricing(&self) -> Vec<String> {
        let mut wrong = self.pricing.uses().recount();
        wrong.extend(self.orders.iter().flat_map(|order| self.check_carried(&order)));
        wrong.extend(self.check_attempts());
        wrong.extend(self.check_covers());
        wrong.extend(self.check_accounts());
        let sessions = self.checkouts.iter().map(|(id, session)| (id.to_string(), session.totals.clone()));
        let orders = self.orders.iter().map(|order| (order.id.to_string(), order.totals.clone()));
        let is_off = |totals: &Totals| !totals.lines.is_empty() && !adds_up(totals);
        wrong.extend(sessions.chain(orders).filter(|(_, totals)| is_off(totals)).map(|(id, totals)| format!("{id}: {totals:?}")));
        wrong
    }

    /// What gift cards and store credit paid for an order, in minor units.
    pub(super) fn tendered_minor(&self, order: &OrderId) -> i64 {
        let carried = self.pricing.uses().of_order(order);
        carried.map_or(0, |carried| carried.tenders.iter().map(|tender| tender.amount.amount_minor).sum())
    }

    /// Whether what was asked of the provider and what gift cards and store credit paid are the order's first total.
    pub(super) fn is_paid_in_parts(&self, order: &Order, paid_minor: i64) -> bool {
        let carried = self.pricing.uses().of_order(&order.id);
        let tendered = self.tendered_minor(&order.id) + carried.map_or(0, |carried| carried.given_back_minor);
        let total = order.session().totals.total.amount_minor;
        // Of a canceled order nothing is carried any more.
        let is_canceled = order.status == OrderStatus::Canceled && carried.is_none();
        paid_minor + tendered == total || is_canceled && paid_minor <= total
    }

    /// What the ledger should hold for gift cards and store credit.
    pub(super) fn expected_credit(&self, mut add: impl FnMut(String, Currency, i64)) {
        for account in self.pricing.accounts().after(None) {
            add(ledger_account(&account.id), account.currency, -account.balance_minor());
            add(ISSUED.to_owned(), account.currency, account.funded_minor);
        }
    }

    fn check_carried(&self, order: &Order) -> Vec<String> {
        let carried = self.pricing.uses().of_order(&order.id);
        if order.status == OrderStatus::Canceled {
            return carried.map(|_| format!("order {} is canceled and still counted", order.id)).into_iter().collect();
        }
        let counted: Vec<_> = carried.iter().flat_map(|carried| carried.uses.iter().map(|used| &used.promotion)).collect();
        let is_counted = |discount: &Discount| counted.contains(&&discount.promotion);
        // An edit may have scaled a discount down to nothing; the use stays.
        let all = order.totals.discounts.iter().all(is_counted);
        if all { Vec::new() } else { vec![format!("order {}: not every discount is counted in {counted:?}", order.id)] }
    }

    /// Exactly the attempts in progress hold something.
    fn check_attempts(&self) -> Vec<String> {
        let uses = self.pricing.uses();
        let stray = uses.attempts().filter(|(id, _)| {
            let session = self.checkouts.get(*id);
            !session
                .is_some_and(|session| matches!(session.status, CheckoutStatus::CompleteInProgress | CheckoutStatus::RequiresEscalation))
        });
        let stray = stray.map(|(id, _)| format!("session {id} holds uses or credit without being in progress"));
        let sessions = self.checkouts.sorted().into_iter().filter(|(_, session)| session.status == CheckoutStatus::CompleteInProgress);
        let lacking = sessions.filter(|(id, session)| {
            let held = uses.of_attempt(id).map_or(0, |carried| carried.uses.len());
            held != Carried::of(&session.totals.discounts, &session.buyer).uses.len()
        });
        stray.chain(lacking.map(|(id, _)| format!("session {id} is in progress and does not hold its discounts"))).collect()
    }

    /// What gift cards can pay is kept of sessions alone that are not over and claim some.
    fn check_covers(&self) -> Vec<String> {
        let claims = |session: &Checkout| session.status != CheckoutStatus::Canceled && !session.claims.accounts.is_empty();
        let stray = self.pricing.covers_shown().filter(|id| !self.checkouts.get(*id).is_some_and(|session| claims(session)));
        stray.map(|id| format!("session {id} claims nothing, and it is kept what that pays")).collect()
    }

    /// No account is overspent, and each has spent what orders say.
    fn check_accounts(&self) -> Vec<String> {
        let mut spent: BTreeMap<&AccountId, i64> = BTreeMap::new();
        let mut held: BTreeMap<&AccountId, i64> = BTreeMap::new();
        let uses = self.pricing.uses();
        uses.orders()
            .flat_map(|(_, carried)| &carried.tenders)
            .for_each(|tender| *spent.entry(&tender.account).or_default() += tender.amount.amount_minor);
        uses.attempts()
            .flat_map(|(_, carried)| &carried.tenders)
            .for_each(|tender| *held.entry(&tender.account).or_default() += tender.amount.amount_minor);
        let of = |sums: &BTreeMap<&AccountId, i64>, id: &AccountId| sums.get(id).copied().unwrap_or(0);
        let accounts = self.pricing.accounts().after(None).filter(|account| {
            let is_counted = account.spent_minor == of(&spent, &account.id) && account.held_minor == of(&held, &account.id);
            let is_covered = account.spent_minor >= 0 && account.held_minor >= 0 && account.held_minor <= account.balance_minor();
            let ledger = self.ledger.balance(&ledger_account(&account.id), account.currency);
            !(is_counted && is_covered && ledger == -account.balance_minor())
        });
        accounts.map(|account| format!("account {} is {account:?}, spent {:?}, held {:?}", account.id, spent, held)).collect()
    }
}

/// Whether totals are the sums of their parts, and no part is below nothing.
fn adds_up(totals: &Totals) -> bool {
    let sum = |part: fn(&crate::event::trade::LineAmounts) -> i64| totals.lines.iter().map(part).sum::<i64>();
    let shipping = &totals.shipping_amounts;
    let parts = totals.subtotal.amount_minor + totals.discount.amount_minor + totals.shipping.amount_minor + totals.tax.amount_minor;
    sum(|line| line.gross_minor) == totals.subtotal.amount_minor
        && sum(|line| line.discount_minor) + shipping.discount_minor == totals.discount.amount_minor
        && sum(|line| line.tax_minor) + shipping.tax_minor == totals.tax.amount_minor
        && parts == totals.total.amount_minor
        && totals.lines.iter().all(|line| line.discount_minor <= 0 && line.gross_minor + line.discount_minor >= 0)
}
