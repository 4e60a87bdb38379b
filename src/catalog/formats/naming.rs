//! What a row calls its product: title, brand, identifiers, and the words that describe it.

use super::attributes::are_pairs;
use super::clean::{cut, plain};
use super::columns::bare;
use super::products::Fields;
use super::roles::Field;
use super::value::Value;
use crate::catalog::product::TEXT_BYTES_MAX;
use crate::id::ID_BYTES_MAX;
use crate::stdx::digest;
use crate::text::fold;
use std::borrow::Cow;

/// How names that we made begin.
const DERIVED: &str = "row-";
/// A title is taken from the description of a row without one only if it is this short.
const TITLE_FROM_DESCRIPTION_BYTES_MAX: usize = 200;
/// What is longer describes a product and does not say what it is.
const SUBTITLE_BYTES_MAX: usize = 80;

/// The title; with the line beside it, and where it is a mere name (`KALLAX`) with what the short description says that it is. Else a
/// description that is short enough.
pub(super) fn title_of(fields: &Fields<'_, '_>, description: Option<&str>) -> Option<String> {
    let own = fields.all(Field::Title).find_map(|(_, value)| value.text()).map(|title| plain(&title).into_owned());
    let Some(title) = own.filter(|title| !title.is_empty()) else {
        return description.filter(|text| text.len() <= TITLE_FROM_DESCRIPTION_BYTES_MAX).map(str::to_owned);
    };
    let text_of = |(_, value): (&str, &Value<'_>)| value.text().map(|text| plain(&text).split_whitespace().collect::<Vec<_>>().join(" "));
    let is_short = |(name, _): &(&str, &Value<'_>)| bare(name) == "shortdescription";
    let beside = fields.first(Field::Subtitle).and_then(text_of);
    let short = || fields.all(Field::Description).find(is_short).and_then(text_of).filter(|_| is_mere_name(&title));
    let further = beside.or_else(short).filter(|text| text.len() <= SUBTITLE_BYTES_MAX && !says(text, &title) && !says(&title, text));
    Some(further.map_or_else(|| title.clone(), |text| format!("{title} {text}")))
}

/// One word: the name of a series as often as of a thing.
fn is_mere_name(title: &str) -> bool {
    !title.contains(char::is_whitespace)
}

fn says(text: &str, part: &str) -> bool {
    fold(text).contains(&fold(part))
}

pub(super) fn brand_of(value: &Value<'_>) -> Option<String> {
    let name = value.member(&["name", "title"]).unwrap_or(value).text()?;
    let name = plain(&name);
    (!name.is_empty()).then(|| name.into_owned())
}

/// Whether a column that is called a description holds attributes: features as `name: value | name: value`.
pub(super) fn holds_attributes(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(text) if are_pairs(text))
}

/// All descriptions of the row, the short one first, each text once.
pub(super) fn description_of(fields: &Fields<'_, '_>) -> Option<String> {
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
pub(super) fn identifier(fields: &Fields<'_, '_>) -> Option<(String, String)> {
    let named = [Field::Id, Field::Sku].into_iter().find_map(|role| {
        let (name, id) = fields.all(role).find_map(|(name, value)| Some((name, value.identifier()?)))?;
        Some((name.to_owned(), id.into_owned()))
    });
    named.or_else(|| gtins_of(fields).into_iter().next().map(|gtin| (fields.name(Field::Gtin, "gtin"), gtin)))
}

/// A name for a row without any, from what stays when price and popularity change.
pub(super) fn derived_id(parts: &[&str]) -> String {
    let digest = digest::hex(&digest::blake3(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>()));
    format!("{DERIVED}{}", &digest[..16])
}

/// Whether an identifier looks like one that we made.
pub(super) fn is_derived(id: &str) -> bool {
    id.strip_prefix(DERIVED).is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// An identifier that others write longer than ours may be, cut; two that begin alike stay two.
pub(super) fn bounded(id: &str) -> Cow<'_, str> {
    if id.len() <= ID_BYTES_MAX {
        return Cow::Borrowed(id);
    }
    let digest = digest::hex(&digest::blake3(&[id.as_bytes()]));
    Cow::Owned(format!("{}-{}", cut(id, ID_BYTES_MAX - 17), &digest[..16]))
}

/// Trade item numbers: every run of 8 to 14 digits in the columns that hold them, and in an identifier's column that is called so.
pub(super) fn gtins_of(fields: &Fields<'_, '_>) -> Vec<String> {
    let mut gtins: Vec<String> = Vec::new();
    let mut add = |value: &Value<'_>| {
        let text = value.identifier().unwrap_or_default();
        let parts = text.split([',', ';', '|', ' ', '[', ']', '"', '\'']);
        for gtin in parts.map(|part| part.replace('-', "")).filter(|part| may_be_trade_number(part)) {
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
fn may_be_trade_number(text: &str) -> bool {
    let digits = text.strip_suffix(['X', 'x']).unwrap_or(text);
    (8..=14).contains(&text.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The part number; a name beside the title that has no blank but a digit is one as well.
pub(super) fn mpn_of(fields: &Fields<'_, '_>) -> Option<String> {
    let own = fields.identifier(Field::Mpn).map(|mpn| mpn.into_owned());
    own.or_else(|| second_name(fields).filter(|name| is_part_number(name)))
}

fn second_name(fields: &Fields<'_, '_>) -> Option<String> {
    fields.all(Field::Title).skip(1).find_map(|(_, value)| value.text()).map(|name| name.into_owned())
}

fn is_part_number(name: &str) -> bool {
    name.len() <= 64 && !name.contains(char::is_whitespace) && name.bytes().any(|byte| byte.is_ascii_digit())
}
