//! Watches `models/forecasts.bin`: what was forecast anew is told of within a second, and a damaged file changes nothing.

use crate::model::forecasts::Forecasts;
use crate::stdx::published::Published;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The file, what was last seen of it, and where readers find what is in it.
pub(super) struct ForecastFile {
    models: PathBuf,
    seen: Option<(SystemTime, u64)>,
    published: Arc<Published<Option<Forecasts>>>,
}

impl ForecastFile {
    /// Looks at once.
    pub(super) fn under(models: &Path) -> Self {
        let mut file = Self { models: models.to_owned(), seen: None, published: Arc::default() };
        file.look();
        file
    }

    /// Where readers take what is in force.
    pub(super) fn reader(&self) -> Arc<Published<Option<Forecasts>>> {
        Arc::clone(&self.published)
    }

    /// Takes up the file when it has changed since the last look.
    pub(super) fn look(&mut self) {
        let facts = fs::metadata(Forecasts::file(&self.models)).ok().and_then(|facts| Some((facts.modified().ok()?, facts.len())));
        if facts == self.seen {
            return;
        }
        self.seen = facts;
        let opened = Forecasts::open(&self.models);
        metrics::gauge!("shopkeeper_forecasts_faulty").set(f64::from(u8::from(opened.is_err())));
        match opened {
            Ok(forecasts) => self.published.swap(forecasts),
            Err(reason) => tracing::warn!(%reason, "the forecasts stay as they were"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stdx::clock::Timestamp;

    #[test]
    fn forecasts_made_anew_are_taken_up_and_a_damaged_file_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = ForecastFile::under(folder.path());
        let reader = file.reader();
        assert!(reader.take().is_none());
        Forecasts::save(folder.path(), Timestamp(7), &[]).expect("saves");
        file.look();
        assert_eq!(reader.take().as_ref().as_ref().map(Forecasts::until), Some(Timestamp(7)));
        fs::write(Forecasts::file(folder.path()), b"damaged").expect("writes");
        file.look();
        assert!(reader.take().is_some());
        fs::remove_file(Forecasts::file(folder.path())).expect("deletes");
        file.look();
        assert!(reader.take().is_none());
    }
}
