//! The checkpoint file of the catalogue: documents, identifiers and SKUs as mapped sections, read where they lie.
//!
//! Nothing is parsed or copied on opening: a document is a slice of the mapped blob, and identifiers are found by binary search over
//! sorted sections. At 50,000 products a look-up costs about a microsecond and the process keeps no heap for any of it, which a hash
//! table built on opening would (and would have to read every page for). The layout is drawn in `docs/FORMATS.md`.

use super::{CatalogError, KeyBook, Settings};
use crate::event::Progress;
use crate::event::codec::CodecError;
use crate::id::{Offset, Ordinal, ProductId, Sku};
use crate::stdx::mapped::{MappedError, MappedFile, SectionWriter, as_bytes};
use std::ops::Range;
use std::path::Path;

const KIND: [u8; 4] = *b"ctlg";
/// Changes when the sections change their meaning. Version 1 had no settings, version 2 no keys; both are still read.
const VERSION: u64 = 3;
const VERSION_WITHOUT_KEYS: u64 = 2;
const VERSION_WITHOUT_SETTINGS: u64 = 1;

/// Version, live products, end offsets of the three streams.
const HEADER: usize = 0;
const DOCUMENTS: usize = 1;
const DOCUMENT_ENDS: usize = 2;
const IDS: usize = 3;
const ID_ENDS: usize = 4;
/// Ordinals in the order of their identifiers.
const IDS_SORTED: usize = 5;
const SKUS: usize = 6;
const SKU_ENDS: usize = 7;
/// The product of each SKU, in the order of the SKUs, which are sorted.
const SKU_OWNERS: usize = 8;
/// Rules and synonyms with their histories, as [`Settings::to_bytes`] writes them.
const SETTINGS: usize = 9;
/// Keys of writes, as [`KeyBook::to_bytes`] writes them.
const KEYS: usize = 10;
const SECTIONS_COUNT: usize = 11;

/// An opened checkpoint file.
#[derive(Debug)]
pub(super) struct Base {
    file: MappedFile,
    pub(super) ordinals_count: u32,
    pub(super) live_count: usize,
    pub(super) settings: Settings,
    pub(super) keys: KeyBook,
    pub(super) progress: Progress,
}

impl Base {
    /// Maps the file and checks every section but the documents, whose checksum [`Base::verify`] reads.
    pub(super) fn open(path: &Path) -> Result<Self, CatalogError> {
        let file = MappedFile::open(path, KIND)?;
        let sections_count = file.sections_count();
        if ![SETTINGS, KEYS, SECTIONS_COUNT].contains(&sections_count) {
            return Err(file.damaged(format!("{sections_count} sections where {SECTIONS_COUNT} were expected")).into());
        }
        (0..sections_count).filter(|&index| index != DOCUMENTS).try_for_each(|index| file.verify_section(index))?;
        let &[version, live_count, trade, catalog, activity] = file.slice::<u64>(HEADER)? else {
            return Err(file.damaged("a header of another length".to_owned()).into());
        };
        let (has_settings, has_keys) = match (version, sections_count) {
            (VERSION, SECTIONS_COUNT) => (true, true),
            (VERSION_WITHOUT_KEYS, KEYS) => (true, false),
            (VERSION_WITHOUT_SETTINGS, SETTINGS) => (false, false),
            _ => return Err(file.damaged("a header of another version".to_owned()).into()),
        };
        let settings = read_if(has_settings, &file, SETTINGS, "settings", Settings::from_bytes)?;
        let keys = read_if(has_keys, &file, KEYS, "keys", KeyBook::from_bytes)?;
        let ordinals_count = table_len(&file, DOCUMENTS, DOCUMENT_ENDS)?;
        let skus_count = table_len(&file, SKUS, SKU_ENDS)?;
        check_ordinals(&file, IDS_SORTED, ordinals_count, ordinals_count)?;
        check_ordinals(&file, SKU_OWNERS, skus_count, ordinals_count)?;
        if table_len(&file, IDS, ID_ENDS)? != ordinals_count {
            return Err(file.damaged("not one identifier for each ordinal".to_owned()).into());
        }
        let progress = Progress { trade: Offset(trade), catalog: Offset(catalog), activity: Offset(activity) };
        Ok(Self { file, ordinals_count, live_count: live_count as usize, settings, keys, progress })
    }

    /// Compares every section with its checksum; reads the whole file.
    pub(super) fn verify(path: &Path) -> Result<(), CatalogError> {
        Self::open(path)?;
        Ok(MappedFile::open(path, KIND)?.verify()?)
    }

