//! The part about feeds: what is polled, how often, and how it is read.

use super::ConfigError;
use crate::catalog::formats::{Encoding, Format};
use crate::connect::feeds::{FEEDS_MAX, FeedKind, INTERVAL_MAX, INTERVAL_MIN, Settings, Source};
use crate::connect::webhooks::{Policy, Target};
use crate::money::Currency;
use crate::text::Language;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAME_BYTES_MAX: usize = 64;
/// A gigabyte: three million products with a few lines each.
const BYTES_DEFAULT: u64 = 1 << 30;
const BYTES_MAX: u64 = 64 << 30;
const INTERVAL_S_DEFAULT: u64 = 3_600;
/// The share of a feed's products, in percent, that may go at once unless told otherwise.
const DELIST_PERCENT_DEFAULT: u8 = 10;

/// A feed that is polled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Its name, in lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// Where it is: an `https://` address, or a path. Relative paths begin at the shop directory.
    pub source: String,
    /// What its rows are.
    #[serde(default)]
    pub kind: FeedKind,
    /// How they are written; recognised by content unless told.
    #[serde(default)]
    pub format: Format,
    /// The encoding of its text, as `windows-1250`; recognised by content unless told.
    #[serde(default)]
    pub encoding: Option<Encoding>,
    /// The column map, for columns that are not recognised by name.
    pub map: Option<PathBuf>,
    /// The currency of prices that come without one; the shop's own unless told.
    pub currency: Option<String>,
    /// Seconds between two looks, from 60.
    #[serde(default = "Feed::interval_s_default")]
    pub interval_s: u64,
    /// The file that holds the token for `Authorization: Bearer`, if the server wants one.
    pub token_file: Option<PathBuf>,
    /// The longest file that is taken.
    #[serde(default = "Feed::bytes_max_default")]
    pub bytes_max: u64,
    /// Whether products that it has no more are taken off sale.
    #[serde(default)]
    pub delist_missing: bool,
    /// The share of its products, in percent, that may be taken off sale at once; when more are missing, none is.
    #[serde(default = "Feed::delist_percent_max_default")]
    pub delist_percent_max: u8,
}

impl Feed {
    fn interval_s_default() -> u64 {
        INTERVAL_S_DEFAULT
    }

    fn bytes_max_default() -> u64 {
        BYTES_DEFAULT
    }

    fn delist_percent_max_default() -> u8 {
        DELIST_PERCENT_DEFAULT
    }

    /// The same with its paths below the shop directory.
    pub(super) fn within(mut self, shop: &Path) -> Self {
        if !is_address(&self.source) {
            self.source = shop.join(&self.source).to_string_lossy().into_owned();
        }
        self.map = self.map.map(|map| shop.join(map));
        self.token_file = self.token_file.map(|file| shop.join(file));
        self
    }

    fn check(&self, policy: &Policy) -> Result<(), ConfigError> {
        let wrong = |field, reason: String| Err(ConfigError::Value { field, reason: format!("{}: {reason}", self.name) });
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if !(1..=NAME_BYTES_MAX).contains(&self.name.len()) || !self.name.bytes().all(is_name) {
            return wrong("feeds.name", format!("1 to {NAME_BYTES_MAX} of a-z, 0-9, - and _"));
        }
        if !(INTERVAL_MIN.as_secs()..=INTERVAL_MAX.as_secs()).contains(&self.interval_s) {
            return wrong("feeds.interval_s", format!("must be between {} and {}", INTERVAL_MIN.as_secs(), INTERVAL_MAX.as_secs()));
        }
        if !(1..=BYTES_MAX).contains(&self.bytes_max) {
            return wrong("feeds.bytes_max", format!("must be between 1 and {BYTES_MAX}"));
        }
        if !(1..=100).contains(&self.delist_percent_max) {
            return wrong("feeds.delist_percent_max", "must be between 1 and 100".to_owned());
        }
        if self.delist_missing && self.kind != FeedKind::Products {
            return wrong("feeds.delist_missing", "only feeds of products".to_owned());
        }
        if self.currency.as_ref().is_some_and(|code| Currency::new(code).is_err()) {
            return wrong("feeds.currency", "must be three letters, as in ISO 4217".to_owned());
        }
        if !is_address(&self.source) {
            return if self.source.is_empty() { wrong("feeds.source", "must not be empty".to_owned()) } else { Ok(()) };
        }
        match Target::parse(&self.source, policy) {
            Ok(_) => Ok(()),
            Err(error) => wrong("feeds.source", format!("the address {error}")),
        }
    }

