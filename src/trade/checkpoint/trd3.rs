//! Checkpoints of the kind before: everything in MessagePack, keys and work by their names, sessions of orders among the keys' answers.

use super::{Balance, CheckpointError, StockSection, read};
use crate::cart::Cart;
use crate::event::Progress;
use crate::id::{CheckoutId, CountId, IdempotencyKey, NameDigest, PaymentId, PurchaseOrderId, TransferId};
use crate::inventory::{Reservation, ReservationCounts, Stock, StockRow};
use crate::order::{Checkout, Order};
use crate::payment::Payment;
use crate::stdx::clock::Timestamp;
use crate::stdx::mapped::MappedFile;
use crate::trade::keys::{KeyRecord, Retired};
use crate::trade::options::Options;
use crate::trade::state::State;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"TRD3";
pub(super) const SECTIONS: usize = 18;

/// What is forgotten a day later, as it was written.
#[derive(Serialize, Deserialize)]
pub(in crate::trade) enum RetiredByName {
    Key(IdempotencyKey),
    Checkout(CheckoutId),
    Payment(PaymentId),
    Purchase(PurchaseOrderId),
    Transfer(TransferId),
    Count(CountId),
}

impl From<RetiredByName> for Retired {
    fn from(retired: RetiredByName) -> Self {
        match retired {
            RetiredByName::Key(key) => Self::Key(NameDigest::of(key.as_str())),
            RetiredByName::Checkout(id) => Self::Checkout(id),
            RetiredByName::Payment(id) => Self::Payment(id),
            RetiredByName::Purchase(id) => Self::Purchase(id),
            RetiredByName::Transfer(id) => Self::Transfer(id),
            RetiredByName::Count(id) => Self::Count(id),
        }
    }
}

/// Reads such a checkpoint; none when the file is not one.
pub(super) fn load(path: &Path, options: Options) -> Option<Result<(State, Progress), CheckpointError>> {
    let file = MappedFile::open(path, KIND).ok()?;
    Some(loaded(&file, options))
}

fn loaded(file: &MappedFile, options: Options) -> Result<(State, Progress), CheckpointError> {
    let found = file.sections_count();
    if found != SECTIONS {
        return Err(CheckpointError::Sections { found, expected: SECTIONS });
    }
    file.verify()?;
    let sections: Vec<&[u8]> = (0..SECTIONS).map(|section| file.bytes(section)).collect::<Result<_, _>>()?;
    Ok((state_of(&sections, options)?, read(&sections, 0)?))
}

/// The state that the sections hold.
pub(super) fn state_of(file: &[&[u8]], options: Options) -> Result<State, CheckpointError> {
    let mut state = State::new(options);
    let (time, counts, faults): (Timestamp, ReservationCounts, Vec<String>) = read(file, 1)?;
    (state.time, state.faults) = (time, faults);
    state.stock = Stock::restore(read::<Vec<StockRow>>(file, 2)?, read::<Vec<Reservation>>(file, 3)?, counts);
    read::<Vec<Cart>>(file, 4)?.into_iter().for_each(|cart| state.put_cart(cart));
    read::<Vec<Checkout>>(file, 5)?.into_iter().for_each(|session| drop(state.put_checkout(session)));
    read::<Vec<Payment>>(file, 6)?.into_iter().for_each(|payment| state.put_payment(payment));
    for (key, record) in read::<Vec<(IdempotencyKey, KeyRecord)>>(file, 9)? {
        state.keys.put(NameDigest::of(key.as_str()), Arc::new(record));
    }
    for order in read::<Vec<Order>>(file, 7)? {
        let body_hash = order.completion_key.as_ref().and_then(|key| state.take_key(key));
        state.orders.push(order, body_hash);
    }
    read::<Vec<Balance>>(file, 8)?.iter().for_each(|(account, currency, minor)| state.ledger.restore(account, *currency, *minor));
    // As a whole: putting payments back has marked those that failed as if they had just done so.
    let retired = read::<Vec<(Timestamp, RetiredByName)>>(file, 10)?;
    state.retired = retired.into_iter().map(|(at, what)| (at, what.into())).collect();
    state.pricing = read(file, 11)?;
    state.carts_book = read(file, 12)?;
    state.restore_stock_book(read::<StockSection>(file, 13)?);
    state.restore_fulfilment(read(file, 14)?);
    state.payments_book = read(file, 15)?;
    state.after_sale = read(file, 16)?;
    state.shoppers = read(file, 17)?;
    state.limit_awake(state.options.awake_max);
    Ok(state)
}
