//! Product rows: our own documents as they are, everything else field by field.

use super::amount::{Pricing, price};
use super::attributes::{Collector, are_pairs};
use super::categories::Paths;
use super::clean::{cut, plain};
use super::columns::{Columns, Sorted, bare};
use super::map::Section;
use super::records::RawRow;
use super::roles::Field;
use super::value::Value;
use super::{ImportOptions, Omissions, Reject};
use crate::catalog::product::TEXT_BYTES_MAX;
use crate::catalog::{CatalogError, Offer, Product, Rating, Variant};
use crate::id::{ProductId, Sku};
use crate::money::Money;
use crate::stdx::digest;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};

const IMAGES_MAX: usize = 20;
const URL_BYTES_MAX: usize = 2_048;
/// A title is taken from the description of a row without one only if it is this short.
const TITLE_FROM_DESCRIPTION_BYTES_MAX: usize = 200;

/// Makes products of rows.
pub(super) struct ProductReader {
    columns: Columns<Field>,
    section: Section,
    pricing: Pricing,
    omissions: Omissions,
    /// Digests of the identifiers seen and their lines: the second row of a name would undo the first, and importing the file again
    /// would change both back and forth.
    seen: HashMap<u64, u64>,
}

type Fields<'r, 'v> = Sorted<'r, 'v, Field>;

impl ProductReader {
    pub(super) fn new(options: &ImportOptions, omissions: Omissions) -> Result<Self, CatalogError> {
        let section = options.map.product.clone();
        let columns = Columns::new(&section)?;
        let pricing = options.pricing(&section);
        Ok(Self { columns, section, pricing, omissions, seen: HashMap::new() })
    }

    pub(super) fn read(&mut self, row: &RawRow<'_>) -> Result<Product, Reject> {
        let product = if is_document(row) { document(row)? } else { self.flat(row)? };
        self.admitted(row.line, product)
    }

    /// The product, unless it breaks a rule of ours or had a row before that has been given out.
    pub(super) fn admitted(&mut self, line: u64, product: Product) -> Result<Product, Reject> {
        let refused = |field: String, reason: String| Reject { line, field, reason };
        product.check().map_err(|error| refused(error.field, error.reason))?;
        let mut hasher = DefaultHasher::new();
        product.id.as_str().hash(&mut hasher);
        match self.seen.entry(hasher.finish()) {
            Entry::Occupied(first) => Err(refused("id".to_owned(), format!("{} stands in line {} already", product.id, first.get()))),
            Entry::Vacant(free) => {
                free.insert(line);
                Ok(product)
            }
        }
    }

