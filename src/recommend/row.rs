//! One product's partners in one relation: a bounded row of decayed weights.
//!
//! Weights are kept by forward decay (Cormode, Shkapenyuk, Srivastava and Xu, ICDE 2009): what happens at `t` is written with the weight
//! `2^(t / half-life - epoch)`, where a row's epoch counts whole half-lives. Nothing has to be touched as time passes, and moving a row to a
//! later epoch halves every weight exactly, so no rounding creeps in.
//!
//! A full row admits a newcomer by erosion: its weight is taken off the weakest partner, and it takes that place once it outweighs what is
//! left. That is the expected value of random admission (Ben Basat, Einziger, Friedman and Kassner, INFOCOM 2017) without the dice: partners
//! that keep coming back stay, and replay gives the same row.

use crate::id::Ordinal;
use crate::stdx::clock::Timestamp;

/// Most partners in a row: several times what a list shows, since a list is ordered by score and a row is kept by weight.
pub const PARTNERS_MAX: usize = 96;

/// A moment on the decay scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    /// Whole half-lives since the Unix epoch.
    pub(super) epoch: i64,
    /// What something of weight 1 is written with at this moment, in terms of `epoch`; in [1, 2).
    pub(super) scale: f32,
}

impl Moment {
    pub(super) fn of(at: Timestamp, half_life_ms: i64) -> Self {
        let (epoch, rest_ms) = (at.0.div_euclid(half_life_ms), at.0.rem_euclid(half_life_ms));
        Self { epoch, scale: (rest_ms as f64 / half_life_ms as f64).exp2() as f32 }
    }
}

/// `2^(from - to)` for epochs `from <= to`: what a weight of epoch `from` is worth in terms of epoch `to`. Exact, or 0.
pub(super) fn worth(from: i64, to: i64) -> f32 {
    match to.saturating_sub(from) {
        ..=0 => 1.0,
        halvings @ 1..=126 => f32::from_bits((127 - halvings as u32) << 23),
        _ => 0.0,
    }
}

/// Another product that goes with the row's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Partner {
    pub(super) product: Ordinal,
    /// Shoppers or orders with both, undecayed, while it has been in the row. Below zero only in a delta, where something was taken back that
    /// the base counted.
    pub(super) support: i32,
    /// Halves of those in which it came after the row's product.
    pub(super) after: i32,
    /// Decayed weight in terms of the row's epoch.
    pub(super) weight: f32,
}

/// What is added to a tie, or taken from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    pub(super) weight: f32,
    pub(super) support: i32,
    pub(super) after: i32,
}

/// One product in one relation: what a reader takes a copy of.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Row {
    pub(super) epoch: i64,
    /// How much there is of the product in the relation, decayed, in terms of `epoch`.
    pub(super) degree: f32,
    /// Shoppers or orders that had the product, undecayed.
    pub(super) reach: i32,
    /// Ties made from the product, undecayed, those included that are in the row no more.
    pub(super) draws: i32,
    pub(super) partners: Vec<Partner>,
}

#[cfg(test)]
mod tests {
    use super::super::base::Beside;
    use super::super::rows::Rows;
    use super::*;
    use proptest::prelude::*;

    const HOUR_MS: i64 = 3_600_000;
    const ASKING: Ordinal = Ordinal(7);

    fn at(half_lives: f64) -> Moment {
        Moment::of(Timestamp((half_lives * HOUR_MS as f64) as i64), HOUR_MS)
    }

    fn row(rows: &Rows) -> Row {
        rows.reader().row(ASKING).unwrap_or_default()
    }

    fn weight_of(rows: &Rows, product: u32, now: i64) -> f32 {
        let row = row(rows);
        let partner = row.partners.iter().find(|partner| partner.product == Ordinal(product));
        partner.map_or(0.0, |partner| partner.weight * worth(row.epoch, now))
    }

    fn add(rows: &mut Rows, product: u32, weight: f32, moment: Moment) {
        rows.link(ASKING, Ordinal(product), Share { weight, support: 1, after: 2 }, moment, &Beside::Nothing);
    }