    /// The document of a product; empty when it is removed or was never there.
    pub(super) fn document(&self, ordinal: Ordinal) -> &[u8] {
        self.entry(DOCUMENTS, DOCUMENT_ENDS, ordinal.index())
    }

    pub(super) fn id(&self, ordinal: Ordinal) -> Option<ProductId> {
        std::str::from_utf8(self.id_bytes(ordinal)).ok().and_then(|id| ProductId::new(id).ok())
    }

    pub(super) fn id_bytes(&self, ordinal: Ordinal) -> &[u8] {
        self.entry(IDS, ID_ENDS, ordinal.index())
    }

    /// The ordinal that an identifier has, whether its product is live or removed.
    pub(super) fn ordinal_of(&self, id: &ProductId) -> Option<Ordinal> {
        let sorted = self.words(IDS_SORTED);
        let wanted = id.as_str().as_bytes();
        sorted.binary_search_by(|&ordinal| self.id_bytes(Ordinal(ordinal)).cmp(wanted)).ok().map(|at| Ordinal(sorted[at]))
    }

    pub(super) fn ordinal_of_sku(&self, sku: &Sku) -> Option<Ordinal> {
        let owners = self.words(SKU_OWNERS);
        let wanted = sku.as_str().as_bytes();
        let (mut low, mut high) = (0, owners.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.sku_bytes(middle).cmp(wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(Ordinal(owners[middle])),
            }
        }
        None
    }

    /// Every SKU and its product, sorted by SKU.
    pub(super) fn skus(&self) -> impl Iterator<Item = (&str, Ordinal)> {
        let owners = self.words(SKU_OWNERS).iter().enumerate();
        owners.filter_map(|(index, &owner)| Some((std::str::from_utf8(self.sku_bytes(index)).ok()?, Ordinal(owner))))
    }

    fn sku_bytes(&self, index: usize) -> &[u8] {
        self.entry(SKUS, SKU_ENDS, index)
    }

    fn words(&self, section: usize) -> &[u32] {
        self.file.slice(section).unwrap_or_default()
    }

    fn entry(&self, blob: usize, ends: usize, index: usize) -> &[u8] {
        let range = entry_range(self.file.slice(ends).unwrap_or_default(), index);
        self.file.bytes(blob).ok().and_then(|bytes| bytes.get(range)).unwrap_or_default()
    }
}

/// What a section holds that is read as a whole; what there is without it when the file has none.
fn read_if<T: Default>(
    is_there: bool,
    file: &MappedFile,
    section: usize,
    what: &str,
    read: impl FnOnce(&[u8]) -> Result<T, CodecError>,
) -> Result<T, CatalogError> {
    if !is_there {
        return Ok(T::default());
    }
    read(file.bytes(section)?).map_err(|error| file.damaged(format!("the {what}: {error}")).into())
}

/// Where entry `index` lies in its blob, given where each entry ends; empty beyond the last.
fn entry_range(ends: &[u64], index: usize) -> Range<usize> {
    let end = ends.get(index).map_or(0, |&end| end as usize);
    let start = if index == 0 || end == 0 { 0 } else { ends[index - 1] as usize };
    start..end
}

/// Number of entries, once the table of their ends is known to be sound.
fn table_len(file: &MappedFile, blob: usize, ends: usize) -> Result<u32, CatalogError> {
    let table = file.slice::<u64>(ends)?;
    let whole = table.last().map_or(0, |&end| end) == file.bytes(blob)?.len() as u64;
    if !whole || !table.is_sorted() {
        return Err(file.damaged(format!("the table of ends in section {ends}")).into());
    }
    u32::try_from(table.len()).map_err(|_| file.damaged(format!("section {ends} is too long")).into())
}

/// Whether a section holds `len` ordinals below `end`.
fn check_ordinals(file: &MappedFile, section: usize, len: u32, end: u32) -> Result<(), CatalogError> {
    let ordinals = file.slice::<u32>(section)?;
    if ordinals.len() != len as usize || ordinals.iter().any(|&ordinal| ordinal >= end) {
        return Err(file.damaged(format!("the ordinals in section {section}")).into());
    }
    Ok(())
}

/// What a checkpoint file is written from.
pub(super) struct Contents<'a> {
    /// One for each ordinal.
    pub(super) ids: &'a [Option<ProductId>],
    /// Sorted by SKU.
    pub(super) skus: &'a [(&'a str, Ordinal)],
    pub(super) live_count: usize,
    pub(super) settings: &'a Settings,
    pub(super) keys: &'a KeyBook,
    pub(super) progress: Progress,
}

