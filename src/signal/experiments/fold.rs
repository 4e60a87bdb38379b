//! The one writer of tallies: a fold over the activity stream.

use super::tally::{Participant, Tally};
use super::{ExperimentsSnapshot, Options, TALLIES_MAX};
use crate::event::activity::{HistoryLine, Trial};
use crate::event::{ActivityEvent, Behaviour, Events, Origin, Progress, Projection, Recorded};
use crate::id::QueryId;
use crate::signal::decay::NEVER;
use crate::signal::keys::{key_of, key_of_digest, key_of_order, people};
use crate::signal::known::Known;
use crate::signal::recent::Recent;
use crate::stdx::clock::Timestamp;
use crate::stdx::published::Published;
use crate::stdx::table::Table;
use std::collections::VecDeque;
use std::sync::Arc;

/// What one order added to one tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Credit {
    /// Place of the tally.
    pub(super) slot: usize,
    /// Its run: another one may stand there by now.
    pub(super) run: Timestamp,
    pub(super) visitor: u64,
    /// 1, or 0 for a change of an order.
    pub(super) orders: u32,
    pub(super) revenue_minor: i64,
}

/// The newest orders that were counted; the oldest are forgotten first.
#[derive(Clone, Default)]
pub(super) struct Orders {
    pub(super) credits: Table<u64, Arc<[Credit]>>,
    pub(super) oldest_first: VecDeque<u64>,
}

impl Orders {
    pub(super) fn remember(&mut self, order: u64, credits: Arc<[Credit]>, orders_max: usize) {
        if self.oldest_first.len() >= orders_max.max(1)
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.credits.remove(&oldest);
        }
        self.credits.insert(order, credits);
        self.oldest_first.push_back(order);
    }

    /// What an order added: asked once, given once. The order stays known.
    fn take_back(&mut self, order: u64) -> Option<Arc<[Credit]>> {
        let credits = Arc::clone(self.credits.get(&order)?);
        self.credits.insert(order, Arc::from([]));
        Some(credits)
    }

    /// Forgets whose orders these were.
    fn forget(&mut self, visitor: u64) {
        let of_visitor = |credits: &Arc<[Credit]>| credits.iter().any(|credit| credit.visitor == visitor);
        let named: Vec<u64> =
            self.credits.sorted().into_iter().filter(|(_, credits)| of_visitor(credits)).map(|(order, _)| *order).collect();
        for order in named {
            self.take_back(order);
        }
    }
}

/// Everything folded so far. Clones share what neither has changed.
#[derive(Clone)]
pub(super) struct State {
    pub(super) options: Options,
    pub(super) progress: Progress,
    /// The newest moment at which something was seen.
    pub(super) watermark: Timestamp,
    pub(super) tallies: Vec<Option<Tally>>,
    /// Answers that were counted: name, time, participant, and a bit for each tally in which no click has come of it yet.
    pub(super) answers: Recent<4>,
    pub(super) orders: Orders,
    /// Who may be known in any of these.
    pub(super) met: Known,
}

/// Folds events into tallies. One per process.
pub struct ExperimentsFold {
    pub(super) state: State,
    pub(super) is_changed: bool,
    published: Arc<Published<ExperimentsSnapshot>>,
}

impl ExperimentsFold {
    /// No tallies.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let state = State {
            progress: Progress::default(),
            watermark: NEVER,
            tallies: vec![None; TALLIES_MAX],
            answers: Recent::new(options.answers_len),
            orders: Orders::default(),
            met: Known::of([]),
            options,
        };
        Self { state, is_changed: false, published: Arc::default() }
    }

    /// Where readers take snapshots.
    #[must_use]
    pub fn reader(&self) -> Arc<Published<ExperimentsSnapshot>> {
        Arc::clone(&self.published)
    }

    fn fold(&mut self, event: &ActivityEvent, taken_at: Timestamp) {
        // Nothing can have happened after the pipeline took it.
        let moment = |happened_at: Timestamp| happened_at.min(taken_at);
        let state = &mut self.state;
        if !matches!(event, ActivityEvent::Exposed { .. }) && state.tallies.iter().all(Option::is_none) {
            return;
        }
        self.is_changed = true;
        match event {
            ActivityEvent::Exposed { query, trials, is_unfinished, origin } => {
                state.fold_exposure(query, trials, *is_unfinished, origin, taken_at);
            }
            ActivityEvent::Behaved { behaviour, origin, happened_at, .. } => state.fold_behaviour(*behaviour, origin, moment(*happened_at)),
            ActivityEvent::OrderImported { reference, origin, lines, happened_at } => {
                state.fold_order(key_of("imported/", reference), origin, lines, moment(*happened_at));
            }
            ActivityEvent::OrderNoted { order, origin, lines, .. } => state.fold_order(key_of_order(order), origin, lines, taken_at),
            ActivityEvent::CancellationNoted { order } => state.unfold_order(key_of_order(order)),
            ActivityEvent::ShopperErased { shopper } => state.forget(key_of_digest(shopper)),
            ActivityEvent::ImportProgressed { .. }
            | ActivityEvent::Searched { .. }
            | ActivityEvent::Recommended { .. }
            | ActivityEvent::KeyUsed { .. } => {}
        }
    }
}

