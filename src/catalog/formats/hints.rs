//! What a file shows before its first row is taken. Columns that look like prices or identifiers are named where none was taken for one, instead of
//! leaving it to be found out.

use super::amount::shows_cents;
use super::columns::Columns;
use super::map::Section;
use super::roles::Field;
use super::value::Value;
use crate::catalog::CatalogError;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Columns that are looked at; each remembers a digest for each row of the survey.
const COLUMNS_MAX: usize = 64;
/// Names of columns that are remembered.
const NAMES_MAX: usize = 1_024;
/// What is longer names nothing.
const NAME_BYTES_MAX: usize = 40;

/// What is looked at before the first row of a file is taken.
pub(super) struct Survey {
    pub(super) columns: Columns<Field>,
    pub(super) hints: Hints,
    looked_at: HashSet<String>,
}

impl Survey {
    /// # Errors
    /// When the map names a meaning that there is not.
    pub(super) fn new(section: &Section) -> Result<Self, CatalogError> {
        Ok(Self { columns: Columns::new(section)?, hints: Hints::default(), looked_at: HashSet::new() })
    }

    /// Whether the name of a column is met with for the first time, and the map does not say what it means.
    pub(super) fn is_new(&mut self, name: &str) -> bool {
        let has_room = self.looked_at.len() < NAMES_MAX && !self.looked_at.contains(name);
        has_room && self.looked_at.insert(name.to_owned()) && !self.columns.is_mapped(name)
    }

    /// What there is to tell of the file.
    pub(super) fn remarks(&self) -> Vec<String> {
        let has = |roles: &[Field]| roles.iter().any(|role| self.columns.has(*role));
        let has_price = has(&[Field::Price, Field::ListPrice, Field::Variants]);
        self.hints.remarks(has_price, has(&[Field::Id, Field::Sku, Field::Gtin]))
    }
}

/// What a column without a meaning holds.
#[derive(Debug, Default)]
struct Tally {
    filled: u64,
    /// Of them those that are written as prices are.
    priced: u64,
    /// Of them those that are written as identifiers are.
    named: u64,
    names: HashSet<u64>,
}

/// What the columns of a file hold that nothing was made of.
#[derive(Debug, Default)]
pub(super) struct Hints {
    rows: u64,
    columns: Vec<(String, Tally)>,
}

impl Hints {
    /// Looks at the columns of one row that have no meaning of their own.
    pub(super) fn note(&mut self, columns: &[(&str, &Value<'_>)]) {
        self.rows += 1;
        for (name, value) in columns.iter().filter(|(_, value)| !value.is_blank()) {
            let known = self.columns.iter().position(|(known, _)| known == name);
            let at = known.unwrap_or_else(|| {
                let has_room = self.columns.len() < COLUMNS_MAX;
                self.columns.extend(has_room.then(|| ((*name).to_owned(), Tally::default())));
                self.columns.len() - usize::from(has_room)
            });
            let Some((_, tally)) = self.columns.get_mut(at) else { continue };
            tally.filled += 1;
            tally.priced += u64::from(shows_cents(value));
            if let Some(text) = value.text().filter(|text| is_name(text)) {
                tally.named += 1;
                let mut hasher = DefaultHasher::new();
                text.hash(&mut hasher);
                tally.names.insert(hasher.finish());
            }
        }
    }

    /// What there is to tell where no column was taken for a price, or for an identifier.
    fn remarks(&self, has_price: bool, has_id: bool) -> Vec<String> {
        if self.rows == 0 {
            return Vec::new();
        }
        let like = |is_like: &dyn Fn(&Tally) -> bool| {
            let found = self.columns.iter().find(|(_, tally)| is_like(tally));
            found.map(|(name, _)| format!("; `{name}` looks like one, and a map says so (--map)")).unwrap_or_default()
        };
        let is_price = |tally: &Tally| tally.priced > 0 && tally.priced * 10 >= tally.filled * 9;
        let is_id = |tally: &Tally| tally.named == self.rows && tally.names.len() as u64 == self.rows;
        let price = (!has_price).then(|| format!("no column was taken for a price{}", like(&is_price)));
        let id = (!has_id).then(|| {
            let found = like(&is_id);
            format!("no column was taken for an identifier{found}: names were made of title, brand and picture, and who changes one makes another product")
        });
        price.into_iter().chain(id).collect()
    }
}

/// Short, without blanks, and with a digit.
fn is_name(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX && !text.contains(char::is_whitespace) && text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_price_or_an_identifier_is_named() {
        let mut hints = Hints::default();
        assert_eq!(hints.remarks(false, false), Vec::<String>::new(), "of no row");
        for (code, weight, worth) in [("K-1", "2,5", "89,95"), ("K-2", "1", "1.089,95"), ("K-3", "1", "5 €")] {
            let values = [code, weight, worth].map(|text| Value::Text(text.into()));
            hints.note(&[("Kennung", &values[0]), ("Gewicht", &values[1]), ("Betrag", &values[2])]);
        }
        let said = hints.remarks(false, false);
        assert!(said[0].contains("price; `Betrag`") && said[1].contains("identifier; `Kennung`"), "{said:?}");
        assert_eq!(hints.remarks(true, true), Vec::<String>::new());
        let mut bare = Hints::default();
        bare.note(&[("Farbe", &Value::Text("rot".into()))]);
        assert_eq!(bare.remarks(false, true), ["no column was taken for a price"]);
    }
}
