//! Columns whose names are not among those that we know letter by letter, and say what they hold all the same: `Price ($)`, `Preis`,
//! `image_2`, `amazon_category_and_sub_category`.
//!
//! A name is taken apart into words. What stands in brackets is a remark, `product` or `item` before a name that we know says nothing, and a number
//! behind the name of a picture, a category or a description says that there are several. Of a name for a price a currency is no part, and says in
//! what the price is. What speaks of a category and of whose it is holds one. Words of other languages stand in `abroad.txt`.

use super::columns::Role;
use super::currencies::currency_named;
use super::roles::Field;
use crate::money::Currency;
use crate::text::fold;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Behind every name that is known letter by letter.
const RANK: u16 = 1_000;
/// Further behind, of one language among several.
const RANK_SPOKEN_IN: u16 = 600;
/// Further behind, before tax.
const RANK_NET: u16 = 500;
/// Behind those, where the name only speaks of it.
const RANK_SPOKEN: u16 = 2_000;
/// Say nothing before a name.
const QUALIFIERS: [&str; 7] = ["product", "products", "item", "article", "amazon", "source", "my"];
/// What the name of a column of categories says beside that word; `cable category` is a property of cables.
const BESIDE_A_CATEGORY: [&str; 22] = [
    "and",
    "sub",
    "main",
    "primary",
    "secondary",
    "parent",
    "root",
    "top",
    "level",
    "path",
    "tree",
    "hierarchy",
    "name",
    "names",
    "full",
    "product",
    "item",
    "shop",
    "store",
    "web",
    "amazon",
    "google",
];
/// What the name of a column of prices says beside that word. Of a price to buy at (`EK`), or for a hundred grams, it says something else.
const BESIDE_A_PRICE: [&str; 30] = [
    "in",
    "vk",
    "brutto",
    "gross",
    "inkl",
    "incl",
    "inclusive",
    "including",
    "mit",
    "with",
    "con",
    "mwst",
    "mw",
    "st",
    "ust",
    "tva",
    "ttc",
    "iva",
    "ivato",
    "btw",
    "moms",
    "vat",
    "tax",
    "kdv",
    "dahil",
    "vente",
    "venta",
    "vendita",
    "sprzedazy",
    "final",
];
/// The same, of a price to which tax is added.
const WITHOUT_TAX: [&str; 14] =
    ["netto", "net", "ht", "exkl", "excl", "excluding", "ohne", "zzgl", "without", "sin", "bez", "haric", "neto", "hors"];
/// What columns are about anyway.
const THINGS: [&str; 24] = [
    "produkt",
    "produkte",
    "produktu",
    "produktow",
    "produkta",
    "artikel",
    "artikels",
    "artikla",
    "artykulu",
    "articulo",
    "articulos",
    "articolo",
    "prodotto",
    "prodotti",
    "produit",
    "produits",
    "producto",
    "productos",
    "produto",
    "produtos",
    "urun",
    "termek",
    "zbozi",
    "товара",
];
/// Languages by the codes with which names of columns end (ISO 639-1). `id`, `no`, `is` and `in` are words.
const LANGUAGES: [&str; 36] = [
    "de", "fr", "en", "it", "es", "nl", "pl", "pt", "sv", "da", "fi", "nb", "nn", "cs", "sk", "hu", "ro", "bg", "hr", "sl", "sr", "et",
    "lv", "lt", "el", "tr", "ru", "uk", "ar", "he", "ja", "ko", "zh", "th", "vi", "ca",
];
/// What is written in a language, or is of a country.
const SPOKEN: [Field; 8] =
    [Field::Title, Field::Subtitle, Field::Brand, Field::Description, Field::Category, Field::Url, Field::Price, Field::ListPrice];
/// Join two words.
const JOINING: [&str; 14] = ["de", "du", "del", "della", "do", "da", "der", "des", "of", "the", "la", "le", "el", "di"];
/// Columns of which there are several, told apart by numbers.
const NUMBERED: [Field; 4] = [Field::Image, Field::Category, Field::Description, Field::Gtin];