/// Writes a checkpoint file. Documents, one for each ordinal and empty for a removed product, pass through one at a time.
pub(super) fn write<D: AsRef<[u8]>>(path: &Path, documents: impl Iterator<Item = D>, contents: &Contents<'_>) -> Result<(), CatalogError> {
    let Contents { ids, skus, live_count, settings, keys, progress } = contents;
    let mut file = SectionWriter::create(path, KIND, SECTIONS_COUNT)?;
    let header = [VERSION, *live_count as u64, progress.trade.0, progress.catalog.0, progress.activity.0];
    write_numbers(&mut file, as_bytes(&header))?;
    write_entries(&mut file, documents)?;
    let names = || ids.iter().map(|id| id.as_ref().map_or("", ProductId::as_str));
    write_entries(&mut file, names().map(str::as_bytes))?;
    let mut by_name: Vec<(&str, u32)> = names().zip(0..).collect();
    by_name.sort_unstable();
    let sorted: Vec<u32> = by_name.into_iter().map(|(_, ordinal)| ordinal).collect();
    write_numbers(&mut file, as_bytes(&sorted))?;
    write_entries(&mut file, skus.iter().map(|(sku, _)| sku.as_bytes()))?;
    let owners: Vec<u32> = skus.iter().map(|(_, owner)| owner.0).collect();
    write_numbers(&mut file, as_bytes(&owners))?;
    write_numbers(&mut file, &settings.to_bytes()?)?;
    write_numbers(&mut file, &keys.to_bytes()?)?;
    Ok(file.finish()?)
}

fn write_numbers(file: &mut SectionWriter, bytes: &[u8]) -> Result<(), MappedError> {
    file.start_section()?;
    file.write(bytes)
}

/// A blob and, in the section after it, where each of its entries ends.
fn write_entries<D: AsRef<[u8]>>(file: &mut SectionWriter, entries: impl Iterator<Item = D>) -> Result<(), MappedError> {
    file.start_section()?;
    let mut ends = Vec::new();
    let mut end = 0_u64;
    for entry in entries {
        file.write(entry.as_ref())?;
        end += entry.as_ref().len() as u64;
        ends.push(end);
    }
    write_numbers(file, as_bytes(&ends))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CatalogStore;
    use crate::event::{CatalogEvent, Document, Events, Projection, Recorded, SettingKind};
    use crate::id::{Actor, SettingId};
    use crate::stdx::clock::Timestamp;

    #[test]
    fn a_checkpoint_without_settings_is_still_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.bin");
        let mut file = SectionWriter::create(&path, KIND, SETTINGS).expect("creates");
        write_numbers(&mut file, as_bytes(&[VERSION_WITHOUT_SETTINGS, 0, 0, 7, 0])).expect("writes");
        (1..SETTINGS).for_each(|_| write_numbers(&mut file, &[]).expect("writes"));
        file.finish().expect("ends");
        let base = Base::open(&path).expect("opens");
        assert_eq!((base.progress.catalog, base.settings), (Offset(7), Settings::default()));
    }

    #[test]
    fn a_checkpoint_without_keys_is_still_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.bin");
        let mut file = SectionWriter::create(&path, KIND, KEYS).expect("creates");
        write_numbers(&mut file, as_bytes(&[VERSION_WITHOUT_KEYS, 0, 0, 7, 0])).expect("writes");
        (1..SETTINGS).for_each(|_| write_numbers(&mut file, &[]).expect("writes"));
        write_numbers(&mut file, &Settings::default().to_bytes().expect("writes")).expect("writes");
        file.finish().expect("ends");
        let base = Base::open(&path).expect("opens");
        assert_eq!((base.progress.catalog, base.keys), (Offset(7), KeyBook::default()));
    }

    #[test]
    fn settings_and_their_histories_come_back_from_a_checkpoint() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("catalog.bin");
        let mut store = CatalogStore::new();
        let id = SettingId::new("sale").expect("an id");
        for offset in 0..2 {
            let (document, actor) = (Document(format!("{{{offset}}}").into_bytes().into()), Actor::new("ann").expect("a name"));
            let event = CatalogEvent::SettingPut { kind: SettingKind::Rule, id: id.clone(), document, actor };
            store.apply(&Recorded { offset: Offset(offset), at: Timestamp(5), events: Events::Catalog(vec![event]) });
        }
        store.save(&path).expect("saves");
        let loaded = CatalogStore::load(&path).expect("loads");
        assert_eq!(loaded.working().settings(), store.working().settings());
        let adopted = store.working().settings().clone();
        store.adopt(&path).expect("adopts");
        assert_eq!(store.working().settings(), &adopted);
        assert_eq!(adopted.get(SettingKind::Rule, &id).map(|setting| setting.history.len()), Some(2));
    }
}
