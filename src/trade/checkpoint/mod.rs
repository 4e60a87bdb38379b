//! The trade checkpoint: the whole state and how far it has folded, in one file; and the state's hash, over the same bytes.
//!
//! Every section is a list in the order of its keys, so equal states have equal bytes. Orders, payments, work and keys are written as the bytes in
//! which they sleep: to read them back is to copy them, and whatever is known of an order without waking it stands at their beginning. Indexes
//! are not written: they are made again from the rest. The layout is drawn in `docs/FORMATS.md`.

mod sections;
mod trd3;

#[cfg(test)]
pub(super) use trd3::RetiredByName;

use super::keys::Retired;
use super::options::Options;
use super::orders::Orders;
use super::state::State;
use crate::cart::Cart;
use crate::event::Progress;
use crate::event::codec::{CodecError, from_bytes, from_packed_bytes, to_compact_bytes, to_packed_bytes};
use crate::event::dormant::Sleeper;
use crate::event::roll::Roll;
use crate::id::{NameDigest, PaymentId, Sku};
use crate::inventory::{Bundle, Quota, Reservation, ReservationCounts, Stock, StockBook, StockRow};
use crate::money::Currency;
use crate::order::Checkout;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use crate::stdx::mapped::{MappedError, MappedFile, SectionWriter};
use crate::stdx::table::{Table, filling};
use sections::{Hashed, Rows, Sections};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The kind and version of the file.
const KIND: [u8; 4] = *b"TRD4";
/// Progress is section 0; the state's own sections follow.
const STATE_SECTIONS: usize = 18;
/// Payments, orders, keys and work: a row for every order and more, read two at a time.
const OF_ALL_ORDERS: [usize; 4] = [6, 7, 9, 18];

