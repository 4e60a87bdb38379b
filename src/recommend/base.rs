//! The exact tables: counted from all logs at once, without bounds while counting, and then the best partners of each product.
//!
//! The products are taken in ranges. For each range every log is gone through and what it adds to a row of the range is written down; that is
//! sorted by row, and each row is summed in an array with a place for every product. So memory is bounded by the range, and every row is
//! summed in the order of the logs by one thread: the result does not depend on how many there are.

use super::Options;
use super::links::{Link, links};
use super::relationship::Relationship;
use super::rings::Rings;
use super::row::{Moment, Partner, Row, worth};
use super::steps::{Step, Steps};
use crate::id::Ordinal;
use crate::signal::PRODUCTS_MAX;
use rayon::prelude::*;
use std::sync::Arc;

/// Most partners that an exact row keeps: no more than a delta has room for, which may have to take something from each.
pub const BASE_PARTNERS_MAX: usize = super::row::PARTNERS_MAX;
/// Ties written down at once by one thread, about: 16 bytes each.
const RANGE_LINKS: usize = 4_000_000;

/// All logs at one moment, one after another.
#[derive(Debug, Clone, Default)]
pub struct LogsCopy {
    starts: Vec<usize>,
    steps: Vec<Step>,
}

impl LogsCopy {
    pub(super) fn of(rings: &Rings) -> Self {
        let (mut copy, mut log) = (Self { starts: vec![0], steps: Vec::new() }, Steps::default());
        rings.for_each(|handle| {
            rings.read(handle, &mut log);
            copy.push(log.all());
        });
        copy
    }

    /// Shoppers and visits that did anything.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether nobody did anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push(&mut self, log: &[Step]) {
        if !log.is_empty() {
            self.steps.extend_from_slice(log);
            self.starts.push(self.steps.len());
        }
    }

    fn each(&self) -> impl Iterator<Item = &[Step]> {
        self.starts.windows(2).map(|bounds| &self.steps[bounds[0]..bounds[1]])
    }

    fn products_end(&self) -> u32 {
        self.steps.iter().map(|step| step.product().0 + 1).max().unwrap_or(0)
    }
}

/// One relation's exact rows; weights and degrees are of one epoch.
#[derive(Debug, Clone, Default)]
pub(super) struct BaseRelation {
    pub(super) half_life_ms: i64,
    pub(super) epoch: i64,
    pub(super) reach_total: i64,
    /// Where each product's partners begin, and one more.
    pub(super) starts: Vec<u32>,
    /// Degree, reach and draws of each product, as the words they are saved in.
    pub(super) heads: Vec<[u32; 3]>,
    /// Product, support, halves that came after, and weight of each partner, as the words they are saved in.
    pub(super) partners: Vec<[u32; 4]>,
}

impl BaseRelation {
    pub(super) fn row(&self, product: Ordinal) -> Option<Row> {
        let [degree, reach, draws] = *self.heads.get(product.index())?;
        let bounds = self.starts.get(product.index()..product.index() + 2)?;
        let partners = self.partners.get(bounds[0] as usize..bounds[1] as usize)?.iter().copied().map(read_partner).collect();
        let (reach, draws) = (reach.cast_signed(), draws.cast_signed());
        Some(Row { epoch: self.epoch, degree: f32::from_bits(degree), reach, draws, partners })
    }

    /// Whether the tie `from → to` is in its rows.
    fn holds(&self, from: Ordinal, to: Ordinal) -> bool {
        let Some(&[start, end]) = self.starts.get(from.index()..from.index() + 2) else { return false };
        let partners = self.partners.get(start as usize..end as usize).unwrap_or_default();
        partners.binary_search_by_key(&to.0, |[product, ..]| *product).is_ok()
    }

    /// Degree in terms of the epoch, and reach.
    pub(super) fn totals(&self, product: Ordinal) -> Option<(i64, f32, i32)> {
        self.heads.get(product.index()).map(|&[degree, reach, _]| (self.epoch, f32::from_bits(degree), reach.cast_signed()))
    }

    /// Whether the parts fit together.
    pub(super) fn is_sound(&self) -> bool {
        let covers = self.starts.first() == Some(&0)
            && self.starts.is_sorted()
            && self.starts.last().is_some_and(|end| *end as usize == self.partners.len());
        covers && self.starts.len() == self.heads.len() + 1 && self.partners.iter().all(|[product, ..]| (*product as usize) < PRODUCTS_MAX)
    }
}

