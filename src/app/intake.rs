//! Feeding a shop in bulk: batches go out while earlier ones are being synced, and never more than a window of them.

use super::Shop;
use crate::catalog::Product;
use crate::event::ActivityEvent;
use crate::event::trade::StockReason;
use crate::id::{LocationId, Ordinal, Sku};
use crate::pipeline::{CatalogCommand, FileDigest, PutOutcome, TradeError, Unavailable};
use crate::trade::{Action, Command, Rejection, StockChange};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Products in one batch.
const PRODUCTS_BATCH: usize = 1_000;
/// Product batches on their way at once.
const PRODUCT_BATCHES_MAX: usize = 4;
/// Stock changes on their way at once.
const STOCK_WINDOW: usize = 4_096;
/// Behaviour events in one batch.
const EVENTS_BATCH: usize = 2_000;

/// What became of products that were fed in.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct ProductCounts {
    /// New ones.
    pub created: u64,
    /// Known ones that changed.
    pub updated: u64,
    /// Known ones that are as they were.
    pub unchanged: u64,
}

/// A row that was refused: where it stood, which field, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// Line or row of the source, from 1.
    pub line: u64,
    /// Path of the field; empty when it is the whole row.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

type Outcomes = Result<Vec<PutOutcome>, Unavailable>;

/// Feeds products.
pub struct ProductIntake<'a> {
    shop: &'a Shop,
    lines: Vec<u64>,
    commands: Vec<CatalogCommand>,
    on_the_way: VecDeque<(Vec<u64>, Receiver<Outcomes>)>,
    counts: ProductCounts,
    refused: Vec<Refused>,
}

impl<'a> ProductIntake<'a> {
    /// Begins.
    pub fn new(shop: &'a Shop) -> Self {
        Self {
            shop,
            lines: Vec::new(),
            commands: Vec::new(),
            on_the_way: VecDeque::new(),
            counts: ProductCounts::default(),
            refused: Vec::new(),
        }
    }

    /// Feeds one product that stood at `line` of its source.
    ///
    /// # Errors
    /// When the shop takes no writes.
    pub fn push(&mut self, line: u64, product: Product) -> Result<(), Unavailable> {
        self.lines.push(line);
        self.commands.push(CatalogCommand::Put(Box::new(product)));
        if self.commands.len() >= PRODUCTS_BATCH { self.send() } else { Ok(()) }
    }

    /// Rows refused since the last call.
    pub fn take_refused(&mut self) -> Vec<Refused> {
        std::mem::take(&mut self.refused)
    }

    /// Waits for everything that is on its way.
    ///
    /// # Errors
    /// When the shop takes no writes.
    pub fn finish(mut self) -> Result<(ProductCounts, Vec<Refused>), Unavailable> {
        self.send()?;
        while !self.on_the_way.is_empty() {
            self.settle()?;
        }
        Ok((self.counts, self.refused))
    }

    fn send(&mut self) -> Result<(), Unavailable> {
        if self.commands.is_empty() {
            return Ok(());
        }
        if self.on_the_way.len() >= PRODUCT_BATCHES_MAX {
            self.settle()?;
        }
        let (sender, receiver) = sync_channel(1);
        self.shop.catalog(std::mem::take(&mut self.commands), Box::new(move |outcomes| answered(&sender, outcomes)));
        self.on_the_way.push_back((std::mem::take(&mut self.lines), receiver));
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Unavailable> {
        let Some((lines, receiver)) = self.on_the_way.pop_front() else { return Ok(()) };
        let outcomes = receiver.recv().map_err(|_| Unavailable::Stopped)??;
        for (line, outcome) in lines.into_iter().zip(outcomes) {
            match outcome {
                PutOutcome::Created(_) => self.counts.created += 1,
                PutOutcome::Updated(_) | PutOutcome::Removed(_) => self.counts.updated += 1,
                PutOutcome::Unchanged(_) => self.counts.unchanged += 1,
                PutOutcome::Rejected { field, reason } => self.refused.push(Refused { line, field, reason }),
                PutOutcome::Unknown | PutOutcome::Overtaken => {
                    self.refused.push(Refused { line, field: "id".to_owned(), reason: "nothing has that id".to_owned() })
                }
            }
        }
        Ok(())
    }
}

fn answered<T>(sender: &SyncSender<T>, answer: T) {
    if sender.send(answer).is_err() {
        tracing::debug!("an intake ended before its last answer");
    }
}

/// Feeds stock levels.
pub struct StockIntake<'a> {
    shop: &'a Shop,
    on_the_way: VecDeque<(u64, Receiver<Result<crate::pipeline::TradeAnswer, TradeError>>)>,
    taken: u64,
    refused: Vec<Refused>,
}