/// Why a checkpoint cannot be written or read. A checkpoint that cannot be read is not needed: the journal makes the state again.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file cannot be written or read, or is damaged.
    #[error(transparent)]
    Mapped(#[from] MappedError),
    /// A section does not hold what it should.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A number of sections that this release does not write.
    #[error("a trade checkpoint of {found} sections where {expected} were expected")]
    Sections {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A section of rows that ends within a row, or a row that is too long for one.
    #[error("a row of a trade checkpoint has no end")]
    Rows,
}

fn values<K: Ord + Clone, V: Clone>(table: &Table<K, V>) -> Vec<&V> {
    table.iter().map(|(_, value)| value).collect()
}

fn put<T: Serialize + ?Sized>(out: &mut impl Sections, value: &T) -> Result<(), CheckpointError> {
    out.begin()?;
    out.put(&to_compact_bytes(value)?)
}

impl State {
    /// Everything that is not an index, as bytes: equal states have equal bytes.
    fn write_to(&self, out: &mut impl Sections) -> Result<(), CheckpointError> {
        put(out, &(self.time, self.stock.counts(), &self.faults, &self.waiting_payments))?;
        put(out, &self.stock.rows())?;
        put(out, &self.stock.reservations())?;
        put(out, &values(&self.carts))?;
        put(out, &values(&self.checkouts))?;
        out.begin()?;
        self.payments.try_each_bytes(|id, bytes| out.put_row(&id.0, bytes))?;
        out.begin()?;
        self.orders.bytes().try_for_each(|bytes| out.put_row(&[], &bytes))?;
        put(out, &self.ledger.balances())?;
        out.begin()?;
        self.keys.try_each_bytes(|key, bytes| out.put_row(&key.0, bytes))?;
        out.begin()?;
        out.put(&to_packed_bytes(&self.retired)?)?;
        put(out, &self.pricing)?;
        put(out, &self.carts_book)?;
        put(out, &(&self.stock_book, self.stock.bundles(), self.stock.all_quotas()))?;
        put(out, &self.fulfilment)?;
        put(out, &self.payments_book)?;
        put(out, &self.after_sale)?;
        put(out, &self.shoppers)?;
        out.begin()?;
        self.fulfilment.work_bytes().try_for_each(|(number, bytes)| out.put_row(&number.to_le_bytes(), &bytes))
    }

    /// BLAKE3 of everything that is not an index. The same journal gives the same hash, anywhere.
    ///
    /// # Panics
    /// Never: every type of the state has a representation.
    #[must_use]
    pub fn hash(&self) -> Digest {
        let mut hashed = Hashed::default();
        self.write_to(&mut hashed).unwrap_or_else(|error| panic!("every type of the trade state has a representation: {error}"));
        hashed.finish()
    }

    /// Writes a checkpoint: under a temporary name first, synced, then renamed.
    ///
    /// # Errors
    /// When the file cannot be written; an older checkpoint is then untouched.
    pub fn save(&self, path: &Path, progress: Progress) -> Result<(), CheckpointError> {
        let mut file = SectionWriter::create(path, KIND, STATE_SECTIONS + 1)?;
        put(&mut file, &progress)?;
        self.write_to(&mut file)?;
        Ok(file.finish()?)
    }

    /// Reads a checkpoint, checking every byte, and says how far it had folded.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or is of a release that this one does not know.
    pub fn load(path: &Path, options: Options) -> Result<(Self, Progress), CheckpointError> {
        match MappedFile::open(path, KIND) {
            Ok(file) => {
                let (found, expected) = (file.sections_count(), STATE_SECTIONS + 1);
                if found != expected {
                    return Err(CheckpointError::Sections { found, expected });
                }
                let progress = from_bytes(checked(&file, 0)?)?;
                Ok((
                    Self::read_from(options, |section| checked(&file, section), |section, end| file.release_section(section, end))?,
                    progress,
                ))
            }
            Err(error) => trd3::load(path, options).unwrap_or(Err(error.into())),
        }
    }

    /// The sections of a checkpoint without a file, for the simulation; progress, which is section 0, is left empty.
    pub(super) fn to_sections(&self) -> Result<Vec<Vec<u8>>, CheckpointError> {
        let mut sections = vec![Vec::new()];
        self.write_to(&mut sections)?;
        Ok(sections)
    }

    /// The state that the sections of a checkpoint hold.
    pub(super) fn from_sections(sections: &[Vec<u8>], options: Options) -> Result<Self, CheckpointError> {
        let missing = || CheckpointError::Sections { found: sections.len(), expected: STATE_SECTIONS + 1 };
        Self::read_from(options, |section| sections.get(section).map(Vec::as_slice).ok_or_else(missing), |_, _| {})
    }

    /// Makes the state of its sections: `bytes` gives one, and `passed` is told up to where it was read.
    fn read_from<'a>(
        options: Options,
        bytes: impl Fn(usize) -> Result<&'a [u8], CheckpointError> + Sync,
        passed: impl Fn(usize, usize) + Sync,
    ) -> Result<Self, CheckpointError> {
        let done = |section| passed(section, usize::MAX);
        let mut state = Self::new(options);
        for section in (1..=STATE_SECTIONS).filter(|section| !OF_ALL_ORDERS.contains(section)) {
            state.read_section(section, bytes(section)?)?;
            done(section);
        }
        let Self { payments, orders, keys, fulfilment, .. } = &mut state;
        let [of_payments, of_orders, of_keys, of_work] = OF_ALL_ORDERS;
        let sold = || {
            *payments = roll(bytes(of_payments)?)?;
            done(of_payments);
            *orders = Orders::asleep(Rows::<0>::of(bytes(of_orders)?).telling(|end| passed(of_orders, end)))?;
            done(of_orders);
            Ok(())
        };
        let remembered = || {
            *keys = roll(bytes(of_keys)?)?;
            done(of_keys);
            let work = filling(Rows::of(bytes(of_work)?).collect::<Result<Vec<_>, _>>()?);
            work.map(|(number, bytes)| (u64::from_le_bytes(number), bytes))
                .try_for_each(|(number, bytes)| fulfilment.put_work(number, bytes))?;
            done(of_work);
            Ok(())
        };
        let (sold, remembered): (Result<(), CheckpointError>, Result<(), CheckpointError>) = rayon::join(sold, remembered);
        sold.and(remembered)?;
        // The book of fulfilment was read as a whole.
        state.limit_awake(state.options.awake_max);
        Ok(state)
    }

    fn read_section(&mut self, section: usize, bytes: &[u8]) -> Result<(), CheckpointError> {
        match section {
            1 => {
                let (time, counts, faults, waiting): Opening = from_bytes(bytes)?;
                (self.time, self.faults) = (time, faults);
                self.stock = Stock::restore(Vec::new(), Vec::new(), counts);
                self.waiting_payments = waiting.into_iter().collect();
            }
            2 => {
                let counts = self.stock.counts();
                self.stock = Stock::restore(from_bytes::<Vec<StockRow>>(bytes)?, Vec::new(), counts);
            }
            3 => from_bytes::<Vec<Reservation>>(bytes)?.into_iter().for_each(|held| self.stock.restore_reservation(held)),
            4 => from_bytes::<Vec<Cart>>(bytes)?.into_iter().for_each(|cart| self.put_cart(cart)),
            5 => from_bytes::<Vec<Checkout>>(bytes)?.into_iter().for_each(|session| drop(self.put_checkout(session))),
            8 => {
                let balances = filling(from_bytes::<Vec<Balance>>(bytes)?);
                balances.for_each(|(account, currency, minor)| self.ledger.restore(&account, currency, minor));
            }
            10 => self.retired = filling(from_packed_bytes::<Vec<(Timestamp, Retired)>>(bytes)?).collect(),
            11 => self.pricing = from_bytes(bytes)?,
            12 => self.carts_book = from_bytes(bytes)?,
            13 => self.restore_stock_book(from_bytes(bytes)?),
            14 => self.restore_fulfilment(from_bytes(bytes)?),
            15 => self.payments_book = from_bytes(bytes)?,
            16 => self.after_sale = from_bytes(bytes)?,
            _ => self.shoppers = from_bytes(bytes)?,
        }
        Ok(())
    }

    fn restore_stock_book(&mut self, (stock_book, bundles, quotas): StockSection) {
        self.stock_book = stock_book;
        bundles.iter().for_each(|bundle| self.stock.set_bundle(&bundle.sku, bundle.product, &bundle.components));
        quotas.into_iter().for_each(|(sku, quotas)| self.stock.restore_quotas(&sku, quotas));
    }

    fn restore_fulfilment(&mut self, fulfilment: crate::fulfilment::FulfilmentBook) {
        self.fulfilment = fulfilment;
        let closed = self.fulfilment.facts().locations().iter().filter(|location| location.sends_nothing());
        self.stock.restore_closed(closed.map(|location| location.id.clone()));
    }
}

/// The first of the state's sections.
type Opening = (Timestamp, ReservationCounts, Vec<String>, Vec<PaymentId>);
/// An account of the ledger.
type Balance = (String, Currency, i64);
/// What is kept of stock beside its rows and reservations.
type StockSection = (StockBook, Vec<Bundle>, Vec<(Sku, Vec<Quota>)>);

/// The rows of a section that are found by name.
fn roll<T: Sleeper>(section: &[u8]) -> Result<Roll<T>, CheckpointError> {
    let rows: Vec<(NameDigest, &[u8])> =
        Rows::of(section).map(|row| row.map(|(name, bytes)| (NameDigest(name), bytes))).collect::<Result<_, _>>()?;
    Ok(Roll::asleep(&rows)?)
}

/// The bytes of a section, if they are what was written.
fn checked(file: &MappedFile, section: usize) -> Result<&[u8], CheckpointError> {
    file.verify_section(section)?;
    Ok(file.bytes(section)?)
}

fn read<T: DeserializeOwned>(file: &[&[u8]], section: usize) -> Result<T, CheckpointError> {
    let missing = CheckpointError::Sections { found: file.len(), expected: trd3::SECTIONS };
    Ok(from_bytes(file.get(section).ok_or(missing)?)?)
}
