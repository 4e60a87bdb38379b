//! A journal whose people's keys are not there: a folder that was not mounted, or left behind when the shop was restored. With new keys every name
//! would be shown as erased, and what is said of people from then on would be sealed under keys that the old ones cannot come back beside. So
//! nothing is made before somebody says that the old ones are lost.

use super::folders::Folders;
use super::key_ring::KeyRing;
use super::people::People;
use super::replay::PipelineError;
use crate::event::{Stream, sealed};
use crate::journal::{Journal, SegmentJournal};
use std::ops::ControlFlow;

/// Opens the keys of people; those of a journal that has none, or `given_up` ones, are begun anew.
///
/// # Errors
/// When there are no keys, the journal has texts that only they open, and they are not `given_up`; and when they cannot be read.
pub(super) fn open_people(folders: &Folders, trade: &SegmentJournal, given_up: bool) -> Result<People, PipelineError> {
    let path = folders.keys();
    if !KeyRing::is_new(&path) {
        return Ok(People::open(&path)?);
    }
    let are_missed = holds_sealed(trade)?;
    if are_missed && !given_up {
        return Err(PipelineError::LostKeys { path });
    }
    let people = People::open(&path)?;
    if are_missed {
        people.begin()?;
        tracing::warn!(path = %path.display(), "keys are begun anew; what was sealed under the old ones is shown as erased, for ever");
    }
    Ok(people)
}

/// Whether any entry holds a sealed text. Reading ends with the first one, and nobody reads where there are keys.
fn holds_sealed(trade: &SegmentJournal) -> Result<bool, PipelineError> {
    let mut is_found = false;
    let read = trade.read(trade.start(), &mut |_, bytes| {
        is_found = sealed::stands_in(bytes);
        if is_found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    read.map_err(|error| PipelineError::Journal { stream: Stream::Trade.name(), reason: error.to_string() })?;
    Ok(is_found)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Bench, open_at, reopened};
    use std::fs;

    fn email_of(shop: &Bench) -> Option<String> {
        let session = shop.readers.trade().checkout(&"c1".parse().expect("an id")).expect("a session");
        shop.readers.people().session(&session).buyer.email.clone()
    }

    /// A shop that was started without its keys made new ones, and every name in it was an erased one.
    #[test]
    fn a_shop_whose_keys_are_missing_is_not_opened_before_somebody_gives_them_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let shop = open_at(folder.path());
        shop.put(&["a"]);
        shop.stock("a", 1);
        drop(shop);
        // As long as nothing is sealed there is nothing that could be lost.
        let (keys, vault) = (folder.path().join("data/keys"), folder.path().join("vault"));
        fs::remove_dir_all(&keys).expect("is removed");
        let shop = open_at(folder.path());
        shop.open_checkout("c1", "a");
        drop(shop);

        for is_mounted in [false, true] {
            fs::rename(&keys, &vault).expect("is moved");
            if is_mounted {
                fs::create_dir(&keys).expect("an empty folder, as of a mount that failed");
            }
            let refused = reopened(folder.path(), false).err().expect("is refused").to_string();
            assert!(refused.contains("data/keys") && refused.contains("--give-up-lost-keys"), "{refused}");
            assert!(!keys.join("people.keys").exists(), "nothing was made that would be in the way of the old ones");
            drop(fs::remove_dir_all(&keys));
            fs::rename(&vault, &keys).expect("is moved back");
            assert_eq!(email_of(&open_at(folder.path())).as_deref(), Some("c1@example.org"));
        }

        fs::remove_dir_all(&keys).expect("is removed");
        assert_ne!(email_of(&reopened(folder.path(), true).expect("opens")).as_deref(), Some("c1@example.org"));
        // Said once it holds: the new keys are the shop's.
        let shop = reopened(folder.path(), false).expect("opens");
        shop.open_checkout("c2", "a");
    }
}
