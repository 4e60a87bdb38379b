//! Work that waits for the disk or takes long, on threads that may wait: one that answers other requests must not. What it logs names the request.

use super::error::Problem;
use tokio::task::{JoinHandle, spawn_blocking};
use tracing::Span;

/// Does some work and waits for it.
///
/// # Errors
/// When it panicked.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    started(work).await.map_err(|error| Problem::internal(&error))
}

/// Starts some work.
pub(super) fn started<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let span = Span::current();
    spawn_blocking(move || span.in_scope(work))
}
