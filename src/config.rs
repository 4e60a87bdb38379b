//! Every limit of the process in one place: defaults, the shop's `shopkeeper.toml`, and the relations between limits.

mod feeds;
mod http;
mod memory;
mod payments;
mod trade;
mod ucp;

pub use feeds::Feed;
pub use http::{Allowance, Http, Rate, Tls, Work};
pub use memory::Memory;
pub use payments::{Payments, Stripe};
pub use trade::{Fraud, Shipping, Trade};
pub use ucp::{Link, Ucp};

use crate::connect::feeds::Settings;
use crate::connect::{stripe, webhooks};
use crate::id::MarketplaceId;
use crate::money::Currency;
use crate::search::{Everyday, Languages};
use crate::text::Language;
use crate::{pipeline, search};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Where a server listens unless told otherwise.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:7700";

/// A search that takes longer outlives the patience of whoever asked, and of the server, which ends requests after half a minute.
const SEARCH_DEADLINE_MS_MAX: u64 = 10_000;

/// Each question has a thread while it is asked, and providers count those who ask.
const PAYMENT_QUESTIONS_MAX: usize = 1_024;

/// Balances that nobody has looked through for a month are not looked through.
const BALANCES_EVERY_S_MAX: u64 = 30 * 24 * 60 * 60;

/// What an operator can set in `shopkeeper.toml` of the shop directory; everything has a default.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port of the server.
    pub listen: SocketAddr,
    /// Currency of products that come without one.
    pub currency: String,
    /// Language of the shop, as a code of ISO 639-1.
    pub language: Language,
    /// Whether what words mean in everyday language counts, where a merchant says nothing else.
    pub thesaurus: bool,
    /// What is particular to a marketplace, by its name.
    pub marketplaces: BTreeMap<MarketplaceId, Marketplace>,
    /// Limits of the pipeline.
    pub pipeline: Pipeline,
    /// Limits of the search.
    pub search: Search,
    /// Where webhooks may go.
    pub webhooks: Webhooks,
    /// Files that are polled.
    pub feeds: Vec<Feed>,
    /// Payment providers.
    pub payments: Payments,
    /// How things are sold.
    pub trade: Trade,
    /// Who is let in without a key.
    pub access: Access,
    /// What the shop says to platforms.
    pub ucp: Ucp,
    /// How the server meets the network.
    pub http: Http,
    /// How much memory the process may hold.
    pub memory: Memory,
}

/// Who is let in without a key, once there are keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// Whether the shop page that the server brings along works for everybody: each browser then reaches its own carts and orders.
    pub storefront: bool,
}

/// Where webhooks may go beyond the public internet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Sockets of this machine that may be told in the clear: for development and tests.
    pub allow: Vec<SocketAddr>,
}

/// The part of the search's limits that an operator may want to move.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// Milliseconds after which a search answers with what it has.
    pub deadline_ms: u64,
}

impl Default for Search {
    fn default() -> Self {
        Self { deadline_ms: u64::try_from(search::Options::default().deadline.as_millis()).unwrap_or(u64::MAX) }
    }
}

/// What is particular to a marketplace.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Marketplace {
    /// Its language; the shop's unless told.
    pub language: Option<Language>,
    /// Whether what words mean in everyday language counts; as in the shop unless told.
    pub thesaurus: Option<bool>,
}

/// The part of the pipeline's limits that an operator may want to move.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pipeline {
    /// Milliseconds after which a changed product is findable, at most 999.
    pub index_commit_ms: u64,
    /// Milliseconds that completing a checkout session waits for the payment provider.
    pub payment_wait_ms: u64,
    /// Questions that are asked of one payment provider at the same time, at most 1,024.
    pub payment_questions_at_once: usize,
    /// Journal entries between two checkpoints.
    pub checkpoint_entries: u64,
    /// Bytes of journal entries between two checkpoints, however few entries they are.
    pub checkpoint_bytes: u64,
    /// Seconds between two looks through all balances.
    pub balances_every_s: u64,
    /// Whether a generation of the index is built and promoted when many products have changed since the last.
    pub rebuild_index: bool,
}

