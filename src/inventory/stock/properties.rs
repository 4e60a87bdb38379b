//! Units are conserved, whatever moves in whatever order: no movement makes or loses any, what cannot be done whole changes nothing, and
//! availability is always the sum of its parts.

use super::*;
use crate::event::trade::Component;
use crate::id::ChannelId;
use proptest::prelude::*;

const ACCOUNTS: [Account; 11] = [
    Account::Available,
    Account::Reserved,
    Account::Allocated,
    Account::Picked,
    Account::Damaged,
    Account::QualityHold,
    Account::Incoming,
    Account::InTransit,
    Account::Supplier,
    Account::Customer,
    Account::WrittenOff,
];

fn place(number: usize) -> (Sku, LocationId) {
    let (sku, location) = (["a", "b", "c"][number % 3], ["north", "south"][number % 2]);
    (Sku::new(sku).expect("an id"), LocationId::new(location).expect("an id"))
}

/// Units in every account that is kept, and in what is available.
fn counted(buckets: &Buckets) -> [i64; 8] {
    let Buckets { reserved, allocated, picked, damaged, quality_hold, incoming, in_transit, .. } = *buckets;
    [buckets.available(), reserved, allocated, picked, damaged, quality_hold, incoming, in_transit]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_movement_takes_from_one_account_what_it_gives_to_another(
        moves in prop::collection::vec((0..6_usize, 0..11_usize, 0..11_usize, 0..9_i64, 0..4_i64), 1..120),
    ) {
        let mut stock = Stock::default();
        let bundle = [Component { sku: place(0).0, quantity: 2 }, Component { sku: place(1).0, quantity: 1 }];
        stock.set_bundle(&Sku::new("set").expect("an id"), Ordinal(5), &bundle);
        for (number, from, to, quantity, cap) in moves {
            let ((sku, location), from, to) = (place(number), ACCOUNTS[from], ACCOUNTS[to]);
            if cap == 0 {
                let _ = stock.set_limits(&sku, Ordinal(1), &location, 1, quantity);
                stock.grant(&sku, &ChannelId::new("market").expect("an id"), (quantity > 2).then_some(quantity));
            }
            let before = stock.buckets(&sku, &location);
            let units = Units { sku: sku.clone(), location: location.clone(), quantity };
            let done = stock.shift(&units, Some(Ordinal(1)), from, to).is_ok();
            let after = stock.buckets(&sku, &location);
            let mut expected = counted(&before);
            if done {
                let kept = |account: Account| ACCOUNTS.iter().position(|known| *known == account).filter(|place| *place < expected.len());
                let (from, to) = (kept(from), kept(to));
                from.into_iter().for_each(|place| expected[place] -= quantity);
                to.into_iter().for_each(|place| expected[place] += quantity);
            }
            prop_assert_eq!(counted(&after), expected);
            prop_assert_eq!(after.on_hand, counted(&after)[..6].iter().sum::<i64>());
            prop_assert_eq!(after.on_hand, after.moved - after.shipped);
            for row in stock.rows() {
                prop_assert_eq!(stock.verify_row(row), Vec::<String>::new());
            }
            prop_assert!(stock.bundles().iter().all(|bundle| bundle.available == stock.available_bundles(&bundle.components)));
        }
    }
}