/// For each word of another language what a map file calls its meaning, and how far in front it stands among those of this meaning.
static ABROAD: LazyLock<HashMap<String, (&'static str, u16)>> = LazyLock::new(|| {
    let lines = include_str!("abroad.txt").lines().filter_map(|line| line.split_once(':'));
    let named = lines.flat_map(|(key, names)| names.split(',').zip(0..).map(move |(name, place)| (words_of(name).concat(), (key, place))));
    let mut known = HashMap::new();
    named.for_each(|(name, meaning)| {
        known.entry(name).or_insert(meaning);
    });
    known
});

/// What a map file calls the meaning of a name of another language, and how well it fits; for files of whatever kind.
pub(super) fn abroad(name: &str) -> Option<(&'static str, u16)> {
    let words = words_of(name);
    ABROAD.get(words.concat().as_str()).map(|(key, place)| (*key, RANK + place))
}

/// What a name may mean that is not known letter by letter, and how well it fits.
pub(super) fn meaning(name: &str) -> Option<(Field, u16)> {
    // Marked as an attribute it is one.
    if name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("attr")) {
        return None;
    }
    let words = words_of(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let own = known(&words).or_else(|| {
        let rest = words.split_first().filter(|(first, rest)| QUALIFIERS.contains(first) && !rest.is_empty());
        rest.and_then(|(_, rest)| known(rest))
    });
    let own = own.or_else(|| numbered(&words)).or_else(|| priced(&words)).or_else(|| bare_of_things(&words));
    own.or_else(|| in_a_language(&words).map(|(_, meaning)| meaning)).or_else(|| speaks_of_a_category(&words))
}

/// The currency that the name of a column says its prices are in.
pub(super) fn currency(name: &str) -> Option<Currency> {
    // One word says none; asked of every row.
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    // In capitals throughout, `ALL` and `TOP` are words.
    let tells_capitals = name.bytes().any(|byte| byte.is_ascii_lowercase());
    let of_word = |word: &str| currency_named(word, tells_capitals).or_else(|| usual_code(&word.to_lowercase()));
    name.split(|letter: char| letter == '_' || letter == '-' || letter == '(' || letter == ')' || letter.is_whitespace()).find_map(of_word)
}

/// Codes that are no words of a language, so that they may be written small.
fn usual_code(word: &str) -> Option<Currency> {
    const CODES: [&str; 16] =
        ["usd", "eur", "gbp", "inr", "jpy", "cad", "aud", "chf", "cny", "brl", "mxn", "krw", "rub", "pln", "czk", "sek"];
    CODES.contains(&word).then(|| Currency::known(word).ok()).flatten()
}

fn known(words: &[&str]) -> Option<(Field, u16)> {
    let whole = words.concat();
    let of_names = Field::NAMES.iter().find(|(.., names)| names.contains(&whole.as_str())).map(|(role, ..)| *role);
    let named = |key: &str| Field::NAMES.iter().find(|(_, known, _)| *known == key).map(|(role, ..)| *role);
    let abroad = || ABROAD.get(whole.as_str()).and_then(|(key, place)| Some((named(key)?, RANK + place)));
    of_names.map(|role| (role, RANK)).or_else(abroad)
}

/// Whether a column is one of several of its kind.
pub(super) fn is_numbered(name: &str) -> bool {
    let words = words_of(name);
    numbered(&words.iter().map(String::as_str).collect::<Vec<_>>()).is_some()
}

/// `image 2`, `category1`.
fn numbered(words: &[&str]) -> Option<(Field, u16)> {
    let (last, before) = words.split_last()?;
    let stem = last.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if stem.len() == last.len() {
        return None;
    }
    let whole = if stem.is_empty() { before.to_vec() } else { [before, &[stem]].concat() };
    known(&whole).filter(|(role, _)| NUMBERED.contains(role))
}