    /// The product of a row whose columns are known by their names.
    pub(super) fn flat(&mut self, row: &RawRow<'_>) -> Result<Product, Reject> {
        let fields = self.columns.sort(row.fields);
        let description = description_of(&fields);
        let title =
            title_of(&fields, description.as_deref()).ok_or_else(|| row.reject(fields.name(Field::Title, "title"), "is missing"))?;
        let brand = fields.all(Field::Brand).find_map(|(_, value)| brand_of(value)).or_else(|| self.section.constants.brand.clone());
        let images = images_of(&fields);
        let id = match identifier(&fields) {
            Some((name, id)) => ProductId::new(&id).map_err(|error| row.reject(name, error.to_string()))?,
            None => derived_id(&title, brand.as_deref(), images.first().map(String::as_str))
                .map_err(|error| row.reject("id", error.to_string()))?,
        };
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
            title,
            brand,
            description,
            categories: paths.into_paths(),
            attributes,
            images,
            url: fields.text(Field::Url).filter(|url| url.len() <= URL_BYTES_MAX).map(|url| url.into_owned()),
            rating: rating_of(&fields),
            popularity: fields
                .first(Field::Popularity)
                .and_then(|(_, value)| value.number())
                .filter(|number| *number >= 0.0)
                .map(|n| n as f32),
            variants,
        })
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
    fn variant(&self, row: &RawRow<'_>, fields: &Fields<'_, '_>, otherwise: &str, is_whole: bool) -> Result<Variant, Reject> {
        let own = fields.identifier(Field::Sku).or_else(|| if is_whole { None } else { fields.identifier(Field::Id) });
        let sku =
            Sku::new(own.as_deref().unwrap_or(otherwise)).map_err(|error| row.reject(fields.name(Field::Sku, "sku"), error.to_string()))?;
        let offers = self.offer(row, fields)?.into_iter().collect();
        Ok(Variant { sku, title: None, gtins: gtins_of(fields), mpn: mpn_of(fields), attributes: Default::default(), offers })
    }

    fn offer(&self, row: &RawRow<'_>, fields: &Fields<'_, '_>) -> Result<Option<Offer>, Reject> {
        let currency = match fields.text(Field::Currency) {
            Some(code) => crate::money::Currency::known(&code)
                .map_err(|error| row.reject(fields.name(Field::Currency, "currency"), error.to_string()))?,
            None => self.pricing.currency,
        };
        let pricing = Pricing { currency, ..self.pricing };
        let read = |role| -> Result<Option<Money>, Reject> {
            let Some((name, value)) = fields.first(role) else { return Ok(None) };
            let money = price(value, pricing).map_err(|reason| row.reject(name, reason))?;
            if money.is_some_and(|money| money.amount_minor < 0) {
                return Err(row.reject(name, "must not be negative"));
            }
            Ok(money)
        };
        let (price, list_price) = (read(Field::Price)?, read(Field::ListPrice)?);
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
    serde_json::from_slice(row.json.unwrap_or_default()).map_err(|error| {
        let reason = error.to_string();
        let field = reason.split('`').nth(1).unwrap_or_default().to_owned();
        row.reject(field, reason)
    })
}

fn title_of(fields: &Fields<'_, '_>, description: Option<&str>) -> Option<String> {
    let own = fields.all(Field::Title).find_map(|(_, value)| value.text()).map(|title| plain(&title).into_owned());
    let own = own.filter(|title| !title.is_empty());
    own.or_else(|| description.filter(|text| text.len() <= TITLE_FROM_DESCRIPTION_BYTES_MAX).map(str::to_owned))
}

fn brand_of(value: &Value<'_>) -> Option<String> {
    let name = value.member(&["name", "title"]).unwrap_or(value).text()?;
    let name = plain(&name);
    (!name.is_empty()).then(|| name.into_owned())
}

/// Whether a column that is called a description holds attributes: features as `name: value | name: value`.
fn holds_attributes(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(text) if are_pairs(text))
}

/// All descriptions of the row, the short one first, each text once.
fn description_of(fields: &Fields<'_, '_>) -> Option<String> {
    let mut whole = String::new();
    let mut add = |text: &str| {
        let text = plain(text);
        if !text.is_empty() && !whole.contains(&*text) {
            if !whole.is_empty() {
                whole.push('\n');
            }
            whole.push_str(&text);
        }
    };
    for (_, value) in fields.all(Field::Description).filter(|(_, value)| !holds_attributes(value)) {
        match value {
            Value::List(texts) => texts.iter().filter_map(Value::text).for_each(|text| add(&text)),
            Value::Null | Value::Flag(_) | Value::Whole(_) | Value::Fraction(_) | Value::Text(_) | Value::Object(_) => {
                value.text().iter().for_each(|text| add(text));
            }
        }
    }
    whole.truncate(cut(&whole, TEXT_BYTES_MAX).len());
    (!whole.is_empty()).then_some(whole)
}

/// The product's identifier and its column: what is called one, else the SKU, else the first trade item number.
fn identifier(fields: &Fields<'_, '_>) -> Option<(String, String)> {
    let named = [Field::Id, Field::Sku].into_iter().find_map(|role| {
        let (name, id) = fields.all(role).find_map(|(name, value)| Some((name, value.identifier()?)))?;
        Some((name.to_owned(), id.into_owned()))
    });
    named.or_else(|| gtins_of(fields).into_iter().next().map(|gtin| (fields.name(Field::Gtin, "gtin"), gtin)))
}