/// What rows stand beside.
#[derive(Debug, Clone)]
pub(super) enum Beside {
    /// They are all there is.
    Nothing,
    /// Exact rows that are being counted.
    Coming,
    /// Exact rows.
    Base(Arc<BaseRelation>),
}

impl Beside {
    /// Whether they are all there is.
    #[inline]
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Exact rows that are there.
    pub(super) fn base(&self) -> Option<&Arc<BaseRelation>> {
        match self {
            Self::Base(base) => Some(base),
            Self::Nothing | Self::Coming => None,
        }
    }

    /// Whether something may have to be taken from the tie `from → to` there, or added to it.
    #[inline]
    pub(super) fn may_hold(&self, from: Ordinal, to: Ordinal) -> bool {
        match self {
            Self::Nothing => false,
            Self::Coming => true,
            Self::Base(base) => base.holds(from, to),
        }
    }
}

fn read_partner([product, support, after, weight]: [u32; 4]) -> Partner {
    Partner { product: Ordinal(product), support: support.cast_signed(), after: after.cast_signed(), weight: f32::from_bits(weight) }
}

fn written(partner: Partner) -> [u32; 4] {
    [partner.product.0, partner.support.cast_unsigned(), partner.after.cast_unsigned(), partner.weight.to_bits()]
}

/// Exact tables of all relationships.
#[derive(Debug, Clone)]
pub struct Base(pub(super) [Arc<BaseRelation>; 4]);

/// Something that a log adds to a row of the range.
#[derive(Clone, Copy)]
struct Entry {
    row: u32,
    /// The other product; the row's own for a product that was had.
    to: u32,
    weight: f32,
    /// 1 for a first tie or a product that was had, and the halves of it that came after × 2.
    counts: u32,
}

impl Base {
    /// Counts all logs.
    #[must_use]
    pub fn counted(logs: &LogsCopy, options: &Options) -> Self {
        let half_lives = Relationship::ALL.map(|relationship| options.half_life_ms(relationship));
        let newest = logs.steps.iter().map(|step| step.at()).max();
        let epochs = half_lives.map(|half_life_ms| newest.map_or(i64::from(i32::MIN), |at| Moment::of(at, half_life_ms).epoch));
        let products_end = logs.products_end();
        // Ten ties forward and ten back are the most that a look makes, and few logs are that long.
        let ranges = (logs.steps.len() * 8).div_ceil(RANGE_LINKS).max(1) as u32;
        let range_len = products_end.div_ceil(ranges).max(1);
        let starts: Vec<u32> = (0..products_end).step_by(range_len as usize).collect();
        let count = |start: &u32| {
            let range = Range { start: *start, len: range_len.min(products_end - start), products_end };
            range.counted(logs, half_lives, epochs)
        };
        let parts: Vec<[BaseRelation; 4]> = starts.par_iter().map(count).collect();
        Self::joined(parts, half_lives, epochs)
    }

    /// Ties in all relations, each way counted.
    #[must_use]
    pub fn ties_count(&self) -> usize {
        self.0.iter().map(|relation| relation.partners.len()).sum()
    }

    pub(super) fn relation(&self, relationship: Relationship) -> &Arc<BaseRelation> {
        &self.0[relationship as usize]
    }

    fn joined(parts: Vec<[BaseRelation; 4]>, half_lives: [i64; 4], epochs: [i64; 4]) -> Self {
        let mut relations = [0, 1, 2, 3].map(|number: usize| BaseRelation {
            half_life_ms: half_lives[number],
            epoch: epochs[number],
            starts: vec![0],
            ..BaseRelation::default()
        });
        for part in parts {
            for (relation, part) in relations.iter_mut().zip(part) {
                let before = relation.partners.len() as u32;
                relation.starts.extend(part.starts.iter().map(|end| end + before));
                relation.heads.extend(part.heads);
                relation.partners.extend(part.partners);
                relation.reach_total += part.reach_total;
            }
        }
        Self(relations.map(Arc::new))
    }
}

/// Products whose rows are counted together.
#[derive(Clone, Copy)]
struct Range {
    start: u32,
    len: u32,
    products_end: u32,
}

