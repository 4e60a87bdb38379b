//! Rows of a file, decoded on a thread of their own while the shop takes earlier ones, with a progress bar over the file's bytes.

use super::super::output::Output;
use super::CliError;
use crate::app::Refused;
use crate::catalog::formats::{Meter, Reject, Row, Rows};
use indicatif::ProgressBar;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Rows handed over in one go.
const CHUNK_ROWS: usize = 256;
/// Chunks decoded ahead.
const CHUNKS_AHEAD: usize = 16;

type Chunk<T> = Vec<Result<Row<T>, Reject>>;

/// Decoded rows in file order.
pub(super) struct DecodedRows<T> {
    chunks: Receiver<Chunk<T>>,
    chunk: std::vec::IntoIter<Result<Row<T>, Reject>>,
    meter: Meter,
    bar: ProgressBar,
}

impl<T: Send + 'static> DecodedRows<T> {
    /// Starts decoding.
    pub(super) fn start(rows: Rows<T>, output: &Output, message: &str) -> Result<Self, CliError> {
        let meter = rows.meter();
        let bar = output.progress(meter.bytes_total(), "bytes").with_message(message.to_owned());
        let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
        let decode = move || {
            let mut rows = rows;
            loop {
                let chunk: Chunk<T> = rows.by_ref().take(CHUNK_ROWS).collect();
                if chunk.is_empty() || sender.send(chunk).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("decode".to_owned()).spawn(decode).map_err(|error| CliError::Refused(error.to_string()))?;
        Ok(Self { chunks, chunk: Vec::new().into_iter(), meter, bar })
    }
}

impl<T> Iterator for DecodedRows<T> {
    type Item = Result<Row<T>, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.chunk.len() == 0 {
            self.bar.set_position(self.meter.bytes_read());
            match self.chunks.recv() {
                Ok(chunk) => self.chunk = chunk.into_iter(),
                Err(_) => {
                    self.bar.finish_and_clear();
                    return None;
                }
            }
        }
        self.chunk.next().map(|row| row.map_err(|Reject { line, field, reason }| Refused { line, field, reason }))
    }
}
