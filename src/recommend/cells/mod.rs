//! The words of one product's row: where its partners stand in them, and how a tie changes them.
//!
//! A row is a record of eight words (counter, product, shape, epoch, degree, reach, draws, weakest) and then, for as many partners as it has
//! room for, the low halves of their products, the high bytes of these, their weights, and their counts. A partner is looked for among the
//! low halves alone, two to a word: looking through a full row is four lines of memory instead of seven, and hardly ever finds another product
//! of the same low half. Two counts share a word until one of them outgrows sixteen bits, which it does for bestsellers only; the row is then
//! made anew with a word for each.
//!
//! Which partner of a full row is the weakest is remembered as long as it is known: it stays so while weight is taken from it and while the
//! others gain.
//!
//! A row beside exact rows may *owe* these something: a partner below zero, of which more was taken back than came since. What is owed gives its place to
//! nobody, as what the exact row has counted would be back with it: an erased shopper, of all things.

mod ahead;

pub(super) use ahead::BEGINNING;

use super::base::Beside;
use super::row::{Moment, PARTNERS_MAX, Partner, Row, Share, worth};
use crate::id::Ordinal;
use crate::signal::PRODUCTS_MAX;
use crate::stdx::slab;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// Partners that a row has room for, by class: narrow rows, then wide ones. The narrow ones fill cache lines.
const ROOMS: [u8; CLASSES] = [2, 8, 14, 20, 32, 48, 64, 96, 2, 8, 14, 20, 32, 48, 64, 96];
const CLASSES: usize = 16;
pub(super) const NARROW_CLASSES: usize = CLASSES / 2;
/// Words of a row of each class.
pub(super) const SIZES: [u16; CLASSES] = sizes();

const OWNER: usize = 1;
const SHAPE: usize = 2;
const EPOCH: usize = 3;
const DEGREE: usize = 4;
const REACH: usize = 5;
const DRAWS: usize = 6;
/// Place of the weakest partner and one more; 0 when it is not known.
const WEAKEST: usize = 7;
const HEADER: usize = 8;

/// Bits of a product that stand with those of another one in a word; the others have a byte.
const LOW_BITS: u32 = 16;
const HIGH_BITS: u32 = 8;
const _: () = assert!(PRODUCTS_MAX <= 1 << (LOW_BITS + HIGH_BITS), "a product has three bytes");

const fn sizes() -> [u16; CLASSES] {
    let mut sizes = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        let room = ROOMS[class] as usize;
        sizes[class] = (weights_at(room) + room * if class < NARROW_CLASSES { 2 } else { 3 }) as u16;
        class += 1;
    }
    sizes
}

/// Where the high bytes begin.
const fn highs_at(room: usize) -> usize {
    HEADER + room.div_ceil(2)
}

/// Where the weights begin.
const fn weights_at(room: usize) -> usize {
    highs_at(room) + room.div_ceil(4)
}

/// Whether more was taken back of a tie than came since the exact rows were counted.
#[inline]
fn is_owed(partner: Partner) -> bool {
    partner.support < 0 || partner.weight < 0.0
}

/// One row's words.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) words: &'a [AtomicU32],
    pub(super) class: usize,
    room: usize,
}

/// What became of a tie.
pub(super) enum Linked {
    Done,
    /// There is no room for one more partner.
    Full,
    /// A count is too large for half a word.
    TooNarrow,
}

impl<'a> Cells<'a> {
    /// Words that become a row of a class.
    pub(super) fn made(words: &'a [AtomicU32], class: usize) -> Self {
        Self { words, class, room: usize::from(ROOMS[class]) }
    }

    /// None when the words are no row, which a reader may meet for a moment.
    #[inline]
    pub(super) fn of(words: &'a [AtomicU32]) -> Option<Self> {
        let class = (words.get(SHAPE)?.load(Relaxed) >> 8) as usize;
        let room = usize::from(*ROOMS.get(class)?);
        let words = words.get(..usize::from(SIZES[class]))?;
        Some(Self { words, class, room })
    }

    #[inline]
    fn get(self, place: usize) -> u32 {
        self.words[place].load(Relaxed)
    }

    #[inline]
    fn set(self, place: usize, value: u32) {
        self.words[place].store(value, Relaxed);
    }

    #[inline]
    fn is_wide(self) -> bool {
        self.class >= NARROW_CLASSES
    }

    #[inline]
    fn len(self) -> usize {
        (self.get(SHAPE) as usize & 0xff).min(self.room)
    }

    #[inline]
    fn set_len(self, len: usize) {
        self.set(SHAPE, len as u32 | (self.class as u32) << 8);
    }

    #[inline]
    fn weight(self, place: usize) -> f32 {
        f32::from_bits(self.get(weights_at(self.room) + place))
    }

    #[inline]
    fn set_weight(self, place: usize, weight: f32) {
        self.set(weights_at(self.room) + place, weight.to_bits());
    }

