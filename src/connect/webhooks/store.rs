//! Endpoints on disk: one private file, replaced whole. A shop has a few dozen at most, and changes them a few times a year.

use super::endpoint::Endpoint;
use crate::event::KEY_KEPT_MS;
use crate::stdx::clock::Timestamp;
use crate::stdx::private_file;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Keys remembered at most; beyond it the oldest go early.
const KEYS_MAX: usize = 256;

/// The caller's key of a write, and the digest of what it was used for, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyed {
    /// The key.
    pub key: String,
    /// Of operation, address and body.
    pub digest: String,
}

/// A write that was done: the endpoint as it then was is its answer, when one was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    keyed: Keyed,
    at: Timestamp,
    endpoint: Option<Endpoint>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Content {
    endpoints: BTreeMap<String, Endpoint>,
    #[serde(default)]
    done: Vec<Done>,
}

impl Content {
    /// Notes what came of a write under its key, and forgets those of yesterday.
    fn remember(&mut self, keyed: Option<Keyed>, endpoint: Option<&Endpoint>, now: Timestamp) {
        self.done.retain(|done| done.at.plus_ms(KEY_KEPT_MS) > now);
        self.done.extend(keyed.map(|keyed| Done { keyed, at: now, endpoint: endpoint.cloned() }));
        let spare = self.done.len().saturating_sub(KEYS_MAX);
        self.done.drain(..spare);
    }
}

/// The file and what it says.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    content: Content,
}

/// What is known of a key.
pub(super) enum Known {
    /// Nothing.
    Fresh,
    /// It did the same before; this came of it, if anything was left.
    Repeated(Option<Box<Endpoint>>),
    /// It did something else.
    Reused,
}

impl Store {
    /// Reads the file, or starts without endpoints when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or is not what it should be.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let content = match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Content::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), content })
    }

    pub(super) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.content.endpoints.values()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Endpoint> {
        self.content.endpoints.get(id)
    }

    pub(super) fn known(&self, keyed: &Keyed, now: Timestamp) -> Known {
        let lives = |done: &&Done| done.at.plus_ms(KEY_KEPT_MS) > now;
        match self.content.done.iter().filter(lives).find(|done| done.keyed.key == keyed.key) {
            None => Known::Fresh,
            Some(done) if done.keyed.digest == keyed.digest => Known::Repeated(done.endpoint.clone().map(Box::new)),
            Some(_) => Known::Reused,
        }
    }

    /// Keeps an endpoint, and the key that it was written under.
    ///
    /// # Errors
    /// When the disk refuses; nothing has changed then.
    pub(super) fn put(&mut self, endpoint: Endpoint, keyed: Option<Keyed>, now: Timestamp) -> io::Result<()> {
        let mut next = self.content.clone();
        next.remember(keyed, Some(&endpoint), now);
        next.endpoints.insert(endpoint.id.clone(), endpoint);
        self.replace(next)
    }

    /// Forgets an endpoint, and its secrets wherever they are remembered; keeps the key that this was asked for under.
    ///
    /// # Errors
    /// When the disk refuses; nothing has changed then.
    pub(super) fn remove(&mut self, id: &str, keyed: Option<Keyed>, now: Timestamp) -> io::Result<()> {
        let mut next = self.content.clone();
        next.endpoints.remove(id);
        next.done.retain(|done| done.endpoint.as_ref().is_none_or(|endpoint| endpoint.id != id));
        next.remember(keyed, None, now);
        self.replace(next)
    }

    fn replace(&mut self, next: Content) -> io::Result<()> {
        private_file::replace(&self.path, &serde_json::to_vec_pretty(&next).map_err(io::Error::other)?)?;
        self.content = next;
        Ok(())
    }
}
