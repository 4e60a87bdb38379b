//! A payment provider in a bad temper: it times out after having done what was asked, or without, answers late, twice, in any order, changes
//! its story, sends shoppers elsewhere, refuses what it could do, and hears of disputes. Its own books say what it really did: money moves
//! only there, and the shop may never ask for more than is in them, nor for the same thing twice.

use crate::event::TradeEvent;
use crate::event::trade::{AfterSaleEvent, PaymentEvent, StepKind};
use crate::id::{DisputeId, OrderId, PaymentId};
use crate::money::Money;
use crate::order::OrderStatus;
use crate::payment::{AUTHORIZATION_EXPIRED, DisputeReport, PaymentOutcome, RefundFailure, StepAnswer, StepRecord, StepStatus};
use crate::stdx::clock::Timestamp;
use crate::trade::{Action, Command, PaymentAction, PendingPayment, State};
use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// What the provider has done for one payment, whatever it says.
#[derive(Debug, Clone, Default)]
struct Account {
    is_authorized: bool,
    /// The shopper has to act first, and will have by then; never, if none.
    acts_at: Option<Option<Timestamp>>,
    authorized_minor: i64,
    captured_minor: i64,
    refunded_minor: i64,
    is_voided: bool,
    /// Steps that were done, by number.
    done: BTreeSet<u32>,
    /// Steps and attempts that were asked for.
    asked: BTreeSet<(u32, u32)>,
    /// Refunds that came back.
    failed: BTreeSet<u32>,
    /// Refunds that it would not give, or that came back, as often as it said so.
    refunds_failed: usize,
    /// The instrument that was paid with is gone.
    is_closed: bool,
    disputes_count: u32,
    is_disputed: bool,
}

/// What it says about a payment.
#[derive(Debug, Clone)]
enum Word {
    Outcome(PaymentOutcome),
    Step(u32, u32, StepAnswer),
    Dispute(DisputeReport),
    RefundFailed(RefundFailure),
}

#[derive(Default)]
pub(super) struct BadTemperedProvider {
    accounts: BTreeMap<PaymentId, Account>,
    /// Answers on their way, by the time they arrive.
    inbox: BTreeMap<(Timestamp, u64), (PaymentId, Word)>,
    sent_count: u64,
    wrong: Vec<String>,
    /// Whether it answers soon, once, and as it is.
    is_polite: bool,
}

const SECOND_MS: i64 = 1_000;
/// Longer than a reservation lives.
const LATE_MS: i64 = 20 * 60 * SECOND_MS;

fn authorized(payment: &PaymentId) -> PaymentOutcome {
    PaymentOutcome::Authorized { provider_reference: format!("bad/{payment}") }
}

fn action_required(payment: &PaymentId) -> PaymentOutcome {
    PaymentOutcome::ActionRequired { url: format!("https://bad.invalid/{payment}"), provider_reference: format!("bad/{payment}") }
}

fn done(payment: &PaymentId, kind: StepKind) -> StepAnswer {
    StepAnswer::Done { provider_reference: (kind == StepKind::Reauthorize).then(|| format!("bad/{payment}/again")) }
}

impl BadTemperedProvider {
    pub(super) fn new(is_polite: bool) -> Self {
        Self { is_polite, ..Self::default() }
    }

    /// Does what durable events ask for, and answers in its own time. `state` holds the events.
    pub(super) fn observe(&mut self, events: &[TradeEvent], state: &State, now: Timestamp, rng: &mut Rng) {
        for event in events {
            match event {
                TradeEvent::PaymentRequested { payment, amount, .. } => self.authorize(payment, *amount, now, rng),
                TradeEvent::AfterSale(AfterSaleEvent::BalancePaymentRequested { payment, amount, .. }) => {
                    self.authorize(payment, *amount, now, rng);
                }
                TradeEvent::PaymentUnknown { payment } => self.look_up(payment, now, rng),
                TradeEvent::Payment(PaymentEvent::ActionRequired { payment, .. }) => self.send_when_acted(payment, now),
                TradeEvent::PaymentRefunded { payment, .. } => self.fail_a_refund(payment, state, now, rng),
                _ => {}
            }
            let payment = match event {
                TradeEvent::Payment(event) => event.payment(),
                TradeEvent::PaymentCaptureRequested { payment }
                | TradeEvent::PaymentVoidRequested { payment }
                | TradeEvent::PaymentCaptured { payment, .. }
                | TradeEvent::PaymentRefunded { payment, .. }
                | TradeEvent::PaymentVoided { payment } => Some(payment),
                _ => None,
            };
            if let Some(pending) = payment.and_then(|payment| state.pending_payment(payment)) {
                self.take_step(&pending, state, now, rng);
            }
        }
    }

