//! Watches `models/ranking.toml`: a changed file is in force within a second, and a faulty one changes nothing.

use super::learnt::{Facts, facts};
use crate::search::ranking::Weights;
use std::fs;
use std::path::{Path, PathBuf};

/// Longer files are not weights.
const FILE_BYTES_MAX: u64 = 65_536;

/// The file and what was last seen of it.
pub(super) struct WeightsFile {
    path: PathBuf,
    seen: Facts,
}

impl WeightsFile {
    pub(super) fn under(models: &Path) -> Self {
        Self { path: models.join("ranking.toml"), seen: None }
    }

    /// The weights when the file has changed since the last look and can be used; the defaults when it has gone.
    pub(super) fn changed(&mut self) -> Option<Weights> {
        let facts = facts(&self.path);
        if facts == self.seen {
            return None;
        }
        self.seen = facts;
        let Some((_, bytes)) = facts else { return Some(Weights::default()) };
        let read = if bytes > FILE_BYTES_MAX { Err(format!("at most {FILE_BYTES_MAX} bytes")) } else { self.read() };
        let is_faulty = read.is_err();
        metrics::gauge!("shopkeeper_ranking_weights_faulty").set(f64::from(u8::from(is_faulty)));
        read.inspect_err(|reason| tracing::error!(%reason, "the ranking weights stay as they were")).ok()
    }

    fn read(&self) -> Result<Weights, String> {
        let text = fs::read_to_string(&self.path).map_err(|error| error.to_string())?;
        Weights::parse(&text).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_read_once_and_a_faulty_one_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = WeightsFile::under(folder.path());
        assert_eq!(file.changed(), None);
        let put = |text: &str| fs::write(folder.path().join("ranking.toml"), text).expect("writes");
        put("similarity = 0.25");
        assert_eq!(file.changed().map(|weights| weights.similarity), Some(0.25));
        assert_eq!(file.changed(), None);
        put("similarity = -20.5");
        assert_eq!(file.changed(), None);
        fs::remove_file(folder.path().join("ranking.toml")).expect("deletes");
        assert_eq!(file.changed(), Some(Weights::default()));
    }
}
