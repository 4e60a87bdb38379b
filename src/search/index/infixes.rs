//! Identifiers that contain what was typed: the last resort of the identifier lane, for part numbers of which people remember the middle.
//!
//! A dictionary is sorted by how words begin and cannot be asked for what they contain. But all folded identifiers of a shop together are
//! a short text, a dozen bytes each, and a vectorised search reads some ten gigabytes a second: a million products take milliseconds, and
//! only a query that names nothing else gets here. Most such queries are words beside a number, `bracket 24 in`, and hold four letters in a
//! row that no identifier holds: a set of those that occur says so before anything is read. The generation's text stands in a mapped file
//! (drawn in `docs/FORMATS.md`): where the identifiers of each ordinal end, and the identifiers, each with a line's end behind it.

use super::failed;
use crate::id::Ordinal;
use crate::search::SearchError;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use imbl::OrdMap;
use memchr::memmem::Finder;
use std::path::Path;
use std::sync::Arc;

const KIND: [u8; 4] = *b"infx";
/// Bytes in a row of which is known whether they occur: as many as an infix has at least.
const GRAM_BYTES: usize = 4;
/// Bits of the set of those that occur: a shop of a million products has some hundred thousand of them.
const GRAM_BITS: usize = 1 << 20;

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
    grams: Grams,
}

/// Which four bytes in a row occur in identifiers, one bit for each by a hash. What went with a product stays until the next generation: a
/// bit too many costs a search that finds nothing.
#[derive(Debug, Clone, Default)]
struct Grams(Arc<Vec<u64>>);

impl Grams {
    /// Takes in all that occur in a text; those across the end of a line with them, which nobody asks for.
    fn add(&mut self, text: &[u8]) {
        let bits = Arc::make_mut(&mut self.0);
        bits.resize(GRAM_BITS / 64, 0);
        for bit in bits_of(text) {
            bits[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// Whether a text may occur; never false of one that does.
    fn may_hold(&self, text: &[u8]) -> bool {
        bits_of(text).all(|bit| self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1))
    }
}

fn bits_of(text: &[u8]) -> impl Iterator<Item = usize> {
    // Multiplying by 2³² over the golden ratio spreads neighbours apart (D. Knuth, "The Art of Computer Programming" 3, 6.4).
    let bit = |gram: &[u8; GRAM_BYTES]| (u32::from_le_bytes(*gram).wrapping_mul(0x9E37_79B1) >> (u32::BITS - GRAM_BITS.ilog2())) as usize;
    text.array_windows::<GRAM_BYTES>().map(bit)
}

impl Infixes {
    pub(super) fn open(path: &Path) -> Result<Self, SearchError> {
        let file = MappedFile::open(path, KIND).map_err(failed("infixes"))?;
        let (ends, text) = (file.slice::<u32>(0).map_err(failed("infixes"))?, file.bytes(1).map_err(failed("infixes"))?);
        if !ends.is_sorted() || ends.last().is_some_and(|&end| end as usize != text.len()) {
            return Err(failed("infixes")("ends do not fit the text"));
        }
        let mut grams = Grams::default();
        grams.add(text);
        Ok(Self { generation: Some(Arc::new(file)), live: OrdMap::new(), grams })
    }

    pub(super) fn put(&mut self, ordinal: Ordinal, identifiers: &[String]) {
        let text = text_of(identifiers);
        self.grams.add(text.as_bytes());
        self.live.insert(ordinal, text.into());
    }

    pub(super) fn remove(&mut self, ordinal: Ordinal) {
        self.live.insert(ordinal, Arc::from(""));
    }

    /// Products with an identifier that contains `wanted`, in ordinal order, at most `count_max`.
    pub(super) fn holding(&self, wanted: &str, count_max: usize) -> Vec<Ordinal> {
        if !self.grams.may_hold(wanted.as_bytes()) {
            return Vec::new();
        }
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

    proptest::proptest! {
        #[test]
        fn what_occurs_may_be_held(texts in proptest::collection::vec("[a-c1-3é]{0,9}", 0..6), wanted in "[a-c1-3é]{0,6}") {
            let mut infixes = Infixes::default();
            (0..).zip(&texts).for_each(|(ordinal, text)| infixes.put(Ordinal(ordinal), std::slice::from_ref(text)));
            let holding = (0..).zip(&texts).filter(|(_, text)| text.contains(&wanted)).map(|(ordinal, _)| Ordinal(ordinal));
            proptest::prop_assert_eq!(infixes.holding(&wanted, 10), holding.collect::<Vec<_>>());
        }
    }
}
