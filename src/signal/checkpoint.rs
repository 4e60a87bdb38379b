//! The signal fold on disk: written whole under a temporary name, read back bit for bit. The layout is drawn in `docs/FORMATS.md`.

use super::decay::Sums;
use super::document::DocumentNumbers;
use super::fold::{ProductState, SignalFold, State};
use super::orders::OrderMemory;
use super::prior::ShopCounts;
use super::purchases::Purchases;
use super::skus::{self, read_told, told_word};
use super::table::PRODUCTS_MAX;
use super::{Options, SignalError};
use crate::event::Progress;
use crate::id::Ordinal;
use crate::stdx::mapped::{MappedFile, write_sections};
use crate::stdx::words::{WordReader, WordWriter};
use std::path::Path;

const KIND: [u8; 4] = *b"SGN3";
const META: usize = 0;
const PRODUCTS: usize = 1;
const ORDERS: usize = 2;
const SKUS: usize = 4;
/// Two sections.
const PURCHASES: usize = 5;
/// Words of one product.
const PRODUCT_WORDS: usize = 27;
/// Stands for units that were never told.
const UNTOLD: i64 = i64::MIN;
/// Stands for a popularity that the feed does not state.
const UNSTATED: f64 = -1.0;

/// The fold's state at one moment, to be written while the fold goes on.
#[derive(Debug, Clone)]
pub struct SignalCheckpoint {
    state: State,
    available: Vec<i64>,
}

impl SignalCheckpoint {
    /// Writes it, with its [`Progress`].
    ///
    /// # Errors
    /// When the file cannot be written; a former checkpoint of that name then stays.
    pub fn save(&self, path: &Path) -> Result<(), SignalError> {
        let mut meta = WordWriter::default();
        self.state.write(&mut meta);
        let mut products = WordWriter::with_capacity(self.state.products.len() * PRODUCT_WORDS);
        for (product, available) in self.state.products.iter().zip(&self.available) {
            write_product(product, *available, &mut products);
        }
        let mut orders = [WordWriter::default(), WordWriter::default()];
        self.state.orders.iter().zip(&mut orders).for_each(|(memory, out)| memory.write(out));
        let (mut skus, mut told, mut held) = (WordWriter::default(), WordWriter::default(), WordWriter::default());
        skus::write(&self.state.skus, &mut skus);
        self.state.purchases.write([&mut told, &mut held]);
        let sections = [&meta, &products, &orders[0], &orders[1], &skus, &told, &held].map(WordWriter::bytes);
        Ok(write_sections(path, KIND, &sections)?)
    }
}

impl SignalFold {
    /// The state as it is now: a copy of about 200 bytes a product, in memory.
    #[must_use]
    pub fn checkpoint(&self) -> SignalCheckpoint {
        let available = |index: usize| self.table.available(Ordinal(index as u32)).map_or(UNTOLD, i64::from);
        SignalCheckpoint { state: self.state.clone(), available: (0..self.state.products.len()).map(available).collect() }
    }

    /// Writes everything folded so far, with its [`Progress`].
    ///
    /// # Errors
    /// When the file cannot be written; a former checkpoint of that name then stays.
    pub fn save(&self, path: &Path) -> Result<(), SignalError> {
        self.checkpoint().save(path)
    }

    /// Reads what [`SignalFold::save`] wrote and derives every row anew.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or was made with other half-lives.
    pub fn load(path: &Path, table_file: Option<&Path>, options: Options) -> Result<Self, SignalError> {
        let file = MappedFile::open(path, KIND)?;
        file.verify()?;
        let mut fold = Self::new(table_file, options)?;
        fold.state.read(&mut WordReader::new(file.slice(META)?))?;
        fold.state.skus = skus::read(file.slice(SKUS)?).ok_or(SignalError::Damaged("SKUs"))?;
        fold.read_products(file.slice(PRODUCTS)?)?;
        let orders_max = fold.state.options.orders_remembered_max;
        for (place, memory) in fold.state.orders.iter_mut().enumerate() {
            let read = OrderMemory::read(file.slice(ORDERS + place)?, orders_max);
            *memory = read.ok_or(SignalError::Damaged("orders"))?;
        }
        let tables = [file.slice(PURCHASES)?, file.slice(PURCHASES + 1)?];
        let purchases = Purchases::read(tables, fold.state.options.purchases_remembered_max);
        fold.state.purchases = purchases.ok_or(SignalError::Damaged("purchases"))?;
        let cursor = std::mem::take(&mut fold.state.cursor);
        fold.table.store_now(fold.now());
        fold.refresh(usize::MAX);
        fold.state.cursor = cursor;
        Ok(fold)
    }

