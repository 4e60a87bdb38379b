//! Watches `models/relations.bin` and `factors.bin`: what was trained anew answers within a second, and a damaged file changes nothing.

use crate::model::taste::Taste;
use crate::stdx::published::Published;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

type Facts = [Option<(SystemTime, u64)>; 2];

/// The files, what was last seen of them, and where readers find what is in them.
pub(super) struct TasteFiles {
    models: PathBuf,
    seen: Facts,
    published: Arc<Published<Option<Taste>>>,
}

impl TasteFiles {
    /// Looks at once.
    pub(super) fn under(models: &Path) -> Self {
        let mut files = Self { models: models.to_owned(), seen: [None; 2], published: Arc::default() };
        files.look();
        files
    }

    /// Where readers take what is in force.
    pub(super) fn reader(&self) -> Arc<Published<Option<Taste>>> {
        Arc::clone(&self.published)
    }

    /// Takes up the files when they have changed since the last look.
    pub(super) fn look(&mut self) {
        let facts =
            Taste::files(&self.models).map(|file| fs::metadata(file).ok().and_then(|facts| Some((facts.modified().ok()?, facts.len()))));
        if facts == self.seen {
            return;
        }
        self.seen = facts;
        let opened = Taste::open(&self.models);
        metrics::gauge!("shopkeeper_tastes_faulty").set(f64::from(u8::from(opened.is_err())));
        match opened {
            Ok(taste) => self.published.swap(taste),
            // Between the replacing of the one file and the other this is as it should be; the next look finds both.
            Err(reason) => tracing::warn!(%reason, "the tastes stay as they were"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ordinal;
    use crate::model::relations::Relations;

    #[test]
    fn trained_files_are_taken_up_and_damaged_ones_change_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = TasteFiles::under(folder.path());
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
}
