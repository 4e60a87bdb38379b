//! The trade checkpoint: the whole state and how far it has folded, in one file; and the state's hash, over the same bytes.
//!
//! Every section is a list in the order of its keys, so equal states have equal bytes. Indexes, and the sessions that became orders, are not
//! written: they are made again from the rest. The layout is drawn in `docs/FORMATS.md`.

use super::keys::{KeyRecord, Retired};
use super::options::Options;
use super::state::State;
use crate::cart::Cart;
use crate::event::Progress;
use crate::event::codec::{CodecError, from_bytes, to_compact_bytes};
use crate::id::{IdempotencyKey, Sku};
use crate::inventory::{Bundle, Quota, Reservation, ReservationCounts, Stock, StockBook, StockRow};
use crate::money::Currency;
use crate::order::{Checkout, CheckoutStatus, Order};
use crate::payment::Payment;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, blake3};
use crate::stdx::mapped::{MappedError, MappedFile, write_sections};
use crate::stdx::table::Table;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The kind and version of the file.
const KIND: [u8; 4] = *b"TRD3";
/// Progress is section 0; the state's own sections follow.
const STATE_SECTIONS: usize = 17;

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
}

fn values<K: Ord + Clone, V: Clone>(table: &Table<K, V>) -> Vec<&V> {
    table.sorted().into_iter().map(|(_, value)| value).collect()
}

impl State {
    /// Everything that is not an index, as bytes: equal states have equal bytes.
    fn sections(&self) -> Result<[Vec<u8>; STATE_SECTIONS], CodecError> {
        let sessions: Vec<_> = values(&self.checkouts).into_iter().filter(|session| session.status != CheckoutStatus::Completed).collect();
        let orders: Vec<_> = self.orders_by_number.iter().filter_map(|id| self.orders.get(id)).collect();
        Ok([
            to_compact_bytes(&(self.time, self.stock.counts(), &self.faults))?,
            to_compact_bytes(&self.stock.rows())?,
            to_compact_bytes(&self.stock.reservations())?,
            to_compact_bytes(&values(&self.carts))?,
            to_compact_bytes(&sessions)?,
            to_compact_bytes(&values(&self.payments))?,
            to_compact_bytes(&orders)?,
            to_compact_bytes(&self.ledger.balances())?,
            to_compact_bytes(&self.keys.sorted())?,
            to_compact_bytes(&self.retired.iter().collect::<Vec<_>>())?,
            to_compact_bytes(&self.pricing)?,
            to_compact_bytes(&self.carts_book)?,
            to_compact_bytes(&(&self.stock_book, self.stock.bundles(), self.stock.all_quotas()))?,
            to_compact_bytes(&self.fulfilment)?,
            to_compact_bytes(&self.payments_book)?,
            to_compact_bytes(&self.after_sale)?,
            to_compact_bytes(&self.shoppers)?,
        ])
    }

    /// BLAKE3 of everything that is not an index. The same journal gives the same hash, anywhere.
    ///
    /// # Panics
    /// Never: every type of the state has a representation.
    #[must_use]
    pub fn hash(&self) -> Digest {
        let sections = self.sections().unwrap_or_else(|error| panic!("every type of the trade state has a representation: {error}"));
        let lengths = sections.each_ref().map(|section| (section.len() as u64).to_le_bytes());
        let parts: Vec<&[u8]> = lengths.iter().zip(&sections).flat_map(|(length, section)| [&length[..], section]).collect();
        blake3(&parts)
    }

    /// Writes a checkpoint: under a temporary name first, synced, then renamed.
    ///
    /// # Errors
    /// When the file cannot be written; an older checkpoint is then untouched.
    pub fn save(&self, path: &Path, progress: Progress) -> Result<(), CheckpointError> {
        let progress = to_compact_bytes(&progress)?;
        let sections = self.sections()?;
        let all: Vec<&[u8]> = std::iter::once(&progress).chain(&sections).map(Vec::as_slice).collect();
        Ok(write_sections(path, KIND, &all)?)
    }

