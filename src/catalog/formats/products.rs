//! Product rows: our own documents as they are, everything else field by field.

use super::amount::{Pricing, price};
use super::attributes::Collector;
use super::categories::Paths;
use super::clean::plain;
use super::columns::{Columns, Sorted};
use super::hints::Survey;
use super::loose;
use super::map::Section;
use super::marks::Marks;
use super::naming::{bounded, brand_of, derived_id, description_of, gtins_of, holds_attributes, identifier, is_derived, mpn_of, title_of};
use super::records::RawRow;
use super::roles::Field;
use super::shown::Shown;
use super::value::Value;
use super::{ImportOptions, Omissions, Reject};
use crate::catalog::{CatalogError, Offer, Product, Rating, Variant};
use crate::id::{ProductId, Sku};
use crate::money::{Currency, Money};
use crate::stdx::objects::{self, Strict};
use crate::text::Language;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

const IMAGES_MAX: usize = 20;
const URL_BYTES_MAX: usize = 2_048;

/// Makes products of rows.
pub(super) struct ProductReader {
    columns: Columns<Field>,
    section: Section,
    pricing: Pricing,
    /// In what prices are that do not say it, where nobody said it of the whole file.
    shown: Option<Shown>,
    marks: Marks,
    /// The columns that say a language, and which; those of the file's beginning.
    languages: HashMap<String, String>,
    /// The shop's own language.
    language: Option<&'static str>,
    omissions: Omissions,
    /// Digests of the identifiers seen and their lines: the second row of a name would undo the first, and importing the file again
    /// would change both back and forth.
    seen: HashMap<u64, u64>,
}

pub(super) type Fields<'r, 'v> = Sorted<'r, 'v, Field>;

impl ProductReader {
    pub(super) fn new(options: &ImportOptions, omissions: Omissions) -> Result<Self, CatalogError> {
        let section = options.map.product.clone();
        let columns = Columns::new(&section)?;
        let pricing = options.pricing(&section);
        let is_told = options.is_currency_told || section.constants.currency.is_some();
        let shown = (!is_told).then(Shown::default);
        let language = options.language.map(Language::code);
        let (marks, languages) = (Marks::default(), HashMap::new());
        Ok(Self { columns, section, pricing, shown, marks, languages, language, omissions, seen: HashMap::new() })
    }

    /// Learns from a row what its columns of prices have before decimals, and in which languages its texts are.
    pub(super) fn learn(&mut self, row: &RawRow<'_>, survey: &mut Survey) {
        if is_document(row) {
            return;
        }
        let fields = survey.columns.sort(row.fields);
        let prices = fields.all(Field::Price).chain(fields.all(Field::ListPrice));
        prices.for_each(|(name, value)| self.marks.note(name, value));
        survey.hints.note(&fields.rest);
        for (name, _) in row.fields.iter().filter(|(name, _)| survey.is_new(name)) {
            self.languages.extend(loose::language_of(name).map(|language| (name.clone().into_owned(), language)));
        }
    }

    /// The product of a row, before it is known whether another row described it.
    pub(super) fn made(&mut self, row: &RawRow<'_>) -> Result<Product, Reject> {
        let product = if is_document(row) { document(row) } else { self.flat(row) };
        self.tell_columns();
        product
    }

    /// Tells what the columns of the rows so far were taken for.
    pub(super) fn tell_columns(&self) {
        self.omissions.tell_columns(|| self.understood());
    }

    /// What the columns of the file were taken for, for people.
    pub(super) fn understood(&self) -> String {
        let each = self.columns.understood().into_iter().map(|(meaning, columns)| format!("{meaning} from {}", columns.join(", ")));
        each.collect::<Vec<_>>().join("; ")
    }

    /// The product, unless it breaks a rule of ours or had a row before that has been given out.
    pub(super) fn admitted(&mut self, line: u64, product: Product) -> Result<Product, Reject> {
        let refused = |field: String, reason: String| Reject { line, field, reason };
        product.check().map_err(|error| refused(error.field, error.reason))?;
        match self.seen.entry(key_of(product.id.as_str())) {
            Entry::Occupied(first) if is_derived(product.id.as_str()) => {
                let reason =
                    format!("no column is its identifier, and a product of this title, brand and picture stands in line {}", first.get());
                Err(refused("id".to_owned(), reason))
            }
            Entry::Occupied(first) => Err(refused("id".to_owned(), format!("{} stands in line {} already", product.id, first.get()))),
            Entry::Vacant(free) => {
                free.insert(line);
                Ok(product)
            }
        }
    }

