//! Records into journal batches.

use super::debt::Debt;
use crate::id::Offset;
use crate::journal::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, Durability, Journal};

/// Appends records in as few batches as the journal allows, one sync each; gives what the next start would have to replay of them.
pub(super) fn append_in_batches(
    journal: &mut dyn Journal,
    mut end: Offset,
    records: &[Vec<u8>],
    durability: Durability,
) -> Result<Debt, String> {
    let mut rest = records;
    while !rest.is_empty() {
        let len = batch_len(rest);
        let (batch, later) = rest.split_at(len);
        end = journal.append(end, batch, durability).map_err(|error| error.to_string())?;
        rest = later;
    }
    let bytes = records.iter().map(|record| record.len() as u64).sum();
    Ok(Debt { entries: records.len() as u64, bytes })
}

/// Tells that a journal has failed, and what follows.
pub(super) fn tell_failed(stream: &'static str, reason: &str, so: &str) {
    tracing::error!(%reason, "the {stream} journal failed; {so}");
    metrics::gauge!("shopkeeper_journal_stopped", "stream" => stream).set(1.0);
}

/// How many of the records fit into one journal batch; at least one.
fn batch_len(records: &[Vec<u8>]) -> usize {
    let mut bytes = 0;
    let fits = |record: &&Vec<u8>| {
        bytes += record.len();
        bytes <= BATCH_BYTES_MAX
    };
    records.iter().take(BATCH_RECORDS_MAX).take_while(fits).count().max(1)
}
