//! The recommendation tables on disk: written whole under a temporary name, read back bit for bit. The layout is drawn in
//! `docs/FORMATS.md`.

use super::again::Habits;
use super::fold::{RecommendFold, State};
use super::orders::OrderBook;
use super::relation::Relation;
use super::rings::{Idle, Ring, RingKey, Rings};
use super::row::{PARTNERS_MAX, Partner, Row};
use super::steps::{LOOKS_MAX, PURCHASES_MAX, Step, Steps};
use super::visits::Visits;
use super::{Options, RecommendError};
use crate::event::Progress;
use crate::id::{Offset, Ordinal};
use crate::signal::{PRODUCTS_MAX, SignalTable};
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::words::{WordReader, WordWriter};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"REC3";
const META: usize = 0;
/// Two sections for each relation: its rows, and the partners of all rows.
const RELATIONS: usize = 1;
const RINGS: usize = 9;
const ORDERS: usize = 10;
const VISITS: usize = 11;
const HABITS: usize = 12;
/// Numbers of one partner.
const PARTNER_LEN: usize = 4;

/// The fold's state at one moment, to be written while the fold goes on. It shares the tables with the fold.
#[derive(Clone)]
pub struct RecommendCheckpoint(State);

impl RecommendCheckpoint {
    /// Writes it, with its [`Progress`].
    ///
    /// # Errors
    /// When the file cannot be written; a former checkpoint of that name then stays.
    pub fn save(&self, path: &Path) -> Result<(), RecommendError> {
        let mut meta = WordWriter::default();
        self.0.write(&mut meta);
        let relations = self.0.working.relations.each_ref().map(write_rows);
        let rings = write_rings(&self.0.working.rings, &self.0.idle);
        let mut orders = WordWriter::default();
        self.0.orders.write(&mut orders);
        let (visits, habits) = (self.0.working.visits.save(), self.0.working.habits.save());
        let mut sections = vec![as_bytes(meta.words())];
        for (rows, partners) in &relations {
            sections.extend([as_bytes(rows.words()), as_bytes(partners)]);
        }
        sections.extend([as_bytes(rings.words()), as_bytes(orders.words()), as_bytes(visits.words()), as_bytes(habits.words())]);
        Ok(write_sections(path, KIND, &sections)?)
    }
}

impl fmt::Debug for RecommendCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RecommendCheckpoint({:?})", self.0.progress)
    }
}

impl RecommendFold {
    /// The state as it is now. Costs little: tables are shared, and rows that change afterwards are copied first.
    #[must_use]
    pub fn checkpoint(&self) -> RecommendCheckpoint {
        RecommendCheckpoint(self.state.clone())
    }

    /// Writes everything folded so far, with its [`Progress`].
    ///
    /// # Errors
    /// When the file cannot be written; a former checkpoint of that name then stays.
    pub fn save(&self, path: &Path) -> Result<(), RecommendError> {
        self.checkpoint().save(path)
    }

    /// Reads what [`RecommendFold::save`] wrote. Publish to make it visible.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or was made with other half-lives.
    pub fn load(path: &Path, options: Options, signals: Arc<SignalTable>) -> Result<Self, RecommendError> {
        let file = MappedFile::open(path, KIND)?;
        file.verify()?;
        let mut fold = Self::new(options, signals);
        fold.state.read(&mut WordReader::new(file.slice(META)?))?;
        let state = &mut fold.state;
        for (place, relation) in state.working.relations.iter_mut().enumerate() {
            let section = RELATIONS + 2 * place;
            read_rows(relation, file.slice(section)?, file.slice(section + 1)?).ok_or(RecommendError::Damaged("rows"))?;
        }
        read_rings(&mut state.working.rings, &mut state.idle, file.slice(RINGS)?).ok_or(RecommendError::Damaged("rings"))?;
        let orders = OrderBook::read(file.slice(ORDERS)?, state.working.options.orders_remembered_max);
        state.orders = orders.ok_or(RecommendError::Damaged("orders"))?;
        state.working.visits = Visits::load(file.slice(VISITS)?, state.working.options.visits_max)?;
        state.working.habits = Habits::load(file.slice(HABITS)?).ok_or(RecommendError::Damaged("habits"))?;
        Ok(fold)
    }
}

impl State {
    fn write(&self, out: &mut WordWriter) {
        self.working.relations.iter().for_each(|relation| out.signed(relation.half_life_ms));
        for end in [self.progress.trade, self.progress.catalog, self.progress.activity] {
            out.unsigned(end.0);
        }
        out.unsigned(u64::from(self.working.products_end));
        for relation in &self.working.relations {
            out.signed(relation.epoch);
            out.signed(relation.reach_total);
        }
        out.unsigned(self.idle.touches);
    }

    fn read(&mut self, from: &mut WordReader<'_>) -> Result<(), RecommendError> {
        for relation in &self.working.relations {
            if from.signed() != Some(relation.half_life_ms) {
                return Err(RecommendError::OtherOptions);
            }
        }
        self.read_state(from).ok_or(RecommendError::Damaged("meta"))
    }