    /// The product of a row whose columns are known by their names.
    pub(super) fn flat(&mut self, row: &RawRow<'_>) -> Result<Product, Reject> {
        let mut fields = self.columns.sort(row.fields);
        self.choose_language(&mut fields);
        let description = description_of(&fields);
        let title = title_of(&fields, description.as_deref()).ok_or_else(|| self.untitled(row, &fields))?;
        let brand = fields.all(Field::Brand).find_map(|(_, value)| brand_of(value)).or_else(|| self.section.constants.brand.clone());
        let images = images_of(&fields);
        let url = fields.text(Field::Url).filter(|url| url.len() <= URL_BYTES_MAX).map(|url| url.into_owned());
        let (name, id) = identifier(&fields).map_or_else(
            || ("id".to_owned(), self.named(row.line, &title, brand.as_deref(), images.first().map(String::as_str), url.as_deref())),
            |(name, id)| (name, bounded(&id).into_owned()),
        );
        let id = ProductId::new(&id).map_err(|error| row.reject(name, error.to_string()))?;
        let variants = self.variants(row, &fields, &id)?;
        let attributes = {
            let mut collector = Collector::new(&self.section.attributes_prefix, row.json.is_none());
            collect_attributes(&mut collector, &fields, &variants);
            self.omissions.add_attributes(collector.omitted_count);
            collector.found
        };
        let mut paths = Paths::default();
        fields.all(Field::Category).for_each(|(_, value)| paths.add(value));
        self.section.constants.category.iter().for_each(|path| paths.add(&Value::Text(path.as_str().into())));
        Ok(Product {
            id,
            categories: paths.into_paths(&title),
            title,
            brand,
            description,
            attributes,
            images,
            url,
            rating: rating_of(&fields),
            popularity: fields
                .first(Field::Popularity)
                .and_then(|(_, value)| value.number())
                .filter(|number| *number >= 0.0)
                .map(|n| n as f32),
            variants,
        })
    }

    /// Of texts in several languages those in the shop's own are the product's, else those in the language that its title has first; the others become
    /// attributes.
    fn choose_language(&self, fields: &mut Fields<'_, '_>) {
        if self.languages.is_empty() {
            return;
        }
        let of = |name: &str| self.languages.get(name).map(String::as_str);
        let spoken = || {
            [Field::Title, Field::Description, Field::Category]
                .into_iter()
                .flat_map(|role| fields.all(role))
                .filter_map(|(name, _)| of(name))
        };
        let Some(chosen) = spoken().find(|language| Some(*language) == self.language).or_else(|| spoken().next()) else { return };
        let apart = [Field::Description, Field::Category, Field::Subtitle];
        fields.in_one_language(
            |name| of(name).is_some_and(|language| language != chosen),
            &[Field::Title, Field::Brand, Field::Url],
            &apart,
        );
    }

    /// A name for a row without any. Rows that look alike are told apart by their page, if they have one: the first keeps its name without it.
    fn named(&mut self, line: u64, title: &str, brand: Option<&str>, image: Option<&str>, url: Option<&str>) -> String {
        let parts = [title, brand.unwrap_or_default(), image.unwrap_or_default()];
        let plain = derived_id(&parts);
        let Some(url) = url else { return plain };
        let with_page = derived_id(&[&parts[..], &[url]].concat());
        if self.seen.contains_key(&key_of(&plain)) {
            return with_page;
        }
        self.seen.insert(key_of(&with_page), line);
        plain
    }

    fn untitled(&self, row: &RawRow<'_>, fields: &Fields<'_, '_>) -> Reject {
        let is_known = self.columns.has(Field::Title);
        let reason = if is_known { "is missing" } else { "is missing, and no column is known as one: a map says which it is (--map)" };
        row.reject(fields.name(Field::Title, "title"), reason)
    }

    fn variants(&mut self, row: &RawRow<'_>, fields: &Fields<'_, '_>, id: &ProductId) -> Result<Vec<Variant>, Reject> {
        let whole = self.variant(row, fields, id.as_str(), true)?;
        let Some((name, Value::List(forms))) = fields.first(Field::Variants) else { return Ok(vec![whole]) };
        let mut variants = Vec::with_capacity(forms.len());
        for (index, form) in forms.iter().enumerate() {
            let Value::Object(members) = form else {
                return Err(row.reject(format!("{name}[{index}]"), "a variant is a JSON object"));
            };
            let own = self.columns.sort(members);
            let mut variant = self.variant(row, &own, &format!("{id}-{}", index + 1), false)?;
            if variant.offers.is_empty() {
                variant.offers.clone_from(&whole.offers);
            }
            variant.title = own.text(Field::Title).map(|title| plain(&title).into_owned());
            let mut collector = Collector::new(&self.section.attributes_prefix, false);
            collect_attributes(&mut collector, &own, std::slice::from_ref(&variant));
            variant.attributes = collector.found;
            variants.push(variant);
        }
        Ok(variants)
    }

