//! What recommendations ask about the products themselves: content, category, brand, and whether one may be shown.
//!
//! The tables of this room know only who did what with which number. Whoever asks brings the rest.

use crate::id::Ordinal;

/// A node of the category tree, or a brand, by its number.
pub type Facet = u32;

/// The products of one moment, as one request may see them. Of their content, categories and brands nothing is known unless it is said.
pub trait Assortment {
    /// Whether the product exists, passes the request's filter on one variant, and can be bought now.
    fn is_eligible(&self, product: Ordinal) -> bool;

    /// Whether there is such a product, and no merchant hides it.
    fn exists(&self, product: Ordinal) -> bool;

    /// Every product that passes the filter, ascending; some may not be available.
    fn each_passing(&self, visit: &mut dyn FnMut(Ordinal));

    /// The products of a category, ascending, when there are at most `count_max`; none visited otherwise.
    fn each_in(&self, _category: Facet, _count_max: usize, _visit: &mut dyn FnMut(Ordinal)) {}

    /// At most `count` products alike in content, with their cosine, nearest first; what is no more like it than noise is left out. With `among_passing`
    /// all of them pass the filter, which costs more.
    fn alike(&self, _product: Ordinal, _count: usize, _among_passing: bool) -> Vec<(Ordinal, f32)> {
        Vec::new()
    }

    /// A few products alike in content, with their cosine, nearest first: cheap enough to ask for each of several products. The newest
    /// products of the shop are always among those compared, and what is no more like it than noise is left out.
    fn kin(&self, _product: Ordinal) -> Vec<(Ordinal, f32)> {
        Vec::new()
    }

    /// Those of the shop's newest products that are alike in content, with their cosine, in no particular order; what is no more like it than
    /// noise is left out. Cheaper than [`Assortment::kin`], since nothing is looked for.
    fn newest_like(&self, _product: Ordinal) -> Vec<(Ordinal, f32)> {
        Vec::new()
    }

    /// At most `count` eligible products that suit a history (oldest first) by tastes that were learnt of all shoppers, best first; none when
    /// nothing was learnt yet. Where `enough` are named by what was learnt of the history's products, none are looked for in all the shop.
    fn suited(&self, _history: &[Ordinal], _count: usize, _enough: usize) -> Vec<(Ordinal, f32)> {
        Vec::new()
    }

    /// Cosine of two products' contents; none when one of them is not known.
    fn similarity(&self, _a: Ordinal, _b: Ordinal) -> Option<f32> {
        None
    }

    /// The deepest category that the product stands in; the first by number when there are several.
    fn category(&self, _product: Ordinal) -> Option<Facet> {
        None
    }

    /// Share of all products that stand in the category or below it, 0 to 1.
    fn category_share(&self, _category: Facet) -> f32 {
        0.0
    }

    /// Who makes it.
    fn brand(&self, _product: Ordinal) -> Option<Facet> {
        None
    }
}
