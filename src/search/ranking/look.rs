//! What the second phase sees of a product for a query, as far as no live number moves it: a query that comes again mostly ranks the products that it
//! ranked before, so it is remembered beside the match set.

use super::Scorer;
use super::closeness::Closeness;
use crate::id::Ordinal;
use crate::search::columns::{Columns, Decoded, FieldId, TermId};
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
        let mut narrowest = (0, None);
        each_term(FieldId::CATEGORY, product, columns, |term| {
            let length = columns.dictionary().text(term).len();
            if length >= narrowest.0 {
                narrowest = (length, Some(term));
            }
        });
        let mut brand = None;
        each_term(FieldId::BRAND, product, columns, |term| brand = brand.or(Some(term)));
        Self { brand, category: narrowest.1 }
    }
}

/// The values of a field that a product has, in order: from its code in the field's column, since rows lie all over memory.
fn each_term(field: FieldId, product: Ordinal, columns: &Columns, mut visit: impl FnMut(TermId)) {
    let known = columns.dictionary().field(field);
    if known.terms.is_empty() {
        return;
    }
    let code = known.profiles.as_ref().map(|profiles| (profiles, profiles.codes().at(product).decode()));
    let mut place = |place: usize| known.terms.get(place).copied().into_iter().for_each(&mut visit);
    match code {
        Some((_, Decoded::Nothing)) => {}
        Some((_, Decoded::Place(one))) => place(one),
        Some((profiles, Decoded::Profile(number))) => profiles.profile(number).places.iter().for_each(|one| place(*one as usize)),
        Some((_, Decoded::Look)) | None => columns.row(product).into_iter().flat_map(|row| row.shared().keywords_of(field)).for_each(visit),
    }
}

/// The looks of the products that a query ranked lately.
pub type Looks = Memo<Ordinal, Look, REMEMBERED_MAX>;

impl Scorer<'_> {
    /// How products look, in their order.
    pub(super) fn looks(&self, products: &[Ordinal]) -> Vec<Look> {
        match self.looks {
            Some(looks) => looks.of_all(products, |missing| self.looks_anew(missing)),
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
        closeness.is_belonging |= self.things.are_apart_from(product);
        closeness.another *= if is_thing { 0.0 } else { 1.0 };
        Look {
            closeness,
            thing: if is_thing { self.wanted.head_worth() } else { 0.0 },
            is_another: closeness.is_belonging && !self.intents.may_be_the_thing(product, self.scope),
            intent_fit: self.intents.fit(product, closeness.is_companion, self.scope),
            kind: Kind::of(product, self.scope.columns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Product;
    use serde_json::json;

    /// A shop in which column and rows say the same of every product.
    #[test]
    fn a_product_is_of_its_brand_and_of_its_longest_category() {
        let mut columns = Columns::new();
        let paths = [json!([]), json!([["Home"]]), json!([["Home", "Desks"], ["Office"]]), json!([["Office"], ["Home", "Desks", "Oak"]])];
        for number in 0..400_u32 {
            let categories = &paths[number as usize % paths.len()];
            let mut value =
                json!({"id": format!("p{number}"), "title": "p", "categories": categories, "variants": [{"sku": format!("s{number}")}]});
            if number % 3 > 0 {
                value["brand"] = json!(format!("b{}", number % 3));
            }
            columns.put(Ordinal(number), &serde_json::from_value::<Product>(value).expect("a product"));
        }
        let text = |term: Option<TermId>| term.map(|term| columns.dictionary().text(term).to_owned());
        for number in 0..400_u32 {
            let kind = Kind::of(Ordinal(number), &columns);
            let category = [None, Some("Home"), Some("Home > Desks"), Some("Home > Desks > Oak")][number as usize % 4];
            let brand = [None, Some("b1"), Some("b2")][number as usize % 3];
            assert_eq!((text(kind.brand).as_deref(), text(kind.category).as_deref()), (brand, category), "{number}");
        }
        assert_eq!(Kind::of(Ordinal(999), &columns), Kind::default());
    }
}