    /// The variant that these fields describe. `is_whole`: they are the product's own, whose identifier is not the SKU's.
    fn variant(&mut self, row: &RawRow<'_>, fields: &Fields<'_, '_>, otherwise: &str, is_whole: bool) -> Result<Variant, Reject> {
        let own = fields.identifier(Field::Sku).or_else(|| if is_whole { None } else { fields.identifier(Field::Id) });
        let sku = Sku::new(&bounded(own.as_deref().unwrap_or(otherwise)))
            .map_err(|error| row.reject(fields.name(Field::Sku, "sku"), error.to_string()))?;
        let offers = self.offer(row, fields)?.into_iter().collect();
        Ok(Variant { sku, title: None, gtins: gtins_of(fields), mpn: mpn_of(fields), attributes: Default::default(), offers })
    }

    fn offer(&mut self, row: &RawRow<'_>, fields: &Fields<'_, '_>) -> Result<Option<Offer>, Reject> {
        let currency = fields.text(Field::Currency).map(|code| Currency::known(&code)).transpose();
        let currency = currency.map_err(|error| row.reject(fields.name(Field::Currency, "currency"), error.to_string()))?;
        let (pricing, shown, omissions, marks) = (self.pricing, &mut self.shown, &self.omissions, &self.marks);
        // Beside a price a list price is in its currency.
        let mut read = |role, beside: Option<Currency>| -> Result<Option<Money>, Reject> {
            let Some((name, value)) = fields.first(role) else { return Ok(None) };
            let said = currency.or_else(|| loose::currency(name)).or(beside);
            let above = shown.as_mut().filter(|_| said.is_none()).and_then(|shown| shown.currency(name, value, pricing.currency));
            let currency = said.or(above).unwrap_or(pricing.currency);
            let pricing = Pricing { currency, mark: marks.of(name), ..pricing };
            let money = price(value, pricing).map_err(|reason| row.reject(name, reason))?;
            if money.is_some_and(|money| money.amount_minor < 0) {
                return Err(row.reject(name, "must not be negative"));
            }
            if money.is_some() {
                let is_unsaid = said.is_none() && shown.is_some();
                omissions.note_price(value, pricing, above.is_some(), is_unsaid);
            }
            Ok(money)
        };
        let price = read(Field::Price, None)?;
        let list_price = match price {
            // What it cost before is told beside the price, and no reason to refuse it.
            Some(price) => read(Field::ListPrice, Some(price.currency)).unwrap_or_default(),
            None => read(Field::ListPrice, None)?,
        };
        let Some(price) = price.or(list_price) else { return Ok(None) };
        let list_price = list_price.filter(|list| list.currency == price.currency && list.amount_minor > price.amount_minor);
        Ok(Some(Offer { marketplace: None, price, list_price }))
    }
}

/// Whether the row is one of our own documents: its variants have offers, or a SKU and nothing that a document does not know.
fn is_document(row: &RawRow<'_>) -> bool {
    let variants = row.fields.iter().find(|(name, _)| name == "variants").map(|(_, value)| value);
    let Some(Value::List(variants)) = variants else { return false };
    let known = |name: &str| matches!(name, "sku" | "title" | "gtins" | "mpn" | "attributes" | "offers");
    let is_ours = |variant: &Value<'_>| matches!(variant, Value::Object(fields) if fields.iter().all(|(name, _)| known(name)));
    row.json.is_some() && variants.iter().all(|variant| variant.member(&["sku"]).is_some() && is_ours(variant))
}

fn document(row: &RawRow<'_>) -> Result<Product, Reject> {
    let json = row.json.unwrap_or_default();
    objects::from_slice(json).map_err(|error| {
        let reason = error.to_string();
        let field = reason.split('`').nth(1).filter(|_| reason.contains("field `"));
        let field = field.map_or_else(|| path_at_fault(json).unwrap_or_default(), str::to_owned);
        row.reject(field, reason)
    })
}

