//! Which column means what: by the map that the importer gives, else by the names that exports commonly use.

use super::map::Section;
use super::value::Value;
use crate::catalog::CatalogError;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;

/// More distinct names than any file has columns; bounds what a hostile file can make us remember.
const NAMES_MAX: usize = 65_536;

/// What a column of some kind of file can mean.
pub(super) trait Role: Copy + Eq + Hash + 'static {
    /// For each meaning: what a map file calls it, and the names by which it is recognised, best first, in lower case without
    /// anything but letters and digits.
    const NAMES: &'static [(Self, &'static str, &'static [&'static str])];

    /// What a name may mean that is none of those, and how well it fits.
    fn loosely(_: &str) -> Option<(Self, u16)> {
        None
    }
}

/// What is known of a column.
#[derive(Debug, Clone, Copy)]
enum Column<R> {
    /// Its meaning, and how well its name fits (0 is best).
    Known(R, u16),
    Ignored,
    Other,
}

/// Recognises columns, and remembers what it recognised.
#[derive(Debug)]
pub(super) struct Columns<R> {
    /// What the map says; no meaning: to be left out.
    mapped: HashMap<String, Option<(R, u16)>>,
    /// Meanings that the map gives, which are then not guessed.
    taken: Vec<R>,
    seen: HashMap<String, Column<R>>,
}

/// Lower case, letters and digits only: `Product-ID`, `product_id` and `productId` are one name.
pub(super) fn bare(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl<R: Role> Columns<R> {
    /// Recognises what the map says, and by common names what it leaves open.
    ///
    /// # Errors
    /// When the map names a meaning that there is not.
    pub(super) fn new(section: &Section) -> Result<Self, CatalogError> {
        let (mut mapped, mut taken) = (HashMap::new(), Vec::new());
        for (key, names) in section.columns() {
            let Some(&(role, ..)) = R::NAMES.iter().find(|(_, known, _)| *known == key) else {
                let known: Vec<&str> = R::NAMES.iter().map(|(_, known, _)| *known).collect();
                return Err(CatalogError::Map(format!("{key} is none of {}", known.join(", "))));
            };
            taken.push(role);
            mapped.extend(names.iter().cloned().zip(0..).map(|(name, rank)| (name, Some((role, rank)))));
        }
        mapped.extend(section.ignore.iter().cloned().map(|name| (name, None)));
        Ok(Self { mapped, taken, seen: HashMap::new() })
    }

    fn column(&mut self, name: &str) -> Column<R> {
        if let Some(known) = self.seen.get(name) {
            return *known;
        }
        let column = match self.mapped.get(name) {
            Some(Some((role, rank))) => Column::Known(*role, *rank),
            Some(None) => Column::Ignored,
            None => self.guess(name),
        };
        if self.seen.len() < NAMES_MAX {
            self.seen.insert(name.to_owned(), column);
        }
        column
    }

    /// Whether the map says what a column means.
    pub(super) fn is_mapped(&self, name: &str) -> bool {
        self.mapped.contains_key(name)
    }

    fn guess(&self, name: &str) -> Column<R> {
        let bare = bare(name);
        let free = R::NAMES.iter().filter(|(role, ..)| !self.taken.contains(role));
        let mut fitting = free.filter_map(|(role, _, names)| Some((*role, names.iter().position(|known| *known == bare)? as u16)));
        let loosely = || R::loosely(name).filter(|(role, _)| !self.taken.contains(role));
        fitting.next().or_else(loosely).map_or(Column::Other, |(role, rank)| Column::Known(role, rank))
    }

    /// For each meaning, what a map calls it and the columns that were taken for it so far, in the order of the list of meanings.
    pub(super) fn understood(&self) -> Vec<(&'static str, Vec<&str>)> {
        let columns_of = |wanted: R| {
            let known = self.seen.iter().filter_map(|(name, column)| match column {
                Column::Known(role, rank) if *role == wanted => Some((*rank, name.as_str())),
                Column::Known(..) | Column::Ignored | Column::Other => None,
            });
            let mut known: Vec<(u16, &str)> = known.collect();
            known.sort_unstable();
            known.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        let each = R::NAMES.iter().map(|(role, key, _)| (*key, columns_of(*role)));
        each.filter(|(_, columns)| !columns.is_empty()).collect()
    }

    /// Whether some column seen so far has this meaning.
    pub(super) fn has(&self, wanted: R) -> bool {
        self.seen.values().any(|column| matches!(column, Column::Known(role, _) if *role == wanted))
    }

    /// For each meaning the values that carry it, best first; and the values without one, in file order.
    pub(super) fn sort<'r, 'v>(&mut self, fields: &'r [(Cow<'v, str>, Value<'v>)]) -> Sorted<'r, 'v, R> {
        let mut sorted = Sorted { known: Vec::with_capacity(fields.len()), rest: Vec::new() };
        for (name, value) in fields {
            match self.column(name) {
                Column::Known(role, rank) => sorted.known.push((role, rank, name, value)),
                Column::Other => sorted.rest.push((name, value)),
                Column::Ignored => {}
            }
        }
        sorted.known.sort_by_key(|(_, rank, ..)| *rank);
        sorted
    }
}

impl<'r, R: Role> Sorted<'r, '_, R> {
    /// Puts values of a meaning in another language than the row is read in behind those in it (`later`), or among those without a meaning (`apart`).
    pub(super) fn in_one_language(&mut self, is_other: impl Fn(&str) -> bool, later: &[R], apart: &[R]) {
        let (others, mut kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.known).into_iter().partition(|(role, _, name, _)| apart.contains(role) && is_other(name));
        kept.sort_by_key(|(role, rank, name, _)| (later.contains(role) && is_other(name), *rank));
        self.known = kept;
        self.rest.extend(others.into_iter().map(|(_, _, name, value)| (name, value)));
    }
}

/// The fields of one row by meaning.
pub(super) struct Sorted<'r, 'v, R> {
    known: Vec<(R, u16, &'r str, &'r Value<'v>)>,
    pub(super) rest: Vec<(&'r str, &'r Value<'v>)>,
}

impl<'r, 'v, R: Role> Sorted<'r, 'v, R> {
    /// The best value of this meaning that is not blank, and its column.
    pub(super) fn first(&self, role: R) -> Option<(&'r str, &'r Value<'v>)> {
        self.all(role).next()
    }

    /// The values of this meaning that are not blank, best first.
    pub(super) fn all(&self, wanted: R) -> impl Iterator<Item = (&'r str, &'r Value<'v>)> + '_ {
        let known = self.known.iter().filter(move |(role, _, _, value)| *role == wanted && !value.is_blank());
        known.map(|(_, _, name, value)| (*name, *value))
    }

    /// The best value's text.
    pub(super) fn text(&self, role: R) -> Option<Cow<'r, str>> {
        self.all(role).find_map(|(_, value)| value.text())
    }

    /// The best value's text as an identifier.
    pub(super) fn identifier(&self, role: R) -> Option<Cow<'r, str>> {
        self.all(role).find_map(|(_, value)| value.identifier())
    }

    /// The column that carries a meaning in this row, blank or not, else what the meaning is called.
    pub(super) fn name(&self, wanted: R, otherwise: &str) -> String {
        let found = self.known.iter().find(|(role, ..)| *role == wanted);
        found.map_or(otherwise, |(_, _, name, _)| name).to_owned()
    }
}
