//! What the activity stream says of products: behaviour, orders of other systems, and which purchases it tells of twice.

use super::decay::Touch;
use super::fold::{SignalFold, Source, counted_units, interest_in, sale, touch_of};
use super::keys::key_of_digest;
use super::purchases::Whose;
use crate::event::activity::HistoryLine;
use crate::event::{ActivityEvent, Behaviour};
use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;

impl SignalFold {
    pub(super) fn fold_activity(&mut self, event: &ActivityEvent, taken_at: Timestamp) {
        match event {
            ActivityEvent::Behaved { behaviour: Behaviour::Purchase, product, quantity, origin, happened_at } => {
                self.fold_purchase(*product, i64::from((*quantity).max(1)), &Whose::of(origin), (*happened_at).min(taken_at));
            }
            ActivityEvent::Behaved { behaviour, product, happened_at, .. } => {
                self.add(*product, touch_of(*behaviour), (*happened_at).min(taken_at), Source::Activity);
            }
            ActivityEvent::OrderImported { reference, origin, lines, happened_at } => {
                // Nothing can have happened after the pipeline took it: a wrong clock must not age everything else.
                let at = (*happened_at).min(taken_at);
                if self.state.orders[Source::Activity as usize].remember(reference, at) {
                    let whose = Whose::of(origin);
                    lines.iter().for_each(|line| self.fold_history_line(line, &whose, at));
                }
            }
            // The trade stream counts it, and tells of nobody.
            ActivityEvent::OrderNoted { origin, lines, kept: None, .. } => {
                let (whose, bought) = (Whose::of(origin), lines.iter().filter(|line| line.quantity > 0));
                bought.for_each(|line| self.take_back_events(line.product, &whose, taken_at));
            }
            ActivityEvent::ShopperErased { shopper } => self.state.purchases.forget(key_of_digest(shopper)),
            ActivityEvent::OrderNoted { kept: Some(_), .. }
            | ActivityEvent::ImportProgressed { .. }
            | ActivityEvent::Searched { .. }
            | ActivityEvent::Recommended { .. }
            | ActivityEvent::Exposed { .. }
            | ActivityEvent::CancellationNoted { .. }
            | ActivityEvent::KeyUsed { .. } => {}
        }
    }

    fn fold_history_line(&mut self, line: &HistoryLine, whose: &Whose, at: Timestamp) {
        match line.quantity {
            0 => {}
            1.. => {
                self.take_back_events(line.product, whose, at);
                self.sell(line.product, line.quantity, whose, at);
            }
            _ => {
                let units = counted_units(line.quantity.saturating_neg());
                let (back, sold_at) = self.state.purchases.returned(whose, line.product, at, units);
                self.take_back_units(line.product, back, sold_at);
            }
        }
    }

    /// A purchase that an event tells of counts unless an order has told of it.
    fn fold_purchase(&mut self, product: Ordinal, quantity: i64, whose: &Whose, at: Timestamp) {
        if let Some(counted_at) = self.state.purchases.event(whose, product, at, counted_units(quantity)) {
            self.state.watermark = self.state.watermark.max(at);
            self.sell(product, quantity, whose, counted_at);
        }
    }

    /// A purchase that an order tells of is the order's, and no event's any more.
    fn take_back_events(&mut self, product: Ordinal, whose: &Whose, at: Timestamp) {
        for counted in self.state.purchases.order(whose, product, at) {
            let purchases = f64::from(counted.purchases);
            let interest = purchases * interest_in(Behaviour::Purchase);
            let told = Touch { units: counted.units as f64, purchases, interest, ..Touch::default() };
            self.take_back(product, told, counted.at, Source::Activity);
        }
    }

    /// Counts a sale, less what came back of it as was told before.
    fn sell(&mut self, product: Ordinal, quantity: i64, whose: &Whose, at: Timestamp) {
        self.add(product, sale(quantity), at, Source::Activity);
        let back = self.state.purchases.bought(whose, product, at, counted_units(quantity));
        self.take_back_units(product, back, at);
    }

    /// A return takes back what was sold, not the interest that was shown.
    fn take_back_units(&mut self, product: Ordinal, units: i64, sold_at: Timestamp) {
        if units > 0 {
            let returned = Touch { interest: 0.0, ..sale(units) };
            self.take_back_some(product, returned, sold_at, Source::Activity);
        }
    }
}
