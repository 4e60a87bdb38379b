//! A runtime of the thread that has it, for connectors.

use std::io;
use tokio::runtime::{Builder, Runtime};

/// Runs what a connector waits for. When it is dropped it waits for nobody: a name that is still being looked up, which is done on a thread of its
/// own and may take half a minute where nobody answers, keeps no shop from closing.
pub(super) struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    /// # Errors
    /// When the system gives none.
    pub(super) fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(|runtime| Self(Some(runtime)))
    }

    /// Waits for `future`; none once the runtime has ended, which is when it is dropped.
    pub(super) fn block_on<F: Future>(&self, future: F) -> Option<F::Output> {
        self.0.as_ref().map(|runtime| runtime.block_on(future))
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn what_is_still_being_looked_up_keeps_nobody_from_ending() {
        let runtime = OwnRuntime::new().expect("a runtime");
        let (ends, end) = channel::<()>();
        let (ended, is_over) = channel();
        runtime.block_on(async {
            tokio::task::spawn_blocking(move || {
                // Until the test has dropped the runtime, which therefore has not waited for this.
                let _ = end.recv();
                let _ = ended.send(());
            });
        });
        drop(runtime);
        assert!(is_over.try_recv().is_err());
        ends.send(()).expect("still waits");
        assert_eq!(is_over.recv(), Ok(()));
    }
}
