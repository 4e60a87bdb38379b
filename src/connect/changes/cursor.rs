//! Names of changes, and places between them.
//!
//! ```text
//! trade/123/0                 the first event of entry 123 of the trade stream: the name of a change
//! trade/123                   after that whole entry: a cursor, and so is the name of a change
//! trade/123/0,catalog/7       after that change of the one and that entry of the other stream
//! trade/start, trade/end      from the first entry that is kept; from whatever comes next
//! ```

use super::STREAMS;
use crate::event::Stream;
use crate::id::Offset;
use std::fmt;

/// A place in a stream: before the event `index` of the entry at `offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Which entry.
    pub offset: Offset,
    /// Which of its events, from 0.
    pub index: u32,
}

impl Place {
    /// Before all events of an entry.
    #[must_use]
    pub fn start_of(offset: Offset) -> Self {
        Self { offset, index: 0 }
    }
}

/// The name of one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeId {
    stream: Stream,
    place: Place,
}

impl ChangeId {
    /// The event at `place` of `stream`.
    #[must_use]
    pub fn new(stream: Stream, place: Place) -> Self {
        Self { stream, place }
    }

    /// In which stream.
    #[must_use]
    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The place after it.
    #[must_use]
    pub fn after(&self) -> Place {
        Place { index: self.place.index + 1, ..self.place }
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}/{}", self.stream.name(), self.place.offset.0, self.place.index)
    }
}

/// Why a text is not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// It does not have the form of one.
    #[error("{0:?} is not a cursor; take next of a page, the id of a change, or an offset as in trade/123")]
    Form(String),
    /// A stream stands twice.
    #[error("{0} stands twice")]
    Twice(&'static str),
    /// A bare offset, and more streams than one.
    #[error("an offset alone says nothing about several streams; say trade/OFFSET,catalog/OFFSET")]
    Which,
    /// It names a stream that is not asked for.
    #[error("{0} is not among the streams that are asked for")]
    NotAsked(&'static str),
}

impl std::str::FromStr for ChangeId {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let form = || CursorError::Form(text.to_owned());
        let (stream, rest) = text.split_once('/').ok_or_else(form)?;
        let (offset, index) = rest.split_once('/').ok_or_else(form)?;
        let stream = STREAMS.into_iter().find(|known| known.name() == stream).ok_or_else(form)?;
        let offset = Offset(digits(offset).ok_or_else(form)?);
        let index = digits(index).and_then(|index| u32::try_from(index).ok()).ok_or_else(form)?;
        Ok(Self { stream, place: Place { offset, index } })
    }
}

/// Only digits, and a number that leaves room for the one after it.
fn digits(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && *number < u64::from(u32::MAX) << 24)
}

/// A place in every stream that is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    trade: Place,
    catalog: Place,
}

impl Cursor {
    /// The place in one stream; the activity stream is told to nobody.
    #[must_use]
    pub fn of(&self, stream: Stream) -> Place {
        match stream {
            Stream::Trade => self.trade,
            Stream::Catalog => self.catalog,
            Stream::Activity => Place::default(),
        }
    }

    /// Moves on in one stream.
    pub fn advance(&mut self, stream: Stream, place: Place) {
        match stream {
            Stream::Trade => self.trade = place,
            Stream::Catalog => self.catalog = place,
            Stream::Activity => {}
        }
    }

