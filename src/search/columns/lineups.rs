//! What each variant of a product has in a field, as one number a product: which variants pass a filter, and what those have in another
//! field, is then found without looking at rows.
//!
//! A *lineup* is what the variants have in their order, each with what the product gives all of them: `36, 37, 38`. Equal lineups are kept
//! once and have a number each; shops have few of them. Products with one variant have none, and where there are too many different ones,
//! the column says that the row has to be looked at.

use super::dictionary::{Dictionary, FieldId};
use super::packing::{self, Lists, Written};
use super::row::Row;
use crate::id::Ordinal;
use crate::stdx::chunked::Chunked;
use crate::stdx::packed::{PackedReader, PackedWriter};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Most variants of a lineup: which of them pass is one bit each.
pub const VARIANTS_MAX: usize = 64;
/// Most lineups of one field: more of them say that products hardly share any.
const LINEUPS_MAX: usize = 32_768;

/// What the variants of a product have in a field, in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lineup {
    /// Where each variant's places and numbers end.
    ends: Box<[(u32, u32)]>,
    places: Box<[u32]>,
    numbers: Box<[f64]>,
}

impl Lineup {
    fn of(row: Row<'_>, field: FieldId, dictionary: &Dictionary) -> Self {
        let (mut places, mut numbers, mut ends) = (Vec::new(), Vec::new(), Vec::with_capacity(row.variants_count()));
        for variant in row.variants() {
            for facts in [row.shared(), variant.own] {
                places.extend(facts.keywords_of(field).map(|term| dictionary.place(term)));
                numbers.extend(facts.numbers_of(field));
            }
            ends.push((places.len() as u32, numbers.len() as u32));
        }
        Self { ends: ends.into(), places: places.into(), numbers: numbers.into() }
    }

    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.ends.hash(&mut hasher);
        self.places.hash(&mut hasher);
        self.numbers.iter().for_each(|number| number.to_bits().hash(&mut hasher));
        hasher.finish()
    }

    /// How many variants.
    #[must_use]
    pub fn variants_count(&self) -> usize {
        self.ends.len()
    }

    /// Places of the keywords, and the numbers, of one variant and of what it shares; some possibly twice.
    #[must_use]
    pub fn variant(&self, index: usize) -> (&[u32], &[f64]) {
        let (places_start, numbers_start) = if index == 0 { (0, 0) } else { self.ends[index - 1] };
        let (places_end, numbers_end) = self.ends[index];
        (&self.places[places_start as usize..places_end as usize], &self.numbers[numbers_start as usize..numbers_end as usize])
    }

    /// What the variants have whose bits are set, one after another.
    pub fn variants(&self, passing: u64) -> impl Iterator<Item = (&[u32], &[f64])> {
        (0..self.ends.len()).filter(move |index| passing >> index & 1 == 1).map(|index| self.variant(index))
    }
}

/// What a product's variants have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lined {
    /// Nothing at all in the field.
    Nothing,
    /// The number of a lineup.
    Lineup(usize),
    /// The row has it.
    Look,
}

/// Stands for [`Lined::Nothing`]; others are a number and 1.
const NOTHING: u32 = 0;
/// Stands for [`Lined::Look`].
const LOOK: u32 = u32::MAX;

/// The lineups of one field, of the products with two or more variants.
#[derive(Debug, Clone)]
pub struct Lineups {
    codes: Chunked<u32>,
    lineups: Chunked<Arc<Lineup>>,
    by_hash: Arc<HashMap<u64, u32>>,
}

impl Lineups {
    pub(super) fn new() -> Self {
        Self { codes: Chunked::new(NOTHING), lineups: Chunked::new(Arc::default()), by_hash: Arc::default() }
    }

    /// Takes in a product's variants, in place of what it had before.
    pub(super) fn set(&mut self, ordinal: Ordinal, row: Row<'_>, field: FieldId, dictionary: &Dictionary) {
        let code = match row.variants_count() {
            0 | 1 => NOTHING,
            2..=VARIANTS_MAX => self.intern(Lineup::of(row, field, dictionary)),
            _ => LOOK,
        };
        self.enter(ordinal, code);
    }

    pub(super) fn clear(&mut self, ordinal: Ordinal) {
        self.enter(ordinal, NOTHING);
    }

    fn enter(&mut self, ordinal: Ordinal, code: u32) {
        if *self.codes.at(ordinal.index()) != code {
            *self.codes.at_mut(ordinal.index()) = code;
        }
    }