impl Range {
    fn counted(self, logs: &LogsCopy, half_lives: [i64; 4], epochs: [i64; 4]) -> [BaseRelation; 4] {
        let mut entries: [Vec<Entry>; 4] = Default::default();
        let mut add = |step: Step, relationship: Relationship, row: Ordinal, to: Ordinal, weight: f32, counts: u32| {
            let row = row.0.wrapping_sub(self.start);
            if row < self.len {
                let number = relationship as usize;
                let moment = Moment::of(step.at(), half_lives[number]);
                let weight = weight * moment.scale * worth(moment.epoch, epochs[number]);
                entries[number].push(Entry { row, to: to.0, weight, counts });
            }
        };
        for log in logs.each() {
            links(log, &mut |step, link| match link {
                Link::Had { relationship, product, weight } => add(step, relationship, product, product, weight, 1),
                Link::Tied { relationship, from, to, weight, is_first, after } => {
                    let counts = u32::from(is_first) * (1 + 2 * u32::from(after));
                    add(step, relationship, from, to, weight, counts);
                }
            });
        }
        let mut sums = Sums { values: vec![(0.0, 0, 0); self.products_end as usize], touched: Vec::new() };
        entries.map(|entries| self.rows(&entries, &mut sums))
    }

    /// The rows of one relation.
    fn rows(self, entries: &[Entry], sums: &mut Sums) -> BaseRelation {
        let mut starts = vec![0_usize; self.len as usize + 1];
        entries.iter().for_each(|entry| starts[entry.row as usize + 1] += 1);
        (0..self.len as usize).for_each(|row| starts[row + 1] += starts[row]);
        let mut next = starts.clone();
        let mut sorted = vec![0_u32; entries.len()];
        for (number, entry) in (0..).zip(entries) {
            sorted[next[entry.row as usize]] = number;
            next[entry.row as usize] += 1;
        }
        let mut relation = BaseRelation::default();
        for row in 0..self.len {
            let (mut degree, mut reach, mut draws) = (0.0_f64, 0, 0);
            for &number in &sorted[starts[row as usize]..starts[row as usize + 1]] {
                let entry = entries[number as usize];
                if entry.to == self.start + row {
                    (degree, reach) = (degree + f64::from(entry.weight), reach + 1);
                } else {
                    draws += (entry.counts & 1).cast_signed();
                    sums.add(entry);
                }
            }
            relation.partners.extend(sums.take_best().into_iter().map(written));
            relation.starts.push(relation.partners.len() as u32);
            relation.heads.push([(degree as f32).to_bits(), i32::cast_unsigned(reach), i32::cast_unsigned(draws)]);
            relation.reach_total += i64::from(reach);
        }
        relation
    }
}

/// Sums for one row, used again for the next: weight, support, and halves of it that came after.
struct Sums {
    values: Vec<(f64, i32, i32)>,
    touched: Vec<u32>,
}

impl Sums {
    fn add(&mut self, entry: Entry) {
        let sum = &mut self.values[entry.to as usize];
        if *sum == (0.0, 0, 0) {
            self.touched.push(entry.to);
        }
        sum.0 += f64::from(entry.weight);
        sum.1 += (entry.counts & 1).cast_signed();
        sum.2 += (entry.counts >> 1).cast_signed();
    }

    /// The heaviest partners, in the order of their ordinals; the sums are zero again afterwards.
    fn take_best(&mut self) -> Vec<Partner> {
        let values = &mut self.values;
        let mut partners: Vec<Partner> = self
            .touched
            .drain(..)
            .map(|product| {
                let (weight, support, after) = std::mem::take(&mut values[product as usize]);
                Partner { product: Ordinal(product), support, after, weight: weight as f32 }
            })
            .collect();
        if partners.len() > BASE_PARTNERS_MAX {
            let heavier = |a: &Partner, b: &Partner| b.weight.total_cmp(&a.weight).then(a.product.cmp(&b.product));
            partners.select_nth_unstable_by(BASE_PARTNERS_MAX - 1, heavier);
            partners.truncate(BASE_PARTNERS_MAX);
        }
        partners.sort_unstable_by_key(|partner| partner.product);
        partners
    }
}

#[cfg(test)]
#[path = "base_tests.rs"]
mod tests;