    fn read_products(&mut self, words: &[u64]) -> Result<(), SignalError> {
        let count = words.len() / PRODUCT_WORDS;
        if !words.len().is_multiple_of(PRODUCT_WORDS) || count > PRODUCTS_MAX {
            return Err(SignalError::Damaged("products"));
        }
        let mut reader = WordReader::new(words);
        self.state.products.reserve(count);
        for index in 0..count {
            let product = Ordinal(index as u32);
            self.reach(product);
            let (state, available) = read_product(&mut reader).ok_or(SignalError::Damaged("products"))?;
            self.state.products[index] = state;
            if available != UNTOLD {
                self.stand(product, available);
            }
        }
        Ok(())
    }
}

impl State {
    fn write(&self, out: &mut WordWriter) {
        out.signed(self.options.half_life_short_ms);
        out.signed(self.options.half_life_long_ms);
        self.progress.write(out);
        out.time(self.watermark);
        out.time(self.first[0]);
        out.time(self.last_put);
        self.shop.iter().for_each(|sums| write_sums(sums, out));
        for count in [self.counts.sold, self.counts.seen, self.counts.rated, self.counts.stated] {
            out.unsigned(count);
        }
        out.signed(self.counts.rating_milli);
        out.signed(self.counts.popularity_milli);
        out.unsigned(self.cursor as u64);
        out.time(self.first[1]);
    }

    fn read(&mut self, from: &mut WordReader<'_>) -> Result<(), SignalError> {
        let half_lives = (from.signed(), from.signed());
        if half_lives != (Some(self.options.half_life_short_ms), Some(self.options.half_life_long_ms)) {
            return Err(SignalError::OtherOptions);
        }
        self.read_state(from).ok_or(SignalError::Damaged("meta"))
    }

    fn read_state(&mut self, from: &mut WordReader<'_>) -> Option<()> {
        self.progress = Progress::read(from)?;
        self.watermark = from.time()?;
        let first = from.time()?;
        self.last_put = from.time()?;
        self.shop = [read_sums(from)?, read_sums(from)?];
        self.counts = ShopCounts {
            sold: from.unsigned()?,
            seen: from.unsigned()?,
            rated: from.unsigned()?,
            stated: from.unsigned()?,
            rating_milli: from.signed()?,
            popularity_milli: from.signed()?,
        };
        self.cursor = usize::try_from(from.unsigned()?).ok()?;
        self.first = [first, from.time()?];
        Some(())
    }
}

fn write_sums(sums: &Sums, out: &mut WordWriter) {
    out.time(sums.at);
    for sum in [sums.units_short, sums.interest_short, sums.units_long, sums.interest_long] {
        out.float(sum);
    }
    for sum in [sums.purchases, sums.views, sums.clicks, sums.impressions] {
        out.float(sum);
    }
}

fn read_sums(from: &mut WordReader<'_>) -> Option<Sums> {
    Some(Sums {
        at: from.time()?,
        units_short: from.float()?,
        interest_short: from.float()?,
        units_long: from.float()?,
        interest_long: from.float()?,
        purchases: from.float()?,
        views: from.float()?,
        clicks: from.float()?,
        impressions: from.float()?,
    })
}

fn write_product(state: &ProductState, available: i64, out: &mut WordWriter) {
    state.sums.iter().for_each(|sums| write_sums(sums, out));
    out.unsigned(u64::from(state.is_sold) | (u64::from(state.is_seen) << 1));
    out.signed(available);
    out.time(state.first_put);
    out.unsigned(told_word(state.lone));
    out.signed(state.numbers.price_minor);
    out.float(f64::from(state.numbers.discount));
    out.float(f64::from(state.numbers.rating_average));
    out.unsigned(u64::from(state.numbers.rating_count));
    out.float(state.numbers.popularity_log.map_or(UNSTATED, f64::from));
}

fn read_product(from: &mut WordReader<'_>) -> Option<(ProductState, i64)> {
    let sums = [read_sums(from)?, read_sums(from)?];
    let flags = from.unsigned()?;
    let available = from.signed()?;
    let first_put = from.time()?;
    let lone = read_told(from.unsigned()?);
    let numbers = DocumentNumbers {
        price_minor: from.signed()?,
        discount: from.float()? as f32,
        rating_average: from.float()? as f32,
        rating_count: u32::try_from(from.unsigned()?).ok()?,
        popularity_log: from.float().map(|stated| Some(stated as f32).filter(|stated| *stated >= 0.0))?,
    };
    let state =
        ProductState { sums, numbers, first_put, lone, is_sold: flags & 1 != 0, is_seen: flags & 2 != 0, ..ProductState::default() };
    Some((state, available))
}
