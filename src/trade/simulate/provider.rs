//! A payment provider in a bad temper: it times out after having authorised, answers late, twice, in any order, and changes its story.

use crate::event::TradeEvent;
use crate::id::{OrderId, PaymentId};
use crate::order::OrderStatus;
use crate::payment::{PaymentOutcome, PaymentStatus};
use crate::stdx::clock::Timestamp;
use crate::trade::{Action, Command, PendingPayment, State};
use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// What the provider really did, whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Refused,
    Authorized,
    Captured,
    Voided,
}

#[derive(Default)]
pub(super) struct BadTemperedProvider {
    truth: BTreeMap<PaymentId, Truth>,
    /// Answers on their way, by the time they arrive.
    inbox: BTreeMap<(Timestamp, u64), (PaymentId, PaymentOutcome)>,
    sent_count: u64,
    /// Whether it answers soon, once, and as it is.
    is_polite: bool,
}

const SECOND_MS: i64 = 1_000;
/// Longer than a reservation lives.
const LATE_MS: i64 = 20 * 60 * SECOND_MS;

fn authorized(payment: &PaymentId) -> PaymentOutcome {
    PaymentOutcome::Authorized { provider_reference: format!("bad/{payment}") }
}

impl BadTemperedProvider {
    pub(super) fn new(is_polite: bool) -> Self {
        Self { is_polite, ..Self::default() }
    }

    /// Does what durable events ask for, and answers in its own time.
    pub(super) fn observe(&mut self, events: &[TradeEvent], now: Timestamp, rng: &mut Rng) {
        for event in events {
            if let TradeEvent::PaymentRequested { payment, .. } = event {
                self.authorize(payment, now, rng);
            }
            if let TradeEvent::PaymentUnknown { payment } = event {
                self.look_up(payment, now, rng);
            }
            if let TradeEvent::PaymentCaptureRequested { payment } = event {
                self.finish(payment, Truth::Captured, now, rng);
            }
            if let TradeEvent::PaymentVoidRequested { payment } = event {
                self.finish(payment, Truth::Voided, now, rng);
            }
        }
    }

    fn send(&mut self, payment: &PaymentId, outcome: PaymentOutcome, at: Timestamp) {
        self.sent_count += 1;
        self.inbox.insert((at, self.sent_count), (payment.clone(), outcome));
    }

    fn authorize(&mut self, payment: &PaymentId, now: Timestamp, rng: &mut Rng) {
        let soon = now.plus_ms(rng.i64(0..5 * SECOND_MS));
        let late = now.plus_ms(rng.i64(0..LATE_MS));
        let (truth, answers) = match rng.u32(0..100) {
            _ if self.is_polite => (Truth::Authorized, vec![(authorized(payment), soon)]),
            0..60 => (Truth::Authorized, vec![(authorized(payment), soon)]),
            60..70 => (Truth::Authorized, vec![(authorized(payment), late)]),
            70..80 => (Truth::Authorized, vec![(PaymentOutcome::Unknown, soon)]),
            80..90 => (Truth::Refused, vec![(PaymentOutcome::Declined, soon)]),
            90..95 => (Truth::Refused, vec![(PaymentOutcome::Failed, late)]),
            _ => (Truth::Authorized, vec![(PaymentOutcome::Failed, soon), (authorized(payment), late)]),
        };
        self.truth.insert(payment.clone(), truth);
        for (outcome, at) in answers {
            if rng.u32(0..5) == 0 && !self.is_polite {
                self.send(payment, outcome.clone(), at.plus_ms(rng.i64(0..LATE_MS)));
            }
            self.send(payment, outcome, at);
        }
    }

    /// A look-up finds the truth.
    fn look_up(&mut self, payment: &PaymentId, now: Timestamp, rng: &mut Rng) {
        let outcome = match self.truth.get(payment) {
            Some(Truth::Authorized | Truth::Captured | Truth::Voided) => authorized(payment),
            Some(Truth::Refused) => PaymentOutcome::Declined,
            None => PaymentOutcome::Failed,
        };
        self.send(payment, outcome, now.plus_ms(rng.i64(0..LATE_MS)));
    }