/// `price inr`, `mrp in rs`, `usd price`, `VK-Preis brutto`; without tax it is the lesser price where there are two.
fn priced(words: &[&str]) -> Option<(Field, u16)> {
    let is_currency =
        |word: &str| usual_code(word).is_some() || matches!(word, "rs" | "rupees" | "dollars" | "euro" | "euros" | "tl" | "kr");
    let is_remark = |word: &&str| is_currency(word) || BESIDE_A_PRICE.contains(word) || WITHOUT_TAX.contains(word);
    let is_thing = |word: &&str| THINGS.contains(word) || QUALIFIERS.contains(word) || JOINING.contains(word);
    let rest: Vec<&str> = words.iter().copied().filter(|word| !is_remark(word) && !is_thing(word)).collect();
    let is_told = rest.len() < words.len() && !rest.is_empty();
    let is_net = words.iter().any(|word| WITHOUT_TAX.contains(word));
    let (role, rank) = known(&rest).filter(|(role, _)| is_told && matches!(role, Field::Price | Field::ListPrice))?;
    Some((role, if is_net { rank + RANK_NET } else { rank }))
}

/// The code of the language that a column says its texts are in: `name_de`, `Bezeichnung_DE`, `title-en-GB`.
pub(super) fn language_of(name: &str) -> Option<String> {
    let words = words_of(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if known(&words).is_some() {
        return None;
    }
    in_a_language(&words).map(|(language, _)| language.to_owned())
}

/// What a name means that ends with a language, and which it is.
fn in_a_language<'w>(words: &[&'w str]) -> Option<(&'w str, (Field, u16))> {
    let (last, before) = words.split_last()?;
    let is_region = |word: &str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let (language, rest) = match before.split_last() {
        Some((language, rest)) if is_region(last) && LANGUAGES.contains(language) => (language, rest),
        Some(_) | None => (last, before),
    };
    let own = known(rest).or_else(|| rest.split_first().filter(|(first, _)| QUALIFIERS.contains(first)).and_then(|(_, rest)| known(rest)));
    let (role, rank) = own.filter(|(role, _)| LANGUAGES.contains(language) && SPOKEN.contains(role))?;
    Some((language, (role, rank + RANK_SPOKEN_IN)))
}

/// `Kod produktu`, `Nombre del producto`: what is left without the product, and what joins it.
fn bare_of_things(words: &[&str]) -> Option<(Field, u16)> {
    let rest: Vec<&str> = words.iter().copied().filter(|word| !THINGS.contains(word) && !JOINING.contains(word)).collect();
    let is_told = rest.len() < words.len() && !rest.is_empty();
    known(&rest).filter(|_| is_told)
}

fn speaks_of_a_category(words: &[&str]) -> Option<(Field, u16)> {
    let is_one = |word: &&str| matches!(*word, "category" | "categories" | "subcategory" | "subcategories");
    let is_beside = |word: &&str| BESIDE_A_CATEGORY.contains(word) || word.bytes().all(|byte| byte.is_ascii_digit());
    let speaks = words.iter().any(is_one) && words.iter().all(|word| is_one(word) || is_beside(word));
    speaks.then_some((Field::Category, RANK_SPOKEN))
}

