//! Watches what was learnt in `models/`: what was made anew is taken up within a second, and a damaged file changes nothing.

use crate::model::ModelError;
use crate::model::forecasts::Forecasts;
use crate::model::taste::Taste;
use crate::stdx::published::Published;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// When a file was changed last, and its length; none where it is not there.
pub(super) type Facts = Option<(SystemTime, u64)>;

/// What a look at a file tells.
pub(super) fn facts(file: impl AsRef<Path>) -> Facts {
    fs::metadata(file).ok().and_then(|facts| Some((facts.modified().ok()?, facts.len())))
}

/// The files of one thing, what was last seen of them, and where readers find what is in them.
pub(super) struct LearntFiles<T> {
    what: &'static str,
    models: PathBuf,
    files: Vec<PathBuf>,
    open: fn(&Path) -> Result<Option<T>, ModelError>,
    tell_faulty: fn(f64),
    seen: Vec<Facts>,
    published: Arc<Published<Option<T>>>,
}

/// `relations.bin` and `factors.bin`, looked at once.
pub(super) fn tastes(models: &Path) -> LearntFiles<Taste> {
    let tell_faulty = |faulty| metrics::gauge!("shopkeeper_tastes_faulty").set(faulty);
    LearntFiles::under(models, "tastes", Taste::files(models).into(), Taste::open, tell_faulty)
}

/// `forecasts.bin`, looked at once.
pub(super) fn forecasts(models: &Path) -> LearntFiles<Forecasts> {
    let tell_faulty = |faulty| metrics::gauge!("shopkeeper_forecasts_faulty").set(faulty);
    LearntFiles::under(models, "forecasts", vec![Forecasts::file(models)], Forecasts::open, tell_faulty)
}

impl<T> LearntFiles<T> {
    fn under(
        models: &Path,
        what: &'static str,
        files: Vec<PathBuf>,
        open: fn(&Path) -> Result<Option<T>, ModelError>,
        tell_faulty: fn(f64),
    ) -> Self {
        let seen = vec![None; files.len()];
        let mut learnt = Self { what, models: models.to_owned(), files, open, tell_faulty, seen, published: Arc::default() };
        learnt.look();
        learnt
    }

    /// Where readers take what is in force.
    pub(super) fn reader(&self) -> Arc<Published<Option<T>>> {
        Arc::clone(&self.published)
    }

    /// Takes up the files when they have changed since the last look.
    pub(super) fn look(&mut self) {
        let facts: Vec<Facts> = self.files.iter().map(facts).collect();
        if facts == self.seen {
            return;
        }
        self.seen = facts;
        let opened = (self.open)(&self.models);
        (self.tell_faulty)(f64::from(u8::from(opened.is_err())));
        match opened {
            Ok(learnt) => self.published.swap(learnt),
            // Between the replacing of one file and another this is as it should be; the next look finds both.
            Err(reason) => tracing::warn!(%reason, "the {} stay as they were", self.what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;
    use crate::model::relations::Relations;
    use crate::stdx::clock::Timestamp;

    #[test]
    fn trained_files_are_taken_up_and_damaged_ones_change_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = tastes(folder.path());
        let reader = files.reader();
        assert!(reader.take().is_none());
        let relations = Relations::from_rows([vec![(Ordinal(1), 1.0)], vec![]]).expect("is consistent");
        Taste::of(relations, None).expect("needs no factors").save(folder.path()).expect("saves");
        files.look();
        assert_eq!(reader.take().as_ref().as_ref().map(|taste| taste.relations().pairs_count()), Some(1));
        fs::write(&Taste::files(folder.path())[0], b"damaged").expect("writes");
        files.look();
        assert!(reader.take().is_some());
        fs::remove_file(&Taste::files(folder.path())[0]).expect("deletes");
        files.look();
        assert!(reader.take().is_none());
    }

    #[test]
    fn forecasts_made_anew_are_taken_up_and_a_damaged_file_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = forecasts(folder.path());
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
