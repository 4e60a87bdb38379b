//! The server as a process of its own, as operators know it.
//!
//! Properties pinned here:
//! 1. a process killed in the middle of orders has lost none that it answered, and `verify` finds nothing broken.
//! 2. who is forgotten is in no file of the shop, also when the process is killed right after the answer.
//! 3. `index` commands work on a shop that a server has open, through that server.
//! 4. `export` gives the same through the server and from the folder, names nobody unless told to, and imports again without a change.
//! 5. `train relations` works on a shop that a server has open, through that server.
//! 6. a server waits for the end of one that does not answer any more, and refuses beside one that does.
//! 7. `evaluate` reads files as people have them, or says what is wrong and where.
//! 8. `backup` beside a server that sells, and `restore` from it, lose nothing that was answered; nothing is overwritten.
//! 9. a file of which every row is refused is a failed import.
//! 10. a budget of memory that is too small is told of, and everything is answered.

mod backed_up;
mod buyer;
mod evaluated;
mod exported;
mod forgotten;
mod killed;
mod tastes;
mod within_budget;

use std::time::{Duration, Instant};

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `condition` gives something; asks often, because the wait is for another thread and not for a moment in time.
fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come true");
        std::thread::yield_now();
    }
}
