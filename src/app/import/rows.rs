//! Rows of a file, decoded on a thread of their own while the shop takes earlier ones.

use super::{ImportError, Watcher};
use crate::app::Refused;
use crate::catalog::formats::{Meter, Reject, Row, Rows};
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
}

impl<T: Send + 'static> DecodedRows<T> {
    /// Starts decoding.
    pub(super) fn start(rows: Rows<T>) -> Result<Self, ImportError> {
        let meter = rows.meter();
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
        thread::Builder::new().name("decode".to_owned()).spawn(decode).map_err(ImportError::Thread)?;
        Ok(Self { chunks, chunk: Vec::new().into_iter(), meter })
    }

    /// The next row; none at the end.
    pub(super) fn next(&mut self, watcher: &dyn Watcher) -> Result<Option<Result<Row<T>, Refused>>, ImportError> {
        if self.chunk.len() == 0 {
            if !watcher.is_wanted(&self.meter) {
                return Err(ImportError::BrokenOff);
            }
            match self.chunks.recv() {
                Ok(chunk) => self.chunk = chunk.into_iter(),
                Err(_) => return Ok(None),
            }
        }
        Ok(self.chunk.next().map(|row| row.map_err(|Reject { line, field, reason }| Refused { line, field, reason })))
    }

    /// What the file is read in, where that is not UTF-8.
    pub(super) fn remark(&self) -> Option<String> {
        self.meter.encoding().map(|name| format!("read as {name} (--encoding says another)"))
    }

    /// Whether the file was read to its end, once the last row has come.
    pub(super) fn is_whole(&self) -> bool {
        !self.meter.broke_off()
    }

    /// The next rows, at most `count`; none at the end.
    pub(super) fn chunk(&mut self, count: usize, watcher: &dyn Watcher) -> Result<Vec<Result<Row<T>, Refused>>, ImportError> {
        let mut chunk = Vec::new();
        while chunk.len() < count
            && let Some(row) = self.next(watcher)?
        {
            chunk.push(row);
        }
        Ok(chunk)
    }
}
