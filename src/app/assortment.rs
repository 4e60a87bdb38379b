//! The products of one moment as recommendations see them: the only place where the columns and vectors of search meet the tables of
//! recommend, which do not know each other.

use crate::id::Ordinal;
use crate::model::ann::Among;
use crate::model::relations::Scores;
use crate::model::taste::{Beyond, Taste};
use crate::model::vector::dot;
use crate::recommend::Assortment;
use crate::recommend::assortment::Facet;
use crate::search::columns::FieldId;
use crate::search::filter::{Filter, Scope};
use crate::search::{self, Moment, Onlooker, SearchError, values};
use roaring::RoaringBitmap;
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

/// Products that count as the newest: as many as can be compared with each of a few products without being felt.
const NEWEST_MAX: usize = 64;

/// The products that pass a filter, as one request sees them.
///
/// The filter is tried on each candidate as it comes: a page is full after a few dozen, where the set of all that pass may be the whole shop.
/// The set is made only for what asks for all of it.
pub struct Shelves<'a> {
    moment: &'a Moment,
    onlooker: Onlooker<'a>,
    scope: Scope<'a>,
    text: &'a str,
    filter: Filter,
    no_filter: Filter,
    passing: OnceCell<RoaringBitmap>,
    /// What merchants hide; hardly ever anything.
    hidden: OnceCell<RoaringBitmap>,
    newest: OnceCell<Vec<(Ordinal, &'a [f32])>>,
    taste: Arc<Option<Taste>>,
}

thread_local! {
    /// One number a product, used again by the next request of the thread.
    static SCORES: RefCell<Scores> = RefCell::default();
}

impl<'a> Shelves<'a> {
    /// Reads the filter; a blank one lets everything pass.
    ///
    /// # Errors
    /// A filter that cannot be read, with the place of the fault.
    pub fn of(moment: &'a Moment, text: &'a str, onlooker: Onlooker<'a>) -> Result<Self, SearchError> {
        let scope = moment.scope(onlooker.marketplace);
        let filter = Filter::parse(text, scope.columns, scope.market)?;
        let (no_filter, passing, hidden, newest) = (Filter::default(), OnceCell::new(), OnceCell::new(), OnceCell::new());
        Ok(Self { moment, onlooker, scope, text, filter, no_filter, passing, hidden, newest, taste: Arc::default() })
    }

    /// The same with tastes that were learnt.
    #[must_use]
    pub fn with_taste(self, taste: Arc<Option<Taste>>) -> Self {
        Self { taste, ..self }
    }

    /// The variant to show: of those that pass the filter the cheapest that can be sold.
    #[must_use]
    pub fn variant(&self, product: Ordinal) -> usize {
        let Some(row) = self.scope.columns.row(product).filter(|row| row.variants_count() > 1) else { return 0 };
        let place = |variant: &usize| {
            let price = row.variant(*variant).price(self.scope.market).unwrap_or(i64::MAX);
            (!self.moment.signals.sells(product, *variant), price, *variant)
        };
        self.filter.variants(self.scope, product, row).min_by_key(place).unwrap_or(0)
    }

    fn passing(&self) -> &RoaringBitmap {
        // The text has been read before, so it can be read again.
        self.passing.get_or_init(|| search::eligible(self.moment, self.text, self.onlooker).unwrap_or_default())
    }

    fn passes(&self, product: Ordinal) -> bool {
        if let Some(passing) = self.passing.get() {
            return passing.contains(product.0);
        }
        let Some(row) = self.scope.columns.row(product) else { return false };
        !self.hidden().contains(product.0) && (self.filter.is_empty() || self.filter.variants(self.scope, product, row).next().is_some())
    }

    /// Whether a variant that passes the filter can be sold, of a product that can.
    fn sells_what_passes(&self, product: Ordinal) -> bool {
        let signals = &self.moment.signals;
        if !self.filter.is_variant_level() || signals.sold_out_variants(product) == 0 {
            return true;
        }
        let row = self.scope.columns.row(product);
        row.is_some_and(|row| self.filter.variants(self.scope, product, row).any(|variant| signals.sells(product, variant)))
    }

    fn hidden(&self) -> &RoaringBitmap {
        self.hidden.get_or_init(|| self.moment.hidden(self.onlooker, self.scope.columns.live()))
    }

