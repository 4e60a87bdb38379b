//! The recommendation tables on disk: written whole under a temporary name, read back bit for bit. The layout is drawn in
//! `docs/FORMATS.md`.

use super::again::Habits;
use super::base::{Base, BaseRelation};
use super::debts::Debts;
use super::fold::{RecommendFold, State};
use super::orders::OrderBook;
use super::relation::Relation;
use super::relationship::Relationship;
use super::rings::Rings;
use super::rows::Rows;
use super::visits::Visits;
use super::{Options, RecommendError};
use crate::event::Progress;
use crate::signal::{PRODUCTS_MAX, SignalTable};
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use crate::stdx::words::{WordReader, WordWriter};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"REC7";
const META: usize = 0;
const ORDERS: usize = 1;
/// Four sections: numbers, places, words, free places.
const RINGS: usize = 2;
/// Three sections for each relation: places, words, free places.
const RELATIONS: usize = 6;

const VISITS: usize = 18;
const HABITS: usize = 19;
/// Four sections for each relation of the base, when there is one: numbers, starts, heads, partners.
const BASE: usize = 20;
const BASE_SECTIONS: usize = 4;
// One more section stands last: returns that wait. Checkpoints of earlier releases have none.

/// The fold's state at one moment, to be written while the fold goes on.
pub struct RecommendCheckpoint {
    progress: Progress,
    meta: WordWriter,
    orders: WordWriter,
    /// In the order of the sections.
    tables: Vec<Vec<u32>>,
    visits: WordWriter,
    habits: WordWriter,
    debts: WordWriter,
    base: Option<Base>,
}

impl RecommendCheckpoint {
    /// Writes it, with its [`Progress`].
    ///
    /// # Errors
    /// When the file cannot be written; a former checkpoint of that name then stays.
    pub fn save(&self, path: &Path) -> Result<(), RecommendError> {
        let mut sections = vec![self.meta.bytes(), self.orders.bytes()];
        sections.extend(self.tables.iter().map(|table| as_bytes(table.as_slice())));
        sections.extend([self.visits.bytes(), self.habits.bytes()]);
        let relations = self.base.iter().flat_map(|base| base.0.iter());
        let numbers: Vec<[i64; 3]> = relations.clone().map(|base| [base.half_life_ms, base.epoch, base.reach_total]).collect();
        for (base, numbers) in relations.zip(&numbers) {
            sections.extend([as_bytes(numbers), as_bytes(&base.starts), as_bytes(&base.heads), as_bytes(&base.partners)]);
        }
        sections.push(self.debts.bytes());
        Ok(write_sections(path, KIND, &sections)?)
    }
}

impl fmt::Debug for RecommendCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RecommendCheckpoint({:?})", self.progress)
    }
}

impl RecommendFold {
    /// A copy of the state as it is now. It costs as long as the memory of the tables takes to be copied: half a second
    /// for 285 MB was measured.
    #[must_use]
    pub fn checkpoint(&mut self) -> RecommendCheckpoint {
        self.state.settle();
        let (mut meta, mut orders, mut debts) = (WordWriter::default(), WordWriter::default(), WordWriter::default());
        self.state.write(&mut meta);
        self.state.logs.orders.write(&mut orders);
        self.state.logs.debts.write(&mut debts);
        let rings = self.state.logs.rings.saved().into_iter();
        let tables = rings.chain(self.state.tables.relations.iter().flat_map(|relation| relation.rows.saved())).collect();
        RecommendCheckpoint {
            progress: self.state.progress,
            meta,
            orders,
            tables,
            visits: self.state.tables.visits.save(),
            habits: self.state.tables.habits.save(),
            debts,
            base: self.state.tables.base(),
        }
    }

    /// Writes everything folded so far, with its [`Progress`].
    ///
    /// # Errors
    /// When the file cannot be written; a former checkpoint of that name then stays.
    pub fn save(&mut self, path: &Path) -> Result<(), RecommendError> {
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
        let state = &mut fold.state;
        state.read(&mut WordReader::new(file.slice(META)?))?;
        let orders = OrderBook::read(file.slice(ORDERS)?, state.options.orders_remembered_max);
        state.logs.orders = orders.ok_or(RecommendError::Damaged("orders"))?;
        let rings = [file.slice(RINGS)?, file.slice(RINGS + 1)?, file.slice(RINGS + 2)?, file.slice(RINGS + 3)?];
        state.logs.rings = Rings::restored(rings).ok_or(RecommendError::Damaged("histories"))?;
        for (place, relation) in state.tables.relations.iter_mut().enumerate() {
            let section = RELATIONS + 3 * place;
            let rows = [file.slice(section)?, file.slice(section + 1)?, file.slice(section + 2)?];
            relation.rows = Rows::restored(rows).ok_or(RecommendError::Damaged("rows"))?;
        }
        state.tables.visits = Visits::load(file.slice(VISITS)?, state.options.visits_max)?;
        state.tables.habits = Habits::load(file.slice(HABITS)?).ok_or(RecommendError::Damaged("habits"))?;
        let has_base = file.sections_count() >= BASE + BASE_SECTIONS * Relationship::ALL.len();
        if has_base {
            let base = read_base(&file, &state.options)?;
            state.tables.restore_base(base);
        }
        let debts = if has_base { BASE + BASE_SECTIONS * Relationship::ALL.len() } else { BASE };
        if file.sections_count() > debts {
            state.logs.debts = Debts::read(file.slice(debts)?).ok_or(RecommendError::Damaged("returns"))?;
        }
        Ok(fold)
    }
}

fn read_base(file: &MappedFile, options: &Options) -> Result<Base, RecommendError> {
    let mut relations = Vec::new();
    for relationship in Relationship::ALL {
        let section = BASE + BASE_SECTIONS * relationship as usize;
        let [half_life_ms, epoch, reach_total] = *file.slice::<i64>(section)? else { return Err(RecommendError::Damaged("base")) };
        let relation = BaseRelation {
            half_life_ms,
            epoch,
            reach_total,
            starts: file.slice(section + 1)?.to_vec(),
            heads: file.slice(section + 2)?.to_vec(),
            partners: file.slice(section + 3)?.to_vec(),
        };
        if !relation.is_sound() || half_life_ms != options.half_life_ms(relationship) {
            return Err(RecommendError::Damaged("base"));
        }
        relations.push(Arc::new(relation));
    }
    relations.try_into().map(Base).map_err(|_| RecommendError::Damaged("base"))
}

impl State {
    fn write(&self, out: &mut WordWriter) {
        self.tables.relations.iter().for_each(|relation| out.signed(relation.half_life_ms));
        self.progress.write(out);
        out.unsigned(u64::from(self.products_end));
        for Relation { epoch, reach_total, .. } in &self.tables.relations {
            out.signed(*epoch);
            out.signed(*reach_total);
        }
    }

    fn read(&mut self, from: &mut WordReader<'_>) -> Result<(), RecommendError> {
        for relation in &self.tables.relations {
            if from.signed() != Some(relation.half_life_ms) {
                return Err(RecommendError::OtherOptions);
            }
        }
        self.read_state(from).ok_or(RecommendError::Damaged("meta"))
    }

    fn read_state(&mut self, from: &mut WordReader<'_>) -> Option<()> {
        self.progress = Progress::read(from)?;
        self.products_end = u32::try_from(from.unsigned()?).ok().filter(|end| *end as usize <= PRODUCTS_MAX)?;
        for relation in &mut self.tables.relations {
            relation.epoch = from.signed()?;
            relation.reach_total = from.signed()?;
        }
        Some(())
    }
}