    /// Captures or voids, perhaps after saying that it could not.
    fn finish(&mut self, payment: &PaymentId, truth: Truth, now: Timestamp, rng: &mut Rng) {
        let done = if truth == Truth::Captured { PaymentOutcome::Captured } else { PaymentOutcome::Voided };
        if rng.u32(0..3) == 0 && !self.is_polite {
            self.send(payment, PaymentOutcome::Failed, now.plus_ms(rng.i64(0..SECOND_MS)));
        }
        if rng.u32(0..5) == 0 && !self.is_polite {
            self.send(payment, done.clone(), now.plus_ms(rng.i64(0..LATE_MS)));
        }
        self.send(payment, done, now.plus_ms(rng.i64(SECOND_MS..LATE_MS)));
        self.truth.insert(payment.clone(), truth);
    }

    /// Answers that have arrived, as the commands they become.
    pub(super) fn answers_due(&mut self, now: Timestamp, names_count: &mut u64) -> Vec<Command> {
        let mut due = Vec::new();
        while let Some(first) = self.inbox.first_entry().filter(|first| first.key().0 <= now) {
            let (payment, outcome) = first.remove();
            *names_count += 1;
            if let Ok(order) = OrderId::new(&format!("order{names_count}")) {
                due.push(Command { key: None, action: Action::ResolvePayment { payment, order, outcome } });
            }
        }
        due
    }

    /// The process starts again: answers to what is pending may have been lost with the connection, and everything pending is asked for again.
    /// What the provider has to say about anything else it sends until it is heard.
    pub(super) fn restart(&mut self, pending: &[PendingPayment], now: Timestamp, rng: &mut Rng) {
        if rng.bool() {
            let lost: BTreeSet<&PaymentId> = pending.iter().map(|pending| &pending.payment).collect();
            self.inbox.retain(|_, (payment, _)| !lost.contains(payment));
        }
        for PendingPayment { payment, status, .. } in pending {
            match status {
                PaymentStatus::Authorizing if !self.truth.contains_key(payment) => self.authorize(payment, now, rng),
                PaymentStatus::Capturing => self.finish(payment, Truth::Captured, now, rng),
                PaymentStatus::Voiding => self.finish(payment, Truth::Voided, now, rng),
                PaymentStatus::Authorizing
                | PaymentStatus::Unknown
                | PaymentStatus::Authorized
                | PaymentStatus::Captured
                | PaymentStatus::Voided
                | PaymentStatus::Declined
                | PaymentStatus::Failed
                | PaymentStatus::PartiallyRefunded
                | PaymentStatus::Refunded => self.look_up(payment, now, rng),
            }
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.inbox.is_empty()
    }

    /// Whether it ever authorised this payment.
    pub(super) fn has_authorized(&self, payment: &PaymentId) -> bool {
        self.truth.get(payment).is_some_and(|truth| *truth != Truth::Refused)
    }

    pub(super) fn given_back(&self) -> u64 {
        self.truth.values().filter(|truth| **truth == Truth::Voided).count() as u64
    }

    /// Open orders whose money is neither held nor taken.
    pub(super) fn orders_without_money(&self, state: &State) -> Vec<String> {
        let open = state.orders(None, usize::MAX).into_iter().filter(|order| order.status != OrderStatus::Canceled);
        let unpaid = open.filter(|order| !matches!(self.truth.get(&order.payment), Some(Truth::Authorized | Truth::Captured)));
        unpaid.map(|order| format!("order {}: the provider holds no money for it", order.id)).collect()
    }

    /// Money that is held or was taken although no open order stands behind it.
    pub(super) fn money_without_order(&self, state: &State) -> Vec<String> {
        let has_order = |payment: &PaymentId| {
            let order = state.payment(payment).and_then(|payment| payment.order.as_ref()).and_then(|order| state.order(order));
            order.is_some_and(|order| order.status != OrderStatus::Canceled)
        };
        let held = self.truth.iter().filter(|(_, truth)| matches!(truth, Truth::Authorized | Truth::Captured));
        let stray = held.filter(|(payment, _)| !has_order(payment));
        stray.map(|(payment, truth)| format!("payment {payment} is {truth:?} at the provider and no order stands behind it")).collect()
    }
}