    /// What the connector follows; `currency` and `language` are the shop's own.
    pub(super) fn settings(&self, currency: Currency, language: Language) -> Settings {
        let source = if is_address(&self.source) { Source::Web(self.source.clone()) } else { Source::File(PathBuf::from(&self.source)) };
        Settings {
            name: self.name.clone(),
            source,
            kind: self.kind,
            format: self.format,
            encoding: self.encoding,
            map: self.map.clone(),
            language,
            currency: self.currency.as_deref().and_then(|code| Currency::new(code).ok()).unwrap_or(currency),
            interval: Duration::from_secs(self.interval_s),
            token_file: self.token_file.clone(),
            bytes_max: self.bytes_max,
            delist_percent_max: self.delist_missing.then_some(self.delist_percent_max),
        }
    }
}

fn is_address(source: &str) -> bool {
    source.contains("://")
}

/// Checks all feeds together.
pub(super) fn check(feeds: &[Feed], policy: &Policy) -> Result<(), ConfigError> {
    if feeds.len() > FEEDS_MAX {
        return Err(ConfigError::Value { field: "feeds", reason: format!("at most {FEEDS_MAX}") });
    }
    feeds.iter().try_for_each(|feed| feed.check(policy))?;
    let mut names = BTreeSet::new();
    match feeds.iter().find(|feed| !names.insert(&feed.name)) {
        Some(twice) => Err(ConfigError::Value { field: "feeds.name", reason: format!("{} stands twice", twice.name) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::connect::feeds::Source;
    use crate::text::Language;
    use std::path::{Path, PathBuf};

    fn config(feed: &str) -> Result<Config, String> {
        let text = format!("[webhooks]\nallow = [\"127.0.0.1:9000\"]\n[[feeds]]\n{feed}");
        toml::from_str::<Config>(&text).map_err(|error| error.to_string())?.check().map_err(|error| error.to_string())
    }

    #[test]
    fn a_feed_has_defaults_and_paths_begin_at_the_shop() {
        let config = config("name = \"a\"\nsource = \"in/a.csv\"\nmap = \"/etc/a.toml\"").expect("is fine");
        let feed = config.feeds[0].clone().within(Path::new("/srv/shop"));
        let settings = feed.settings(crate::money::Currency::EUR, Language::German);
        assert_eq!(settings.source, Source::File(PathBuf::from("/srv/shop/in/a.csv")));
        assert_eq!((settings.map, settings.interval.as_secs()), (Some(PathBuf::from("/etc/a.toml")), 3_600));
        assert_eq!((settings.currency, settings.delist_percent_max), (crate::money::Currency::EUR, None));
    }

    #[test]
    fn what_cannot_be_followed_is_refused_by_name() {
        let check = |feed: &str, named: &str| {
            let message = config(feed).expect_err("is refused");
            assert!(message.contains(named), "{message}");
        };
        check("name = \"A\"\nsource = \"x\"", "feeds.name");
        check("name = \"a\"\nsource = \"\"", "feeds.source");
        check("name = \"a\"\nsource = \"http://example.org/feed\"", "feeds.source");
        check("name = \"a\"\nsource = \"https://10.0.0.1/feed\"", "feeds.source");
        check("name = \"a\"\nsource = \"ftp://example.org/feed\"", "feeds.source");
        check("name = \"a\"\nsource = \"x\"\ninterval_s = 59", "feeds.interval_s");
        check("name = \"a\"\nsource = \"x\"\nbytes_max = 0", "feeds.bytes_max");
        check("name = \"a\"\nsource = \"x\"\ndelist_percent_max = 101", "feeds.delist_percent_max");
        check("name = \"a\"\nsource = \"x\"\nkind = \"stock\"\ndelist_missing = true", "feeds.delist_missing");
        check("name = \"a\"\nsource = \"x\"\ncurrency = \"EURO\"", "feeds.currency");
        check("name = \"a\"\nsource = \"x\"\nkind = \"orders\"", "orders");
        check("name = \"a\"\nsource = \"x\"\nencoding = \"morse\"", "morse");
        assert!(config("name = \"a\"\nsource = \"x\"\nencoding = \"cp1250\"").is_ok(), "what people call it");
        check("name = \"a\"\nsource = \"x\"\nurl = \"y\"", "url");
        check("name = \"a\"\nsource = \"x\"\n[[feeds]]\nname = \"a\"\nsource = \"y\"", "twice");
        assert!(config("name = \"a\"\nsource = \"http://127.0.0.1:9000/feed\"").is_ok(), "what the operator allows");
    }
}
