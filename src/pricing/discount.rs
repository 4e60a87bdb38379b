//! Promotions on a basket: which are given, and what falls on which line.
//!
//! A basket gets either one exclusive promotion or all combinable ones together, whichever takes most off for the buyer; when both take the
//! same, the combinable ones. Combinable promotions are applied by falling priority, then by name, each on what those before have left, so
//! that no line and no shipping ever falls below zero. At most [`STACKED_MAX`] are combined. Sums are rounded half up once a promotion and
//! shared out to lines by largest remainder.

use super::allocate::{part_of, shared_out};
use crate::event::trade::pricing::{Effect, Promotion, Stacking};
use crate::event::trade::{Discount, Line};
use crate::id::CouponCode;
use crate::money::{Currency, Money};

/// Most promotions that are combined on one basket, so that pricing takes a bounded time.
pub const STACKED_MAX: usize = 32;

/// The lines of a basket, priced.
pub(super) struct Goods<'a> {
    pub(super) lines: &'a [Line],
    /// The price of one, by line.
    pub(super) units_minor: Vec<i64>,
    /// Quantity × price of one, by line.
    pub(super) gross: Vec<i64>,
    /// The place of each line among all in order of name; then that of shipping.
    pub(super) ranks: Vec<u32>,
}

/// A promotion that may be given, as far as the buyer, the time and its limits are concerned.
pub(super) struct Candidate<'a> {
    pub(super) promotion: &'a Promotion,
    pub(super) coupon: Option<&'a CouponCode>,
    /// What is left of its budget.
    pub(super) budget_left: Option<i64>,
}

/// What is off.
pub(super) struct Discounts {
    /// By line, zero or positive.
    pub(super) by_line: Vec<i64>,
    pub(super) shipping: i64,
    pub(super) given: Vec<Discount>,
}

/// What one promotion takes off, before it is shared out.
enum Cut {
    Across(i64),
    Each(Vec<(usize, i64)>),
    Shipping(i64),
}

impl Cut {
    fn sum(&self) -> i64 {
        match self {
            Self::Across(sum) | Self::Shipping(sum) => *sum,
            Self::Each(parts) => parts.iter().map(|(_, part)| part).sum(),
        }
    }
}

/// What is left to pay while promotions are applied.
#[derive(Clone)]
struct Left {
    lines: Vec<i64>,
    shipping: i64,
}

impl Promotion {
    /// Whether it looks at a line.
    #[must_use]
    pub fn targets(&self, line: &Line) -> bool {
        let target = &self.target;
        (target.skus.is_empty() && target.products.is_empty())
            || target.skus.binary_search(&line.sku).is_ok()
            || target.products.binary_search(&line.product).is_ok()
    }
}