    /// Support and after.
    #[inline]
    fn counts(self, place: usize) -> (i32, i32) {
        let first = self.get(weights_at(self.room) + self.room + place);
        if self.is_wide() {
            (first.cast_signed(), self.get(weights_at(self.room) + 2 * self.room + place).cast_signed())
        } else {
            (i32::from(first as u16 as i16), i32::from((first >> 16) as u16 as i16))
        }
    }

    #[inline]
    fn may_hold(self, support: i32, after: i32) -> bool {
        self.is_wide() || (i16::try_from(support).is_ok() && i16::try_from(after).is_ok())
    }

    #[inline]
    fn set_counts(self, place: usize, support: i32, after: i32) {
        if self.is_wide() {
            self.set(weights_at(self.room) + self.room + place, support.cast_unsigned());
            self.set(weights_at(self.room) + 2 * self.room + place, after.cast_unsigned());
        } else {
            let both = u32::from(support as i16 as u16) | u32::from(after as i16 as u16) << 16;
            self.set(weights_at(self.room) + self.room + place, both);
        }
    }

    #[inline]
    fn product(self, place: usize) -> Ordinal {
        let low = self.get(HEADER + place / 2) >> (LOW_BITS * (place as u32 % 2)) & ((1 << LOW_BITS) - 1);
        Ordinal(low | self.high(place) << LOW_BITS)
    }

    #[inline]
    fn high(self, place: usize) -> u32 {
        self.get(highs_at(self.room) + place / 4) >> (HIGH_BITS * (place as u32 % 4)) & ((1 << HIGH_BITS) - 1)
    }

    #[inline]
    fn set_product(self, place: usize, product: Ordinal) {
        let set = |at: usize, shift: u32, bits: u32, value: u32| {
            let mask = ((1 << bits) - 1) << shift;
            self.set(at, self.get(at) & !mask | value << shift & mask);
        };
        set(HEADER + place / 2, LOW_BITS * (place as u32 % 2), LOW_BITS, product.0);
        set(highs_at(self.room) + place / 4, HIGH_BITS * (place as u32 % 4), HIGH_BITS, product.0 >> LOW_BITS);
    }

    #[inline]
    fn partner(self, place: usize) -> Partner {
        let (support, after) = self.counts(place);
        Partner { product: self.product(place), support, after, weight: self.weight(place) }
    }

    #[inline]
    fn set_partner(self, place: usize, partner: Partner) {
        self.set_product(place, partner.product);
        self.set_weight(place, partner.weight);
        self.set_counts(place, partner.support, partner.after);
    }

    #[inline]
    pub(super) fn epoch(self) -> i64 {
        i64::from(self.get(EPOCH).cast_signed())
    }

    #[inline]
    pub(super) fn degree(self) -> f32 {
        f32::from_bits(self.get(DEGREE))
    }

    /// A copy.
    pub(super) fn row(self) -> Row {
        Row {
            epoch: self.epoch(),
            degree: self.degree(),
            reach: self.get(REACH).cast_signed(),
            draws: self.get(DRAWS).cast_signed(),
            partners: (0..self.len()).map(|place| self.partner(place)).collect(),
        }
    }

    /// Puts a whole row in.
    pub(super) fn set_row(self, product: Ordinal, row: &Row) {
        self.set(OWNER, product.0);
        self.set(EPOCH, (row.epoch as i32).cast_unsigned());
        self.set(DEGREE, row.degree.to_bits());
        self.set(REACH, row.reach.cast_unsigned());
        self.set(DRAWS, row.draws.cast_unsigned());
        self.set(WEAKEST, 0);
        self.set_len(row.partners.len());
        row.partners.iter().enumerate().for_each(|(place, partner)| self.set_partner(place, *partner));
    }

    /// A weight of `moment` in terms of the row's epoch, after moving the row on if the moment is newer.
    #[inline]
    fn admit(self, weight: f32, moment: Moment) -> f32 {
        let epoch = self.epoch();
        if moment.epoch > epoch {
            let left = worth(epoch, moment.epoch);
            self.set(DEGREE, (self.degree() * left).to_bits());
            (0..self.len()).for_each(|place| self.set_weight(place, self.weight(place) * left));
            self.set(EPOCH, (moment.epoch as i32).cast_unsigned());
            // Weights that have become too small to be told apart from nothing are equal now.
            self.set(WEAKEST, 0);
            return weight * moment.scale;
        }
        weight * moment.scale * worth(moment.epoch, epoch)
    }

    /// One more shopper or order had the product, or with a `sign` of -1 one less.
    pub(super) fn occur(self, weight: f32, sign: i32, moment: Moment, beside: &Beside) {
        let weight = self.admit(weight * sign as f32, moment);
        let reach = self.get(REACH).cast_signed() + sign;
        self.set(REACH, reach.cast_unsigned());
        // What is left when nobody is are rounding errors; in a delta, one may have come and another gone.
        self.set(DEGREE, if reach == 0 && beside.is_nothing() { 0.0_f32 } else { self.degree() + weight }.to_bits());
    }