    fn intern(&mut self, lineup: Lineup) -> u32 {
        let hash = lineup.hash();
        if let Some(&known) = self.by_hash.get(&hash) {
            return if **self.lineups.at(known as usize) == lineup { known + 1 } else { LOOK };
        }
        let number = self.lineups.len();
        if number >= LINEUPS_MAX {
            return LOOK;
        }
        *self.lineups.at_mut(number) = Arc::new(lineup);
        Arc::make_mut(&mut self.by_hash).insert(hash, number as u32);
        number as u32 + 1
    }

    /// Writes codes and lineups; what is looked up follows from them.
    pub(super) fn pack(&self, out: &mut PackedWriter<'_>) -> Written {
        packing::put_column(out, &self.codes, |code| *code)?;
        let (mut ends, mut places, mut numbers) = (Lists::default(), Lists::default(), Lists::default());
        for lineup in self.lineups.iter() {
            ends.add(&lineup.ends.iter().map(|&(places, numbers)| [places, numbers]).collect::<Vec<[u32; 2]>>());
            places.add(&lineup.places);
            numbers.add(&lineup.numbers);
        }
        ends.put(out)?;
        places.put(out)?;
        numbers.put(out)
    }

    /// Reads what [`Lineups::pack`] wrote.
    pub(super) fn unpack(from: &mut PackedReader<'_>) -> Option<Self> {
        let mut lineups = Self { codes: packing::column(from, NOTHING, |code| code)?, ..Self::new() };
        let (ends, places, numbers) = (packing::lists::<[u32; 2]>(from)?, packing::lists::<u32>(from)?, packing::lists::<f64>(from)?);
        let mut by_hash = HashMap::with_capacity(ends.len());
        for (number, ((ends, places), numbers)) in ends.iter().zip(&places).zip(&numbers).enumerate() {
            let ends: Box<[(u32, u32)]> = ends.iter().map(|&[places, numbers]| (places, numbers)).collect();
            let is_sound =
                ends.is_sorted() && ends.last().is_none_or(|end| (end.0 as usize, end.1 as usize) == (places.len(), numbers.len()));
            let lineup = Lineup { ends, places: (*places).into(), numbers: (*numbers).into() };
            by_hash.insert(lineup.hash(), number as u32);
            *lineups.lineups.at_mut(number) = Arc::new(Some(lineup).filter(|_| is_sound)?);
        }
        lineups.by_hash = Arc::new(by_hash);
        Some(lineups)
    }

    /// What the variants of a product have; only of use for products with two or more.
    #[must_use]
    #[inline]
    pub fn at(&self, ordinal: Ordinal) -> Lined {
        match *self.codes.at(ordinal.index()) {
            NOTHING => Lined::Nothing,
            LOOK => Lined::Look,
            code => Lined::Lineup(code as usize - 1),
        }
    }

    /// How many lineups there are.
    #[must_use]
    pub fn lineups_count(&self) -> usize {
        self.lineups.len()
    }

    /// A lineup by its number.
    #[must_use]
    pub fn lineup(&self, number: usize) -> &Lineup {
        self.lineups.at(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lineup(numbers: &[f64]) -> Lineup {
        let ends = (1..=numbers.len()).map(|end| (0, end as u32)).collect();
        Lineup { ends, places: Box::default(), numbers: numbers.into() }
    }

    #[test]
    fn equal_lineups_are_one_and_order_counts() {
        let mut lineups = Lineups::new();
        let codes: Vec<u32> = [[36.0, 37.0], [37.0, 36.0], [36.0, 37.0]].iter().map(|numbers| lineups.intern(lineup(numbers))).collect();
        assert_eq!((codes, lineups.lineups_count()), (vec![1, 2, 1], 2));
        lineups.enter(Ordinal(7), 2);
        assert_eq!((lineups.at(Ordinal(7)), lineups.at(Ordinal(8))), (Lined::Lineup(1), Lined::Nothing));
        let passing: Vec<&[f64]> = lineups.lineup(1).variants(0b10).map(|(_, numbers)| numbers).collect();
        assert_eq!(passing, [&[36.0]]);
    }

    #[test]
    fn lineups_without_room_are_looked_at() {
        let mut lineups = Lineups::new();
        (0..LINEUPS_MAX).for_each(|number| assert_eq!(lineups.intern(lineup(&[number as f64, 0.0])), number as u32 + 1));
        assert_eq!(lineups.intern(lineup(&[-1.0, 0.0])), LOOK);
    }
}