    /// Reads a cursor over `streams`, whose bounds (first offset kept, end) `bounds` tells.
    ///
    /// # Errors
    /// When the text is not one, or does not fit the streams.
    pub fn read(text: &str, streams: &[Stream], bounds: impl Fn(Stream) -> (Offset, Offset)) -> Result<Self, CursorError> {
        let mut cursor = Self::at_start(streams, &bounds);
        let mut named: Vec<Stream> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (stream, place) = place_of(part, streams, &bounds)?;
            if named.contains(&stream) {
                return Err(CursorError::Twice(stream.name()));
            }
            named.push(stream);
            cursor.advance(stream, place);
        }
        Ok(cursor)
    }

    /// The first entries that are kept.
    #[must_use]
    pub fn at_start(streams: &[Stream], bounds: impl Fn(Stream) -> (Offset, Offset)) -> Self {
        let mut cursor = Self::default();
        streams.iter().for_each(|stream| cursor.advance(*stream, Place::start_of(bounds(*stream).0)));
        cursor
    }

    /// After everything there is.
    #[must_use]
    pub fn at_end(streams: &[Stream], bounds: impl Fn(Stream) -> (Offset, Offset)) -> Self {
        let mut cursor = Self::default();
        streams.iter().for_each(|stream| cursor.advance(*stream, Place::start_of(bounds(*stream).1)));
        cursor
    }

    /// As text, for the streams that it is about; [`Cursor::read`] reads it.
    #[must_use]
    pub fn text(&self, streams: &[Stream]) -> String {
        let part = |stream: &Stream| match self.of(*stream) {
            Place { offset: Offset(0), index: 0 } => format!("{}/start", stream.name()),
            Place { offset, index: 0 } => format!("{}/{}", stream.name(), offset.0 - 1),
            Place { offset, index } => format!("{}/{}/{}", stream.name(), offset.0, index - 1),
        };
        streams.iter().map(part).collect::<Vec<_>>().join(",")
    }
}

/// The place that one part of a cursor means.
fn place_of(part: &str, streams: &[Stream], bounds: impl Fn(Stream) -> (Offset, Offset)) -> Result<(Stream, Place), CursorError> {
    let form = || CursorError::Form(part.chars().take(80).collect());
    let (stream, rest) = match part.split_once('/') {
        Some((name, rest)) if !name.bytes().all(|byte| byte.is_ascii_digit()) => {
            (STREAMS.into_iter().find(|known| known.name() == name).ok_or_else(form)?, rest)
        }
        _ => match streams {
            [only] => (*only, part),
            _ => return Err(CursorError::Which),
        },
    };
    if !streams.contains(&stream) {
        return Err(CursorError::NotAsked(stream.name()));
    }
    let place = match (rest, rest.split_once('/')) {
        ("start", _) => Place::start_of(bounds(stream).0),
        ("end", _) => Place::start_of(bounds(stream).1),
        (_, Some(_)) => format!("{}/{rest}", stream.name()).parse::<ChangeId>().map_err(|_| form())?.after(),
        (offset, None) => Place::start_of(Offset(digits(offset).ok_or_else(form)?).plus(1)),
    };
    Ok((stream, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, streams: &[Stream]) -> Result<String, CursorError> {
        Cursor::read(text, streams, |_| (Offset(3), Offset(9))).map(|cursor| cursor.text(streams))
    }

    #[test]
    fn a_cursor_is_an_offset_a_change_or_a_page_before() {
        let check = |text: &str, expected: &str| assert_eq!(read(text, &[Stream::Trade]).as_deref(), Ok(expected), "{text}");
        check("", "trade/2");
        check("4", "trade/4");
        check("4/1", "trade/4/1");
        check("trade/4", "trade/4");
        check("trade/4/0", "trade/4/0");
        check("start", "trade/2");
        check("trade/end", "trade/8");
        let both = read("catalog/5/2", &STREAMS).expect("is one");
        assert_eq!(both, "trade/2,catalog/5/2");
        assert_eq!(read(&both, &STREAMS).as_ref(), Ok(&both));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let check = |text: &str, streams: &[Stream]| read(text, streams).expect_err(text);
        [
            "-1",
            "+1",
            "x",
            "trade/",
            "trade/x",
            "trade/1/",
            "trade/1/2/3",
            "99999999999999999999",
            "activity/1",
            "trade/18446744073709551615",
        ]
        .iter()
        .for_each(|text| assert!(matches!(check(text, &[Stream::Trade]), CursorError::Form(_)), "{text}"));
        assert_eq!(check("4", &STREAMS), CursorError::Which);
        assert_eq!(check("trade/1,trade/2", &STREAMS), CursorError::Twice("trade"));
        assert_eq!(check("catalog/1", &[Stream::Trade]), CursorError::NotAsked("catalog"));
    }
}
