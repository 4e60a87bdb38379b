//! The rows of one relation: bounded lists of partners that grow with need, changed in place while they are read.
//!
//! A row is a record of eight words (counter, product, shape, epoch, degree, reach, draws, none) and then, for as many partners as it has
//! room for, their products, their weights, and their counts. Two counts share a word until one of them outgrows sixteen bits, which it does
//! for bestsellers only; the row is then made anew with a word for each.

use super::ahead::Nearness;
use super::row::{Moment, PARTNERS_MAX, Partner, Row, Share, worth};
use crate::id::Ordinal;
use crate::signal::PRODUCTS_MAX;
use crate::stdx::prefetch::call_for;
use crate::stdx::slab::{self, Pages, Slab};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, Release};

/// Partners that a row has room for, by class: narrow rows, then wide ones. Steps of a third keep what is given out and not used small.
const ROOMS: [u8; CLASSES] = [2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96];
const CLASSES: usize = 22;
const NARROW_CLASSES: usize = CLASSES / 2;
const SIZES: [u16; CLASSES] = sizes();

/// Words of a cache line.
const LINE_WORDS: usize = 16;

const OWNER: usize = 1;
const SHAPE: usize = 2;
const EPOCH: usize = 3;
const DEGREE: usize = 4;
const REACH: usize = 5;
const DRAWS: usize = 6;
const HEADER: usize = 8;

const fn sizes() -> [u16; CLASSES] {
    let mut sizes = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        sizes[class] = HEADER as u16 + ROOMS[class] as u16 * if class < NARROW_CLASSES { 3 } else { 4 };
        class += 1;
    }
    sizes
}

/// One row's words.
#[derive(Clone, Copy)]
struct Cells<'a> {
    words: &'a [AtomicU32],
    class: usize,
    room: usize,
}

/// What became of a tie.
enum Linked {
    Done,
    /// There is no room for one more partner.
    Full,
    /// A count is too large for half a word.
    TooNarrow,
}

impl<'a> Cells<'a> {
    /// None when the words are no row, which a reader may meet for a moment.
    #[inline]
    fn of(words: &'a [AtomicU32]) -> Option<Self> {
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

    fn is_wide(self) -> bool {
        self.class >= NARROW_CLASSES
    }

    fn len(self) -> usize {
        (self.get(SHAPE) as usize & 0xff).min(self.room)
    }

    fn set_len(self, len: usize) {
        self.set(SHAPE, len as u32 | (self.class as u32) << 8);
    }

    fn weight(self, place: usize) -> f32 {
        f32::from_bits(self.get(HEADER + self.room + place))
    }

    fn set_weight(self, place: usize, weight: f32) {
        self.set(HEADER + self.room + place, weight.to_bits());
    }

    /// Support and after.
    fn counts(self, place: usize) -> (i32, i32) {
        let first = self.get(HEADER + 2 * self.room + place);
        if self.is_wide() {
            (first.cast_signed(), self.get(HEADER + 3 * self.room + place).cast_signed())
        } else {
            (i32::from(first as u16 as i16), i32::from((first >> 16) as u16 as i16))
        }
    }

    fn may_hold(self, support: i32, after: i32) -> bool {
        self.is_wide() || (i16::try_from(support).is_ok() && i16::try_from(after).is_ok())
    }

    fn set_counts(self, place: usize, support: i32, after: i32) {
        if self.is_wide() {
            self.set(HEADER + 2 * self.room + place, support.cast_unsigned());
            self.set(HEADER + 3 * self.room + place, after.cast_unsigned());
        } else {
            let both = u32::from(support as i16 as u16) | u32::from(after as i16 as u16) << 16;
            self.set(HEADER + 2 * self.room + place, both);
        }
    }

    fn partner(self, place: usize) -> Partner {
        let (support, after) = self.counts(place);
        Partner { product: Ordinal(self.get(HEADER + place)), support, after, weight: self.weight(place) }
    }

    fn set_partner(self, place: usize, partner: Partner) {
        self.set(HEADER + place, partner.product.0);
        self.set_weight(place, partner.weight);
        self.set_counts(place, partner.support, partner.after);
    }

    fn epoch(self) -> i64 {
        i64::from(self.get(EPOCH).cast_signed())
    }

    fn degree(self) -> f32 {
        f32::from_bits(self.get(DEGREE))
    }

    fn row(self) -> Row {
        Row {
            epoch: self.epoch(),
            degree: self.degree(),
            reach: self.get(REACH).cast_signed(),
            draws: self.get(DRAWS).cast_signed(),
            partners: (0..self.len()).map(|place| self.partner(place)).collect(),
        }
    }

    fn set_row(self, product: Ordinal, row: &Row) {
        self.set(OWNER, product.0);
        self.set(EPOCH, (row.epoch as i32).cast_unsigned());
        self.set(DEGREE, row.degree.to_bits());
        self.set(REACH, row.reach.cast_unsigned());
        self.set(DRAWS, row.draws.cast_unsigned());
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
            return weight * moment.scale;
        }
        weight * moment.scale * worth(moment.epoch, epoch)
    }

