//! Entries as bytes: one version byte, then MessagePack with named fields.
//!
//! Named fields let a later release add a field with a default and still read every journal ever written; a change that named fields
//! cannot carry gets the next version byte and its own reader here.

use super::{Entry, Events, Recorded, Stream};
use crate::id::Offset;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Version of what [`encode`] writes.
pub const VERSION: u8 = 1;

/// Why bytes are not an entry.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// No bytes at all.
    #[error("an empty record")]
    Empty,
    /// Written by a release that this one does not know.
    #[error("record version {0} is not known to this release")]
    Version(u8),
    /// The bytes do not have the shape of an entry.
    #[error("not an entry of this stream: {0}")]
    Shape(#[from] rmp_serde::decode::Error),
    /// A value that cannot be written.
    #[error("cannot be written: {0}")]
    Write(#[from] rmp_serde::encode::Error),
}

/// The entry's bytes.
///
/// # Errors
/// When a value has no representation, which no type of this vocabulary lacks.
pub fn encode<E: Serialize>(entry: &Entry<E>) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::with_capacity(256);
    bytes.push(VERSION);
    rmp_serde::encode::write_named(&mut bytes, entry)?;
    Ok(bytes)
}

/// Any value as bytes, for checkpoints: MessagePack with named fields, without a version byte.
///
/// # Errors
/// When a value has no representation.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    Ok(rmp_serde::to_vec_named(value)?)
}

/// The same without field names: half the size and faster, but structs are arrays of their fields in order, so a changed struct needs a new
/// kind of checkpoint, and no type inside may leave fields out when writing (`skip_serializing_if`). [`from_bytes`] reads both.
///
/// # Errors
/// When a value has no representation.
pub fn to_compact_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CodecError> {
    Ok(rmp_serde::to_vec(value)?)
}

/// Reads what [`to_bytes`] wrote.
///
/// # Errors
/// When the bytes have another shape.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    Ok(rmp_serde::from_slice(bytes)?)
}

/// Reads an entry whose kind of events the caller knows.
///
/// # Errors
/// When the bytes are empty, of an unknown version, or not an entry of such events.
pub fn decode_entry<E: DeserializeOwned>(bytes: &[u8]) -> Result<Entry<E>, CodecError> {
    let (&version, body) = bytes.split_first().ok_or(CodecError::Empty)?;
    if version != VERSION {
        return Err(CodecError::Version(version));
    }
    Ok(rmp_serde::from_slice(body)?)
}

/// Reads the entry of `stream` at `offset`.
///
/// # Errors
/// When the bytes are empty, of an unknown version, or not an entry of that stream.
pub fn decode(stream: Stream, offset: Offset, bytes: &[u8]) -> Result<Recorded, CodecError> {
    let (at, events) = match stream {
        Stream::Trade => decode_entry(bytes).map(|entry| (entry.at, Events::Trade(entry.events)))?,
        Stream::Catalog => decode_entry(bytes).map(|entry| (entry.at, Events::Catalog(entry.events)))?,
        Stream::Activity => decode_entry(bytes).map(|entry| (entry.at, Events::Activity(entry.events)))?,
    };
    Ok(Recorded { offset, at, events })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ActivityEvent, Behaviour, CatalogEvent, Document, Origin};
    use crate::id::{Ordinal, ProductId};
    use crate::stdx::clock::Timestamp;

    fn catalog_entry() -> Entry<CatalogEvent> {
        let id = ProductId::new("p-1").expect("a valid id");
        let document = Document(std::sync::Arc::from(&b"{}"[..]));
        Entry { at: Timestamp(7), events: vec![CatalogEvent::ProductPut { ordinal: Ordinal(3), id, document }] }
    }

    #[test]
    fn an_entry_comes_back_as_it_was_written() {
        let bytes = encode(&catalog_entry()).expect("encodes");
        let recorded = decode(Stream::Catalog, Offset(9), &bytes).expect("decodes");
        assert_eq!(recorded, Recorded { offset: Offset(9), at: Timestamp(7), events: Events::Catalog(catalog_entry().events) });
    }

    #[test]
    fn behaviour_without_a_shopper_comes_back() {
        let behaved = ActivityEvent::Behaved {
            behaviour: Behaviour::View,
            product: Ordinal(1),
            quantity: 1,
            origin: Origin::default(),
            happened_at: Timestamp(5),
        };
        let bytes = encode(&Entry { at: Timestamp(6), events: vec![behaved.clone()] }).expect("encodes");
        let recorded = decode(Stream::Activity, Offset(0), &bytes).expect("decodes");
        assert_eq!(recorded.events, Events::Activity(vec![behaved]));
    }

    #[test]
    fn bytes_of_another_version_or_stream_are_refused() {
        let mut bytes = encode(&catalog_entry()).expect("encodes");
        assert!(matches!(decode(Stream::Trade, Offset(0), &bytes), Err(CodecError::Shape(_))));
        bytes[0] = 200;
        assert!(matches!(decode(Stream::Catalog, Offset(0), &bytes), Err(CodecError::Version(200))));
        assert!(matches!(decode(Stream::Catalog, Offset(0), &[]), Err(CodecError::Empty)));
    }
}
