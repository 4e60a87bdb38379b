//! The tallies on disk: written whole under a temporary name, read back bit for bit. The layout is drawn in `docs/FORMATS.md`.

use super::fold::{Credit, Orders, State};
use super::tally::{Counted, Participant, SUMS_LEN, Sums, Tally};
use super::{ARMS_MAX, ExperimentsError, ExperimentsFold, Options, TALLIES_MAX};
use crate::event::Progress;
use crate::money::Currency;
use crate::signal::recent::Recent;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, blake3};
use crate::stdx::mapped::{MappedFile, write_sections};
use crate::stdx::words::{WordReader, WordWriter, take_text};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"EXP1";
const META: usize = 0;
const TEXTS: usize = 1;
const TALLIES: usize = 2;
const PARTICIPANTS: usize = 3;
const ANSWERS: usize = 4;
const ORDERS: usize = 5;
/// Most bytes of a name.
const NAME_BYTES_MAX: usize = 256;

/// The fold's state at one moment, to be written while the fold goes on. It shares the tables with the fold.
#[derive(Clone)]
pub struct ExperimentsCheckpoint(State);

impl fmt::Debug for ExperimentsCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ExperimentsCheckpoint({:?})", self.0.progress)
    }
}

impl ExperimentsCheckpoint {
    fn sections(&self) -> ([WordWriter; 5], Vec<u8>) {
        let state = &self.0;
        let mut out: [WordWriter; 5] = Default::default();
        let [meta, tallies, participants, answers, orders] = &mut out;
        lengths(&state.options).iter().for_each(|length| meta.signed(*length));
        state.progress.write(meta);
        meta.time(state.watermark);
        let mut texts = Vec::new();
        for (slot, tally) in state.tallies.iter().enumerate().filter_map(|(slot, tally)| Some((slot, tally.as_ref()?))) {
            write_tally(slot, tally, tallies, &mut texts);
            for (visitor, participant) in tally.participants.0.sorted() {
                participants.unsigned(*visitor);
                write_participant(participant, participants);
            }
        }
        state.answers.write(answers);
        write_orders(&state.orders, orders);
        (out, texts)
    }

    /// A digest of everything folded: two folds of the same entries have the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let (words, texts) = self.sections();
        let parts: Vec<&[u8]> = words.iter().map(WordWriter::bytes).chain([texts.as_slice()]).collect();
        blake3(&parts)
    }

    /// Writes it, with its [`Progress`].
    ///
    /// # Errors
    /// When the file cannot be written; a former checkpoint of that name then stays.
    pub fn save(&self, path: &Path) -> Result<(), ExperimentsError> {
        let (words, texts) = self.sections();
        let mut sections: Vec<&[u8]> = words.iter().map(WordWriter::bytes).collect();
        sections.insert(TEXTS, &texts);
        Ok(write_sections(path, KIND, &sections)?)
    }
}

impl ExperimentsFold {
    /// The state as it is now. Costs little: tables are shared, and what changes afterwards is copied first.
    #[must_use]
    pub fn checkpoint(&self) -> ExperimentsCheckpoint {
        ExperimentsCheckpoint(self.state.clone())
    }

    /// Reads what [`ExperimentsCheckpoint::save`] wrote. Publish to make it visible.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or was made with other limits.
    pub fn load(path: &Path, options: Options) -> Result<Self, ExperimentsError> {
        let file = MappedFile::open(path, KIND)?;
        file.verify()?;
        let mut fold = Self::new(options);
        let state = &mut fold.state;
        let mut meta = WordReader::new(file.slice(META)?);
        if lengths(&state.options).map(Some) != [(); 5].map(|()| meta.signed()) {
            return Err(ExperimentsError::OtherOptions);
        }
        let damaged = |what: &'static str| move || ExperimentsError::Damaged(what);
        read_meta(state, &mut meta).ok_or_else(damaged("meta"))?;
        read_tallies(state, file.slice(TALLIES)?, file.bytes(TEXTS)?, file.slice(PARTICIPANTS)?).ok_or_else(damaged("tallies"))?;
        state.answers = Recent::read(file.slice(ANSWERS)?, state.options.answers_len).ok_or_else(damaged("answers"))?;
        read_orders(state, file.slice(ORDERS)?).ok_or_else(damaged("orders"))?;
        fold.state.met = fold.state.everybody();
        fold.is_changed = true;
        Ok(fold)
    }
}

fn lengths(options: &Options) -> [i64; 5] {
    let Options { attribution_ms, typing_ms, participants_max, answers_len, orders_remembered_max } = *options;
    [attribution_ms, typing_ms, participants_max as i64, answers_len as i64, orders_remembered_max as i64]
}

fn read_meta(state: &mut State, from: &mut WordReader<'_>) -> Option<()> {
    state.progress = Progress::read(from)?;
    state.watermark = from.time()?;
    Some(())
}

fn write_tally(slot: usize, tally: &Tally, out: &mut WordWriter, texts: &mut Vec<u8>) {
    let counted = &tally.counted;
    out.unsigned(slot as u64);
    write_text(&counted.experiment, out, texts);
    out.time(counted.run);
    out.time(tally.last_at);
    out.unsigned(u64::from(tally.is_settled));
    out.unsigned(counted.uncounted);
    write_text(counted.currency.as_ref().map_or("", Currency::as_str), out, texts);
    out.unsigned(counted.arms.len() as u64);
    for (name, sums) in &counted.arms {
        write_text(name, out, texts);
        for number in sums.numbers() {
            let number = number.cast_unsigned();
            out.unsigned(number as u64);
            out.unsigned((number >> 64) as u64);
        }
    }
    out.unsigned(tally.participants.0.len() as u64);
}

