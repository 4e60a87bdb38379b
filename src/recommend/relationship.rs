//! The relations between products that shoppers' steps make, and what is known of a tie of one.
//!
//! How sure a tie is stands beside how strong it is. Strength is a decayed weight over decayed degrees: what matters now. Certainty is
//! counted, undecayed: a Poisson deviate speaks of so many shoppers against so many expected, and a decayed third of a shopper is nobody.

use crate::id::Ordinal;

/// What two products have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relationship {
    /// The same shopper looked at both, soon after one another.
    AlsoViewed,
    /// The shopper looked at the first, did not buy it, and then bought the second.
    ViewedThenBought,
    /// The same shopper bought both, in one order or in several.
    AlsoBought,
    /// One order holds both.
    BoughtTogether,
}

impl Relationship {
    /// All of them, each at the place of its number.
    pub const ALL: [Self; 4] = [Self::AlsoViewed, Self::ViewedThenBought, Self::AlsoBought, Self::BoughtTogether];
}

/// A product that goes with the asking one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tie {
    /// The other product.
    pub product: Ordinal,
    /// How strong, comparable within one relationship and one asking product: `N_ab / (c_a^α · c_b^β)` of decayed weights.
    pub score: f32,
    /// Distinct shoppers, or orders, with both; undecayed.
    pub support: u32,
    /// `support` over what chance would give; see [`expected`].
    pub lift: f32,
    /// How many standard deviations of a Poisson count `support` lies above chance: `(N - E) / √E`.
    pub z: f32,
    /// The share of `support` in which the other product came after the asking one; one half where neither came first.
    pub after: f32,
}

/// Which ties are shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    /// Distinct shoppers that must have both, in one order where it is about orders; also what keeps a single person's purchases private,
    /// however often they order the same.
    pub support_min: u32,
    /// Standard deviations above chance that the support must reach.
    pub z_min: f32,
}

impl Gate {
    /// Lets every tie through: for sums over a whole history, where a tie of one shopper is one voice of many.
    pub const OPEN: Self = Self { support_min: 1, z_min: f32::NEG_INFINITY };
}

/// Distinct shoppers with both products to be expected if ties were dealt out at random: each of the `reach` shoppers of the first has drawn
/// `draws / reach` other products on average, each of which is the second with probability `share`.
///
/// `E = c_a · (1 − (1 − P_b)^n̄)`. The exact expectation sums `1 − (1 − P_b)^n_u` over the shoppers (Smith and Linden, "Two decades of
/// recommender systems at Amazon.com", IEEE Internet Computing 21(3), 2017); it is concave in `n_u`, so by Jensen's inequality the mean gives
/// no less: the gate may hold back a tie that the exact sum would pass, never the other way round.
pub(super) fn expected(reach: u32, draws: u32, share: f64) -> f64 {
    let reach = f64::from(reach.max(1));
    let missed = f64::from(draws) / reach * (-share.clamp(0.0, 1.0)).ln_1p();
    (-missed.exp_m1() * reach).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectation_matches_a_computation_by_hand() {
        let check = |reach, draws, share, by_hand: f64| {
            let found = expected(reach, draws, share);
            assert!((found - by_hand).abs() < 1e-9, "{reach} {draws} {share}: {found} where {by_hand} was expected");
        };
        check(40, 40, 0.01, 0.4);
        check(40, 80, 0.01, 40.0 * (1.0 - 0.99 * 0.99));
        // However much its shoppers buy, a product cannot be expected with more of them than there are.
        check(40, 4_000_000, 0.5, 40.0);
        check(40, 40, 1.0, 40.0);
        check(40, 40, 0.0, 0.0);
        check(0, 0, 0.3, 0.0);
    }
}
