//! The ways to learn what goes with what, and their knobs.

use serde::Serialize;

/// How pairs are counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Order does not matter: `s(a→b) = Σ over shoppers of both of (1 / products of the shopper)^α · (1 / shoppers of a)^α / (shoppers of b)^β`,
    /// rows summing to one.
    Walk {
        /// Power of both steps; below one, rare steps gain.
        alpha: f64,
        /// Power with which popular products are held back.
        beta: f64,
    },
    /// Order matters; see [`Order`].
    Order(Order),
    /// Each product explained by its neighbourhood; see [`Ridge`].
    Ridge(Ridge),
    /// Each product explained by all others; see [`Ease`].
    Ease(Ease),
}

/// `N(a→b) = Σ over pairs at distance d ≤ window of direction · d^-decay · 2^-(age / half life) · length^-γ`, and
/// `s(a→b) = N / (c(a)^α · c(b)^β + shrink)` with `c` the occurrences. The direction is one forward and `backward` backward.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Order {
    /// How far apart two products of a history may stand.
    pub window: usize,
    /// Power with which distance counts less.
    pub decay: f64,
    /// Weight of what came before, relative to what came after.
    pub backward: f64,
    /// Power of the occurrences of the first product.
    pub alpha: f64,
    /// Power of the occurrences of the second product.
    pub beta: f64,
    /// Power with which long histories count less.
    pub gamma: f64,
    /// Added below the fraction, so that pairs seen once or twice do not win.
    pub shrink: f64,
    /// After how long a pair counts half, in the unit of the times of the histories; none or histories without times: for ever.
    pub half_life: Option<f64>,
}

impl Kind {
    /// [`Kind::Walk`] with values that do well on shop data.
    pub const WALK: Self = Self::Walk { alpha: 0.6, beta: 0.3 };
    /// [`Kind::Order`] with values that do well on shop data.
    pub const ORDER: Self = Self::Order(Order::USUAL);
    /// [`Kind::Ridge`] with values that do well on shop data.
    pub const RIDGE: Self = Self::Ridge(Ridge::USUAL);
    /// [`Kind::Ease`] with values that do well on shop data.
    pub const EASE: Self = Self::Ease(Ease { strength: 5.0, shopper_power: 0.5 });
}

impl Order {
    /// Values that do well on shop data.
    pub const USUAL: Self = Self { window: 10, decay: 0.5, backward: 0.3, alpha: 0.3, beta: 0.3, gamma: 0.0, shrink: 0.0, half_life: None };
}

/// A regression of who had a product on who had the products nearest to it: with `X(u, a) = n(u)^(-shopper_power/2) · c(a)^-product_power`,
/// `n` the products of a shopper, `c` the shoppers of a product, and `G = XᵀX`, the neighbourhood `S` of `b` gets
/// `w = (G_SS + strength · mean G_ii · I)⁻¹ · G_Sb` and `s(a→b) = c(a)^-product_power · w(a)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ridge {
    /// Products that explain one; the work grows with its square and, beyond a few hundred, its cube.
    pub neighbourhood: usize,
    /// How strongly weights are held back, in units of a product's mean weight.
    pub strength: f64,
    /// Power with which shoppers of many products count less.
    pub shopper_power: f64,
    /// Power with which products of many shoppers say less and are foreseen less.
    pub product_power: f64,
}

impl Ridge {
    /// Values that do well on shop data.
    pub const USUAL: Self = Self { neighbourhood: 150, strength: 10.0, shopper_power: 0.4, product_power: 0.1 };
}

/// EASE over the most frequent products: `B = I − P · diag(P)⁻¹`, `P = (G + strength · mean G_ii · I)⁻¹`, `G = XᵀX`,
/// `X(u, a) = n(u)^(-shopper_power/2)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ease {
    /// How strongly weights are held back, in units of a product's mean weight.
    pub strength: f64,
    /// Power with which shoppers of many products count less.
    pub shopper_power: f64,
}

/// A low-rank model: so many singular vectors of who had what.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LowRank {
    /// Numbers in a vector.
    pub dims: usize,
}

/// More take minutes to find.
pub(super) const DIMS_MAX: usize = 384;

impl LowRank {
    /// As many as the products can fill: about one for seventy, 16 to [`DIMS_MAX`]. More follow single products, fewer see only departments.
    #[must_use]
    pub fn usual(products_count: u32) -> Self {
        Self { dims: (products_count as usize / 70).clamp(16, DIMS_MAX) }
    }
}