impl State {
    fn fold_exposure(&mut self, query: &QueryId, trials: &[Trial], is_unfinished: bool, origin: &Origin, at: Timestamp) {
        // A person before a visit, as arms are given.
        let [visit_or_person, person] = people(origin);
        let Some(visitor) = person.or(visit_or_person) else { return };
        self.watermark = self.watermark.max(at);
        self.met.note(visitor);
        let mut counted_in = 0_u64;
        for trial in trials {
            if let Some(slot) = self.slot_of(trial, at)
                && self.expose(slot, &trial.arm, visitor, is_unfinished, at)
            {
                counted_in |= 1 << slot;
            }
        }
        if counted_in != 0 {
            self.answers.put([key_of("answer/", query.as_str()), at.0.cast_unsigned(), visitor, counted_in]);
        }
    }

    /// The place of the tally of a run, a new one's if need be; none when a later run of the experiment is counted already.
    fn slot_of(&mut self, trial: &Trial, at: Timestamp) -> Option<usize> {
        let name = trial.experiment.as_str();
        let known = |tally: &Option<Tally>| tally.as_ref().is_some_and(|tally| *tally.counted.experiment == *name);
        let slot = match self.tallies.iter().position(known) {
            Some(slot) => {
                let run = self.tallies[slot].as_ref().map_or(NEVER, |tally| tally.counted.run);
                if run == trial.run {
                    return Some(slot);
                }
                (run < trial.run).then_some(slot)?
            }
            None => {
                let quiet = |slot: &usize| self.tallies[*slot].as_ref().map_or(NEVER, |tally| tally.last_at);
                (0..TALLIES_MAX).min_by_key(quiet)?
            }
        };
        self.tallies[slot] = Some(Tally::new(Arc::from(name), trial.run, at));
        Some(slot)
    }

    /// Counts an answer for a participant; says whether it was counted.
    fn expose(&mut self, slot: usize, arm: &str, visitor: u64, is_unfinished: bool, at: Timestamp) -> bool {
        let is_new = self.tallies[slot].as_ref().is_some_and(|tally| tally.participants.0.get(&visitor).is_none());
        let has_room = !is_new || self.make_room(slot);
        let (typing_ms, Some(tally)) = (self.options.typing_ms, &mut self.tallies[slot]) else { return false };
        tally.last_at = tally.last_at.max(at);
        if tally.is_settled || !has_room {
            tally.counted.uncounted += 1;
            return false;
        }
        let Some(arm) = tally.arm(arm) else { return false };
        if is_new {
            tally.take_in(visitor, Participant { arm, first_at: at, last_at: at, ..Participant::default() });
        } else if tally.participants.0.get(&visitor).is_some_and(|known| known.arm != arm) {
            return false;
        }
        tally.change(visitor, |participant| {
            let goes_on = participant.is_typing && at.since_ms(participant.last_at) <= typing_ms;
            participant.searches += u32::from(!goes_on);
            participant.is_typing = is_unfinished;
            participant.last_at = participant.last_at.max(at);
        });
        true
    }

    /// Whether one more participant can be taken in; lets those of a quiet tally go, if nothing can come of them any more.
    fn make_room(&mut self, keep: usize) -> bool {
        let count: usize = self.tallies.iter().flatten().map(|tally| tally.participants.0.len()).sum();
        if count < self.options.participants_max {
            return true;
        }
        let (watermark, attribution_ms) = (self.watermark, self.options.attribution_ms);
        let over = self.tallies.iter_mut().enumerate().filter(|(slot, _)| *slot != keep).filter_map(|(_, tally)| tally.as_mut());
        let over = over.filter(|tally| !tally.participants.0.is_empty() && watermark.since_ms(tally.last_at) > attribution_ms);
        over.min_by_key(|tally| tally.last_at).map(Tally::settle).is_some()
    }

    fn fold_behaviour(&mut self, behaviour: Behaviour, origin: &Origin, at: Timestamp) {
        self.watermark = self.watermark.max(at);
        match behaviour {
            Behaviour::Impression => {}
            Behaviour::Click | Behaviour::View => self.fold_click(origin, at),
            Behaviour::AddToCart => self.each_attributed(people(origin), at, |participant| participant.carts += 1),
            Behaviour::Purchase => self.each_attributed(people(origin), at, |participant| participant.has_bought_elsewhere = true),
        }
    }

