//! Who calls: the `UCP-Agent` header, a dictionary of structured fields (RFC 8941), and what stands in its place in a tool call.
//!
//! `profile="https://agent.example/profile"; version="2026-04-08"`: the version may be a parameter or a member of its own.

use super::refusal::Refusal;
use axum::http::{HeaderMap, Uri};

pub(super) const HEADER: &str = "ucp-agent";
/// Longest address of a profile.
const PROFILE_BYTES_MAX: usize = 512;

/// A platform, as it calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Agent {
    /// The address of its profile.
    pub(super) profile: String,
    /// The version of the protocol that it speaks, when it says so.
    pub(super) version: Option<String>,
}

impl Agent {
    /// Checks an address of a profile.
    ///
    /// # Errors
    /// When it is not one.
    pub(super) fn new(profile: &str, version: Option<String>) -> Result<Self, Refusal> {
        if !is_profile(profile) {
            return Err(Refusal::profile(&format!(
                "the address of a profile begins with https:// and has at most {PROFILE_BYTES_MAX} bytes"
            )));
        }
        Ok(Self { profile: profile.to_owned(), version })
    }

    /// The platform that the header names; none without that header.
    ///
    /// # Errors
    /// When the header is there and names no profile.
    pub(super) fn of_headers(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let lines: Vec<&str> = headers.get_all(HEADER).iter().map(|line| line.to_str().unwrap_or_default()).collect();
        if lines.is_empty() {
            return Ok(None);
        }
        let members = members(&lines.join(","));
        let value = |wanted: &str| members.iter().rev().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        let named = value("profile").ok_or_else(|| Refusal::profile("say profile=\"https://…\""))?;
        Self::new(&named, value("version")).map(Some)
    }
}

/// An absolute address over TLS; of this machine also one without, for development.
pub(in crate::http) fn is_profile(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let is_local = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_safe = uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_local);
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    is_safe && !has_user && uri.host().is_some_and(|host| !host.is_empty()) && text.len() <= PROFILE_BYTES_MAX
}

/// Names and texts of a dictionary, parameters among them; what is not a quoted text has no value here.
fn members(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, after) = rest.split_at(rest.find(['=', ',', ';']).unwrap_or(rest.len()));
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => unquoted(quoted),
            None => (None, after.find([',', ';']).map_or("", |end| &after[end..])),
        };
        if let Some(value) = value {
            found.push((name.trim().to_ascii_lowercase(), value));
        }
        rest = after.trim_start().trim_start_matches([',', ';']);
    }
    found
}

/// The text up to the closing quote, and what follows; no text when it does not close.
fn unquoted(text: &str) -> (Option<String>, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return (Some(value), &text[place + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            _ => value.push(letter),
        }
    }
    (None, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(lines: &[&str]) -> Result<Option<Agent>, Refusal> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HEADER, HeaderValue::from_bytes(line.as_bytes()).expect("a value"));
        }
        Agent::of_headers(&headers)
    }

    #[test]
    fn a_platform_is_named_by_its_profile_and_may_say_its_version() {
        let check = |lines: &[&str], profile: &str, version: Option<&str>| {
            let agent = read(lines).ok().flatten().unwrap_or_else(|| panic!("{lines:?}"));
            assert_eq!((agent.profile.as_str(), agent.version.as_deref()), (profile, version), "{lines:?}");
        };
        check(&["profile=\"https://a.example/p\""], "https://a.example/p", None);
        check(&["profile=\"https://a.example/p\"; version=\"2026-04-08\""], "https://a.example/p", Some("2026-04-08"));
        check(&["version=\"2026-04-08\", profile=\"https://a.example/p?x=1,2;3\""], "https://a.example/p?x=1,2;3", Some("2026-04-08"));
        check(&["a=1, b, c=?0;d=\"x\\\"y\"", "profile=\"https://a.example/p\""], "https://a.example/p", None);
        check(&["profile=\"http://127.0.0.1:9/p\""], "http://127.0.0.1:9/p", None);
    }

    #[test]
    fn what_names_no_profile_is_refused() {
        for line in [
            "",
            "profile",
            "profile=x",
            "profile=\"",
            "profile=\"\"",
            "profile=\"http://a.example/\"",
            "profile=\"https://\"",
            "profile=\"ftp://a.example\"",
            "profile=\"https://me@a.example/\"",
            "profile=\"https://a.example/ x\"",
            "version=\"2026-04-08\"",
            "\u{ff}",
            "=\"\",=,;;",
        ] {
            assert!(read(&[line]).is_err(), "{line}");
        }
        assert!(read(&[&format!("profile=\"https://a.example/{}\"", "x".repeat(PROFILE_BYTES_MAX))]).is_err());
        assert!(matches!(read(&[]), Ok(None)));
    }
}
