//! What near visits say for products, added up as it is heard: a list in the order in which products were first named, and a table of
//! where each stands in it.

use crate::id::Ordinal;

/// Places of the first table: more than the products of most answers twice over.
const PLACES_MIN: usize = 1 << 10;

/// What was said for one product so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Voice {
    pub(super) product: Ordinal,
    pub(super) hold: f32,
    pub(super) follow: f32,
    pub(super) visits_count: u32,
    pub(super) people_count: u32,
}

/// Each product once.
#[derive(Debug)]
pub(super) struct Voices {
    all: Vec<Voice>,
    /// Where a product stands in the list, and one more; 0 where none is. A power of two, at most half of them taken.
    places: Vec<u32>,
}

impl Voices {
    pub(super) fn new() -> Self {
        Self { all: Vec::new(), places: vec![0; PLACES_MIN] }
    }

    /// The place of the table where the product is, or will be.
    #[inline]
    fn place_of(&self, product: Ordinal) -> usize {
        let mask = self.places.len() - 1;
        let mut place = (product.0.wrapping_mul(0x9E37_79B1) >> 7) as usize & mask;
        loop {
            match self.places[place] {
                0 => return place,
                there if self.all[there as usize - 1].product == product => return place,
                _ => place = (place + 1) & mask,
            }
        }
    }

    /// What is said for the product, to be added to.
    #[inline]
    pub(super) fn of(&mut self, product: Ordinal) -> &mut Voice {
        let place = self.place_of(product);
        let known = self.places[place] as usize;
        if known > 0 {
            return &mut self.all[known - 1];
        }
        self.places[place] = self.all.len() as u32 + 1;
        self.all.push(Voice { product, hold: 0.0, follow: 0.0, visits_count: 0, people_count: 0 });
        if self.all.len() * 2 > self.places.len() {
            self.widen();
        }
        let last = self.all.len() - 1;
        &mut self.all[last]
    }

    fn widen(&mut self) {
        self.places = vec![0; self.places.len() * 2];
        for number in 0..self.all.len() {
            let place = self.place_of(self.all[number].product);
            self.places[place] = number as u32 + 1;
        }
    }

    /// Where in the list a product stands.
    pub(super) fn find(&self, product: Ordinal) -> Option<usize> {
        (self.places[self.place_of(product)] as usize).checked_sub(1)
    }

    pub(super) fn all_mut(&mut self) -> &mut [Voice] {
        &mut self.all
    }

    pub(super) fn all(&self) -> &[Voice] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn voices_add_up_as_in_a_map(said in prop::collection::vec((0_u32..5_000, 1_u8..9), 0..6_000)) {
            let (mut voices, mut map) = (Voices::new(), BTreeMap::new());
            for (product, visits) in said {
                // Products a power of two apart fall into the same places.
                let product = Ordinal(product << 10);
                voices.of(product).visits_count += u32::from(visits);
                *map.entry(product).or_insert(0) += u32::from(visits);
            }
            let mut told: Vec<(Ordinal, u32)> = voices.all().iter().map(|voice| (voice.product, voice.visits_count)).collect();
            told.sort_unstable();
            prop_assert_eq!(told, map.iter().map(|(product, visits)| (*product, *visits)).collect::<Vec<_>>());
            for (product, visits) in map {
                prop_assert_eq!(voices.find(product).map(|place| voices.all()[place].visits_count), Some(visits));
                prop_assert_eq!(voices.find(Ordinal(product.0 + 1)), None);
            }
        }
    }
}