/// A name for a row without any, from what stays when price and popularity change.
fn derived_id(title: &str, brand: Option<&str>, image: Option<&str>) -> Result<ProductId, crate::id::IdError> {
    let parts = [title, brand.unwrap_or_default(), image.unwrap_or_default()];
    let digest = digest::hex(&digest::blake3(&parts.map(str::as_bytes)));
    ProductId::new(&format!("row-{}", &digest[..16]))
}

/// Trade item numbers: every run of 8 to 14 digits in the columns that hold them, and in an identifier's column that is called so.
fn gtins_of(fields: &Fields<'_, '_>) -> Vec<String> {
    let mut gtins: Vec<String> = Vec::new();
    let mut add = |value: &Value<'_>| {
        let text = value.identifier().unwrap_or_default();
        let parts = text.split([',', ';', '|', ' ', '[', ']', '"', '\'']);
        for gtin in parts.map(|part| part.replace('-', "")).filter(|part| is_trade_number(part)) {
            if !gtins.contains(&gtin) {
                gtins.push(gtin);
            }
        }
    };
    for (_, value) in fields.all(Field::Gtin) {
        match value {
            Value::List(values) => values.iter().for_each(&mut add),
            Value::Null | Value::Flag(_) | Value::Whole(_) | Value::Fraction(_) | Value::Text(_) | Value::Object(_) => add(value),
        }
    }
    let is_number_column = |name: &str| matches!(bare(name).as_str(), "gtin" | "ean" | "upc" | "barcode" | "isbn" | "isbn13" | "gtin13");
    fields.all(Field::Id).chain(fields.all(Field::Sku)).filter(|(name, _)| is_number_column(name)).for_each(|(_, value)| add(value));
    gtins
}

/// 8 to 14 digits; the last of an ISBN-10 may be an X.
fn is_trade_number(text: &str) -> bool {
    let digits = text.strip_suffix(['X', 'x']).unwrap_or(text);
    (8..=14).contains(&text.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The part number; a name beside the title that has no blank but a digit is one as well.
fn mpn_of(fields: &Fields<'_, '_>) -> Option<String> {
    let own = fields.identifier(Field::Mpn).map(|mpn| mpn.into_owned());
    own.or_else(|| second_name(fields).filter(|name| is_part_number(name)))
}

fn second_name(fields: &Fields<'_, '_>) -> Option<String> {
    fields.all(Field::Title).skip(1).find_map(|(_, value)| value.text()).map(|name| name.into_owned())
}

fn is_part_number(name: &str) -> bool {
    name.len() <= 64 && !name.contains(char::is_whitespace) && name.bytes().any(|byte| byte.is_ascii_digit())
}

fn images_of(fields: &Fields<'_, '_>) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    let mut add = |value: &Value<'_>| {
        let address = value.member(&["large", "hi_res", "src", "url", "href", "link"]).unwrap_or(value).text();
        for address in address.iter().flat_map(|address| address.split(['|', ' ', ',', '"', '[', ']'])) {
            let fits = address.len() <= URL_BYTES_MAX && address.contains('/') && images.len() < IMAGES_MAX;
            if fits && !images.iter().any(|image| image == address) {
                images.push(address.to_owned());
            }
        }
    };
    let mut has_single = false;
    for (_, value) in fields.all(Field::Image) {
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

fn rating_of(fields: &Fields<'_, '_>) -> Option<Rating> {
    let (_, value) = fields.first(Field::Rating)?;
    let average = value.member(&["average", "rate", "value", "stars"]).unwrap_or(value).number()?;
    let count = value.member(&["count", "reviews"]).or_else(|| fields.first(Field::RatingCount).map(|(_, count)| count));
    let count = count.and_then(count_of).and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
    (0.0..=5.0).contains(&average).then_some(Rating { average: average as f32, count })
}

/// A count that may have separators of thousands.
fn count_of(value: &Value<'_>) -> Option<i64> {
    value.whole().or_else(|| value.text()?.replace(',', "").parse().ok())
}

/// Everything that has no meaning of its own, and what lost against a better column of the same meaning.
fn collect_attributes(collector: &mut Collector<'_>, fields: &Fields<'_, '_>, variants: &[Variant]) {
    fields.rest.iter().for_each(|(name, value)| collector.add(name, value));
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