    fn read_state(&mut self, from: &mut WordReader<'_>) -> Option<()> {
        let [trade, catalog, activity] = [from.unsigned()?, from.unsigned()?, from.unsigned()?].map(Offset);
        self.progress = Progress { trade, catalog, activity };
        self.working.products_end = u32::try_from(from.unsigned()?).ok().filter(|end| *end as usize <= PRODUCTS_MAX)?;
        for relation in &mut self.working.relations {
            relation.epoch = from.signed()?;
            relation.reach_total = from.signed()?;
        }
        self.idle.touches = from.unsigned()?;
        Some(())
    }
}

fn write_rows(relation: &Relation) -> (WordWriter, Vec<u32>) {
    let (mut rows, mut partners) = (WordWriter::default(), Vec::new());
    for (product, row) in relation.rows.iter().enumerate() {
        let Some(row) = row else { continue };
        rows.unsigned(product as u64);
        rows.signed(row.epoch);
        rows.float(f64::from(row.degree));
        rows.unsigned(halves(row.reach, row.draws));
        rows.unsigned(row.partners.len() as u64);
        for partner in &row.partners {
            let counts = [partner.support.cast_unsigned(), partner.after.cast_unsigned()];
            partners.extend([partner.product.0, counts[0], counts[1], partner.weight.to_bits()]);
        }
    }
    (rows, partners)
}

fn read_rows(relation: &mut Relation, rows: &[u64], partners: &[u32]) -> Option<()> {
    let mut rows = WordReader::new(rows);
    let mut partners = partners.chunks_exact(PARTNER_LEN);
    while rows.left() > 0 {
        let product = usize::try_from(rows.unsigned()?).ok().filter(|product| *product < PRODUCTS_MAX)?;
        let (epoch, degree) = (rows.signed()?, rows.float()? as f32);
        let (reach, draws) = in_halves(rows.unsigned()?);
        let partners_count = usize::try_from(rows.unsigned()?).ok().filter(|count| *count <= PARTNERS_MAX)?;
        let partners: Vec<Partner> = partners.by_ref().take(partners_count).map(read_partner).collect::<Option<_>>()?;
        if partners.len() != partners_count {
            return None;
        }
        *relation.rows.at_mut(product) = Some(Arc::new(Row { epoch, degree, reach, draws, partners }));
    }
    partners.next().is_none().then_some(())
}

fn read_partner(numbers: &[u32]) -> Option<Partner> {
    let [product, support, after, weight] = *numbers else { return None };
    let weight = Some(f32::from_bits(weight)).filter(|weight| weight.is_finite())?;
    let partner = Partner { product: Ordinal(product), support: support.cast_signed(), after: after.cast_signed(), weight };
    ((product as usize) < PRODUCTS_MAX).then_some(partner)
}

/// Two numbers in one word.
fn halves(low: i32, high: i32) -> u64 {
    u64::from(low.cast_unsigned()) | (u64::from(high.cast_unsigned()) << 32)
}

fn in_halves(word: u64) -> (i32, i32) {
    ((word as u32).cast_signed(), ((word >> 32) as u32).cast_signed())
}

/// All rings in the order of the queue, which holds each once.
fn write_rings(rings: &Rings, idle: &Idle) -> WordWriter {
    let mut out = WordWriter::default();
    for (key, queued_at) in &idle.queue {
        let Some(ring) = rings.get(*key) else { continue };
        out.unsigned(key.0);
        out.unsigned(*queued_at);
        out.unsigned(ring.touched);
        out.unsigned(ring.shopper.map_or(0, |shopper| shopper.0));
        out.unsigned(ring.steps.all().len() as u64);
        for step in ring.steps.all() {
            out.unsigned(u64::from(step.packed) | (u64::from(step.at_s) << 32));
            out.unsigned(u64::from(step.more));
        }
    }
    out
}

fn read_rings(rings: &mut Rings, idle: &mut Idle, words: &[u64]) -> Option<()> {
    let mut reader = WordReader::new(words);
    while reader.left() > 0 {
        let (key, queued_at, touched) = (RingKey(reader.unsigned()?), reader.unsigned()?, reader.unsigned()?);
        let shopper = Some(reader.unsigned()?).filter(|shopper| *shopper != 0).map(RingKey);
        let len = reader.unsigned().filter(|len| *len <= (LOOKS_MAX + PURCHASES_MAX) as u64)?;
        let steps: Vec<Step> = (0..len).map(|_| read_step(&mut reader)).collect::<Option<_>>()?;
        Idle::restore(rings, key, Ring { steps: Steps::restored(steps), shopper, touched });
        idle.queue.push_back((key, queued_at));
    }
    Some(())
}

fn read_step(reader: &mut WordReader<'_>) -> Option<Step> {
    let packed = reader.unsigned()?;
    let more = u32::try_from(reader.unsigned()?).ok()?;
    Some(Step { packed: packed as u32, at_s: (packed >> 32) as u32, more })
}
