//! Durable bytes that change: on an image of the disk, so that the run goes on as if the file had been restored from a backup.
//!
//! The rule is the journal's own (see `journal::scan`): opening or reading refuses and names the place, or the damage cannot be told from a torn last write,
//! which is then cut and reported, or the byte carried nothing. In no case does a state appear that the shop never had. What cannot be told from a torn write
//! is damage with no whole record behind it: of a flipped bit the last append, of a lost sector everything that reached into it.

use super::Simulation;
use super::shop::{open, segments_folder};
use crate::journal::JournalError;
use crate::journal::disk::Disk;
use crate::journal::sim::SimDisk;

const SECTOR_BYTES: u64 = 512;
/// More than a record's frame adds to its payload.
const FRAME_BYTES_MAX: usize = 64;

/// Where the damage is.
struct Place {
    says: String,
    /// Whether no record begins behind it, so that nobody can know that there were any.
    is_last: bool,
}

/// What became of damage.
enum Outcome {
    Refused,
    Cut,
    Harmless,
}

impl Simulation {
    /// Flips a bit or loses a sector somewhere in the journal, and sees what a process that starts then makes of it.
    pub(super) fn rot(&mut self) {
        let image = self.shop.disk.image();
        match self.damage(&image).and_then(|place| self.judge(&image, &place)) {
            Ok(Outcome::Refused) => self.report.damage_refused += 1,
            Ok(Outcome::Cut) => self.report.damage_cut += 1,
            Ok(Outcome::Harmless) => self.report.damage_harmless += 1,
            Err(what) => self.report.broken.push(what),
        }
    }

    /// Damages one place up to the last written byte of a segment.
    fn damage(&mut self, image: &SimDisk) -> Result<Place, String> {
        let error = |error: std::io::Error| format!("a simulated disk failed: {error}");
        let nowhere = || Ok(Place { says: "nothing damaged".to_owned(), is_last: false });
        let names = image.list(&segments_folder()).map_err(error)?;
        let drawn = self.rng.usize(0..names.len().max(1));
        let Some(name) = names.get(drawn) else { return nowhere() };
        let path = segments_folder().join(name);
        let bytes = image.bytes_of(&path).map_err(error)?;
        let Some(written_end) = bytes.iter().rposition(|&byte| byte != 0) else { return nowhere() };
        let at = self.rng.u64(0..=written_end as u64);
        let (sector, bit) = (at / SECTOR_BYTES, self.rng.u8(0..8));
        let sector_end = (sector + 1) * SECTOR_BYTES;
        if self.rng.u32(0..3) == 0 && sector_end <= bytes.len() as u64 {
            image.lose_sector(&path, sector).map_err(error)?;
            let last_bytes = self.shop.kept.last().map_or(0, Vec::len) + FRAME_BYTES_MAX;
            let is_last = drawn + 1 == names.len() && written_end.saturating_sub(last_bytes) as u64 <= sector_end;
            return Ok(Place { says: format!("sector {sector} of {name} lost"), is_last });
        }
        image.flip_bit(&path, at, bit).map_err(error)?;
        Ok(Place { says: format!("bit {bit} of byte {at} of {name} flipped"), is_last: false })
    }

    fn judge(&self, image: &SimDisk, place: &Place) -> Result<Outcome, String> {
        let says = &place.says;
        let opened = match open(image) {
            Ok(opened) => opened,
            Err(JournalError::Damaged { path, .. }) if path.starts_with(segments_folder()) => return Ok(Outcome::Refused),
            Err(error) => return Err(format!("{says}: refused without the place: {error}")),
        };
        let (found, kept) = (&opened.records, &self.shop.kept);
        if found == kept {
            return Ok(Outcome::Harmless);
        }
        let is_first_part = found.len() < kept.len() && *found == kept[..found.len()];
        if !is_first_part {
            return Err(format!("{says}: records were served that nobody wrote"));
        }
        let is_reported = opened.journal.recovery().cut.as_ref().is_some_and(|cut| cut.path.starts_with(segments_folder()));
        if !place.is_last && (found.len() < self.shop.last_append || !is_reported) {
            return Err(format!("{says}: {} of {} acknowledged records came back, and nothing was said", found.len(), kept.len()));
        }
        Ok(Outcome::Cut)
    }
}
