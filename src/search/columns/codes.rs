//! One code a product, of what it has in a field: two bytes while places and profiles are few enough, four from then on.
//!
//! Counting a facet reads the codes of its products all over the column, so what a column takes decides how much of it stays near the
//! processor beside the columns of the other facets. Most fields of a shop, and all classes of prices, fit two bytes.

use super::packing::{self, Written};
use crate::id::Ordinal;
use crate::stdx::chunked::{CHUNK_LEN, Chunked};
use crate::stdx::packed::{PackedReader, PackedWriter};
use roaring::RoaringBitmap;

/// Marks the number of a profile among codes.
const PROFILE_BIT: u32 = 1 << 31;
/// The same among codes of two bytes.
const NARROW_PROFILE_BIT: u16 = 1 << 15;

/// What a product has in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(u32);

/// The same, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoded {
    /// Neither keyword nor number.
    Nothing,
    /// One keyword: its place in the field's list of values.
    Place(usize),
    /// The number of a profile.
    Profile(usize),
    /// The row has it.
    Look,
}

impl Code {
    pub(super) const NONE: Self = Self(0);
    pub(super) const LOOK: Self = Self(u32::MAX);

    pub(super) fn of_place(place: u32) -> Self {
        Self(place + 1)
    }

    pub(super) fn of_profile(number: u32) -> Self {
        Self(number | PROFILE_BIT)
    }

    /// What it says.
    #[must_use]
    pub fn decode(self) -> Decoded {
        match self {
            Self::NONE => Decoded::Nothing,
            Self::LOOK => Decoded::Look,
            Self(code) if code & PROFILE_BIT != 0 => Decoded::Profile((code ^ PROFILE_BIT) as usize),
            Self(code) => Decoded::Place(code as usize - 1),
        }
    }

    /// A place for it in a table: nothing, then the field's `places_count` values, then its profiles. That of `Look` lies beyond all of
    /// these, so whoever counts takes the last one for it. Nothing is decided here, since what differs from product to product would be
    /// guessed wrongly half of the time.
    #[inline]
    pub(super) fn slot(self, places_count: usize) -> usize {
        let Self(code) = self;
        let is_profile = code / PROFILE_BIT;
        (code % PROFILE_BIT) as usize + is_profile as usize * (places_count + 1)
    }

    fn narrow(self) -> Option<Narrow> {
        let Self(code) = self;
        let number = u16::try_from(code % PROFILE_BIT).ok().filter(|number| *number < NARROW_PROFILE_BIT);
        let narrow = number.map(|number| if code & PROFILE_BIT == 0 { Narrow(number) } else { Narrow(number | NARROW_PROFILE_BIT) });
        if self == Self::LOOK { Some(Narrow::LOOK) } else { narrow.filter(|narrow| *narrow != Narrow::LOOK) }
    }
}

/// A code in two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Narrow(u16);

impl Narrow {
    const NONE: Self = Self(0);
    const LOOK: Self = Self(u16::MAX);

    #[inline]
    fn wide(self) -> Code {
        let (number, is_profile) = (self.0 % NARROW_PROFILE_BIT, self.0 / NARROW_PROFILE_BIT);
        let code = Code(u32::from(number) + u32::from(is_profile) * PROFILE_BIT);
        if self == Self::LOOK { Code::LOOK } else { code }
    }
}

/// The codes of all products. Clones share memory.
#[derive(Debug, Clone)]
pub struct Codes(Width);

#[derive(Debug, Clone)]
enum Width {
    Narrow(Chunked<Narrow>),
    Wide(Chunked<Code>),
}

impl Codes {
    pub(super) fn new() -> Self {
        Self(Width::Narrow(Chunked::new(Narrow::NONE)))
    }

    /// The code of a product.
    #[must_use]
    #[inline]
    pub fn at(&self, ordinal: Ordinal) -> Code {
        match &self.0 {
            Width::Narrow(codes) => codes.at(ordinal.index()).wide(),
            Width::Wide(codes) => *codes.at(ordinal.index()),
        }
    }

    pub(super) fn set(&mut self, ordinal: Ordinal, code: Code) {
        match (&mut self.0, code.narrow()) {
            (Width::Narrow(codes), Some(narrow)) => *codes.at_mut(ordinal.index()) = narrow,
            (Width::Narrow(codes), None) => {
                let mut wide = Chunked::from_elements(codes.iter().map(|narrow| narrow.wide()), Code::NONE);
                *wide.at_mut(ordinal.index()) = code;
                self.0 = Width::Wide(wide);
            }
            (Width::Wide(codes), _) => *codes.at_mut(ordinal.index()) = code,
        }
    }

    /// Gives `take` the code of every product that has one.
    pub(super) fn each(&self, mut take: impl FnMut(Code)) {
        let mut taken = |code: Code| {
            if code != Code::NONE {
                take(code);
            }
        };
        match &self.0 {
            Width::Narrow(codes) => codes.written().for_each(|(_, chunk)| chunk.iter().for_each(|code| taken(code.wide()))),
            Width::Wide(codes) => codes.written().for_each(|(_, chunk)| chunk.iter().for_each(|code| taken(*code))),
        }
    }

    pub(super) fn pack(&self, out: &mut PackedWriter<'_>) -> Written {
        out.array(&[u8::from(matches!(self.0, Width::Wide(_)))])?;
        match &self.0 {
            Width::Narrow(codes) => packing::put_column(out, codes, |code| code.0),
            Width::Wide(codes) => packing::put_column(out, codes, |code| code.0),
        }
    }

