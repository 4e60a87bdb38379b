//! What the second phase sees of a product for a query, as far as no live number moves it: a query that comes again mostly ranks the products that it
//! ranked before, so it is remembered beside the match set.

use super::Scorer;
use super::closeness::Closeness;
use crate::id::Ordinal;
use crate::search::columns::{Columns, FieldId, TermId};
use crate::stdx::memo::Memo;

/// Products of a query that are remembered: what its window holds, and what comes and goes at its end.
const REMEMBERED_MAX: usize = 320;

/// How a product looks to a query. Nothing live is in it, and nothing of whoever asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// How its title says the words.
    pub closeness: Closeness,
    /// What the word for the thing that is asked for is worth of all, where the title says it as what the product is.
    pub thing: f32,
    /// Whether the query asks for a category of things that it is not in.
    pub is_another: bool,
    /// How well it fits what was recognised in the words, 0 to 1.
    pub intent_fit: f32,
    /// What it is.
    pub kind: Kind,
}

/// What a product is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kind {
    /// Its brand.
    pub brand: Option<TermId>,
    /// Its narrowest category.
    pub category: Option<TermId>,
}

impl Kind {
    /// Of a product. The narrowest category is the longest path, since a path begins with those above it.
    fn of(product: Ordinal, columns: &Columns) -> Self {
        let Some(row) = columns.row(product) else { return Self::default() };
        let first = row.shared.keywords.iter().take_while(|keyword| keyword.field <= FieldId::BRAND.max(FieldId::CATEGORY));
        let of = |field: FieldId| first.clone().filter(move |keyword| keyword.field == field).map(|keyword| keyword.term);
        let narrowest = of(FieldId::CATEGORY).max_by_key(|term| columns.dictionary().text(*term).len());
        Self { brand: of(FieldId::BRAND).next(), category: narrowest }
    }
}

/// The looks of the products that a query ranked lately.
#[derive(Debug)]
pub struct Looks(Memo<Ordinal, Look>);

impl Default for Looks {
    fn default() -> Self {
        Self(Memo::with_room(REMEMBERED_MAX))
    }
}

impl Looks {
    /// Bytes that they come to take of a query that finds so many products.
    #[must_use]
    pub fn room(products_count: usize) -> usize {
        products_count.min(REMEMBERED_MAX) * (size_of::<Look>() + 2 * size_of::<Ordinal>())
    }
}

impl Scorer<'_> {
    /// How products look, in their order.
    pub(super) fn looks(&self, products: &[Ordinal]) -> Vec<Look> {
        match self.looks {
            Some(looks) => looks.0.of_all(products, |missing| self.looks_anew(missing)),
            None => self.looks_anew(products),
        }
    }

    /// What looks are read from lies all over memory, so each kind is gathered in a run of its own, whose looks do not wait for each other.
    fn looks_anew(&self, products: &[Ordinal]) -> Vec<Look> {
        let titles = self.titles.words_of_all(products.iter().copied());
        products.iter().zip(titles.iter()).map(|(product, title)| self.look_at(*product, title)).collect()
    }

    /// How a product with this title looks.
    pub(super) fn look_at(&self, product: Ordinal, title: &[u32]) -> Look {
        let is_thing = self.things.contains(product);
        let mut closeness = self.wanted.closeness(title);
        // `Laptop, sleeve and mouse` is a laptop.
        closeness.is_belonging &= !is_thing;
        Look {
            closeness,
            thing: if is_thing { self.wanted.head_worth() } else { 0.0 },
            is_another: closeness.is_belonging && !self.intents.may_be_the_thing(product, self.scope),
            intent_fit: self.intents.fit(product, closeness.is_companion, self.scope),
            kind: Kind::of(product, self.scope.columns),
        }
    }
}