    /// The lowest place of the product's values in a field.
    fn first_place(&self, field: FieldId, product: Ordinal) -> Option<Facet> {
        let mut first: Option<Facet> = None;
        values::each_place(field, product, self.scope, &self.no_filter, &mut |place| {
            first = Some(first.map_or(place, |known| known.min(place)));
        });
        first
    }

    /// The products of a category by its place.
    fn category_products<T>(&self, category: Facet, look: impl FnOnce(&RoaringBitmap) -> T) -> Option<T> {
        let dictionary = self.scope.columns.dictionary();
        let term = dictionary.field(FieldId::CATEGORY).terms.get(category as usize)?;
        Some(look(&dictionary.postings(*term).bitmap()))
    }
}

impl Assortment for Shelves<'_> {
    fn is_eligible(&self, product: Ordinal) -> bool {
        self.moment.signals.is_available(product) && self.passes(product) && self.sells_what_passes(product)
    }

    fn exists(&self, product: Ordinal) -> bool {
        self.scope.columns.row(product).is_some() && !self.hidden().contains(product.0)
    }

    fn each_passing(&self, visit: &mut dyn FnMut(Ordinal)) {
        let is_all = self.filter.is_empty() && self.hidden().is_empty();
        let all = if is_all { self.scope.columns.live() } else { self.passing() };
        all.iter().for_each(|product| visit(Ordinal(product)));
    }

    fn each_in(&self, category: Facet, count_max: usize, visit: &mut dyn FnMut(Ordinal)) {
        self.category_products(category, |inside| {
            if inside.len() > count_max as u64 {
                return;
            }
            let each = |these: &RoaringBitmap, visit: &mut dyn FnMut(Ordinal)| these.iter().for_each(|product| visit(Ordinal(product)));
            match self.filter.is_empty() {
                true => each(inside, visit),
                false => each(&self.filter.products(self.scope, inside), visit),
            }
        });
    }

    fn alike(&self, product: Ordinal, count: usize, among_passing: bool) -> Vec<(Ordinal, f32)> {
        let Some(vectors) = &self.moment.index.vectors else { return Vec::new() };
        let among = if among_passing && !self.filter.is_empty() { Among::Only(self.passing()) } else { Among::All };
        vectors.alike(product, count, among)
    }

    fn kin(&self, product: Ordinal) -> Vec<(Ordinal, f32)> {
        self.moment.index.vectors.as_ref().map_or_else(Vec::new, |vectors| vectors.kin(product))
    }

    fn newest_like(&self, product: Ordinal) -> Vec<(Ordinal, f32)> {
        let Some(vectors) = &self.moment.index.vectors else { return Vec::new() };
        let Some(vector) = vectors.vector(product) else { return Vec::new() };
        let newest = self.newest.get_or_init(|| vectors.newest().take(NEWEST_MAX).collect());
        let alike = newest.iter().map(|&(other, other_vector)| (other, dot(vector, other_vector)));
        alike.filter(|(other, cosine)| *other != product && *cosine >= vectors.cut()).collect()
    }

    fn suited(&self, history: &[Ordinal], count: usize, enough: usize) -> Vec<(Ordinal, f32)> {
        let Some(taste) = &*self.taste else { return Vec::new() };
        let may_be_shown = |product| !history.contains(&product) && self.is_eligible(product);
        let beyond = Beyond { enough, passing: &|| (!self.filter.is_empty()).then(|| self.passing()) };
        SCORES.with_borrow_mut(|scores| {
            // What a question left behind that ended in a panic is nobody else's.
            scores.clear();
            taste.next_beyond(history, count, &beyond, scores, may_be_shown)
        })
    }

    fn similarity(&self, a: Ordinal, b: Ordinal) -> Option<f32> {
        let vectors = self.moment.index.vectors.as_ref()?;
        Some(dot(vectors.vector(a)?, vectors.vector(b)?))
    }

    fn category(&self, product: Ordinal) -> Option<Facet> {
        self.first_place(FieldId::CATEGORY, product)
    }

    fn category_share(&self, category: Facet) -> f32 {
        let all = self.scope.columns.live().len().max(1);
        self.category_products(category, RoaringBitmap::len).map_or(0.0, |count| count as f32 / all as f32)
    }

    fn brand(&self, product: Ordinal) -> Option<Facet> {
        self.first_place(FieldId::BRAND, product)
    }
}
