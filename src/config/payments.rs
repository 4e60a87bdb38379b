//! Which payment providers a shop has. Secrets never stand in the file: they come from the environment.

use crate::connect::stripe::{self, Secret};
use serde::Deserialize;

/// The key that calls are made with.
const KEY_VARIABLE: &str = "SHOPKEEPER_STRIPE_SECRET_KEY";
/// What webhooks are signed with, separated by commas while one is being replaced.
const WEBHOOKS_VARIABLE: &str = "SHOPKEEPER_STRIPE_WEBHOOK_SECRETS";

/// The part about payments.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payments {
    /// Whether the built-in test providers take part; they do unless a real one is set up.
    pub test_providers: Option<bool>,
    /// A provider that speaks as Stripe's API does.
    pub stripe: Option<Stripe>,
}

/// A provider that speaks as Stripe's API does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stripe {
    /// The name that payments know it by.
    #[serde(default = "Stripe::name_default")]
    pub name: String,
    /// Scheme, host and port of the API.
    pub base_url: String,
    /// Where shoppers come back to after acting elsewhere.
    pub return_url: String,
    /// Whether the account may take the money of one authorisation in several parts.
    #[serde(default)]
    pub multiple_captures: bool,
}

impl Stripe {
    fn name_default() -> String {
        "stripe".to_owned()
    }

    /// How it is reached, with the secrets of the environment that `variable` reads.
    ///
    /// # Errors
    /// Naming the variable that is not set.
    pub(super) fn options(&self, variable: impl Fn(&str) -> Option<String>) -> Result<stripe::Options, &'static str> {
        let set = |name: &'static str| variable(name).filter(|text| !text.trim().is_empty()).ok_or(name);
        let secrets = set(WEBHOOKS_VARIABLE)?;
        let secrets = secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty());
        Ok(stripe::Options {
            name: self.name.clone(),
            base_url: self.base_url.clone(),
            secret_key: Secret::new(set(KEY_VARIABLE)?.trim()),
            webhook_secrets: secrets.map(Secret::new).collect(),
            return_url: self.return_url.clone(),
            multiple_captures: self.multiple_captures,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_from_the_environment_and_a_missing_one_is_named() {
        let stripe: Stripe = toml::from_str("base_url = \"http://127.0.0.1:1\"\nreturn_url = \"https://shop.test\"").expect("is fine");
        let options = stripe.options(|name| Some(format!("{name}-1, {name}-2"))).expect("both are set");
        assert_eq!((options.name.as_str(), options.webhook_secrets.len(), options.multiple_captures), ("stripe", 2, false));
        let only = |set: &'static str| stripe.options(move |name| (name == set).then(|| "x".to_owned())).err();
        assert_eq!((only(KEY_VARIABLE), only(WEBHOOKS_VARIABLE)), (Some(WEBHOOKS_VARIABLE), Some(KEY_VARIABLE)));
    }
}