    fn take(rows: &mut Rows, product: u32, weight: f32, moment: Moment, beside: &Beside) {
        rows.link(ASKING, Ordinal(product), Share { weight: -weight, support: -1, after: -2 }, moment, beside);
    }

    #[test]
    fn weights_halve_with_every_half_life_whatever_the_order_of_arrival() {
        let mut rows = Rows::new();
        add(&mut rows, 1, 4.0, at(2.0));
        add(&mut rows, 2, 1.0, at(5.0));
        add(&mut rows, 3, 4.0, at(3.0));
        assert_eq!([1, 2, 3].map(|product| weight_of(&rows, product, 6)), [0.25, 0.5, 0.5]);
    }

    #[test]
    fn what_is_taken_back_is_gone() {
        let mut rows = Rows::new();
        rows.occur(ASKING, 1.0, 1, at(1.5), &Beside::Nothing);
        add(&mut rows, 1, 1.0, at(1.5));
        add(&mut rows, 1, 1.0, at(9.0));
        take(&mut rows, 1, 1.0, at(1.5), &Beside::Nothing);
        assert_eq!((row(&rows).partners[0].support, weight_of(&rows, 1, 9)), (1, 1.0));
        take(&mut rows, 1, 1.0, at(9.0), &Beside::Nothing);
        rows.occur(ASKING, 1.0, -1, at(1.5), &Beside::Nothing);
        assert_eq!(row(&rows), Row { epoch: 9, ..Row::default() });
        take(&mut rows, 1, 1.0, at(9.0), &Beside::Nothing);
        assert!(row(&rows).partners.is_empty(), "nothing can be taken from what is not there");
        take(&mut rows, 1, 1.0, at(9.0), &Beside::Coming);
        assert_eq!((row(&rows).partners[0].support, weight_of(&rows, 1, 9)), (-1, -1.0), "but a delta owes it to its base");
    }

    /// An erased shopper's tie was back when enough others had come.
    #[test]
    fn what_is_owed_to_the_base_stays_however_many_strangers_come() {
        let mut rows = Rows::new();
        for stranger in 0..PARTNERS_MAX as u32 {
            add(&mut rows, 100 + stranger, 1.0, at(0.0));
        }
        take(&mut rows, 1, 0.5, at(0.0), &Beside::Coming);
        for stranger in 0..1_000_u32 {
            rows.link(ASKING, Ordinal(1_000 + stranger), Share { weight: 4.0, support: 1, after: 2 }, at(0.0), &Beside::Coming);
        }
        let owed = row(&rows).partners.into_iter().find(|partner| partner.product == Ordinal(1));
        assert_eq!(owed.map(|owed| (owed.support, owed.weight)), Some((-1, -0.5)));
    }

    /// Where the count is below zero and the weight above, as when an old shopper is taken back and a new one came.
    #[test]
    fn a_count_that_is_owed_stays_too() {
        let mut rows = Rows::new();
        take(&mut rows, 1, 0.5, at(0.0), &Beside::Coming);
        take(&mut rows, 1, 0.5, at(0.0), &Beside::Coming);
        rows.link(ASKING, Ordinal(1), Share { weight: 2.0, support: 1, after: 2 }, at(0.0), &Beside::Coming);
        for stranger in 0..1_000_u32 {
            rows.link(ASKING, Ordinal(1_000 + stranger), Share { weight: 4.0, support: 1, after: 2 }, at(0.0), &Beside::Coming);
        }
        assert!(row(&rows).partners.contains(&Partner { product: Ordinal(1), support: -1, after: -2, weight: 1.0 }));
    }

    #[test]
    fn partners_that_keep_coming_back_survive_a_flood_of_strangers() {
        let mut rows = Rows::new();
        for stranger in 0..10_000_u32 {
            add(&mut rows, 100 + stranger, 1.0, at(0.0));
            if stranger % 20 == 0 {
                add(&mut rows, stranger % 3, 1.0, at(0.0));
            }
        }
        assert_eq!(row(&rows).partners.len(), PARTNERS_MAX);
        for regular in 0..3 {
            assert!(weight_of(&rows, regular, 0) > 100.0, "{regular}: {}", weight_of(&rows, regular, 0));
        }
    }

