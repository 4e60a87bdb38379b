//! What the shop says of itself to platforms that speak the Universal Commerce Protocol.

use serde::Deserialize;

/// Links that a session can carry.
const LINKS_MAX: usize = 16;
/// Longest address of one.
const URL_BYTES_MAX: usize = 2_048;

/// The part about the protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ucp {
    /// What a buyer has to be able to read before they pay: terms of service, privacy policy, refunds.
    pub links: Vec<Link>,
    /// Whether profiles are fetched from where platforms say that they are, so that only what both sides can do is used. Off: a platform is
    /// taken at its word, and nothing is asked of anybody.
    pub fetch_profiles: bool,
}

/// One link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it leads to: `privacy_policy`, `terms_of_service`, `refund_policy`, `shipping_policy`, `faq`, or a word of the shop's own.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it leads.
    pub url: String,
    /// What is shown for it.
    #[serde(default)]
    pub title: Option<String>,
}

impl Ucp {
    /// Checks that links are links.
    ///
    /// # Errors
    /// Naming what is wrong.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.links.len() > LINKS_MAX {
            return Err("there can be 16 links");
        }
        let is_address = |url: &str| {
            (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= URL_BYTES_MAX && !url.contains(char::is_whitespace)
        };
        match self.links.iter().all(|link| is_address(&link.url) && !link.kind.trim().is_empty()) {
            true => Ok(()),
            false => Err("a link has a type and an absolute address"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_absolute_and_says_what_it_leads_to() {
        let check = |toml: &str, is_fine: bool| {
            let ucp: Ucp = toml::from_str(toml).expect("has the shape");
            assert_eq!(ucp.check().is_ok(), is_fine, "{toml}");
        };
        check("", true);
        check("[[links]]\ntype = \"privacy_policy\"\nurl = \"https://shop.example/privacy\"", true);
        check("[[links]]\ntype = \"privacy_policy\"\nurl = \"/privacy\"", false);
        check("[[links]]\ntype = \" \"\nurl = \"https://shop.example/privacy\"", false);
        check(&"[[links]]\ntype = \"x\"\nurl = \"https://shop.example/\"\n".repeat(LINKS_MAX + 1), false);
    }
}
