//! The demand fold on disk: written whole under a temporary name, read back bit for bit. The layout is drawn in `docs/FORMATS.md`.

use super::counts::{COUNTS_LEN, Counts, ProductTotals, Windowed};
use super::credit::Credits;
use super::curve::Curve;
use super::fold::State;
use super::queries::{PAIRS_MAX, Pair, QueryState};
use super::repeats::Repeats;
use super::{ASKERS_MIN, DemandError, DemandFold, Options, QUERY_BYTES_MAX};
use crate::event::Progress;
use crate::id::Ordinal;
use crate::money::Currency;
use crate::signal::PRODUCTS_MAX;
use crate::signal::recent::Recent;
use crate::stdx::digest::{Digest, blake3};
use crate::stdx::mapped::{MappedFile, write_sections};
use crate::stdx::words::{WordReader, WordWriter, take_text};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"DMD2";
const META: usize = 0;
const TEXTS: usize = 1;
const QUERIES: usize = 2;
const PRODUCTS: usize = 3;
const NAMES: usize = 4;
const TOUCHES: usize = 5;
const REPEATS: usize = 6;
const CREDITS: usize = 8;
/// Stands for no currency.
const NO_CURRENCY: u64 = 0;

/// The fold's state at one moment, to be written while the fold goes on. It shares the tables with the fold.
#[derive(Clone)]
pub struct DemandCheckpoint(State);

impl fmt::Debug for DemandCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DemandCheckpoint({:?})", self.0.progress)
    }
}

impl DemandCheckpoint {
    fn sections(&self) -> ([WordWriter; 8], Vec<u8>) {
        let state = &self.0;
        let mut out: [WordWriter; 8] = Default::default();
        let [meta, queries, products, names, touches, impressions, others, credits] = &mut out;
        state.write(meta);
        let mut texts = Vec::new();
        for (key, query) in state.queries.table.sorted() {
            queries.unsigned(*key);
            write_query(query, queries);
            texts.extend_from_slice(query.text.as_bytes());
            texts.extend_from_slice(query.written.as_bytes());
        }
        for index in 0..state.products.len().max(state.categories.len()) {
            write_product(state.products.at(index), *state.categories.at(index), products);
        }
        state.names.write(names);
        state.touches.write(touches);
        state.repeats.write([impressions, others]);
        state.credits.write(credits);
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
    pub fn save(&self, path: &Path) -> Result<(), DemandError> {
        let (words, texts) = self.sections();
        let mut sections: Vec<&[u8]> = words.iter().map(WordWriter::bytes).collect();
        sections.insert(TEXTS, &texts);
        Ok(write_sections(path, KIND, &sections)?)
    }
}

impl DemandFold {
    /// The state as it is now. Costs little: tables are shared, and what changes afterwards is copied first.
    #[must_use]
    pub fn checkpoint(&self) -> DemandCheckpoint {
        DemandCheckpoint(self.state.clone())
    }

    /// Reads what [`DemandCheckpoint::save`] wrote. Publish to make it visible.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or was made with other windows or table lengths.
    pub fn load(path: &Path, options: Options) -> Result<Self, DemandError> {
        let file = MappedFile::open(path, KIND)?;
        file.verify()?;
        let mut fold = Self::new(options);
        let state = &mut fold.state;
        let damaged = |what: &'static str| move || DemandError::Damaged(what);
        state.read(&mut WordReader::new(file.slice(META)?))?;
        read_queries(state, file.slice(QUERIES)?, file.bytes(TEXTS)?).ok_or_else(damaged("queries"))?;
        read_products(state, file.slice(PRODUCTS)?).ok_or_else(damaged("products"))?;
        let len = state.options.recent_len;
        state.names = Recent::read(file.slice(NAMES)?, len).ok_or_else(damaged("names"))?;
        state.touches = Recent::read(file.slice(TOUCHES)?, len).ok_or_else(damaged("touches"))?;
        let repeats = [file.slice(REPEATS)?, file.slice(REPEATS + 1)?];
        state.repeats = Repeats::read(repeats, &state.options).ok_or_else(damaged("repeats"))?;
        state.credits = Credits::read(file.slice(CREDITS)?, state.options.orders_remembered_max).ok_or_else(damaged("credits"))?;
        fold.askers = fold.state.askers();
        fold.derive_all();
        Ok(fold)
    }
}

impl State {
    fn lengths(&self) -> [i64; 5] {
        let Options { window_short_ms, window_long_ms, queries_max, recent_len, orders_remembered_max, .. } = self.options;
        [window_short_ms, window_long_ms, queries_max as i64, recent_len as i64, orders_remembered_max as i64]
    }

    fn write(&self, out: &mut WordWriter) {
        self.lengths().iter().for_each(|length| out.signed(*length));
        self.progress.write(out);
        out.time(self.watermark);
        let letters = self.currency.map(|currency| currency.as_str().bytes().fold(0, |word, letter| word << 8 | u64::from(letter)));
        out.unsigned(letters.unwrap_or(NO_CURRENCY));
        write_windowed(&self.totals, out);
        self.curve.write(out);
    }

    fn read(&mut self, from: &mut WordReader<'_>) -> Result<(), DemandError> {
        if self.lengths().map(Some) != [(); 5].map(|()| from.signed()) {
            return Err(DemandError::OtherOptions);
        }
        self.read_rest(from).ok_or(DemandError::Damaged("meta"))
    }