impl<'a> StockIntake<'a> {
    /// Begins.
    pub fn new(shop: &'a Shop) -> Self {
        Self { shop, on_the_way: VecDeque::new(), taken: 0, refused: Vec::new() }
    }

    /// Sets the units on hand of one SKU at one location.
    ///
    /// # Errors
    /// When the shop takes no writes.
    pub fn push(&mut self, line: u64, sku: Sku, product: Ordinal, location: LocationId, change: StockChange) -> Result<(), Unavailable> {
        while self.on_the_way.len() >= STOCK_WINDOW {
            self.settle()?;
        }
        let (sender, receiver) = sync_channel(1);
        let action = Action::MoveStock { sku, product, location, change, reason: StockReason::Counted };
        self.shop.trade(Command { key: None, action }, Box::new(move |answer| answered(&sender, answer)));
        self.on_the_way.push_back((line, receiver));
        Ok(())
    }

    /// Waits for everything that is on its way; answers how many levels were taken and which rows were refused.
    ///
    /// # Errors
    /// When the shop takes no writes.
    pub fn finish(mut self) -> Result<(u64, Vec<Refused>), Unavailable> {
        while !self.on_the_way.is_empty() {
            self.settle()?;
        }
        Ok((self.taken, self.refused))
    }

    fn settle(&mut self) -> Result<(), Unavailable> {
        let Some((line, receiver)) = self.on_the_way.pop_front() else { return Ok(()) };
        match receiver.recv().map_err(|_| Unavailable::Stopped)? {
            Ok(_) => self.taken += 1,
            Err(TradeError::Unavailable(unavailable)) => return Err(unavailable),
            Err(TradeError::Rejected(Rejection::Invalid { field, reason })) => self.refused.push(Refused { line, field, reason }),
            Err(TradeError::Rejected(rejection)) => {
                self.refused.push(Refused { line, field: String::new(), reason: rejection.to_string() })
            }
        }
        Ok(())
    }
}

/// Feeds behaviour and order history of one file. How far it got is kept in the same entries, so feeding the file again goes on from there.
pub struct HistoryIntake<'a> {
    shop: &'a Shop,
    file: Option<FileDigest>,
    events: Vec<ActivityEvent>,
    rows: u64,
    rows_before: u64,
    kept: u64,
}

impl<'a> HistoryIntake<'a> {
    /// Begins; `file` is the digest of the file that the rows come from, or none for rows that are made on the spot.
    pub fn new(shop: &'a Shop, file: Option<FileDigest>) -> Self {
        let rows_before = file.map_or(0, |file| shop.rows_done(file));
        Self { shop, file, events: Vec::new(), rows: 0, rows_before, kept: 0 }
    }

    /// Rows of the file that were taken by an earlier import; they are passed over.
    pub fn rows_before(&self) -> u64 {
        self.rows_before
    }

    /// Takes the next row of the file: no event when it was refused.
    ///
    /// # Errors
    /// When the shop takes no writes.
    pub fn push(&mut self, event: Option<ActivityEvent>) -> Result<(), Unavailable> {
        self.rows += 1;
        if self.rows <= self.rows_before {
            return Ok(());
        }
        self.events.extend(event);
        if self.events.len() >= EVENTS_BATCH { self.send() } else { Ok(()) }
    }

    /// Keeps what is left; answers how many events were new.
    ///
    /// # Errors
    /// When the shop takes no writes.
    pub fn finish(mut self) -> Result<u64, Unavailable> {
        if self.rows > self.rows_before {
            self.send()?;
        }
        Ok(self.kept)
    }

    fn send(&mut self) -> Result<(), Unavailable> {
        let mut events = std::mem::take(&mut self.events);
        let progress = self.file.map(|file| ActivityEvent::ImportProgressed { file, rows_done: self.rows });
        let progress_count = u64::from(progress.is_some());
        events.extend(progress);
        if events.is_empty() {
            return Ok(());
        }
        self.kept += self.shop.wait(|reply| self.shop.activity(events, reply))??.saturating_sub(progress_count);
        Ok(())
    }
}