    pub(super) fn unpack(from: &mut PackedReader<'_>) -> Option<Self> {
        Some(Self(match from.one::<u8>()? {
            0 => Width::Narrow(packing::column(from, Narrow::NONE, Narrow)?),
            _ => Width::Wide(packing::column(from, Code::NONE, Code)?),
        }))
    }

    /// The slot of each of these products in a table of `slots_count`: nothing, then the field's `places_count` values, then its profiles, and
    /// the last for what has to be looked at. Reads that wait for nothing but memory wait together.
    #[must_use]
    pub fn slots(&self, products: &Ascending, places_count: usize, slots_count: usize) -> Vec<u32> {
        let slot = |code: Code| code.slot(places_count).min(slots_count - 1) as u32;
        match &self.0 {
            Width::Narrow(codes) => each(codes, products, |code| slot(code.wide())),
            Width::Wide(codes) => each(codes, products, slot),
        }
    }
}

#[inline]
fn each<C: Copy>(codes: &Chunked<C>, products: &Ascending, slot: impl Fn(C) -> u32) -> Vec<u32> {
    let mut slots = Vec::with_capacity(products.ordinals.len());
    products.each_run(codes, |run, chunk| slots.extend(run.iter().map(|ordinal| slot(chunk[*ordinal as usize % CHUNK_LEN]))));
    slots
}

/// Ascending ordinals, and which of them lie in the same chunk of a column: found out once for all columns that are read.
#[derive(Debug, Clone, Default)]
pub struct Ascending {
    ordinals: Vec<u32>,
    /// The number of a chunk and where its ordinals end.
    runs: Vec<(usize, usize)>,
}

impl Ascending {
    /// The ordinals.
    #[must_use]
    pub fn ordinals(&self) -> &[u32] {
        &self.ordinals
    }

    /// Gives `take` the ordinals of one chunk after another, each time with the chunk: an ordinal's place in it is what is left after dividing
    /// by [`CHUNK_LEN`].
    #[inline]
    pub(super) fn each_run<C: Clone>(&self, column: &Chunked<C>, mut take: impl FnMut(&[u32], &[C; CHUNK_LEN])) {
        let mut start = 0;
        for &(number, end) in &self.runs {
            if let Some(chunk) = column.chunk(number).unwrap_or(column.blank()).first_chunk::<CHUNK_LEN>() {
                take(&self.ordinals[start..end], chunk);
            }
            start = end;
        }
    }
}

impl From<&RoaringBitmap> for Ascending {
    fn from(products: &RoaringBitmap) -> Self {
        let mut ordinals = vec![0; products.len() as usize];
        let filled = products.iter().next_many(&mut ordinals).len();
        ordinals.truncate(filled);
        let (mut runs, mut start) = (Vec::new(), 0);
        while let Some(first) = ordinals.get(start) {
            let number = *first as usize / CHUNK_LEN;
            let last = &ordinals[start..ordinals.len().min(start + CHUNK_LEN)];
            start += last.partition_point(|ordinal| *ordinal as usize / CHUNK_LEN == number);
            runs.push((number, start));
        }
        Self { ordinals, runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_have_a_slot_each() {
        let check = |code: Code, slot: usize, decoded: Decoded| assert_eq!((code.slot(7), code.decode()), (slot, decoded), "{code:?}");
        check(Code::NONE, 0, Decoded::Nothing);
        check(Code(1), 1, Decoded::Place(0));
        check(Code(7), 7, Decoded::Place(6));
        check(Code(PROFILE_BIT), 8, Decoded::Profile(0));
        check(Code(PROFILE_BIT | 5), 13, Decoded::Profile(5));
        assert_eq!(Code::LOOK.decode(), Decoded::Look);
    }

    #[test]
    fn codes_beyond_two_bytes_widen_the_column() {
        let check = |code: Code, is_narrow: bool| assert_eq!(code.narrow().map(Narrow::wide), is_narrow.then_some(code), "{code:?}");
        check(Code::NONE, true);
        check(Code::LOOK, true);
        check(Code::of_place(32_766), true);
        check(Code::of_place(32_767), false);
        check(Code::of_profile(32_766), true);
        check(Code::of_profile(32_767), false);
    }

    fn code() -> impl Strategy<Value = Code> {
        prop_oneof![
            Just(Code::NONE),
            Just(Code::LOOK),
            (0_u32..40_000).prop_map(Code::of_place),
            (0_u32..32_768).prop_map(Code::of_profile)
        ]
    }

    proptest! {
        #[test]
        fn codes_come_back_whatever_their_width(written in prop::collection::vec((0_u32..3_000, code()), 0..40)) {
            let (mut codes, mut expected) = (Codes::new(), vec![Code::NONE; 5_000]);
            for (ordinal, code) in written {
                codes.set(Ordinal(ordinal), code);
                expected[ordinal as usize] = code;
            }
            let products = Ascending::from(&(0..5_000).step_by(7).collect::<RoaringBitmap>());
            let (places_count, slots_count) = (40_000, 40_000 + 32_768 + 2);
            let slots = codes.slots(&products, places_count, slots_count);
            prop_assert_eq!(slots.len(), products.ordinals().len());
            for (&ordinal, slot) in products.ordinals().iter().zip(slots) {
                let code = expected[ordinal as usize];
                prop_assert_eq!(codes.at(Ordinal(ordinal)), code);
                match code.decode() {
                    Decoded::Look => prop_assert_eq!(slot as usize, slots_count - 1),
                    _ => prop_assert_eq!(slot as usize, code.slot(places_count)),
                }
            }
        }
    }
}
