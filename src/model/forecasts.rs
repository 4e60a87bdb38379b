//! Forecasts made by a batch job: how many units of each SKU at each location will be wanted over the next weeks, as quantiles.
//!
//! The file (`models/forecasts.bin`) is drawn in `docs/FORMATS.md`.

use super::ModelError;
use crate::id::{LocationId, Sku};
use crate::stdx::clock::Timestamp;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use std::path::{Path, PathBuf};

/// Probabilities of the quantiles.
pub const LEVELS: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// Units that demand stays within with the probabilities of [`LEVELS`].
pub type UnitsWithin = [u32; LEVELS.len()];

const KIND: [u8; 4] = *b"fcs2";
const FACTS: usize = 0;
const LEVEL_LIST: usize = 1;
const STARTS: usize = 2;
const KEYS: usize = 3;
const ROWS: usize = 4;
const NAMES: usize = 5;
const SUMS: usize = 6;
const SECTIONS: usize = 7;

/// Numbers of one row: places of the names of its class and its method, weeks known, units wanted in them, days that suppliers take or
/// [`NOT_KNOWN`], and how much of weeks and units only imported orders told of.
type RowFacts = [u32; 7];
const NOT_KNOWN: u32 = u32::MAX;

/// The forecast of one SKU at one location, to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastRow {
    /// What.
    pub sku: Sku,
    /// Where.
    pub location: LocationId,
    /// The name of its class of demand.
    pub class: &'static str,
    /// The name of the method.
    pub method: &'static str,
    /// Weeks of which its demand was known.
    pub weeks_known: u32,
    /// Units wanted in them.
    pub units_wanted: u32,
    /// Weeks of those known that only orders of other systems told of.
    pub weeks_imported: u32,
    /// Units of those wanted that orders of other systems asked for.
    pub units_imported: u32,
    /// Days that suppliers take, where that is known.
    pub lead_days: Option<u32>,
    /// Of the next 1, 2, ... weeks together; all rows have as many.
    pub sums: Vec<UnitsWithin>,
}

/// The forecast of one SKU at one location.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast<'a> {
    /// The name of its class of demand.
    pub class: &'a str,
    /// The name of the method.
    pub method: &'a str,
    /// Weeks of which its demand was known.
    pub weeks_known: u32,
    /// Units wanted in them.
    pub units_wanted: u32,
    /// Weeks of those known that only orders of other systems told of.
    pub weeks_imported: u32,
    /// Units of those wanted that orders of other systems asked for.
    pub units_imported: u32,
    /// Days that suppliers take, where that is known.
    pub lead_days: Option<u32>,
    sums: &'a [UnitsWithin],
}

impl Forecast<'_> {
    /// Of the next `weeks` together. Beyond what was forecast the last week's rate goes on.
    #[must_use]
    pub fn over(&self, weeks: usize) -> UnitsWithin {
        let Some(last) = self.sums.last().filter(|_| weeks > 0) else { return UnitsWithin::default() };
        let ahead = self.sums.len() as u64;
        let beyond = |units: u32| u32::try_from((u64::from(units) * weeks as u64).div_ceil(ahead)).unwrap_or(u32::MAX);
        self.sums.get(weeks - 1).copied().unwrap_or_else(|| last.map(beyond))
    }
}

/// All forecasts, mapped from a file.
#[derive(Debug)]
pub struct Forecasts {
    file: MappedFile,
    until: Timestamp,
    ahead: usize,
}

impl Forecasts {
    /// Where the file lies in the folder of models.
    #[must_use]
    pub fn file(models: &Path) -> PathBuf {
        models.join("forecasts.bin")
    }

    /// Writes rows in strictly ascending order of SKU and location, under a temporary name first. `until` is when the first week that is
    /// foreseen begins.
    ///
    /// # Errors
    /// When rows are out of order or of different lengths, there is too much of them, or the file cannot be written.
    pub fn save(models: &Path, until: Timestamp, rows: &[ForecastRow]) -> Result<(), ModelError> {
        let input = |what: &str| ModelError::Input(what.to_owned());
        let ahead = rows.first().map_or(0, |row| row.sums.len());
        if rows.iter().any(|row| row.sums.len() != ahead) {
            return Err(input("forecasts of different lengths"));
        }
        let (mut starts, mut keys, mut names, mut facts) = (vec![0_u32], Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            keys.extend_from_slice(&key_of(&row.sku, &row.location));
            starts.push(u32::try_from(keys.len()).map_err(|_| input("names of more than 4 GiB"))?);
            let lead_days = row.lead_days.unwrap_or(NOT_KNOWN);
            let [class, method] = [row.class, row.method].map(|name| place(&mut names, name));
            facts.push([class, method, row.weeks_known, row.units_wanted, lead_days, row.weeks_imported, row.units_imported]);
        }
        let sums: Vec<UnitsWithin> = rows.iter().flat_map(|row| row.sums.iter().copied()).collect();
        let heads = [until.0, ahead as i64];
        let names = names.join("\n");
        let parts = Parts { starts: &starts, keys: &keys, rows: &facts, names: &names, sums: &sums };
        parts.check(ahead).map_err(ModelError::Input)?;
        let sections = [as_bytes(&heads), as_bytes(&LEVELS), as_bytes(&starts), &keys, as_bytes(&facts), names.as_bytes(), as_bytes(&sums)];
        Ok(write_sections(&Self::file(models), KIND, &sections)?)
    }