fn write_text(text: &str, out: &mut WordWriter, texts: &mut Vec<u8>) {
    out.unsigned(text.len() as u64);
    texts.extend_from_slice(text.as_bytes());
}

fn read_tallies(state: &mut State, words: &[u64], texts: &[u8], participants: &[u64]) -> Option<()> {
    let (mut reader, mut texts, mut participants) = (WordReader::new(words), texts, WordReader::new(participants));
    while reader.left() > 0 {
        let slot = usize::try_from(reader.unsigned()?).ok().filter(|slot| *slot < TALLIES_MAX)?;
        let (mut tally, participants_count) = read_tally(&mut reader, &mut texts)?;
        for _ in 0..participants_count {
            let visitor = participants.unsigned()?;
            let participant = read_participant(&mut participants).filter(|one| (one.arm as usize) < tally.counted.arms.len())?;
            tally.participants.0.insert(visitor, participant);
        }
        state.tallies[slot] = Some(tally);
    }
    (texts.is_empty() && participants.left() == 0).then_some(())
}

fn read_tally(reader: &mut WordReader<'_>, texts: &mut &[u8]) -> Option<(Tally, u64)> {
    let experiment: Arc<str> = Arc::from(read_text(reader, texts)?);
    let (run, last_at) = (reader.time()?, reader.time()?);
    let (is_settled, uncounted) = (reader.unsigned()? != 0, reader.unsigned()?);
    let currency = match read_text(reader, texts)? {
        "" => None,
        text => Some(Currency::new(text).ok()?),
    };
    let arms_count = reader.unsigned().filter(|count| *count <= ARMS_MAX as u64)?;
    let mut arms = Vec::new();
    for _ in 0..arms_count {
        let name = Arc::from(read_text(reader, texts)?);
        let mut numbers = [0_i128; SUMS_LEN];
        for number in &mut numbers {
            let [low, high] = [reader.unsigned()?, reader.unsigned()?];
            *number = (u128::from(low) | u128::from(high) << 64).cast_signed();
        }
        arms.push((name, Sums::of_numbers(numbers)));
    }
    let counted = Counted { experiment, run, arms, currency, uncounted };
    let tally = Tally { counted, last_at, is_settled, ..Tally::new(Arc::from(""), run, last_at) };
    Some((tally, reader.unsigned()?))
}

fn read_text<'a>(reader: &mut WordReader<'_>, texts: &mut &'a [u8]) -> Option<&'a str> {
    take_text(texts, reader.unsigned()?, NAME_BYTES_MAX)
}

fn pair(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

fn write_participant(one: &Participant, out: &mut WordWriter) {
    out.unsigned(pair(one.arm, u32::from(one.has_bought_elsewhere) | u32::from(one.is_typing) << 1));
    out.unsigned(pair(one.searches, one.clicked));
    out.unsigned(pair(one.carts, one.orders));
    out.signed(one.revenue_minor);
    out.time(one.first_at);
    out.time(one.last_at);
}

fn read_participant(from: &mut WordReader<'_>) -> Option<Participant> {
    let mut halves = || from.unsigned().map(|word| [word as u32, (word >> 32) as u32]);
    let ([arm, flags], [searches, clicked], [carts, orders]) = (halves()?, halves()?, halves()?);
    Some(Participant {
        arm,
        searches,
        clicked,
        carts,
        orders,
        has_bought_elsewhere: flags & 1 != 0,
        is_typing: flags & 2 != 0,
        revenue_minor: from.signed()?,
        first_at: from.time()?,
        last_at: from.time()?,
    })
}

fn write_orders(orders: &Orders, out: &mut WordWriter) {
    for (order, credits) in orders.oldest_first.iter().filter_map(|order| Some((order, orders.credits.get(order)?))) {
        out.unsigned(*order);
        out.unsigned(credits.len() as u64);
        for credit in credits.iter() {
            out.unsigned(pair(credit.slot as u32, credit.orders));
            out.time(credit.run);
            out.unsigned(credit.visitor);
            out.signed(credit.revenue_minor);
        }
    }
}

fn read_orders(state: &mut State, words: &[u64]) -> Option<()> {
    let mut reader = WordReader::new(words);
    while reader.left() > 0 {
        let (order, count) = (reader.unsigned()?, reader.unsigned().filter(|count| *count <= TALLIES_MAX as u64)?);
        let credits: Option<Vec<Credit>> = (0..count).map(|_| read_credit(&mut reader)).collect();
        state.orders.remember(order, Arc::from(credits?), state.options.orders_remembered_max);
    }
    Some(())
}

fn read_credit(from: &mut WordReader<'_>) -> Option<Credit> {
    let word = from.unsigned()?;
    let slot = usize::try_from(word as u32).ok().filter(|slot| *slot < TALLIES_MAX)?;
    let run: Timestamp = from.time()?;
    Some(Credit { slot, run, visitor: from.unsigned()?, orders: (word >> 32) as u32, revenue_minor: from.signed()? })
}