impl Goods<'_> {
    /// The lines that a promotion looks at; none when they do not reach its thresholds.
    fn targeted(&self, promotion: &Promotion) -> Option<Vec<usize>> {
        let places: Vec<usize> = (0..self.lines.len()).filter(|place| promotion.targets(&self.lines[*place])).collect();
        let gross: i128 = places.iter().map(|place| i128::from(self.gross[*place])).sum();
        let units: i128 = places.iter().map(|place| i128::from(self.lines[*place].quantity)).sum();
        let is_reached = gross >= i128::from(promotion.subtotal_from_minor) && units >= i128::from(promotion.units_from);
        (!places.is_empty() && is_reached).then_some(places)
    }

    fn cut(&self, candidate: &Candidate<'_>, places: &[usize], left: &Left) -> Option<Cut> {
        let sum = || places.iter().map(|place| i128::from(left.lines[*place])).sum::<i128>();
        let cut = match candidate.promotion.effect {
            Effect::Percent { basis_points } => Cut::Across(part_of(sum(), basis_points)?),
            Effect::Amount { amount_minor } => Cut::Across(i64::try_from(sum().min(i128::from(amount_minor))).ok()?),
            Effect::BuyGet { buy, get, basis_points } => Cut::Each(self.cheapest(places, left, (buy, get), basis_points)?),
            Effect::Shipping { basis_points } => Cut::Shipping(part_of(i128::from(left.shipping), basis_points)?),
        };
        let sum = cut.sum();
        (sum > 0 && candidate.budget_left.is_none_or(|budget| sum <= budget)).then_some(cut)
    }

    /// Of every `buy + get` units the cheapest `get`, and of what is left over those beyond `buy`.
    fn cheapest(&self, places: &[usize], left: &Left, (buy, get): (i64, i64), basis_points: i64) -> Option<Vec<(usize, i64)>> {
        let units: i64 = places.iter().try_fold(0_i64, |sum, place| sum.checked_add(self.lines[*place].quantity))?;
        let group = buy.checked_add(get).filter(|group| *group > 0)?;
        let mut cheaper = (units / group) * get + (units % group - buy).max(0);
        let mut by_price: Vec<usize> = places.to_vec();
        by_price.sort_unstable_by_key(|place| (self.units_minor[*place], self.ranks[*place]));
        let mut parts = Vec::new();
        for place in by_price {
            let (taken, quantity) = (cheaper.min(self.lines[place].quantity), self.lines[place].quantity);
            if taken == 0 {
                break;
            }
            cheaper -= taken;
            let of_them = i128::from(left.lines[place]) * i128::from(taken) / i128::from(quantity);
            parts.push((place, part_of(of_them, basis_points)?));
        }
        Some(parts)
    }

    /// Takes a cut off what is left, and says where it went.
    fn take(&self, cut: &Cut, places: &[usize], left: &mut Left) -> Vec<(usize, i64)> {
        let parts: Vec<(usize, i64)> = match cut {
            Cut::Across(sum) => {
                let weights: Vec<i64> = places.iter().map(|place| left.lines[*place]).collect();
                let ranks: Vec<u32> = places.iter().map(|place| self.ranks[*place]).collect();
                places.iter().copied().zip(shared_out(*sum, &weights, &ranks)).filter(|(_, part)| *part > 0).collect()
            }
            Cut::Each(parts) => parts.iter().copied().filter(|(_, part)| *part > 0).collect(),
            Cut::Shipping(sum) => {
                left.shipping -= sum;
                Vec::new()
            }
        };
        parts.iter().for_each(|(place, part)| left.lines[*place] -= part);
        parts
    }

    fn discount(&self, candidate: &Candidate<'_>, cut: &Cut, parts: &[(usize, i64)], currency: Currency) -> Discount {
        Discount {
            promotion: candidate.promotion.id.clone(),
            coupon: candidate.coupon.cloned(),
            title: candidate.promotion.title.clone(),
            amount: Money::new(-cut.sum(), currency),
            is_shipping: matches!(cut, Cut::Shipping(_)),
            allocations: parts.iter().map(|(place, part)| (self.lines[*place].id.clone(), -part)).collect(),
        }
    }

    /// The best that `candidates` give, which come by falling priority.
    pub(super) fn discounted(&self, candidates: &[Candidate<'_>], shipping: i64, currency: Currency) -> Discounts {
        let whole = Left { lines: self.gross.clone(), shipping };
        let reached = candidates.iter().filter_map(|candidate| Some((candidate, self.targeted(candidate.promotion)?)));
        let (exclusive, combinable): (Vec<_>, Vec<_>) =
            reached.partition(|(candidate, _)| candidate.promotion.stacking == Stacking::Exclusive);
        let mut left = whole.clone();
        let mut given: Vec<Discount> = Vec::new();
        for (candidate, places) in &combinable {
            if given.len() == STACKED_MAX {
                break;
            }
            if let Some(cut) = self.cut(candidate, places, &left) {
                let parts = self.take(&cut, places, &mut left);
                given.push(self.discount(candidate, &cut, &parts, currency));
            }
        }
        let combined: i128 = given.iter().map(|discount| -i128::from(discount.amount.amount_minor)).sum();
        let mut best: Option<(&Candidate<'_>, &[usize], Cut)> = None;
        for (candidate, places) in &exclusive {
            let Some(cut) = self.cut(candidate, places, &whole) else { continue };
            let so_far = best.as_ref().map_or(combined, |(.., cut)| i128::from(cut.sum()));
            if i128::from(cut.sum()) > so_far {
                best = Some((candidate, places, cut));
            }
        }
        if let Some((candidate, places, cut)) = best {
            left = whole;
            let parts = self.take(&cut, places, &mut left);
            given = vec![self.discount(candidate, &cut, &parts, currency)];
        }
        let by_line = self.gross.iter().zip(&left.lines).map(|(gross, left)| gross - left).collect();
        Discounts { by_line, shipping: shipping - left.shipping, given }
    }
}