    /// Maps the file in the folder of models, after checking all of it. None when there is none.
    ///
    /// # Errors
    /// When the file is damaged, or its numbers contradict each other.
    pub fn open(models: &Path) -> Result<Option<Self>, ModelError> {
        let path = Self::file(models);
        if !path.exists() {
            return Ok(None);
        }
        let file = MappedFile::open(&path, KIND)?;
        file.verify()?;
        if file.sections_count() != SECTIONS || file.slice::<f64>(LEVEL_LIST)? != LEVELS {
            return Err(ModelError::inconsistent(&path, "sections or levels"));
        }
        let &[until, ahead] = file.slice::<i64>(FACTS)? else { return Err(ModelError::inconsistent(&path, "facts")) };
        let ahead = usize::try_from(ahead).map_err(|_| ModelError::inconsistent(&path, "weeks"))?;
        parts_of(&file)?.check(ahead).map_err(|what| ModelError::inconsistent(&path, what))?;
        Ok(Some(Self { file, until: Timestamp(until), ahead }))
    }

    /// When the first week that is foreseen begins.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Weeks that are foreseen.
    #[must_use]
    pub fn weeks_ahead(&self) -> usize {
        self.ahead
    }

    /// SKUs at locations that have a forecast.
    #[must_use]
    pub fn rows_count(&self) -> usize {
        self.parts().rows.len()
    }

    /// The forecast of a SKU at a location.
    #[must_use]
    pub fn get(&self, sku: &Sku, location: &LocationId) -> Option<Forecast<'_>> {
        let (parts, wanted) = (self.parts(), key_of(sku, location));
        let (mut from, mut to) = (0, parts.rows.len());
        while from < to {
            let middle = from + (to - from) / 2;
            match parts.key(middle).cmp(&wanted) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => return Some(self.forecast(&parts, middle)),
            }
        }
        None
    }

    fn forecast<'a>(&self, parts: &Parts<'a>, row: usize) -> Forecast<'a> {
        let [class, method, weeks_known, units_wanted, lead_days, weeks_imported, units_imported] = parts.rows[row];
        let name = |place: u32| parts.names.lines().nth(place as usize).unwrap_or_default();
        let sums = &parts.sums[row * self.ahead..(row + 1) * self.ahead];
        let lead_days = Some(lead_days).filter(|days| *days != NOT_KNOWN);
        let (class, method) = (name(class), name(method));
        Forecast { class, method, weeks_known, units_wanted, weeks_imported, units_imported, lead_days, sums }
    }

    fn parts(&self) -> Parts<'_> {
        parts_of(&self.file).unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
    }
}

/// SKU and location with a zero byte between them, which neither has: keys are in the order of both.
fn key_of(sku: &Sku, location: &LocationId) -> Vec<u8> {
    [sku.as_str().as_bytes(), &[0], location.as_str().as_bytes()].concat()
}

/// The place of a name in a list, which gets it when it has it not.
fn place(names: &mut Vec<&'static str>, name: &'static str) -> u32 {
    let place = names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    });
    place as u32
}

struct Parts<'a> {
    starts: &'a [u32],
    keys: &'a [u8],
    rows: &'a [RowFacts],
    names: &'a str,
    sums: &'a [UnitsWithin],
}

fn parts_of(file: &MappedFile) -> Result<Parts<'_>, ModelError> {
    Ok(Parts {
        starts: file.slice(STARTS)?,
        keys: file.bytes(KEYS)?,
        rows: file.slice(ROWS)?,
        names: std::str::from_utf8(file.bytes(NAMES)?).map_err(|error| ModelError::Input(format!("names: {error}")))?,
        sums: file.slice(SUMS)?,
    })
}