    fn occur(self, weight: f32, sign: i32, moment: Moment, beside_base: bool) {
        let weight = self.admit(weight * sign as f32, moment);
        let reach = self.get(REACH).cast_signed() + sign;
        self.set(REACH, reach.cast_unsigned());
        // What is left when nobody is are rounding errors; in a delta, one may have come and another gone.
        self.set(DEGREE, if reach == 0 && !beside_base { 0.0_f32 } else { self.degree() + weight }.to_bits());
    }

    fn place_of(self, product: Ordinal) -> Option<usize> {
        slab::position(&self.words[HEADER..HEADER + self.len()], product.0)
    }

    #[inline]
    fn link(self, product: Ordinal, share: Share, moment: Moment, beside_base: bool) -> Linked {
        match self.place_of(product) {
            Some(place) => {
                let (support, after) = self.counts(place);
                let (support, after) = (support + share.support, after + share.after);
                if !self.may_hold(support, after) {
                    return Linked::TooNarrow;
                }
                let weight = self.admit(share.weight, moment);
                if support <= 0 && !beside_base {
                    self.remove(place);
                } else {
                    self.set_weight(place, self.weight(place) + weight);
                    self.set_counts(place, support, after);
                }
            }
            None if share.support > 0 || beside_base => {
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

    fn remove(self, place: usize) {
        let last = self.len() - 1;
        self.set_partner(place, self.partner(last));
        self.set_len(last);
    }

    /// The place of the partner with the least weight, whatever its sign; the first of several.
    fn weakest(self) -> usize {
        slab::place_of_least(&self.words[HEADER + self.room..HEADER + 2 * self.room])
    }

    /// Puts a newcomer in the place of the weakest partner, or takes its weight from that.
    fn erode(self, newcomer: Partner) {
        let weakest = self.weakest();
        let there = self.weight(weakest);
        if there.abs() <= newcomer.weight.abs() {
            self.set_partner(weakest, newcomer);
        } else {
            self.set_weight(weakest, there - there.signum() * newcomer.weight.abs());
        }
    }
}

/// Where readers find rows.
#[derive(Debug, Clone)]
pub(super) struct RowsReader {
    places: Pages,
    pages: Pages,
}

impl RowsReader {
    /// A copy of the product's row, as it is between two changes.
    pub(super) fn row(&self, product: Ordinal) -> Option<Row> {
        self.read(product, |cells| cells.row())
    }

    /// Degree in terms of the epoch, and reach.
    pub(super) fn totals(&self, product: Ordinal) -> Option<(i64, f32, i32)> {
        self.read(product, |cells| (cells.epoch(), cells.degree(), cells.get(REACH).cast_signed()))
    }

    fn read<T>(&self, product: Ordinal, take: impl Fn(Cells<'_>) -> T) -> Option<T> {
        let own = |words: &[AtomicU32]| Cells::of(words).filter(|cells| cells.get(OWNER) == product.0).map(&take);
        slab::read_placed(&self.places, &self.pages, product.0, own)
    }
}

/// The writer's side.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    places: Pages,
    slab: Slab,
    /// One beyond the largest product that ever had a row.
    products_end: u32,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { places: Pages::default(), slab: Slab::new(&SIZES), products_end: 0 }
    }

    pub(super) fn reader(&self) -> RowsReader {
        RowsReader { places: self.places.clone(), pages: self.slab.pages().clone() }
    }

    /// Asks for what of the product's row will be needed.
    #[inline]
    pub(super) fn prefetch(&self, product: Ordinal, nearness: Nearness) {
        if nearness == Nearness::Place {
            return self.places.prefetch(product.0);
        }
        let place = self.places.get(product.0).map_or(0, |place| place.load(Relaxed));
        let words = if place == 0 { &[] } else { self.slab.record(place) };
        if nearness == Nearness::Beginning {
            return call_for(&words[..words.len().min(HEADER + LINE_WORDS)]);
        }
        let Some(cells) = Cells::of(words) else { return };
        let (len, weights) = (cells.len(), HEADER + cells.room);
        call_for(&cells.words[HEADER + LINE_WORDS.min(len)..HEADER + len]);
        if len == PARTNERS_MAX {
            call_for(&cells.words[weights..weights + len]);
        } else if len < cells.room {
            call_for(&cells.words[weights + len..=weights + len]);
            call_for(&cells.words[weights + cells.room + len..=weights + cells.room + len]);
        }
    }

    pub(super) fn occur(&mut self, product: Ordinal, weight: f32, sign: i32, moment: Moment, beside_base: bool) {
        if let Some(place) = self.place(product) {
            let words = self.slab.record(place);
            slab::write(words, |words| Cells::of(words).into_iter().for_each(|cells| cells.occur(weight, sign, moment, beside_base)));
        }
    }

    /// Adds a share to the tie `from → to`. Rows of a delta `beside_base` keep what they owe to the base, also below zero; in a row that stands
    /// alone a tie that is not there has nothing to take from, and one without support is gone.
    #[inline]
    pub(super) fn link(&mut self, from: Ordinal, to: Ordinal, share: Share, moment: Moment, beside_base: bool) {
        let Some(mut place) = self.place(from) else { return };
        loop {
            let Some(cells) = Cells::of(self.slab.record(place)) else { return };
            let class = match slab::write(cells.words, |_| cells.link(to, share, moment, beside_base)) {
                Linked::Done => return,
                Linked::Full => cells.class + 1,
                Linked::TooNarrow => cells.class + NARROW_CLASSES,
            };
            let Some(moved) = self.moved(from, place, class) else { return };
            place = moved;
        }
    }

    /// The place of the product's row, made if need be; none when memory for rows is used up.
    #[inline]
    fn place(&mut self, product: Ordinal) -> Option<u32> {
        match self.places.get(product.0).map_or(0, |place| place.load(Relaxed)) {
            0 => self.made(product, &Row { epoch: i64::from(i32::MIN), ..Row::default() }, 0),
            place => Some(place),
        }
    }

    fn made(&mut self, product: Ordinal, row: &Row, class: usize) -> Option<u32> {
        let place = self.slab.take(class)?;
        let words = &self.slab.record(place)[..usize::from(SIZES[class])];
        slab::write(words, |words| Cells { words, class, room: usize::from(ROOMS[class]) }.set_row(product, row));
        self.places.grown(product.0)?.store(place, Release);
        self.products_end = self.products_end.max(product.0 + 1);
        Some(place)
    }

    /// Moves a row to a record of another class.
    fn moved(&mut self, product: Ordinal, place: u32, class: usize) -> Option<u32> {
        let cells = Cells::of(self.slab.record(place))?;
        let (row, former) = (cells.row(), cells.class);
        let moved = self.made(product, &row, class)?;
        self.slab.give_back(place, former);
        Some(moved)
    }

    /// To be written: the rows' places by product, the words, and the free places.
    pub(super) fn saved(&self) -> [Vec<u32>; 3] {
        let (words, free) = self.slab.saved();
        [self.places.copied(self.products_end as usize), words, free]
    }

    /// What [`Rows::saved`] gave. None when the parts do not fit together.
    pub(super) fn restored([places, words, free]: [&[u32]; 3]) -> Option<Self> {
        let slab = Slab::restored(&SIZES, words, free)?;
        let products_end = u32::try_from(places.len()).ok().filter(|end| *end as usize <= PRODUCTS_MAX)?;
        for (product, &place) in (0..).zip(places).filter(|(_, place)| **place != 0) {
            let cells = Cells::of(slab.record(place)).filter(|cells| slab.fits(place, cells.class))?;
            let is_sound = cells.get(OWNER) == product
                && cells.get(SHAPE) as usize & 0xff <= cells.room
                && (0..cells.len()).all(|at| (cells.get(HEADER + at) as usize) < PRODUCTS_MAX && cells.weight(at).is_finite());
            if !is_sound {
                return None;
            }
        }
        let pages = Pages::default();
        pages.restore(places).then_some(Self { places: pages, slab, products_end })
    }
}