    /// Reads a checkpoint, checking every byte, and says how far it had folded.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or is of another release.
    pub fn load(path: &Path, options: Options) -> Result<(Self, Progress), CheckpointError> {
        let file = MappedFile::open(path, KIND)?;
        let (found, expected) = (file.sections_count(), STATE_SECTIONS + 1);
        if found != expected {
            return Err(CheckpointError::Sections { found, expected });
        }
        file.verify()?;
        let sections: Vec<&[u8]> = (0..expected).map(|section| file.bytes(section)).collect::<Result<_, _>>()?;
        let progress = read(&sections, 0)?;
        Ok((Self::from_sections(sections, options)?, progress))
    }

    /// The sections of a checkpoint without a file, for the simulation; progress, which is section 0, is left empty.
    pub(super) fn to_sections(&self) -> Result<Vec<Vec<u8>>, CodecError> {
        Ok(std::iter::once(Vec::new()).chain(self.sections()?).collect())
    }

    /// The state that the sections of a checkpoint hold.
    pub(super) fn from_sections(file: Vec<&[u8]>, options: Options) -> Result<Self, CheckpointError> {
        let mut state = Self::new(options);
        let (time, counts, faults): (Timestamp, ReservationCounts, Vec<String>) = read(&file, 1)?;
        (state.time, state.faults) = (time, faults);
        state.stock = Stock::restore(read::<Vec<StockRow>>(&file, 2)?, read::<Vec<Reservation>>(&file, 3)?, counts);
        read::<Vec<Cart>>(&file, 4)?.into_iter().for_each(|cart| state.put_cart(cart));
        read::<Vec<Checkout>>(&file, 5)?.into_iter().for_each(|session| drop(state.put_checkout(session)));
        read::<Vec<Payment>>(&file, 6)?.into_iter().for_each(|payment| state.put_payment(payment));
        for order in read::<Vec<Order>>(&file, 7)? {
            state.put_checkout(order.session());
            state.put_new_order(order);
        }
        for (account, currency, balance) in read::<Vec<(String, Currency, i64)>>(&file, 8)? {
            state.ledger.restore(&account, currency, balance);
        }
        state.keys = read::<Vec<(IdempotencyKey, KeyRecord)>>(&file, 9)?.into_iter().collect();
        // Last, and as a whole: putting payments back has marked those that failed as if they had just done so.
        state.retired = read::<Vec<(Timestamp, Retired)>>(&file, 10)?.into_iter().collect();
        state.pricing = read(&file, 11)?;
        state.carts_book = read(&file, 12)?;
        let (stock_book, bundles, quotas): StockSection = read(&file, 13)?;
        state.stock_book = stock_book;
        bundles.iter().for_each(|bundle| state.stock.set_bundle(&bundle.sku, bundle.product, &bundle.components));
        quotas.into_iter().for_each(|(sku, quotas)| state.stock.restore_quotas(&sku, quotas));
        state.fulfilment = read(&file, 14)?;
        let closed = state.fulfilment.facts().locations().iter().filter(|location| location.sends_nothing());
        state.stock.restore_closed(closed.map(|location| location.id.clone()));
        state.payments_book = read(&file, 15)?;
        state.after_sale = read(&file, 16)?;
        state.shoppers = read(&file, 17)?;
        Ok(state)
    }
}

/// What is kept of stock beside its rows and reservations.
type StockSection = (StockBook, Vec<Bundle>, Vec<(Sku, Vec<Quota>)>);

fn read<T: DeserializeOwned>(file: &[&[u8]], section: usize) -> Result<T, CheckpointError> {
    let missing = CheckpointError::Sections { found: file.len(), expected: STATE_SECTIONS + 1 };
    Ok(from_bytes(file.get(section).ok_or(missing)?)?)
}
