//! Feeding a shop in bulk: batches go out while earlier ones are being synced, and never more than a window of them.

use super::Shop;
use crate::catalog::Product;
use crate::event::ActivityEvent;
use crate::event::activity::Refusals;
use crate::event::trade::StockReason;
use crate::id::{LocationId, Ordinal, Sku};
use crate::pipeline::{CatalogCommand, FileDigest, FileReceipt, PutOutcome, TradeError, Unavailable};
use crate::stdx::ranges::Ranges;
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

/// Feeds behaviour and order history of one file. What became of its rows is kept in the same entries, so feeding the file again goes on from there, and
/// takes what was refused.
pub struct HistoryIntake<'a> {
    shop: &'a Shop,
    file: Option<FileDigest>,
    before: FileReceipt,
    events: Vec<ActivityEvent>,
    /// Rows gone through, and those of which the journal has what became of them.
    rows: u64,
    told: u64,
    /// Rows refused since then.
    refused: Ranges,
    incomplete_count: u64,
    kept: u64,
}

impl<'a> HistoryIntake<'a> {
    /// Begins; `file` is the digest of the file that the rows come from, or none for rows that are made on the spot.
    pub fn new(shop: &'a Shop, file: Option<FileDigest>) -> Self {
        Self {
            shop,
            file,
            before: file.map(|file| shop.file_receipt(file)).unwrap_or_default(),
            events: Vec::new(),
            rows: 0,
            told: 0,
            refused: Ranges::default(),
            incomplete_count: 0,
            kept: 0,
        }
    }

    /// What became of the file's rows in earlier imports.
    pub fn before(&self) -> &FileReceipt {
        &self.before
    }

    /// Whether the row that so many rows of the file come before is still to be taken, as the next one is that was never read or was refused.
    pub fn wants(&self, rows_before: u64) -> bool {
        self.before.wants(rows_before + 1)
    }

    /// Whether the next row is still to be taken.
    pub fn wants_next(&self) -> bool {
        self.wants(self.rows)
    }

    /// Passes over the next row of the file: an earlier import took it, or it says nothing that could be taken.
    pub fn pass_over(&mut self) {
        self.rows += 1;
    }

    /// Takes the next row of the file: no event when it was refused.
    ///
    /// # Errors
    /// When the shop takes no writes.
    pub fn push(&mut self, event: Option<ActivityEvent>) -> Result<(), Unavailable> {
        self.rows += 1;
        if event.is_none() && self.file.is_some() {
            self.refused.insert(self.rows, self.rows);
        }
        self.events.extend(event);
        if self.events.len().max(self.refused.ranges_count()) >= EVENTS_BATCH { self.send() } else { Ok(()) }
    }

    /// The order that was taken last lacks lines.
    pub fn lacks_lines(&mut self) {
        self.incomplete_count += 1;
    }

    /// Keeps what is left; answers how many events were new.
    ///
    /// # Errors
    /// When the shop takes no writes.
    pub fn finish(mut self) -> Result<u64, Unavailable> {
        self.send()?;
        Ok(self.kept)
    }

    fn send(&mut self) -> Result<(), Unavailable> {
        let (mut events, refused) = (std::mem::take(&mut self.events), std::mem::take(&mut self.refused));
        let (from, to) = (self.told + 1, self.rows);
        self.told = to;
        if events.is_empty() && (from > to || to <= self.before.rows_done) {
            // What was refused before still is.
            return Ok(());
        }
        let incomplete_count = std::mem::take(&mut self.incomplete_count);
        let refusals = Some(Refusals { from, to, rows: refused.iter().collect(), incomplete_count });
        let rows_done = to.max(self.before.rows_done);
        let progress = self.file.map(|file| ActivityEvent::ImportProgressed { file, rows_done, refusals });
        let progress_count = u64::from(progress.is_some());
        events.extend(progress);
        if events.is_empty() {
            return Ok(());
        }
        self.kept += self.shop.wait(|reply| self.shop.activity(events, reply))??.saturating_sub(progress_count);
        Ok(())
    }
}
