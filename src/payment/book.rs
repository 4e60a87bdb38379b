//! What the shop knows about payments beyond each of them: which disputes there are, what waits for shoppers, what providers told already.

use crate::event::trade::NoticeDigest;
use crate::id::{DisputeId, PaymentId};
use crate::stdx::clock::Timestamp;
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Serialize};

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaymentBook {
    /// Payments that wait for their shoppers to act, by when that is given up.
    pub actions: OrdSet<(Timestamp, PaymentId)>,
    /// Every dispute, and the payment that it is of.
    pub disputes: OrdMap<DisputeId, PaymentId>,
    /// What providers told, for ever: 16 bytes an event, two to four events a payment; a million orders add some 64 MB to the checkpoint.
    pub notices: OrdSet<NoticeDigest>,
    /// Refunds that failed and will be asked for again: when, of which payment, and which of its steps it was.
    #[serde(default)]
    pub refunds_put_off: OrdSet<(Timestamp, PaymentId, u32)>,
}

impl PaymentBook {
    /// When time alone will next make something happen here.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let given_up = self.actions.get_min().map(|(at, _)| *at);
        let asked_again = self.refunds_put_off.get_min().map(|(at, _, _)| *at);
        [given_up, asked_again].into_iter().flatten().min()
    }

    /// When refunds of a payment that failed will be asked for again, and which steps they were.
    pub fn put_off<'a>(&'a self, payment: &'a PaymentId) -> impl Iterator<Item = (u32, Timestamp)> + 'a {
        self.refunds_put_off.iter().filter(move |(_, of, _)| of == payment).map(|(at, _, number)| (*number, *at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::codec::{from_bytes, to_compact_bytes};

    #[test]
    fn a_book_that_was_written_before_refunds_were_put_off_is_read() {
        let (actions, mut disputes, notices) = (OrdSet::new(), OrdMap::new(), OrdSet::<NoticeDigest>::new());
        let (dispute, payment) = (DisputeId::new("d").expect("a name"), PaymentId::new("p").expect("a name"));
        disputes.insert(dispute, payment);
        let before: (OrdSet<(Timestamp, PaymentId)>, _, _) = (actions, disputes.clone(), notices);
        let read: PaymentBook = from_bytes(&to_compact_bytes(&before).expect("is written")).expect("is read");
        assert_eq!(read, PaymentBook { disputes, ..PaymentBook::default() });
    }
}