/// The words of a name outside brackets, small and without accents; a capital behind a small letter begins another.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut depth, mut before) = (0_usize, ' ');
    for letter in name.chars() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ => {
                let begins = !letter.is_alphanumeric() || letter.is_uppercase() && before.is_lowercase();
                if begins {
                    words.push(String::new());
                }
                if letter.is_alphanumeric()
                    && let Some(word) = words.last_mut()
                {
                    word.push(letter);
                }
            }
        }
        before = letter;
    }
    words.iter().map(|word| fold(word)).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_nobody_listed_are_understood_or_left_alone() {
        let check = |name: &str, expected: Option<Field>| assert_eq!(meaning(name).map(|(role, _)| role), expected, "{name}");
        check("Price ($)", Some(Field::Price));
        check("Price Starting With ($)", Some(Field::Price));
        check("price_inr", Some(Field::Price));
        check("MRP (in Rs)", Some(Field::ListPrice));
        check("Preis", Some(Field::Price));
        check("Désignation", Some(Field::Title));
        check("Währung", Some(Field::Currency));
        check("name_de", Some(Field::Title));
        check("Bezeichnung_DE", Some(Field::Title));
        check("product_description_en_GB", Some(Field::Description));
        check("category_id", None);
        check("item_no", None);
        check("weight_de", None);
        check("商品名", Some(Field::Title));
        check("image_2", Some(Field::Image));
        check("Category1", Some(Field::Category));
        check("amazon_category_and_sub_category", Some(Field::Category));
        check("primaryCategories", Some(Field::Category));
        check("item_url", Some(Field::Url));
        // What only speaks of a category stands behind what is called one, as every loose name behind those that are known.
        let rank = |name: &str| meaning(name).map(|(_, rank)| rank);
        assert!(rank("amazon_category_and_sub_category") > rank("Kategorie") && rank("Kategorie") >= Some(RANK));
        assert!(rank("VK-Preis netto") > rank("VK-Preis brutto"));
        assert!(rank("Untergruppe") > rank("Hauptgruppe") && rank("Lieferant") > rank("Marke") && rank("Artikel") > rank("Bezeichnung"));
        for other in [
            "EK-Preis netto",
            "Prix d'achat",
            "Poids du produit",
            "Produkt Farbe",
            "brand_usd",
            "attr_t_networking_cable_category",
            "cable category",
            "attribute category",
            "category_id",
            "categoryUrl",
            "Energy class",
            "price_range",
            "rating 5",
            "colour name",
            "product_weight",
            "Material",
        ] {
            check(other, None);
        }
    }

    #[test]
    fn headings_with_qualifiers_and_of_more_languages_are_understood() {
        let check = |name: &str, expected: Option<Field>| assert_eq!(meaning(name).map(|(role, _)| role), expected, "{name}");
        check("VK-Preis brutto", Some(Field::Price));
        check("Einzelpreis (EUR)", Some(Field::Price));
        check("Preis inkl. MwSt.", Some(Field::Price));
        check("Prix de vente TTC", Some(Field::Price));
        check("Tarif", Some(Field::Price));
        check("Ár", Some(Field::Price));
        check("Ürün Fiyatı", Some(Field::Price));
        check("Kod produktu", Some(Field::Id));
        check("Ürün Kodu", Some(Field::Id));
        check("Cikkszám", Some(Field::Id));
        check("상품코드", Some(Field::Id));
        check("Cena produktu", Some(Field::Price));
        check("Nombre del producto", Some(Field::Title));
        check("Artikel", Some(Field::Title));
        check("Benämning", Some(Field::Title));
        check("商品タイトル", Some(Field::Title));
        check("販売価格(税込)", Some(Field::Price));
        check("商品名稱", Some(Field::Title));
        check("اسم المنتج", Some(Field::Title));
        check("رمز المنتج", Some(Field::Id));
        check("السعر", Some(Field::Price));
        check("ชื่อสินค้า", Some(Field::Title));
        check("หมวดหมู่", Some(Field::Category));
        check("Όνομα προϊόντος", Some(Field::Title));
        check("Κωδικός", Some(Field::Id));
        check("Τιμή", Some(Field::Price));
        check("Famille", Some(Field::Category));
        check("Hauptgruppe", Some(Field::Category));
        check("Fournisseur", Some(Field::Brand));
        check("Lieferant", Some(Field::Brand));
        check("Langtext", Some(Field::Description));
    }

    #[test]
    fn a_column_says_in_what_language_it_is() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(language_of(name).as_deref(), expected, "{name}");
        check("name_fr", Some("fr"));
        check("Bezeichnung_DE", Some("de"));
        check("title-en-GB", Some("en"));
        check("title", None);
        check("nom", None);
        check("weight_de", None);
    }

    #[test]
    fn a_column_says_in_what_its_prices_are() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(currency(name).map(|currency| currency.to_string()).as_deref(), expected, "{name}");
        };
        check("price_usd", Some("USD"));
        check("Price (EUR)", Some("EUR"));
        check("Price (£)", Some("GBP"));
        check("MRP in Rs", Some("INR"));
        check("Price", None);
        check("top_price", None);
        check("list_price_all", None);
    }
}