    #[test]
    fn counts_of_a_bestseller_outgrow_half_a_word_and_survive_saving() {
        let mut rows = Rows::new();
        for product in [1, 2, 3] {
            (0..20_000 * product).for_each(|_| add(&mut rows, product, 1.0, at(0.0)));
        }
        let counts: Vec<(i32, i32)> = row(&rows).partners.iter().map(|partner| (partner.support, partner.after)).collect();
        assert_eq!(counts, [(20_000, 40_000), (40_000, 80_000), (60_000, 120_000)]);
        let [places, words, free] = rows.saved();
        let restored = Rows::restored([&places, &words, &free]).expect("fits");
        assert_eq!((restored.reader().row(ASKING), restored.saved()), (rows.reader().row(ASKING), [places, words, free]));
    }

    fn is_owed(partner: &Partner) -> bool {
        partner.support < 0 || partner.weight < 0.0
    }

    /// What a row does, said with a list: no halves, no bytes, and the weakest looked for anew each time.
    fn link_in_list(row: &mut Row, product: Ordinal, share: Share, moment: Moment, beside: &Beside) {
        let place = row.partners.iter().position(|partner| partner.product == product);
        let is_delta = !beside.is_nothing();
        if place.is_none() && share.support <= 0 && !is_delta {
            return;
        }
        if moment.epoch > row.epoch {
            let left = worth(row.epoch, moment.epoch);
            row.partners.iter_mut().for_each(|partner| partner.weight *= left);
            row.epoch = moment.epoch;
        }
        let weight = share.weight * moment.scale * worth(moment.epoch, row.epoch);
        let newcomer = Partner { product, support: share.support, after: share.after, weight };
        if let Some(place) = place {
            let there = &mut row.partners[place];
            (there.support, there.after, there.weight) = (there.support + share.support, there.after + share.after, there.weight + weight);
            there.weight = if is_delta { there.weight } else { there.weight.max(0.0) };
            if there.support <= 0 && !is_delta {
                row.partners.swap_remove(place);
            }
        } else if row.partners.len() < PARTNERS_MAX {
            row.partners.push(newcomer);
        } else if let Some(weakest) = row.partners.iter_mut().filter(|there| !is_owed(there)).min_by(|a, b| a.weight.total_cmp(&b.weight)) {
            if is_owed(&newcomer) || weakest.weight <= weight {
                *weakest = newcomer;
            } else {
                weakest.weight -= weight;
            }
        }
    }

    proptest! {
        #[test]
        fn a_row_holds_what_a_list_would(acts in prop::collection::vec((0_u32..240, 0_u8..8, 0_i64..400), 1..1_500), is_delta: bool) {
            let beside = if is_delta { Beside::Coming } else { Beside::Nothing };
            let (mut rows, mut list) = (Rows::new(), Row { epoch: i64::from(i32::MIN), ..Row::default() });
            for (number, (product, act, late)) in acts.into_iter().enumerate() {
                // Two products of each low half; one act in eight takes back, and few are later than those before.
                let product = Ordinal((product / 2) | ((product % 2) << 16) | (7 << 19));
                let (sign, weight) = (if act == 0 { -1 } else { 1 }, f32::from(act % 4 + 1));
                let share = Share { weight: weight * sign as f32, support: sign, after: sign };
                let moment = at(10.0 + (number / 200) as f64 + if late == 0 { -3.0 } else { 0.25 });
                rows.link(ASKING, product, share, moment, &beside);
                link_in_list(&mut list, product, share, moment, &beside);
            }
            prop_assert_eq!(row(&rows).partners, list.partners);
        }
    }

    #[test]
    fn moments_at_the_ends_of_the_range_are_harmless() {
        let mut rows = Rows::new();
        for time in [i64::MIN, i64::MAX, 0, i64::MIN] {
            add(&mut rows, 1, 1.0, Moment::of(Timestamp(time), i64::from(u32::MAX)));
        }
        assert!(row(&rows).partners[0].weight.is_finite());
    }
}