impl Default for Pipeline {
    fn default() -> Self {
        let default = pipeline::Options::default();
        Self {
            index_commit_ms: default.index_commit_ms,
            payment_wait_ms: default.payment_wait_ms,
            payment_questions_at_once: default.payment_questions_at_once,
            checkpoint_entries: default.checkpoint_entries,
            checkpoint_bytes: default.checkpoint_bytes,
            balances_every_s: default.balances_every_ms / 1_000,
            rebuild_index: default.rebuilds_index,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7700)),
            currency: "USD".to_owned(),
            language: Language::English,
            thesaurus: true,
            marketplaces: BTreeMap::new(),
            pipeline: Pipeline::default(),
            search: Search::default(),
            webhooks: Webhooks::default(),
            feeds: Vec::new(),
            payments: Payments::default(),
            trade: Trade::default(),
            access: Access::default(),
            ucp: Ucp::default(),
            http: Http::default(),
            memory: Memory::default(),
        }
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("shopkeeper.toml: {0}")]
    Io(#[from] std::io::Error),
    /// The file is not what it should be; the message names line and field.
    #[error("shopkeeper.toml: {0}")]
    Shape(#[from] toml::de::Error),
    /// A value that its neighbours do not allow.
    #[error("shopkeeper.toml: {field}: {reason}")]
    Value {
        /// The field.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl Config {
    /// Reads `shopkeeper.toml` of a shop directory, or takes the defaults when there is none.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown field, or a value out of its range.
    pub fn of_shop(shop: &Path) -> Result<Self, ConfigError> {
        let path = shop.join("shopkeeper.toml");
        let config = if path.exists() { toml::from_str(&std::fs::read_to_string(path)?)? } else { Self::default() };
        let feeds = config.feeds.iter().cloned().map(|feed| feed.within(shop)).collect();
        let config = Self { http: config.http.clone().within(shop), feeds, ..config };
        config.check()
    }

    /// Checks that the values agree with each other.
    ///
    /// # Errors
    /// Names the field that does not.
    pub fn check(self) -> Result<Self, ConfigError> {
        let wrong = |field, reason: &str| Err(ConfigError::Value { field, reason: reason.to_owned() });
        if !(1..1_000).contains(&self.pipeline.index_commit_ms) {
            return wrong("pipeline.index_commit_ms", "must be between 1 and 999");
        }
        if !(1..=PAYMENT_QUESTIONS_MAX).contains(&self.pipeline.payment_questions_at_once) {
            return wrong("pipeline.payment_questions_at_once", "must be between 1 and 1024");
        }
        if self.pipeline.checkpoint_entries == 0 {
            return wrong("pipeline.checkpoint_entries", "must be at least 1");
        }
        if self.pipeline.checkpoint_bytes == 0 {
            return wrong("pipeline.checkpoint_bytes", "must be at least 1");
        }
        if !(1..=BALANCES_EVERY_S_MAX).contains(&self.pipeline.balances_every_s) {
            return wrong("pipeline.balances_every_s", "must be between 1 and 2592000");
        }
        if !(1..=SEARCH_DEADLINE_MS_MAX).contains(&self.search.deadline_ms) {
            return wrong("search.deadline_ms", "must be between 1 and 10000");
        }
        if Currency::known(&self.currency).is_err() {
            return wrong("currency", "must be a currency of ISO 4217, as in USD");
        }
        if let Err((field, reason)) = self.trade.check() {
            return wrong(field, reason);
        }
        if let Err((field, reason)) = self.memory.check() {
            return wrong(field, &reason);
        }
        self.http.check()?;
        if self.webhooks.allow.iter().any(|address| !address.ip().is_loopback()) {
            return wrong("webhooks.allow", "only addresses of this machine, as in 127.0.0.1:8080");
        }
        feeds::check(&self.feeds, &self.policy())?;
        if let Err(reason) = self.ucp.check() {
            return wrong("ucp.links", reason);
        }
        Ok(self)
    }

    /// Which addresses are called.
    #[must_use]
    pub fn policy(&self) -> webhooks::Policy {
        webhooks::Policy { allowed: self.webhooks.allow.clone() }
    }

    /// The feeds that are followed.
    #[must_use]
    pub fn feed_settings(&self) -> Vec<Settings> {
        let currency = Currency::new(&self.currency).unwrap_or(Currency::USD);
        self.feeds.iter().map(|feed| feed.settings(currency, self.language)).collect()
    }

    /// The providers that speak as Stripe's API does, with their secrets from the environment.
    ///
    /// # Errors
    /// When a secret is missing.
    pub fn stripe_options(&self) -> Result<Option<stripe::Options>, ConfigError> {
        let options = self.payments.stripe.as_ref().map(|stripe| stripe.options(|name| std::env::var(name).ok()));
        let missing =
            |variable: &str| ConfigError::Value { field: "payments.stripe", reason: format!("set {variable} in the environment") };
        options.transpose().map_err(missing)
    }

    /// Whether the built-in test providers take part.
    #[must_use]
    pub fn has_test_providers(&self) -> bool {
        self.payments.test_providers.unwrap_or(self.payments.stripe.is_none())
    }

    /// The search's options as the operator has set them.
    #[must_use]
    pub fn search_options(&self) -> search::Options {
        search::Options { deadline: Duration::from_millis(self.search.deadline_ms) }
    }

    /// The pipeline's options with what the operator has set.
    #[must_use]
    pub fn pipeline_options(&self) -> pipeline::Options {
        let Pipeline {
            index_commit_ms,
            payment_wait_ms,
            payment_questions_at_once,
            checkpoint_entries,
            checkpoint_bytes,
            balances_every_s,
            rebuild_index: rebuilds_index,
        } = self.pipeline;
        let (languages, balances_every_ms) = (Arc::new(self.languages()), balances_every_s * 1_000);
        pipeline::Options {
            index_commit_ms,
            payment_wait_ms,
            payment_questions_at_once,
            checkpoint_entries,
            checkpoint_bytes,
            balances_every_ms,
            rebuilds_index,
            languages,
            trade: self.trade.options(),
            ..pipeline::Options::default()
        }
    }

    /// Which language each marketplace reads.
    #[must_use]
    pub fn languages(&self) -> Languages {
        let told = |(name, marketplace): (&MarketplaceId, &Marketplace)| (name.clone(), marketplace.language.unwrap_or(self.language));
        let everyday = |(name, marketplace): (&MarketplaceId, &Marketplace)| Some((name.clone(), marketplace.thesaurus?));
        let marketplaces = self.marketplaces.iter().filter_map(everyday).collect();
        Languages::new(self.language, self.marketplaces.iter().map(told).collect())
            .with_everyday_words(Everyday { shop: self.thesaurus, marketplaces })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        toml::from_str::<Config>(text).map_err(ConfigError::from).and_then(Config::check)
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        let config = parse("").expect("is fine");
        assert_eq!(config.listen.to_string(), LISTEN_DEFAULT);
        config.pipeline_options().assert_sound();
        let told = |text: &str| parse(text).expect("is fine").pipeline_options().rebuilds_index;
        assert!(told("") && !told("[pipeline]\nrebuild_index = false"));
    }

    #[test]
    fn marketplaces_have_a_language_of_their_own() {
        let languages = parse("language = \"fr\"\n[marketplaces.de]\nlanguage = \"de\"\n[marketplaces.be]").expect("is fine").languages();
        let of = |name: &str| languages.of(Some(&name.parse().expect("a name")));
        assert_eq!((of("de"), of("be"), languages.of(None)), (Language::German, Language::French, Language::French));
        let languages = parse("[marketplaces.uk]\nthesaurus = false").expect("is fine").languages();
        let understands = |name: &str| languages.thesaurus(Some(&name.parse().expect("a name"))).is_some();
        assert_eq!((understands("uk"), understands("us"), languages.thesaurus(None).is_some()), (false, true, true));
        assert!(parse("thesaurus = false").expect("is fine").languages().thesaurus(None).is_none());
    }

    #[test]
    fn a_wrong_or_unknown_field_is_named() {
        let check = |text: &str, named: &str| {
            let message = parse(text).expect_err("is refused").to_string();
            assert!(message.contains(named), "{message}");
        };
        check("lisen = \"127.0.0.1:1\"", "lisen");
        check("[pipeline]\nindex_commit_ms = 5000", "pipeline.index_commit_ms");
        check("[pipeline]\npayment_questions_at_once = 0", "pipeline.payment_questions_at_once");
        check("[pipeline]\npayment_questions_at_once = 1025", "pipeline.payment_questions_at_once");
        check("[search]\ndeadline_ms = 0", "search.deadline_ms");
        check("currency = \"EURO\"", "currency");
        check("listen = \"everywhere\"", "listen");
        check("language = \"klingon\"", "klingon");
        check("[trade]\nreservation_ttl_s = 0", "trade.reservation_ttl_s");
        check("[trade.fraud]\nlarge = [{ amount = 1, currency = \"EUR\" }]", "amount");
        check("[webhooks]\nallow = [\"10.0.0.1:80\"]", "webhooks.allow");
    }
}