    /// The first place from `from` on where a product of that low half stands.
    #[inline]
    fn alike(self, product: Ordinal, from: usize) -> Option<usize> {
        let len = self.len();
        // To the end of eight: what stands beyond the last partner is not taken for one.
        let end = len.next_multiple_of(8).min(self.room);
        slab::position_of_half(&self.words[HEADER..HEADER + end.div_ceil(2)], from, product.0 as u16).filter(|place| *place < len)
    }

    #[inline]
    fn place_of(self, product: Ordinal) -> Option<usize> {
        let mut from = 0;
        loop {
            let place = self.alike(product, from)?;
            if self.high(place) == product.0 >> LOW_BITS {
                return Some(place);
            }
            from = place + 1;
        }
    }

    /// Adds a share to the tie with `product`; what of it can be said without room for it otherwise.
    #[inline]
    pub(super) fn link(self, product: Ordinal, share: Share, moment: Moment, beside: &Beside) -> Linked {
        match self.place_of(product) {
            Some(place) => {
                let (support, after) = self.counts(place);
                let (support, after) = (support + share.support, after + share.after);
                if !self.may_hold(support, after) {
                    return Linked::TooNarrow;
                }
                let weight = self.admit(share.weight, moment);
                if beside.is_nothing() && support <= 0 {
                    self.remove(place);
                } else {
                    let (owed, weight) = (is_owed(self.partner(place)), self.weight(place) + weight);
                    // What is left below zero where nothing can be owed are rounding errors.
                    self.change_weight(place, if beside.is_nothing() { weight.max(0.0) } else { weight });
                    self.set_counts(place, support, after);
                    if owed || is_owed(self.partner(place)) {
                        self.set(WEAKEST, 0);
                    }
                }
            }
            None if share.support > 0 || beside.may_hold(Ordinal(self.get(OWNER)), product) => {
                let len = self.len();
                let is_full = len == self.room;
                if is_full && self.room < PARTNERS_MAX {
                    return Linked::Full;
                }
                let weight = self.admit(share.weight, moment);
                let newcomer = Partner { product, support: share.support, after: share.after, weight };
                if is_full {
                    self.erode(newcomer);
                } else {
                    self.set_partner(len, newcomer);
                    self.set_len(len + 1);
                }
            }
            None => {}
        }
        self.set(DRAWS, (self.get(DRAWS).cast_signed() + share.support).cast_unsigned());
        Linked::Done
    }

    #[inline]
    fn remove(self, place: usize) {
        let last = self.len() - 1;
        self.set(WEAKEST, 0);
        self.set_partner(place, self.partner(last));
        self.set_len(last);
    }

    /// Gives a partner another weight; it may be the weakest no more, or have become so.
    #[inline]
    fn change_weight(self, place: usize, weight: f32) {
        let (has_grown, was_weakest) = (weight.abs() > self.weight(place).abs(), self.get(WEAKEST) as usize == place + 1);
        if has_grown == was_weakest {
            self.set(WEAKEST, 0);
        }
        self.set_weight(place, weight);
    }

    /// The place of the partner with the least weight of those that nothing is owed of; the first of several.
    #[inline]
    fn weakest(self) -> Option<usize> {
        match (self.get(WEAKEST) as usize).checked_sub(1) {
            Some(place) if place < self.room => Some(place),
            _ => {
                let weights = weights_at(self.room);
                let place = slab::place_of_least(&self.words[weights..weights + self.room]);
                let place = if is_owed(self.partner(place)) { self.weakest_not_owed()? } else { place };
                self.set(WEAKEST, place as u32 + 1);
                Some(place)
            }
        }
    }

    /// The same, looked for where some of the least has its count below zero and its weight above.
    fn weakest_not_owed(self) -> Option<usize> {
        (0..self.len())
            .filter(|place| !is_owed(self.partner(*place)))
            .min_by(|one, other| self.weight(*one).total_cmp(&self.weight(*other)))
    }

    /// Puts a newcomer in the place of the weakest partner, or takes its weight from that. Where everything in the row is owed, nobody comes in.
    #[inline]
    fn erode(self, newcomer: Partner) {
        let Some(weakest) = self.weakest() else { return };
        let there = self.weight(weakest);
        if is_owed(newcomer) || there <= newcomer.weight {
            self.set_partner(weakest, newcomer);
            self.set(WEAKEST, 0);
        } else {
            self.set_weight(weakest, there - newcomer.weight);
        }
    }

    /// Reach.
    pub(super) fn reach(self) -> i32 {
        self.get(REACH).cast_signed()
    }

    /// Whether it is the product's.
    pub(super) fn is_of(self, product: Ordinal) -> bool {
        self.get(OWNER) == product.0
    }

    /// Whether it can be: what was read from a file.
    pub(super) fn is_sound(self, product: u32) -> bool {
        let len = self.get(SHAPE) as usize & 0xff;
        self.is_of(Ordinal(product))
            && len <= self.room
            && self.get(WEAKEST) as usize <= self.room
            && (0..len).all(|place| self.product(place).index() < PRODUCTS_MAX && self.weight(place).is_finite())
    }
}