impl<'a> Parts<'a> {
    fn key(&self, row: usize) -> &'a [u8] {
        &self.keys[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    fn check(&self, ahead: usize) -> Result<(), String> {
        let is_partition = self.starts.len() == self.rows.len() + 1
            && self.starts.first() == Some(&0)
            && self.starts.is_sorted()
            && self.starts.last().is_some_and(|end| *end as usize == self.keys.len());
        if !is_partition || self.rows.len().checked_mul(ahead) != Some(self.sums.len()) {
            return Err("rows do not cover the names and the numbers".to_owned());
        }
        if !(1..self.rows.len()).all(|row| self.key(row - 1) < self.key(row)) {
            return Err("rows are not in order".to_owned());
        }
        let names_count = self.names.lines().count();
        if self.rows.iter().any(|[class, method, ..]| *class as usize >= names_count || *method as usize >= names_count) {
            return Err("a row without a name".to_owned());
        }
        if !self.sums.iter().all(|within| within.is_sorted()) {
            return Err("a higher quantile is lower".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sku: &str, location: &str, units: u32) -> ForecastRow {
        ForecastRow {
            sku: Sku::new(sku).expect("an id"),
            location: LocationId::new(location).expect("an id"),
            class: if units > 5 { "smooth" } else { "lumpy" },
            method: "ses",
            weeks_known: 30,
            units_wanted: 7 * units,
            weeks_imported: 20,
            units_imported: 6 * units,
            lead_days: Some(units).filter(|units| *units > 1),
            sums: vec![[units, units + 1, units + 2, units + 3], [2 * units, 2 * units + 1, 2 * units + 2, 2 * units + 4]],
        }
    }

    fn rows() -> Vec<ForecastRow> {
        vec![row("a", "north", 3), row("a", "south", 9), row("a-1", "north", 1)]
    }

    #[test]
    fn a_saved_file_says_the_same_by_sku_and_location() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(Forecasts::open(folder.path()).expect("none is fine").is_none());
        Forecasts::save(folder.path(), Timestamp(7), &rows()).expect("saves");
        let opened = Forecasts::open(folder.path()).expect("opens").expect("is there");
        assert_eq!((opened.until(), opened.weeks_ahead(), opened.rows_count()), (Timestamp(7), 2, 3));
        for row in rows() {
            let found = opened.get(&row.sku, &row.location).expect("is there");
            assert_eq!((found.class, found.method, found.weeks_known, found.units_wanted), (row.class, "ses", 30, row.units_wanted));
            assert_eq!((found.lead_days, found.weeks_imported, found.units_imported), (row.lead_days, 20, row.units_imported));
            assert_eq!((found.over(1), found.over(2)), (row.sums[0], row.sums[1]));
        }
        let (sku, location) = (Sku::new("a-1").expect("an id"), LocationId::new("south").expect("an id"));
        assert!(opened.get(&sku, &location).is_none());
        Forecasts::save(folder.path(), Timestamp(8), &[]).expect("saves");
        assert_eq!(Forecasts::open(folder.path()).expect("opens").expect("is there").rows_count(), 0);
    }

    #[test]
    fn beyond_what_was_foreseen_the_rate_goes_on() {
        let sums = [[2, 3, 4, 5], [4, 5, 6, 7]];
        let (weeks_imported, units_imported, lead_days) = (0, 0, None);
        let forecast = Forecast {
            class: "smooth",
            method: "ses",
            weeks_known: 1,
            units_wanted: 1,
            weeks_imported,
            units_imported,
            lead_days,
            sums: &sums,
        };
        assert_eq!(forecast.over(3), [6, 8, 9, 11]);
        assert_eq!(forecast.over(0), [0; 4]);
    }

    #[test]
    fn rows_out_of_order_and_damaged_files_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut turned = rows();
        turned.swap(0, 2);
        assert!(Forecasts::save(folder.path(), Timestamp(0), &turned).is_err());
        let mut short = rows();
        short[1].sums.pop();
        assert!(Forecasts::save(folder.path(), Timestamp(0), &short).is_err());
        let mut falling = rows();
        falling[1].sums[0] = [4, 3, 2, 1];
        assert!(Forecasts::save(folder.path(), Timestamp(0), &falling).is_err());
        Forecasts::save(folder.path(), Timestamp(0), &rows()).expect("saves");
        let path = Forecasts::file(folder.path());
        let mut bytes = std::fs::read(&path).expect("reads");
        *bytes.last_mut().expect("not empty") ^= 1;
        std::fs::write(&path, bytes).expect("writes");
        assert!(Forecasts::open(folder.path()).is_err());
    }
}
