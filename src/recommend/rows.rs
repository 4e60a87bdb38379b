//! The rows of one relation: bounded lists of partners that grow with need, changed in place while they are read.
//!
//! How a row lies in its words is told in [`super::cells`].

use super::ahead::Nearness;
use super::base::Beside;
use super::cells::{BEGINNING, Cells, Linked, NARROW_CLASSES, SIZES};
use super::row::{Moment, Row, Share};
use crate::id::Ordinal;
use crate::signal::PRODUCTS_MAX;
use crate::stdx::prefetch::call_for;
use crate::stdx::slab::{self, Pages, Slab};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, Release};

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
        self.read(product, |cells| (cells.epoch(), cells.degree(), cells.reach()))
    }

    fn read<T>(&self, product: Ordinal, take: impl Fn(Cells<'_>) -> T) -> Option<T> {
        let own = |words: &[AtomicU32]| Cells::of(words).filter(|cells| cells.is_of(product)).map(&take);
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

    /// Asks for where the product's row is.
    #[inline]
    pub(super) fn expect_place(&self, product: Ordinal) {
        self.places.prefetch(product.0);
    }

    /// Where the product's row is; 0 when it has none yet.
    #[inline]
    pub(super) fn place_of(&self, product: Ordinal) -> u32 {
        self.places.get(product.0).map_or(0, |place| place.load(Relaxed))
    }

    /// Asks for what of the row at a place will be needed.
    #[inline]
    pub(super) fn expect(&self, place: u32, nearness: Nearness) {
        let words = if place == 0 { &[] } else { self.slab.record(place) };
        // Looking at the beginning before it is at hand would be to wait for it.
        if nearness == Nearness::Beginning {
            return call_for(&words[..words.len().min(BEGINNING)]);
        }
        let Some(cells) = Cells::of(words) else { return };
        match nearness {
            Nearness::Beginning => {}
            Nearness::Look => cells.expect_look(),
            Nearness::Tie(product) => cells.expect_tie(product),
            Nearness::All => cells.expect_all(),
        }
    }

    pub(super) fn occur(&mut self, product: Ordinal, weight: f32, sign: i32, moment: Moment, beside: &Beside) {
        if let Some(place) = self.place(product) {
            let words = self.slab.record(place);
            slab::write(words, |words| Cells::of(words).into_iter().for_each(|cells| cells.occur(weight, sign, moment, beside)));
        }
    }

    /// Adds a share to the tie `from → to`. Rows beside exact ones keep what they owe to these, also below zero; in a row that stands
    /// alone a tie that is not there has nothing to take from, and one without support is gone.
    #[inline]
    pub(super) fn link(&mut self, from: Ordinal, to: Ordinal, share: Share, moment: Moment, beside: &Beside) {
        let Some(mut place) = self.place(from) else { return };
        loop {
            let Some(cells) = Cells::of(self.slab.record(place)) else { return };
            let class = match slab::write(cells.words, |_| cells.link(to, share, moment, beside)) {
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
        match self.place_of(product) {
            0 => self.made(product, &Row { epoch: i64::from(i32::MIN), ..Row::default() }, 0),
            place => Some(place),
        }
    }

    fn made(&mut self, product: Ordinal, row: &Row, class: usize) -> Option<u32> {
        let place = self.slab.take(class)?;
        let words = &self.slab.record(place)[..usize::from(SIZES[class])];
        slab::write(words, |words| Cells::made(words, class).set_row(product, row));
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
            if !cells.is_sound(product) {
                return None;
            }
        }
        let pages = Pages::default();
        pages.restore(places).then_some(Self { places: pages, slab, products_end })
    }
}
