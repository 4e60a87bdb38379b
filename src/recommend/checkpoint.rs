//! The recommendation tables on disk: written whole under a temporary name, read back bit for bit. The layout is drawn in
//! `docs/FORMATS.md`.

use super::fold::{RecommendFold, State};
use super::relation::Relation;
use super::rings::{Idle, RING_LEN, Ring, RingKey, Rings, Seen};
use super::row::{PARTNERS_MAX, Partner, Row};
use super::{Options, RecommendError};
use crate::event::Progress;
use crate::id::{Offset, Ordinal};
use crate::signal::orders::OrderMemory;
use crate::signal::{PRODUCTS_MAX, SignalTable};
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::words::{WordReader, WordWriter};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"REC1";
const META: usize = 0;
/// Two sections for each relation: its rows, and the partners of all rows.
const RELATIONS: usize = 1;
const RINGS: usize = 7;
const ORDERS: usize = 9;
/// Numbers of one partner.
const PARTNER_LEN: usize = 3;

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
        let relations = self.0.relations().map(write_rows);
        let rings = [0, 1].map(|source| write_rings(&self.0.working.rings[source], &self.0.idle[source]));
        let mut orders = [WordWriter::default(), WordWriter::default()];
        self.0.orders.iter().zip(&mut orders).for_each(|(memory, out)| memory.write(out));
        let mut sections = vec![as_bytes(meta.words())];
        for (rows, partners) in &relations {
            sections.extend([as_bytes(rows.words()), as_bytes(partners)]);
        }
        sections.extend(rings.iter().chain(&orders).map(|section| as_bytes(section.words())));
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
        let [orders_here, orders_imported] = &mut state.working.together;
        for (place, relation) in [orders_here, orders_imported, &mut state.working.viewed].into_iter().enumerate() {
            let section = RELATIONS + 2 * place;
            read_rows(relation, file.slice(section)?, file.slice(section + 1)?).ok_or(RecommendError::Damaged("rows"))?;
        }
        for source in [0, 1] {
            let words = file.slice(RINGS + source)?;
            read_rings(&mut state.working.rings[source], &mut state.idle[source], words).ok_or(RecommendError::Damaged("rings"))?;
            let orders = OrderMemory::read(file.slice(ORDERS + source)?, state.working.options.orders_remembered_max);
            state.orders[source] = orders.ok_or(RecommendError::Damaged("orders"))?;
        }
        Ok(fold)
    }
}

impl State {
    fn relations(&self) -> [&Relation; 3] {
        [&self.working.together[0], &self.working.together[1], &self.working.viewed]
    }

    fn write(&self, out: &mut WordWriter) {
        self.relations().iter().for_each(|relation| out.signed(relation.half_life_ms));
        for end in [self.progress.trade, self.progress.catalog, self.progress.activity] {
            out.unsigned(end.0);
        }
        out.unsigned(u64::from(self.working.products_end));
        for relation in self.relations() {
            out.signed(relation.epoch);
            out.float(relation.total);
        }
        self.idle.iter().for_each(|idle| out.unsigned(idle.touches));
    }

    fn read(&mut self, from: &mut WordReader<'_>) -> Result<(), RecommendError> {
        for half_life_ms in self.relations().map(|relation| relation.half_life_ms) {
            if from.signed() != Some(half_life_ms) {
                return Err(RecommendError::OtherOptions);
            }
        }
        self.read_state(from).ok_or(RecommendError::Damaged("meta"))
    }

    fn read_state(&mut self, from: &mut WordReader<'_>) -> Option<()> {
        let [trade, catalog, activity] = [from.unsigned()?, from.unsigned()?, from.unsigned()?].map(Offset);
        self.progress = Progress { trade, catalog, activity };
        self.working.products_end = u32::try_from(from.unsigned()?).ok().filter(|end| *end as usize <= PRODUCTS_MAX)?;
        let [orders_here, orders_imported] = &mut self.working.together;
        for relation in [orders_here, orders_imported, &mut self.working.viewed] {
            relation.epoch = from.signed()?;
            relation.total = from.float()?;
        }
        for idle in &mut self.idle {
            idle.touches = from.unsigned()?;
        }
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
        rows.unsigned(row.partners.len() as u64);
        for partner in &row.partners {
            partners.extend([partner.product.0, partner.count, partner.weight.to_bits()]);
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
        let partners_count = usize::try_from(rows.unsigned()?).ok().filter(|count| *count <= PARTNERS_MAX)?;
        let partners: Vec<Partner> = partners.by_ref().take(partners_count).map(read_partner).collect::<Option<_>>()?;
        if partners.len() != partners_count {
            return None;
        }
        *relation.rows.at_mut(product) = Some(Arc::new(Row { epoch, degree, partners }));
    }
    partners.next().is_none().then_some(())
}

fn read_partner(numbers: &[u32]) -> Option<Partner> {
    let [product, count, weight] = *numbers else { return None };
    let weight = Some(f32::from_bits(weight)).filter(|weight| weight.is_finite())?;
    ((product as usize) < PRODUCTS_MAX && count > 0).then_some(Partner { product: Ordinal(product), count, weight })
}

/// All rings in the order of the queue, which holds each once.
fn write_rings(rings: &Rings, idle: &Idle) -> WordWriter {
    let mut out = WordWriter::default();
    for (key, queued_at) in &idle.queue {
        let Some(ring) = rings.get(*key) else { continue };
        out.unsigned(key.0);
        out.unsigned(*queued_at);
        out.unsigned(ring.touched);
        out.unsigned(ring.seen.len() as u64);
        for seen in &ring.seen {
            out.unsigned(u64::from(seen.product.0) | (u64::from(seen.strength) << 32));
            out.time(seen.at);
        }
    }
    out
}

fn read_rings(rings: &mut Rings, idle: &mut Idle, words: &[u64]) -> Option<()> {
    let mut reader = WordReader::new(words);
    while reader.left() > 0 {
        let (key, queued_at, touched) = (RingKey(reader.unsigned()?), reader.unsigned()?, reader.unsigned()?);
        let len = reader.unsigned().filter(|len| *len <= RING_LEN as u64)?;
        let seen: Vec<Seen> = (0..len).map(|_| read_seen(&mut reader)).collect::<Option<_>>()?;
        Idle::restore(rings, key, Ring { seen, touched });
        idle.queue.push_back((key, queued_at));
    }
    Some(())
}

fn read_seen(reader: &mut WordReader<'_>) -> Option<Seen> {
    let packed = reader.unsigned()?;
    let strength = u8::try_from(packed >> 32).ok()?;
    Some(Seen { product: Ordinal(packed as u32), strength, at: reader.time()? })
}
