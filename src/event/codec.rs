//! Entries as bytes: one version byte, then MessagePack with named fields.
//!
//! Named fields let a later release add a field with a default and still read every journal ever written; a change that named fields
//! cannot carry gets the next version byte and its own reader here. Checkpoints are read by the release that wrote them or its successors, so
//! their values stand closer together: [`to_compact_bytes`] and, for what there are millions of, [`to_packed_bytes`].

use super::{Entry, Events, Recorded, Stream};
use crate::id::Offset;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Version of what [`encode`] writes.
pub const VERSION: u8 = 1;

/// Room for most packed values: an order of two lines takes some 400 bytes.
const PACKED_BYTES: usize = 512;

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
    /// Packed bytes that are not what they should be, or a value that cannot be packed.
    #[error("not a packed value of this kind: {0}")]
    Packed(#[from] postcard::Error),
    /// More bytes than the value has.
    #[error("{0} bytes behind a packed value")]
    Rest(usize),
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

/// A value in as few bytes as it takes: no names, no types, every number as short as it is. Neither half says what stands where, so a changed
/// struct or a variant that is not the last one needs a new kind of file, and no type inside may leave fields out.
///
/// # Errors
/// When a value has no representation.
pub fn to_packed_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CodecError> {
    Ok(postcard::to_extend(value, Vec::with_capacity(PACKED_BYTES))?)
}

/// Reads what [`to_packed_bytes`] wrote, all of it.
///
/// # Errors
/// When the bytes have another shape or another length.
pub fn from_packed_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    let (value, rest) = postcard::take_from_bytes(bytes)?;
    if rest.is_empty() { Ok(value) } else { Err(CodecError::Rest(rest.len())) }
}

/// The first field of a struct that [`to_packed_bytes`] wrote, without reading the others.
///
/// # Errors
/// When the bytes do not begin with such a field.
pub fn first_packed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    Ok(postcard::take_from_bytes(bytes)?.0)
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
    use crate::event::activity::Refusals;
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
    fn how_far_an_import_had_come_is_read_as_earlier_releases_wrote_it() {
        let digest = [[7; 16], [8; 16]].concat();
        let written = serde_json::json!({"at": 6, "events": [{"import_progressed": {"file": digest, "rows_done": 9}}]});
        let bytes = [vec![VERSION], rmp_serde::to_vec_named(&written).expect("encodes")].concat();
        let recorded = decode(Stream::Activity, Offset(0), &bytes).expect("decodes");
        let file = std::array::from_fn(|at| if at < 16 { 7 } else { 8 });
        let progressed = |refusals| ActivityEvent::ImportProgressed { file, rows_done: 9, refusals };
        assert_eq!(recorded.events, Events::Activity(vec![progressed(None)]));
        let told = progressed(Some(Refusals { from: 2, to: 9, rows: vec![(3, 3), (5, 8)], incomplete_count: 1 }));
        let bytes = encode(&Entry { at: Timestamp(6), events: vec![told.clone()] }).expect("encodes");
        assert_eq!(decode(Stream::Activity, Offset(0), &bytes).expect("decodes").events, Events::Activity(vec![told]));
    }

    #[test]
    fn a_packed_value_is_short_and_has_no_rest() {
        let bytes = to_packed_bytes(&catalog_entry()).expect("packs");
        assert!(2 * bytes.len() < encode(&catalog_entry()).expect("encodes").len());
        assert_eq!(from_packed_bytes::<Entry<CatalogEvent>>(&bytes).expect("unpacks"), catalog_entry());
        assert_eq!(first_packed::<Timestamp>(&bytes).expect("unpacks"), Timestamp(7));
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(matches!(from_packed_bytes::<Entry<CatalogEvent>>(&longer), Err(CodecError::Rest(1))));
        for end in 0..bytes.len() {
            assert!(from_packed_bytes::<Entry<CatalogEvent>>(&bytes[..end]).is_err(), "cut at {end}");
        }
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
