//! Writes to the catalogue over HTTP: under a key the first answer is every repetition's answer; without one they are done as often as they come.

use super::context::{Context, answered, reply};
use super::error::{Kind, Problem};
use super::keys::Key;
use crate::event::Document;
use crate::pipeline::{CatalogWrite, Once, Outcomes, PutOutcome, WriteReceipt, Written};
use crate::stdx::digest;

impl Key {
    fn once(&self) -> Once {
        Once { key: digest::blake3(&[self.name.as_str().as_bytes()]), body: self.digest }
    }
}

impl Context {
    /// What came of the write to the catalogue that was done under this key before; none when it is new.
    ///
    /// It is asked for before a write is looked at in the light of the catalogue, which may have changed since.
    pub(super) fn written(&self, key: Option<&Key>) -> Result<Option<Written>, Problem> {
        let Some(key) = key else { return Ok(None) };
        let catalog = self.shop.readers().catalog();
        let known = WriteReceipt::of(catalog.keys(), &key.once()).map_err(|error| Problem::internal(&error))?;
        known.map(done).transpose()
    }

    /// Writes to the catalogue, once for a key; answers when that is durable. `note` is told again with the outcomes.
    pub(super) async fn write_catalog(&self, write: CatalogWrite, key: Option<&Key>, note: Vec<u8>) -> Result<Written, Problem> {
        let (reply, answer) = reply();
        self.shop.write_catalog(write, key.map(Key::once), Document(note.into()), reply);
        done(answered(answer).await??)
    }

    /// Puts many products or settings that were read from lines, and answers what became of each.
    pub(super) async fn write_lines(&self, write: CatalogWrite, key: Option<&Key>) -> Result<Outcomes, Problem> {
        match self.written(key)? {
            Some(done) => Ok(done.outcomes),
            None => self.write_catalog(write, key, Vec::new()).await.map(|done| done.outcomes),
        }
    }
}

fn done(receipt: WriteReceipt) -> Result<Written, Problem> {
    match receipt {
        WriteReceipt::Done(written) => Ok(written),
        WriteReceipt::Reused => {
            Err(Problem::of_field(Kind::KeyReused, "idempotency-key", "the idempotency key was used before with another request"))
        }
    }
}

/// The outcomes of a write of products.
pub(super) fn of_products(outcomes: Outcomes) -> Vec<PutOutcome> {
    match outcomes {
        Outcomes::Products(outcomes) => outcomes,
        Outcomes::Settings(_) => Vec::new(),
    }
}
