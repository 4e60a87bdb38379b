//! Identifiers that contain what was typed: the last resort of the identifier lane, for part numbers of which people remember the middle.
//!
//! A dictionary is sorted by how words begin and cannot be asked for what they contain. But all folded identifiers of a shop together are
//! a short text, a dozen bytes each, and a vectorised search reads some ten gigabytes a second: a million products take milliseconds, and
//! only a query that names nothing else gets here. The generation's text stands in a mapped file (drawn in `docs/FORMATS.md`): where the
//! identifiers of each ordinal end, and the identifiers, each with a line's end behind it.

use super::failed;
use crate::id::Ordinal;
use crate::search::SearchError;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use imbl::OrdMap;
use memchr::memmem::Finder;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"infx";

fn text_of(identifiers: &[String]) -> String {
    identifiers.iter().flat_map(|identifier| [identifier.as_str(), "\n"]).collect()
}

/// Gathers the identifiers of a generation, in ordinal order.
#[derive(Default)]
pub(super) struct Collector {
    ends: Vec<u32>,
    text: String,
}

impl Collector {
    pub(super) fn add(&mut self, ordinal: Ordinal, identifiers: &[String]) {
        self.ends.resize(ordinal.index(), self.text.len() as u32);
        self.text.push_str(&text_of(identifiers));
        self.ends.push(self.text.len() as u32);
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), SearchError> {
        write_sections(path, KIND, &[as_bytes(&self.ends), self.text.as_bytes()]).map_err(failed("infixes"))
    }
}

/// The identifiers of all live products as one text. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Infixes {
    generation: Option<Arc<MappedFile>>,
    live: OrdMap<Ordinal, Arc<str>>,
}

impl Infixes {
    pub(super) fn open(path: &Path) -> Result<Self, SearchError> {
        let file = MappedFile::open(path, KIND).map_err(failed("infixes"))?;
        let (ends, text) = (file.slice::<u32>(0).map_err(failed("infixes"))?, file.bytes(1).map_err(failed("infixes"))?);
        if !ends.is_sorted() || ends.last().is_some_and(|&end| end as usize != text.len()) {
            return Err(failed("infixes")("ends do not fit the text"));
        }
        Ok(Self { generation: Some(Arc::new(file)), live: OrdMap::new() })
    }

    pub(super) fn put(&mut self, ordinal: Ordinal, identifiers: &[String]) {
        self.live.insert(ordinal, text_of(identifiers).into());
    }

    pub(super) fn remove(&mut self, ordinal: Ordinal) {
        self.live.insert(ordinal, Arc::from(""));
    }

    /// Products with an identifier that contains `wanted`, in ordinal order, at most `count_max`.
    pub(super) fn holding(&self, wanted: &str, count_max: usize) -> Vec<Ordinal> {
        let finder = Finder::new(wanted);
        let mut found = Vec::new();
        if let Some(file) = &self.generation
            && let (Ok(ends), Ok(text)) = (file.slice::<u32>(0), file.bytes(1))
        {
            let ordinals = finder.find_iter(text).map(|at| Ordinal(ends.partition_point(|&end| end as usize <= at) as u32));
            let standing = ordinals.filter(|ordinal| !self.live.contains_key(ordinal));
            // One product may hold it twice; its places are neighbours.
            for ordinal in standing {
                if found.last() != Some(&ordinal) {
                    found.push(ordinal);
                }
                if found.len() == count_max {
                    break;
                }
            }
        }
        let live = self.live.iter().filter(|(_, text)| finder.find(text.as_bytes()).is_some());
        found.extend(live.map(|(ordinal, _)| *ordinal));
        found.sort_unstable();
        found.truncate(count_max);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_identifier_contains_finds_its_product() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("infixes.bin");
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut collector = Collector::default();
        collector.add(Ordinal(0), &texts(&["311992d3", "x3119"]));
        collector.add(Ordinal(3), &texts(&["ab992d3x"]));
        collector.write(&path).expect("writes");
        let mut infixes = Infixes::open(&path).expect("opens");
        let check = |infixes: &Infixes, wanted: &str, expected: &[u32]| {
            assert_eq!(infixes.holding(wanted, 10), expected.iter().copied().map(Ordinal).collect::<Vec<_>>(), "{wanted}");
        };
        check(&infixes, "992d3", &[0, 3]);
        check(&infixes, "3119", &[0]);
        check(&infixes, "d3x3", &[]);
        assert_eq!(infixes.holding("992d3", 1), [Ordinal(0)]);
        infixes.put(Ordinal(3), &texts(&["other"]));
        infixes.put(Ordinal(5), &texts(&["q992d3"]));
        check(&infixes, "992d3", &[0, 5]);
        infixes.remove(Ordinal(0));
        check(&infixes, "992d3", &[5]);
    }
}
