//! Attributes that keep a shop's books and describe no product: their values are nothing to choose by and no words of it.

use crate::text;

/// Words of the names of such fields; as terms.
const BOOKS: [&str; 14] =
    ["id", "uuid", "url", "uri", "slug", "timestamp", "index", "crawl", "crawled", "scraped", "sku", "asin", "stock", "inventory"];
/// The same of fields that count, ...
const COUNTS: [&str; 5] = ["count", "num", "number", "no", "total"];
/// ... when these are what they count.
const COUNTED: [&str; 9] = ["image", "picture", "photo", "review", "rating", "question", "answer", "vote", "variant"];

/// Whether the name of an attribute says that it keeps the books: `source_id`, `Num_Images`, `crawl_timestamp`.
pub(super) fn keeps_books(name: &str) -> bool {
    let words = text::terms(name.strip_prefix("attributes.").unwrap_or(name));
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    has(&BOOKS) || has(&COUNTS) && has(&COUNTED)
}
