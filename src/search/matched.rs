//! The match set as data: each product with how well it matches, in twelve bytes, since a query may find all of a shop and what queries found is
//! remembered.

use crate::id::Ordinal;
use roaring::RoaringBitmap;

/// How well a product matches; products of a better class stand above all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(u8);

impl Class {
    /// Near in meaning only.
    pub const NEAR: Self = Self(0);
    /// Has some of the words.
    pub const SOME: Self = Self(1);
    /// Has most of the words.
    pub const MOST: Self = Self(2);
    /// Has all of the words.
    pub const ALL: Self = Self(3);
    /// Named by identifier or whole title.
    pub const NAMED: Self = Self(u8::MAX);

    /// As a number that orders.
    #[must_use]
    pub fn rank(self) -> u8 {
        self.0
    }
}

/// A share from 0 to 1 in 240ths, so that halves, thirds, quarters and fifths are what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u8);

impl Share {
    const STEPS: u8 = 240;
    /// None of it.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(Self::STEPS);

    /// The nearest to a number from 0 to 1; less than 1 is never the whole.
    #[must_use]
    pub fn of(share: f32) -> Self {
        let steps = (share * f32::from(Self::STEPS)).round() as u8;
        if share >= 1.0 { Self::WHOLE } else { Self(steps.min(Self::STEPS - 1)) }
    }

    /// As a number from 0 to 1.
    #[inline]
    #[must_use]
    pub fn get(self) -> f32 {
        // Every match is asked, and a division takes four times as long.
        if self == Self::WHOLE { 1.0 } else { f32::from(self.0) * (1.0 / f32::from(Self::STEPS)) }
    }
}

/// Similarity in meaning from 0 to 1, in two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Similarity(u16);

impl Similarity {
    /// Unrelated, or not known.
    pub const NONE: Self = Self(0);

    /// The nearest to a number from 0 to 1; what is above 0 stays so.
    #[must_use]
    pub fn of(similarity: f32) -> Self {
        let steps = (similarity * f32::from(u16::MAX)).round() as u16;
        if similarity > 0.0 { Self(steps.max(1)) } else { Self::NONE }
    }

    /// As a number from 0 to 1.
    #[inline]
    #[must_use]
    pub fn get(self) -> f32 {
        if self.0 == u16::MAX { 1.0 } else { f32::from(self.0) * (1.0 / f32::from(u16::MAX)) }
    }
}

/// One product of the match set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// The product.
    pub ordinal: Ordinal,
    /// Text score, from 0.
    pub text: f32,
    /// Similarity in meaning; of products that are near and nothing else, how far above the cut.
    pub similarity: Similarity,
    /// The share of what all words are worth that the product's words have.
    pub share: Share,
    /// How well it matches.
    pub class: Class,
}

const _: () = assert!(size_of::<Match>() == 12, "a match takes twelve bytes");

impl Match {
    /// A product that matches like every other.
    pub(super) fn alike(ordinal: Ordinal, class: Class) -> Self {
        Self { ordinal, class, text: 1.0, similarity: Similarity::NONE, share: Share::WHOLE }
    }

    /// A product that is near in meaning and nothing else.
    pub(super) fn near(ordinal: Ordinal, similarity: f32) -> Self {
        Self { ordinal, class: Class::NEAR, text: 0.0, similarity: Similarity::of(similarity), share: Share::NONE }
    }
}

/// What a product would need that is not in the match set, to come into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What each word of the query is worth ...
    pub masses: Vec<u8>,
    /// ... and how much of that it would need.
    pub mass_min: usize,
    /// Or how near, in which direction; none when no product comes in by that.
    pub nearness: Option<Nearness>,
}

/// A direction, and how near to it a product has to lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearness {
    /// Of unit length.
    pub direction: Vec<f32>,
    /// Cosine from which on it is near enough.
    pub min: f32,
}

/// The match set of a request before its filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// One for each product; none when everything matches alike.
    pub matches: Option<Vec<Match>>,
    /// The products.
    pub products: RoaringBitmap,
    /// What was given up, in words.
    pub relaxations: Vec<String>,
    /// What each word of the query is worth; together 1.
    pub worth: Vec<f32>,
    /// What other products would need to be found too; none when more than words and nearness decides that.
    pub entry: Option<Entry>,
    /// What nobody looked for, because time was up or the words were too many.
    pub left_out: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_keep_their_ends_and_simple_fractions() {
        for whole in 1..=6_u8 {
            for part in 0..=whole {
                let share = f32::from(part) / f32::from(whole);
                assert!((Share::of(share).get() - share).abs() <= f32::EPSILON / 2.0, "{part}/{whole}");
                assert_eq!(Share::of(share) == Share::WHOLE, part == whole);
            }
        }
        assert!(Share::of(0.9999) < Share::WHOLE && Share::of(1.0) == Share::WHOLE && Share::of(0.0) == Share::NONE);
    }

    #[test]
    fn what_is_near_at_all_stays_near() {
        assert_eq!((Similarity::of(0.0).get(), Similarity::of(1.0).get()), (0.0, 1.0));
        assert!(Similarity::of(f32::MIN_POSITIVE).get() > 0.0);
        assert!((Similarity::of(0.3).get() - 0.3).abs() < 1e-5);
    }
}
