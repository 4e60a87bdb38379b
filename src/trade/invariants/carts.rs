//! What must always be true of carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.

use crate::cart::LINES_MAX;
use crate::event::trade::Line;
use crate::id::LineId;
use crate::order::Checkout;
use crate::trade::state::State;
use std::collections::BTreeSet;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_carts(&self) -> Vec<String> {
        let mut wrong = self.carts_book.verify();
        wrong.extend(self.check_cart_indexes());
        for (id, cart) in self.carts.sorted() {
            let is_whole = |lines: &[Line]| {
                let names: BTreeSet<&LineId> = lines.iter().map(|line| &line.id).collect();
                names.len() == lines.len() && lines.len() <= LINES_MAX && lines.iter().all(|line| line.quantity > 0)
            };
            if !is_whole(&cart.lines) || !is_whole(&cart.saved) {
                wrong.push(format!("cart {id}: a line stands twice, or is of nothing"));
            }
            if self.carts_book.merged_into(id).is_some() {
                wrong.push(format!("cart {id} is open although it was merged into another"));
            }
        }
        wrong
    }

    fn check_cart_indexes(&self) -> Vec<String> {
        let mut rebuilt = Self::default();
        self.checkouts.sorted().into_iter().for_each(|(_, session)| drop(rebuilt.put_checkout(Checkout::clone(session))));
        self.carts.sorted().into_iter().for_each(|(_, cart)| rebuilt.put_cart(crate::cart::Cart::clone(cart)));
        let rules = [
            ("idle carts", rebuilt.idle_carts == self.idle_carts),
            ("idle lists", rebuilt.idle_lists == self.idle_lists),
            ("carts by shopper", rebuilt.carts_by_shopper == self.carts_by_shopper),
            ("carts that are being paid", rebuilt.paying_carts == self.paying_carts),
            ("checkout sessions by shopper", rebuilt.checkouts_by_shopper == self.checkouts_by_shopper),
            ("attempts by buyer", rebuilt.attempts_by_buyer == self.attempts_by_buyer),
        ];
        rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| format!("the index of {what} is wrong")).collect()
    }
}