    fn send(&mut self, payment: &PaymentId, word: Word, at: Timestamp) {
        self.sent_count += 1;
        self.inbox.insert((at, self.sent_count), (payment.clone(), word));
    }

    /// Says something, and now and then says it again later.
    fn say(&mut self, payment: &PaymentId, word: Word, at: Timestamp, rng: &mut Rng) {
        if rng.u32(0..5) == 0 && !self.is_polite {
            self.send(payment, word.clone(), at.plus_ms(rng.i64(0..LATE_MS)));
        }
        self.send(payment, word, at);
    }

    fn authorize(&mut self, payment: &PaymentId, amount: Money, now: Timestamp, rng: &mut Rng) {
        let soon = now.plus_ms(rng.i64(0..5 * SECOND_MS));
        let late = now.plus_ms(rng.i64(0..LATE_MS));
        let mut account = Account { authorized_minor: amount.amount_minor, is_authorized: true, ..Account::default() };
        let answers = match rng.u32(0..100) {
            _ if self.is_polite => vec![(authorized(payment), soon)],
            0..52 => vec![(authorized(payment), soon)],
            52..60 => {
                account.is_authorized = false;
                account.acts_at = Some((rng.u32(0..4) > 0).then(|| now.plus_ms(rng.i64(0..LATE_MS))));
                vec![(action_required(payment), soon)]
            }
            60..70 => vec![(authorized(payment), late)],
            70..80 => vec![(PaymentOutcome::Unknown, soon)],
            80..90 => {
                account.is_authorized = false;
                vec![(PaymentOutcome::Declined, soon)]
            }
            90..95 => {
                account.is_authorized = false;
                vec![(PaymentOutcome::Failed, late)]
            }
            _ => vec![(PaymentOutcome::Failed, soon), (authorized(payment), late)],
        };
        self.accounts.insert(payment.clone(), account);
        for (outcome, at) in answers {
            self.say(payment, Word::Outcome(outcome), at, rng);
        }
    }

    /// The shopper acts in time, too late, or never.
    fn send_when_acted(&mut self, payment: &PaymentId, now: Timestamp) {
        let Some(account) = self.accounts.get_mut(payment) else { return };
        if let Some(Some(at)) = account.acts_at
            && !account.is_voided
        {
            account.is_authorized = true;
            self.send(payment, Word::Outcome(authorized(payment)), at.max(now));
        }
    }

    /// A look-up finds the truth.
    fn look_up(&mut self, payment: &PaymentId, now: Timestamp, rng: &mut Rng) {
        let outcome = match self.accounts.get(payment) {
            Some(account) if account.is_authorized => authorized(payment),
            Some(Account { acts_at: Some(_), .. }) => action_required(payment),
            Some(_) => PaymentOutcome::Declined,
            None => PaymentOutcome::Failed,
        };
        self.send(payment, Word::Outcome(outcome), now.plus_ms(rng.i64(0..LATE_MS)));
    }

    /// Is asked for a step, or to look one up; the same attempt is asked for once.
    fn take_step(&mut self, pending: &PendingPayment, state: &State, now: Timestamp, rng: &mut Rng) {
        let (Some((number, attempt, status)), Some(kind)) = (pending.step, pending.kind) else { return };
        let id = &pending.payment;
        let steps = state.payment(id).map(|payment| payment.steps.clone()).unwrap_or_default();
        let amount_minor = steps.iter().find(|step| step.number == number).map_or(0, |step| step.amount_minor);
        let account = self.accounts.entry(id.clone()).or_default();
        if status == StepStatus::Lost {
            let found = if account.done.contains(&number) { done(id, kind) } else { StepAnswer::NotDone };
            self.send(id, Word::Step(number, attempt, found), now.plus_ms(rng.i64(0..LATE_MS)));
            return;
        }
        if !account.asked.insert((number, attempt)) {
            return;
        }
        let (is_done, answer) = match rng.u32(0..100) {
            _ if self.is_polite => (true, done(id, kind)),
            0..70 => (true, done(id, kind)),
            70..80 => (true, StepAnswer::Unknown),
            80..90 => (false, StepAnswer::Unknown),
            90..95 => (false, StepAnswer::NotDone),
            _ => match kind {
                StepKind::Capture if rng.bool() => (false, StepAnswer::Refused { reason: AUTHORIZATION_EXPIRED.to_owned() }),
                StepKind::Capture | StepKind::Refund => (false, StepAnswer::Refused { reason: "not_today".to_owned() }),
                StepKind::Void | StepKind::Reauthorize | StepKind::Evidence => (true, done(id, kind)),
            },
        };
        account.refunds_failed += usize::from(kind == StepKind::Refund && matches!(answer, StepAnswer::Refused { .. }));
        if is_done {
            self.book(id, number, kind, amount_minor, now, rng);
        }
        let at = now.plus_ms(rng.i64(0..LATE_MS));
        self.say(id, Word::Step(number, attempt, answer), at, rng);
    }

