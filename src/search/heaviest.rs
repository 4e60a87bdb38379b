//! Of the products that lack some words of a query those that are kept: the ones that have most of what the words are worth.

use super::index::TextMatch;

/// The products of most mass: those of so large a mass that there are `enough` of them, or all while there are fewer. A product that has less
/// than enough others have is refused at once, so that a common word's thousands of products are not gathered to be thrown away.
pub(super) struct Heaviest {
    enough: usize,
    found: Vec<TextMatch>,
    /// How many were found of each mass.
    counts: [usize; 256],
    /// The least mass that is wanted, and how many have that or more.
    lowest: usize,
    count: usize,
}

impl Heaviest {
    pub(super) fn new(enough: usize) -> Self {
        Self { enough, found: Vec::new(), counts: [0; 256], lowest: 1, count: 0 }
    }

    #[inline]
    pub(super) fn wants(&self, one: &TextMatch) -> bool {
        usize::from(one.mass) >= self.lowest
    }

    /// Takes one that is wanted.
    pub(super) fn push(&mut self, one: TextMatch) {
        self.found.push(one);
        self.counts[usize::from(one.mass)] += 1;
        self.count += 1;
        while self.lowest < usize::from(u8::MAX) && self.count - self.counts[self.lowest] >= self.enough {
            self.count -= self.counts[self.lowest];
            self.lowest += 1;
        }
    }

    /// The least mass of one that would still be wanted.
    pub(super) fn lowest(&self) -> usize {
        self.lowest
    }

    /// Those that are wanted in the end, in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = &TextMatch> {
        self.found.iter().filter(|one| self.wants(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;

    proptest::proptest! {
        #[test]
        fn the_heaviest_are_those_of_the_largest_mass_that_enough_have(
            masses in proptest::collection::vec(1_u8..=255, 0..300), enough in 1_usize..120,
        ) {
            let one = |(ordinal, mass): (u32, &u8)| TextMatch { ordinal: Ordinal(ordinal), score: 1.0, mass: *mass };
            let all: Vec<TextMatch> = (0..).zip(&masses).map(one).collect();
            let mut best = Heaviest::new(enough);
            for one in &all {
                if best.wants(one) {
                    best.push(*one);
                }
            }
            let having = |mass: u8| all.iter().filter(move |one| one.mass >= mass);
            let lowest = (1..=u8::MAX).rev().find(|mass| having(*mass).count() >= enough).unwrap_or(1);
            proptest::prop_assert!(best.iter().eq(having(lowest)));
        }
    }
}