    fn read_rest(&mut self, from: &mut WordReader<'_>) -> Option<()> {
        self.progress = Progress::read(from)?;
        self.watermark = from.time()?;
        self.currency = match from.unsigned()? {
            NO_CURRENCY => None,
            word => Some(Currency::new(std::str::from_utf8(&word.to_be_bytes()[5..]).ok()?).ok()?),
        };
        self.totals = read_windowed(from)?;
        self.curve = Curve::read(from)?;
        Some(())
    }
}

fn write_windowed(windowed: &Windowed, out: &mut WordWriter) {
    out.time(windowed.at);
    windowed.sums.iter().flat_map(Counts::numbers).for_each(|number| out.float(number));
}

fn read_windowed(from: &mut WordReader<'_>) -> Option<Windowed> {
    let mut windowed = Windowed { at: from.time()?, ..Windowed::default() };
    for sums in &mut windowed.sums {
        let mut numbers = [0.0; COUNTS_LEN];
        for number in &mut numbers {
            *number = from.float()?;
        }
        *sums = Counts::of_numbers(numbers);
    }
    Some(windowed)
}

fn floats(pair: [f32; 2]) -> u64 {
    u64::from(pair[0].to_bits()) | u64::from(pair[1].to_bits()) << 32
}

fn read_floats(from: &mut WordReader<'_>) -> Option<[f32; 2]> {
    let word = from.unsigned()?;
    let pair = [f32::from_bits(word as u32), f32::from_bits((word >> 32) as u32)];
    pair.iter().all(|number| number.is_finite()).then_some(pair)
}

fn write_query(query: &QueryState, out: &mut WordWriter) {
    out.unsigned(query.text.len() as u64);
    out.unsigned(query.written.len() as u64);
    out.unsigned(u64::from(query.votes));
    write_windowed(&query.counts, out);
    query.askers.iter().for_each(|asker| out.unsigned(u64::from(*asker)));
    out.unsigned(query.matches_count);
    out.unsigned(query.pairs.len() as u64);
    for pair in &query.pairs {
        out.unsigned(u64::from(pair.product.0) | u64::from(pair.open.to_bits()) << 32);
        out.time(pair.at);
        pair.expected.iter().for_each(|sum| out.float(*sum));
        let [[clicks, carts, orders], [clicks_long, carts_long, orders_long]] = pair.done;
        for both in [[clicks, carts], [orders, clicks_long], [carts_long, orders_long]] {
            out.unsigned(floats(both));
        }
        out.unsigned(floats([pair.ranked, pair.ranks_sum]));
    }
}

fn read_queries(state: &mut State, words: &[u64], texts: &[u8]) -> Option<()> {
    let (mut reader, mut texts) = (WordReader::new(words), texts);
    while reader.left() > 0 {
        let key = reader.unsigned()?;
        let lens = [reader.unsigned()?, reader.unsigned()?];
        let mut query = QueryState::of(take_text(&mut texts, lens[0], QUERY_BYTES_MAX)?);
        query.written = Arc::from(take_text(&mut texts, lens[1], QUERY_BYTES_MAX)?);
        query.votes = u32::try_from(reader.unsigned()?).ok()?;
        query.counts = read_windowed(&mut reader)?;
        for asker in 0..ASKERS_MIN {
            query.askers[asker] = u32::try_from(reader.unsigned()?).ok()?;
        }
        query.matches_count = reader.unsigned()?;
        let pairs_count = reader.unsigned().filter(|count| *count <= PAIRS_MAX as u64)?;
        query.pairs = (0..pairs_count).map(|_| read_pair(&mut reader)).collect::<Option<Vec<Pair>>>()?;
        state.queries.table.insert(key, Arc::new(query));
    }
    texts.is_empty().then_some(())
}

fn read_pair(from: &mut WordReader<'_>) -> Option<Pair> {
    let first = from.unsigned()?;
    let (product, open) = (Ordinal(first as u32), Some(f32::from_bits((first >> 32) as u32)).filter(|open| open.is_finite())?);
    let at = from.time()?;
    let expected = [from.float()?, from.float()?];
    let ([clicks, carts], [orders, clicks_long], [carts_long, orders_long]) = (read_floats(from)?, read_floats(from)?, read_floats(from)?);
    let done = [[clicks, carts, orders], [clicks_long, carts_long, orders_long]];
    let [ranked, ranks_sum] = read_floats(from)?;
    (product.index() < PRODUCTS_MAX).then_some(Pair { product, open, at, expected, done, ranked, ranks_sum })
}

fn write_product(totals: &ProductTotals, category: u32, out: &mut WordWriter) {
    out.time(totals.at);
    [totals.expected, totals.clicks, totals.gained, totals.open].iter().for_each(|sum| out.float(*sum));
    out.unsigned(u64::from(category));
}

fn read_products(state: &mut State, words: &[u64]) -> Option<()> {
    let mut reader = WordReader::new(words);
    let mut index = 0;
    while reader.left() > 0 {
        let (at, expected, clicks) = (reader.time()?, reader.float()?, reader.float()?);
        let (gained, open) = (reader.float()?, reader.float()?);
        let category = u32::try_from(reader.unsigned()?).ok().filter(|_| index < PRODUCTS_MAX)?;
        *state.products.at_mut(index) = ProductTotals { at, expected, clicks, gained, open };
        *state.categories.at_mut(index) = category;
        index += 1;
    }
    Some(())
}