    /// Does a step: the money moves in the provider's books, and never beyond what is in them.
    fn book(&mut self, id: &PaymentId, number: u32, kind: StepKind, amount_minor: i64, now: Timestamp, rng: &mut Rng) {
        let Some(account) = self.accounts.get_mut(id) else { return };
        if !account.done.insert(number) {
            self.wrong.push(format!("payment {id}: step {number} ({}) was done twice", kind.name()));
        }
        match kind {
            StepKind::Capture => account.captured_minor += amount_minor,
            StepKind::Refund => account.refunded_minor += amount_minor,
            StepKind::Void => account.is_voided = true,
            StepKind::Reauthorize | StepKind::Evidence => {}
        }
        let Account { authorized_minor, captured_minor, refunded_minor, is_voided, .. } = *account;
        if captured_minor > authorized_minor || refunded_minor > captured_minor || is_voided && kind == StepKind::Capture {
            self.wrong.push(format!("payment {id}: {captured_minor} taken of {authorized_minor}, {refunded_minor} given back"));
        }
        if kind == StepKind::Capture && amount_minor > 0 && rng.u32(0..20) == 0 && !self.is_polite {
            self.dispute(id, now, rng);
        }
    }

    /// Now and then the money of a refund that was done comes back, and the shop is told later.
    fn fail_a_refund(&mut self, id: &PaymentId, state: &State, now: Timestamp, rng: &mut Rng) {
        if self.is_polite || rng.u32(0..8) > 0 {
            return;
        }
        let Some(payment) = state.payment(id) else { return };
        let is_done = |step: &&StepRecord| step.kind == StepKind::Refund && step.status == StepStatus::Done;
        let (Some(step), Some(account)) = (payment.steps.iter().rev().find(is_done), self.accounts.get_mut(id)) else { return };
        if !account.failed.insert(step.number) {
            return;
        }
        account.refunded_minor -= step.amount_minor;
        account.refunds_failed += 1;
        account.is_closed |= rng.u32(0..3) == 0;
        let reason = if account.is_closed { "account_closed" } else { "declined" };
        let failure = RefundFailure { number: step.number, reason: reason.to_owned() };
        self.say(id, Word::RefundFailed(failure), now.plus_ms(rng.i64(0..LATE_MS)), rng);
    }

    /// A bank disputes what was taken, and decides in time.
    fn dispute(&mut self, id: &PaymentId, now: Timestamp, rng: &mut Rng) {
        let Some(account) = self.accounts.get_mut(id) else { return };
        account.disputes_count += 1;
        account.is_disputed = true;
        let amount = Money::new(account.captured_minor, crate::money::Currency::EUR);
        let Ok(dispute) = DisputeId::new(&format!("dispute-{id}-{}", account.disputes_count)) else { return };
        let open = DisputeReport { dispute, amount, reason: "fraudulent".to_owned(), evidence_by: None, is_won: None };
        let decided = DisputeReport { is_won: Some(rng.bool()), ..open.clone() };
        let opens_at = now.plus_ms(LATE_MS + rng.i64(0..LATE_MS));
        self.say(id, Word::Dispute(open), opens_at, rng);
        self.say(id, Word::Dispute(decided), opens_at.plus_ms(LATE_MS + rng.i64(0..LATE_MS)), rng);
    }

    /// Answers that have arrived, as the commands they become.
    pub(super) fn answers_due(&mut self, now: Timestamp, names_count: &mut u64) -> Vec<Command> {
        let mut due = Vec::new();
        while let Some(first) = self.inbox.first_entry().filter(|first| first.key().0 <= now) {
            let (payment, word) = first.remove();
            *names_count += 1;
            let Ok(order) = OrderId::new(&format!("order{names_count}")) else { continue };
            let action = match word {
                Word::Outcome(outcome) => Action::ResolvePayment { payment, order, outcome },
                Word::Step(number, attempt, answer) => Action::Payment(PaymentAction::Settle { payment, number, attempt, answer }),
                Word::Dispute(report) => Action::Payment(PaymentAction::HearDispute { payment, report }),
                Word::RefundFailed(failure) => Action::Payment(PaymentAction::HearRefundFailed { payment, failure }),
            };
            due.push(Command { key: None, action });
        }
        due
    }