    /// A search that a product was chosen from, or looked at, led to a click, once.
    fn fold_click(&mut self, origin: &Origin, at: Timestamp) {
        let name = origin.query.as_ref().map(|query| key_of("answer/", query.as_str()));
        let Some([name, answered_at, visitor, counted_in]) = name.and_then(|name| self.answers.get(name).copied()) else { return };
        let answer_at = Timestamp(answered_at.cast_signed());
        // Whoever names an answer has it: a click of before says how wrong a clock is, and one of long before is of another day.
        if counted_in == 0 || at.0.abs_diff(answer_at.0) > self.options.attribution_ms.unsigned_abs() {
            return;
        }
        let slots = (0..TALLIES_MAX).filter(|slot| counted_in & 1 << slot != 0);
        for slot in slots {
            let Some(tally) = &mut self.tallies[slot] else { continue };
            tally.change(visitor, |participant| {
                // Another tally may stand there by now, which never counted the answer.
                let is_one_of_theirs = participant.first_at <= answer_at && participant.clicked < participant.searches;
                participant.clicked += u32::from(is_one_of_theirs);
            });
        }
        self.answers.put([name, answered_at, visitor, 0]);
    }

    fn each_attributed(&mut self, visitors: [Option<u64>; 2], at: Timestamp, change: impl Fn(&mut Participant)) {
        for tally in self.tallies.iter_mut().flatten() {
            if let Some(visitor) = tally.attributed(visitors, at, &self.options) {
                tally.change(visitor, &change);
            }
        }
    }

    /// An order, or a change of one as an order of its own name: what was sent back has negative units.
    fn fold_order(&mut self, order: u64, origin: &Origin, lines: &[HistoryLine], at: Timestamp) {
        if self.orders.credits.contains(&order) {
            return;
        }
        self.watermark = self.watermark.max(at);
        let visitors = people(origin);
        let units: i64 = lines.iter().fold(0, |units, line| units.saturating_add(line.quantity));
        let mut credits: Vec<Credit> = Vec::new();
        for (slot, tally) in self.tallies.iter_mut().enumerate().filter_map(|(slot, tally)| Some((slot, tally.as_mut()?))) {
            let Some(visitor) = tally.attributed(visitors, at, &self.options) else { continue };
            let revenue_minor = revenue_minor(tally, lines);
            let credit = Credit { slot, run: tally.counted.run, visitor, orders: u32::from(units > 0), revenue_minor };
            tally.change(visitor, |participant| {
                participant.orders += credit.orders;
                participant.revenue_minor = participant.revenue_minor.saturating_add(revenue_minor);
            });
            credits.push(credit);
        }
        if !credits.is_empty() {
            self.orders.remember(order, Arc::from(credits), self.options.orders_remembered_max);
        }
    }

    fn unfold_order(&mut self, order: u64) {
        let Some(credits) = self.orders.take_back(order) else { return };
        for credit in credits.iter() {
            let tally = self.tallies.get_mut(credit.slot).and_then(Option::as_mut).filter(|tally| tally.counted.run == credit.run);
            tally.into_iter().for_each(|tally| {
                tally.change(credit.visitor, |participant| {
                    participant.orders = participant.orders.saturating_sub(credit.orders);
                    participant.revenue_minor = participant.revenue_minor.saturating_sub(credit.revenue_minor);
                });
            });
        }
    }

    /// Forgets somebody, and takes out what they added wherever they are still known.
    fn forget(&mut self, visitor: u64) {
        if !self.met.may_know(visitor) {
            return;
        }
        self.tallies.iter_mut().flatten().for_each(|tally| tally.forget(visitor));
        self.answers.forget(|[_, _, participant, _]| *participant == visitor);
        self.orders.forget(visitor);
        self.met = self.everybody();
    }

    /// All who are known.
    pub(super) fn everybody(&self) -> Known {
        let participants = self.tallies.iter().flatten().flat_map(|tally| tally.participants.0.iter().map(|(visitor, _)| *visitor));
        let buyers = self.orders.credits.iter().flat_map(|(_, credits)| credits.iter().map(|credit| credit.visitor));
        Known::of(self.answers.entries().map(|entry| entry[2]).chain(participants).chain(buyers))
    }
}

/// What lines come to in the currency of the tally's first order; lines in another one come to nothing, since sums of several mean nothing.
fn revenue_minor(tally: &mut Tally, lines: &[HistoryLine]) -> i64 {
    let priced = lines.iter().filter_map(|line| Some((line.quantity, line.unit_price?)));
    priced.fold(0, |sum: i64, (quantity, price)| {
        let currency = *tally.counted.currency.get_or_insert(price.currency);
        if currency == price.currency { sum.saturating_add(quantity.saturating_mul(price.amount_minor)) } else { sum }
    })
}

impl Projection for ExperimentsFold {
    fn apply(&mut self, recorded: &Recorded) {
        let stream = recorded.stream();
        if recorded.offset < self.state.progress.of(stream) {
            return;
        }
        if let Events::Activity(events) = &recorded.events {
            events.iter().for_each(|event| self.fold(event, recorded.at));
        }
        self.state.progress.advance(stream, recorded.offset.plus(1));
    }

    fn publish(&mut self) {
        if std::mem::take(&mut self.is_changed) {
            let tallies = self.state.tallies.iter().flatten().map(|tally| Arc::new(tally.counted.clone())).collect();
            self.published.swap(ExperimentsSnapshot { tallies });
        }
    }

    fn progress(&self) -> Progress {
        self.state.progress
    }
}
