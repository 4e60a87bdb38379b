//! Work beside a shop that is open: on half of the processors, so that it goes on selling on the others.

use rayon::ThreadPoolBuilder;
use std::io;

/// Does some work whose parts run side by side on threads of its own.
///
/// # Errors
/// When there are no threads to be had.
pub fn aside<T: Send>(name: &'static str, work: impl FnOnce() -> T + Send) -> io::Result<T> {
    let threads = std::thread::available_parallelism().map_or(1, |all| all.get() / 2).max(1);
    let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(move |index| format!("{name}-{index}")).build();
    Ok(pool.map_err(io::Error::other)?.install(work))
}
