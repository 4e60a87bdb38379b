//! What must always be true of what the shop keeps about people, and how it forgets them.

use crate::event::sealed::Personal;
use crate::trade::state::State;

impl State {
    /// What is wrong, in words.
    pub(super) fn check_shoppers(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if !self.shoppers.is_sound() {
            wrong.push("the keys of a shopper are not ascending, or none".to_owned());
        }
        // Nothing open is sealed for a shopper under a key that forgetting them would miss.
        let open = self.idle_checkouts.iter().filter_map(|(_, id)| self.checkout(id));
        for session in open {
            let Some(shopper) = &session.buyer.shopper else { continue };
            let known = self.keys_of(shopper);
            let address = session.address.as_deref().map(Personal::keys).unwrap_or_default();
            if session.buyer.keys().iter().chain(&address).any(|key| !known.contains(key)) {
                wrong.push(format!("the checkout session {} is sealed under a key that its shopper does not have", session.id));
            }
        }
        wrong
    }
}
