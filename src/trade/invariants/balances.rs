//! Whether what is counted up agrees with what it is counted from: units with their movements and with those who hold them, money with the
//! ledger. One pass over everything that keeps no more than a row for each account, and lets others work between any two rows.

use crate::event::trade::{StepKind, Units};
use crate::money::Currency;
use crate::order::{Order, OrderStatus};
use crate::payment::{DisputeStatus, Payment, account};
use crate::trade::state::State;
use std::collections::BTreeMap;

/// Balances by account and currency.
type Sums = BTreeMap<(String, Currency), i64>;

impl State {
    /// Every balance that does not add up, in words: what is available is what the buckets give; on hand is what was moved in less what was
    /// shipped; reserved and allocated units are those of live reservations and open orders; postings sum to zero; the accounts of providers and
    /// orders are what payments and orders say.
    ///
    /// `pace` is called between any two things that are looked at; none from it ends the pass, and then nothing is known.
    pub fn check_balances(&self, pace: &mut dyn FnMut() -> Option<()>) -> Option<Vec<String>> {
        let mut wrong = self.faults.clone();
        let mut allocated: Vec<Units> = Vec::new();
        let mut sums = Sums::new();
        pace()?;
        for (_, payment) in self.payments.iter() {
            pace()?;
            wrong.extend(add_payment(&payment, &mut sums));
        }
        let mut owing_count = 0;
        for order in self.orders.iter() {
            pace()?;
            allocated.extend(order.left_to_ship.iter().cloned());
            let owing_minor = self.owing_minor(&order, &mut sums);
            owing_count += usize::from(owing_minor != 0);
            let kept_minor = self.ledger.balance(&account::receivable(&order.id), order.totals.total.currency);
            if owing_minor != kept_minor {
                wrong.push(format!("order {}: the ledger says that it owes {kept_minor}, recounted {owing_minor}", order.id));
            }
        }
        wrong.extend(self.stock.verify(&allocated, pace)?);
        wrong.extend(self.check_ledger(sums, owing_count));
        Some(wrong)
    }

    /// What an order still owes by its payments, negative for what the shop owes its shopper; what it was sold for joins the sums.
    fn owing_minor(&self, order: &Order, sums: &mut Sums) -> i64 {
        let due_minor = if order.status == OrderStatus::Canceled { 0 } else { order.due_minor() };
        *sums.entry((account::SALES.to_owned(), order.totals.total.currency)).or_default() -= due_minor;
        let paid_minor = |payment: &Payment| payment.captured.amount_minor - payment.refunded.amount_minor + payment.allowed.amount_minor;
        let payments = order.payments.iter().filter_map(|id| self.payment(id));
        due_minor - self.tendered_minor(&order.id) - payments.map(|payment| paid_minor(&payment)).sum::<i64>()
    }

    /// The accounts but those of single orders, of which so many have a balance.
    fn check_ledger(&self, mut expected: Sums, owing_count: usize) -> Vec<String> {
        self.expected_credit(|account, currency, amount| *expected.entry((account, currency)).or_default() += amount);
        expected.retain(|_, balance| *balance != 0);
        let balances = self.ledger.balances();
        let mut by_currency: BTreeMap<Currency, i64> = BTreeMap::new();
        balances.iter().for_each(|(_, currency, balance)| *by_currency.entry(*currency).or_default() += balance);
        let stray = by_currency.iter().filter(|(_, sum)| **sum != 0);
        let mut wrong: Vec<String> = stray.map(|(currency, sum)| format!("the ledger's {currency} sum to {sum}")).collect();
        let (owing, others): (Vec<_>, Vec<_>) = balances.into_iter().partition(|(account, _, _)| account::is_receivable(account));
        if owing.len() != owing_count {
            wrong.push(format!("the ledger keeps what {} orders owe, recounted {owing_count}", owing.len()));
        }
        let is_same = others
            .iter()
            .map(|(account, currency, balance)| ((*account, *currency), *balance))
            .eq(expected.iter().map(|((account, currency), balance)| ((account.as_str(), *currency), *balance)));
        if !is_same {
            wrong.push(format!("the ledger holds {others:?}, recounted {expected:?}"));
        }
        wrong
    }
}

/// What a provider took, kept and gave back for a payment joins the sums; what is wrong with the payment's own is told.
fn add_payment(payment: &Payment, sums: &mut Sums) -> Option<String> {
    let Payment { id, amount, captured, refunded, released, allowed, fees, .. } = payment;
    let disputed_minor = |counts: fn(&DisputeStatus) -> bool| {
        payment.disputes.iter().filter(|dispute| counts(&dispute.status)).map(|dispute| dispute.amount_minor).sum::<i64>()
    };
    let (held_back, lost) = (disputed_minor(|status| status.is_open()), disputed_minor(|status| *status == DisputeStatus::Lost));
    let mut add = |account: String, minor: i64| *sums.entry((account, amount.currency)).or_default() += minor;
    add(account::provider(&payment.provider), captured.amount_minor - refunded.amount_minor - fees.amount_minor - held_back - lost);
    add(account::disputes(&payment.provider), held_back);
    add(account::LOSSES.to_owned(), lost);
    add(account::FEES.to_owned(), fees.amount_minor);
    add(account::REFUNDS.to_owned(), allowed.amount_minor);
    let going_back_minor = refunded.amount_minor + payment.pending_minor(StepKind::Refund);
    let going_out_minor = captured.amount_minor + payment.pending_minor(StepKind::Capture) + released.amount_minor;
    let holds = 0 <= going_back_minor && going_back_minor <= captured.amount_minor && going_out_minor <= amount.amount_minor;
    (!holds).then(|| format!("payment {id}: {refunded} given back of {captured} taken of {amount}, {released} released"))
}
