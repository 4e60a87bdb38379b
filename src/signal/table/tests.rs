//! The table as its writer and its readers see it.

use super::*;

fn tell(table: &SignalTable, product: Ordinal, units: i64) {
    table.store_available(product, units, 0, units > 0);
}

#[test]
fn products_of_which_nothing_was_told_are_neutral_and_available() {
    let table = SignalTable::new(None);
    for ordinal in [0, 7, u32::MAX] {
        let product = Ordinal(ordinal);
        assert_eq!((table.prior(product), table.is_available(product), table.row(product).prior), (1.0, true, 1.0));
    }
    assert!(table.reach(Ordinal(0)).expect("maps"));
    assert!(!table.reach(Ordinal(u32::MAX)).expect("nothing to map"));
    assert_eq!((table.prior(Ordinal(7)), table.available(Ordinal(7))), (1.0, None));
    tell(&table, Ordinal(7), 0);
    assert!(!table.is_available(Ordinal(7)));
}

#[test]
fn prior_and_availability_leave_each_other_alone() {
    let table = SignalTable::new(None);
    let product = Ordinal(5);
    table.reach(product).expect("maps");
    for (units, prior, is_available) in [(0, 2.5, false), (-3, 0.25, false), (1, 4.0, true), (i64::MAX, 1.5, true), (i64::MIN, 3.0, false)]
    {
        tell(&table, product, units);
        table.store(product, &SignalRow { prior, ..SignalRow::default() });
        assert_eq!(table.standing(product), Standing { prior, is_available }, "{units}");
        tell(&table, product, units);
        assert_eq!((table.prior(product), table.is_available(product), table.row(product).prior), (prior, is_available, prior));
    }
}

#[test]
fn many_standings_are_those_of_each() {
    let table = SignalTable::new(None);
    let len = BLOCK_LEN as u32;
    for (ordinal, prior) in [(0, 2.0), (len - 1, 3.0), (2 * len, 0.5), (2 * len + 7, 1.5)] {
        let product = Ordinal(ordinal);
        assert!(table.reach(product).expect("maps"));
        table.store(product, &SignalRow { prior, ..SignalRow::default() });
        tell(&table, product, i64::from(ordinal % 2));
    }
    // The block between was never reached, and nothing is beyond the last.
    let products = [0, 5, len - 1, len, len + 9, 2 * len, 2 * len + 7, 0, u32::MAX].map(Ordinal);
    let mut found = Vec::new();
    table.standings(products.into_iter(), |standing| found.push(standing));
    assert_eq!(found, products.map(|product| table.standing(product)));
}

#[test]
fn a_row_comes_back_as_stored_also_from_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = SignalTable::new(Some(&folder.path().join("signals")));
    let product = Ordinal(BLOCK_LEN as u32 + 3);
    assert!(table.reach(product).expect("maps"));
    let row = SignalRow { price_minor: -(5 << 40), velocity_per_day: 2.5, trend: -1.0, prior: 3.0, ..SignalRow::default() };
    table.store(product, &row);
    assert_eq!((table.row(product), table.trend(product)), (row, -1.0));
    assert!(folder.path().join("signals.1").exists() && !folder.path().join("signals.0").exists());
}

#[test]
fn units_beyond_the_cell_saturate() {
    let table = SignalTable::new(None);
    table.reach(Ordinal(0)).expect("maps");
    for (told, kept) in [(i64::MAX, i64::from(i32::MAX)), (i64::MIN, i64::from(i32::MIN) + 1), (i64::from(i32::MIN), -i64::from(i32::MAX))]
    {
        tell(&table, Ordinal(0), told);
        assert_eq!(table.row(Ordinal(0)).available_units, kept);
    }
}

#[test]
fn bits_say_what_is_sold_out_of_known_and_unknown_blocks() {
    let table = SignalTable::new(None);
    let len = BLOCK_LEN as u32;
    let told = [(0, 0), (31, 0), (32, -1), (33, 4), (len - 1, 0), (2 * len + 5, 0), (2 * len + 6, 0)];
    for (ordinal, units) in told {
        assert!(table.reach(Ordinal(ordinal)).expect("maps"));
        tell(&table, Ordinal(ordinal), units);
    }
    tell(&table, Ordinal(2 * len + 6), 1);
    let mut bits = vec![u32::MAX; 3 * BITS_LEN + 2];
    table.sold_out_bits(Ordinal(0), &mut bits);
    let set: Vec<u32> =
        (0..).zip(&bits).flat_map(|(at, word)| (0..32).filter(move |bit| word & 1 << bit != 0).map(move |bit| at * 32 + bit)).collect();
    assert_eq!(set, [0, 31, 32, len - 1, 2 * len + 5]);
    let mut later = [u32::MAX];
    table.sold_out_bits(Ordinal(2 * len), &mut later);
    assert_eq!(later, [1 << 5]);
}