/// Where in a document the reader stops. To note the way costs an allocation for each member, so only what is refused is read like this.
fn path_at_fault(json: &[u8]) -> Option<String> {
    let mut source = serde_json::Deserializer::from_slice(json);
    let error = serde_path_to_error::deserialize::<_, Product>(Strict(&mut source)).err()?;
    Some(error.path().to_string()).filter(|path| path != ".")
}

fn images_of(fields: &Fields<'_, '_>) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    let mut add = |value: &Value<'_>| {
        let address = value.member(&["large", "hi_res", "src", "url", "href", "link"]).unwrap_or(value).text();
        for address in address.iter().flat_map(|address| addresses_in(address)) {
            let fits = address.len() <= URL_BYTES_MAX && address.contains('/') && images.len() < IMAGES_MAX;
            if fits && !images.contains(&address) {
                images.push(address);
            }
        }
    };
    let mut has_single = false;
    for (name, value) in fields.all(Field::Image) {
        has_single = has_single && !loose::is_numbered(name);
        match value {
            Value::List(values) => values.iter().for_each(&mut add),
            // The same picture in several sizes: the best column is enough.
            Value::Text(_) | Value::Object(_) if !has_single => {
                add(value);
                has_single = true;
            }
            Value::Null | Value::Flag(_) | Value::Whole(_) | Value::Fraction(_) | Value::Text(_) | Value::Object(_) => {}
        }
    }
    images
}

/// The addresses in a text, apart by marks; a comma between two pieces of one address is part of it, as picture servers write their settings.
fn addresses_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split(['|', ' ', '"', '[', ']', ';', '\n']) {
        let is_whole = |piece: &str| piece.contains("://") || piece.starts_with("//");
        let mut is_open = false;
        for piece in part.split(',').map(|piece| piece.trim_matches('\'')).filter(|piece| !piece.is_empty()) {
            match found.last_mut().filter(|last| is_open && is_whole(last) && !is_whole(piece)) {
                Some(last) => {
                    last.push(',');
                    last.push_str(piece);
                }
                None => found.push(piece.to_owned()),
            }
            is_open = true;
        }
    }
    found
}

fn rating_of(fields: &Fields<'_, '_>) -> Option<Rating> {
    let (_, value) = fields.first(Field::Rating)?;
    let average = value.member(&["average", "rate", "value", "stars"]).unwrap_or(value);
    let average = average.number().or_else(|| stars_in(&average.text()?))?;
    let count = value.member(&["count", "reviews"]).or_else(|| fields.first(Field::RatingCount).map(|(_, count)| count));
    let count = count.and_then(count_of).and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
    (0.0..=5.0).contains(&average).then_some(Rating { average: average as f32, count })
}

/// `4.3 out of 5 stars`, `4,5`, `4/5`.
fn stars_in(text: &str) -> Option<f64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',').unwrap_or(text.len());
    let rest = text[end..].trim().to_lowercase();
    let is_of_five = rest.is_empty() || rest.starts_with("out of 5") || rest.replace(' ', "").starts_with("/5") || rest.starts_with("star");
    text[..end].replace(',', ".").parse().ok().filter(|_| is_of_five)
}

/// A count that may have separators of thousands, and say what it counts: `1,204 ratings`.
fn count_of(value: &Value<'_>) -> Option<i64> {
    let counted = |text: &str| text.split_whitespace().next()?.replace(',', "").parse().ok();
    value.whole().or_else(|| counted(&value.text()?))
}

fn key_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// Everything that has no meaning of its own, and what lost against a better column of the same meaning.
fn collect_attributes(collector: &mut Collector<'_>, fields: &Fields<'_, '_>, variants: &[Variant]) {
    collector.add_columns(&fields.rest);
    let features = fields.all(Field::Description).filter(|(_, value)| holds_attributes(value));
    fields.all(Field::Attributes).chain(features).for_each(|(name, value)| collector.add_members(name, value));
    for role in [Field::Id, Field::Brand, Field::Mpn] {
        let best = fields.text(role);
        let others = fields.all(role).skip(1).filter(|(_, value)| value.text() != best);
        others.for_each(|(name, value)| collector.add(name, value));
    }
    let mpns = || variants.iter().filter_map(|variant| variant.mpn.as_deref());
    let names = fields.all(Field::Title).skip(1).filter(|(_, value)| !value.text().is_some_and(|name| mpns().any(|mpn| mpn == name)));
    names.for_each(|(name, value)| collector.add(name, value));
}
