//! Whether anything may be held of a person, without looking for it.
//!
//! Most people who are erased left nothing in a table of what was done lately, and looking through all of it for each of them held up everything
//! that shows what is new. A set of bits, one for each of many people, says no for certain, and yes perhaps (B. Bloom, "Space/time trade-offs in
//! hash coding with allowable errors", 1970, with one hash: keys are digests). It only fills up; whoever looks through a table makes it anew.

/// Bits of the set: a hundred thousand people are a tenth of it.
const BITS: usize = 1 << 20;

/// People of whom something may be held.
#[derive(Debug, Clone)]
pub(super) struct Known(Box<[u64]>);

impl Known {
    /// The set of these.
    pub(super) fn of(people: impl IntoIterator<Item = u64>) -> Self {
        let mut known = Self(vec![0; BITS / u64::BITS as usize].into_boxed_slice());
        people.into_iter().for_each(|person| known.note(person));
        known
    }

    pub(super) fn note(&mut self, person: u64) {
        let (word, bit) = place(person);
        self.0[word] |= bit;
    }

    pub(super) fn may_know(&self, person: u64) -> bool {
        let (word, bit) = place(person);
        self.0[word] & bit != 0
    }
}

/// From the bits of a key that queries keep of it, too.
fn place(person: u64) -> (usize, u64) {
    let bit = (person >> 33) as usize % BITS;
    (bit / u64::BITS as usize, 1 << (bit % u64::BITS as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::keys::key_of;

    #[test]
    fn whoever_was_noted_may_be_held_and_hardly_anybody_else() {
        let key = |number: usize| key_of("shopper/", &number.to_string());
        let known = Known::of((0..50_000).map(key));
        assert!((0..50_000).all(|number| known.may_know(key(number))));
        let wrong = (50_000..60_000).filter(|number| known.may_know(key(*number))).count();
        assert!(wrong < 700, "{wrong} of 10,000");
    }
}
