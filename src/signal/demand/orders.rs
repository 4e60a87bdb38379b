//! What orders give to the queries that led to them, and canceled ones take back.

use super::DemandFold;
use super::counts::Counts;
use super::credit::{Credit, Credited};
use super::queries::PairCounts;
use super::repeats::{Act, Deed};
use crate::event::Origin;
use crate::event::activity::HistoryLine;
use crate::signal::PRODUCTS_MAX;
use crate::signal::fold::counted_units;
use crate::signal::keys::people;
use crate::stdx::clock::Timestamp;

impl DemandFold {
    pub(super) fn fold_order(&mut self, order: u64, origin: &Origin, lines: &[HistoryLine], at: Timestamp) {
        if self.state.credits.knows(order) {
            return;
        }
        self.state.watermark = self.state.watermark.max(at);
        let mut credits: Vec<Credit> = Vec::new();
        for line in lines.iter().filter(|line| line.quantity > 0 && line.product.index() < PRODUCTS_MAX) {
            let Some(query) = self.led_by(origin, line.product, at) else { continue };
            let units = counted_units(line.quantity) as f64;
            let revenue_minor = self.revenue_minor(line, units);
            // What an event told of is counted; that it is paid for, only orders tell.
            let is_told = self.is_told(Act::Purchase, origin, query, line.product, at);
            let counts_order = !is_told && credits.iter().all(|credit| credit.query != query);
            credits.push(Credit { query, product: line.product, counts_order, units: if is_told { 0.0 } else { units }, revenue_minor });
            for person in people(origin).into_iter().flatten() {
                self.state.repeats.note(&Deed { act: Act::Order, person, query, product: line.product }, at);
            }
        }
        credits.iter().for_each(|credit| self.give(credit, 1.0, at));
        if !credits.is_empty() {
            self.state.credits.remember(order, Credited { at, credits });
        }
    }

    fn revenue_minor(&mut self, line: &HistoryLine, units: f64) -> f64 {
        let Some(price) = line.unit_price else { return 0.0 };
        let currency = *self.state.currency.get_or_insert(price.currency);
        // Sums of several currencies would mean nothing; the others count as orders and units only.
        if currency == price.currency { price.amount_minor.max(0) as f64 * units } else { 0.0 }
    }

    /// Gives a line's credit, or with a sign of -1 takes it back at the time it was given.
    fn give(&mut self, credit: &Credit, sign: f64, at: Timestamp) {
        let orders = f64::from(u8::from(credit.counts_order));
        let counts = Counts { orders, units: credit.units, revenue_minor: credit.revenue_minor, ..Counts::default() };
        let pair = PairCounts { orders: if credit.units > 0.0 { 1.0 } else { 0.0 }, ..PairCounts::default() };
        let (counts, pair) = if sign < 0.0 { (counts.negated(), pair.negated()) } else { (counts, pair) };
        self.gain(credit.query, credit.product, &pair, &counts, None, at);
    }

    pub(super) fn unfold_order(&mut self, order: u64) {
        if let Some(credited) = self.state.credits.take_back(order) {
            credited.credits.iter().for_each(|credit| self.give(credit, -1.0, credited.at));
        }
    }
}