    /// The process starts again: answers to what is pending may have been lost with the connection, and everything pending is looked up: a step
    /// that was not done is asked for again under another key. What the provider has to say about anything else it sends until it is heard.
    pub(super) fn restart(&mut self, pending: &[PendingPayment], now: Timestamp, rng: &mut Rng) {
        if rng.bool() {
            let lost: BTreeSet<&PaymentId> = pending.iter().map(|pending| &pending.payment).collect();
            self.inbox.retain(|_, (payment, word)| matches!(word, Word::Dispute(_) | Word::RefundFailed(_)) || !lost.contains(payment));
        }
        for waiting in pending {
            let (payment, is_known) = (&waiting.payment, self.accounts.contains_key(&waiting.payment));
            match (waiting.step, waiting.kind) {
                (Some((number, attempt, _)), Some(kind)) => {
                    let is_done = self.accounts.get(payment).is_some_and(|account| account.done.contains(&number));
                    let found = if is_done { done(payment, kind) } else { StepAnswer::NotDone };
                    self.send(payment, Word::Step(number, attempt, found), now.plus_ms(rng.i64(0..LATE_MS)));
                }
                _ if !is_known => self.authorize(payment, waiting.amount, now, rng),
                _ => {
                    self.look_up(payment, now, rng);
                    self.send_when_acted(payment, now);
                }
            }
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.inbox.is_empty()
    }

    /// Whether it ever authorised this payment.
    pub(super) fn has_authorized(&self, payment: &PaymentId) -> bool {
        self.accounts.get(payment).is_some_and(|account| account.is_authorized)
    }

    pub(super) fn given_back(&self) -> u64 {
        self.accounts.values().filter(|account| account.is_voided).count() as u64
    }

    /// What is wrong by its own books, and money that is held or was taken although no open order stands behind it.
    pub(super) fn money_without_order(&self, state: &State) -> Vec<String> {
        let has_order = |payment: &PaymentId| {
            let order = state.payment(payment).and_then(|payment| state.order(payment.order.as_ref()?));
            order.is_some_and(|order| order.status != OrderStatus::Canceled)
        };
        let tries_max = state.options().payments.refund_tries_max;
        let is_kept = |account: &Account| {
            let is_held = account.is_authorized && !account.is_voided && account.captured_minor == 0 && account.acts_at.is_none();
            let is_taken = account.captured_minor > account.refunded_minor;
            let is_given_up = account.is_closed || account.refunds_failed >= tries_max;
            is_held || is_taken && !is_given_up && !account.is_disputed
        };
        let stray = self.accounts.iter().filter(|(payment, account)| is_kept(account) && !has_order(payment));
        let stray =
            stray.map(|(payment, account)| format!("payment {payment} is {account:?} at the provider and no order stands behind it"));
        stray.chain(self.wrong.iter().cloned()).chain(self.sums_that_differ(state)).chain(self.owed_for_ever(state)).collect()
    }

    /// Money that orders owe their shoppers and nobody is asked to give back, although every provider would take it.
    fn owed_for_ever(&self, state: &State) -> Vec<String> {
        let tries_max = state.options().payments.refund_tries_max;
        let would_take = |payment: &PaymentId| {
            self.accounts
                .get(payment)
                .is_some_and(|account| !account.is_closed && account.refunds_failed < tries_max && !account.is_disputed)
        };
        let orders = state.orders(None, usize::MAX).into_iter().filter(|order| order.payments.iter().all(would_take));
        let owing = orders.map(|order| (state.owed_back(&order), order)).filter(|(owed, _)| owed.amount_minor > 0);
        owing.map(|(owed, order)| format!("order {} owes its shopper {owed} for ever", order.id)).collect()
    }

    /// Open orders whose money is neither held nor taken.
    pub(super) fn orders_without_money(&self, state: &State) -> Vec<String> {
        let is_paid = |payment: &PaymentId| self.accounts.get(payment).is_some_and(|account| account.is_authorized);
        let open = state.orders(None, usize::MAX).into_iter().filter(|order| order.status != OrderStatus::Canceled);
        let unpaid = open.filter(|order| !order.payments.iter().all(is_paid));
        unpaid.map(|order| format!("order {}: the provider holds no money for it", order.id)).collect()
    }

    /// The ledger's sums beside the provider's own: what was taken and given back is the same in both.
    fn sums_that_differ(&self, state: &State) -> Vec<String> {
        let differs = |(payment, account): (&PaymentId, &Account)| {
            let known = &state.payment(payment)?;
            let here = (known.captured.amount_minor, known.refunded.amount_minor);
            let there = (account.captured_minor, account.refunded_minor);
            (here != there).then(|| format!("payment {payment}: taken and given back {here:?} here, {there:?} at the provider"))
        };
        self.accounts.iter().filter_map(differs).collect()
    }
}
