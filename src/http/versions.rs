//! Entity tags of carts, checkout sessions, orders and stock, and `If-Match` on their way into the command that it conditions.

use super::answer::{Answer, with};
use super::error::{Kind, Problem};
use crate::event::trade::Subject;
use crate::trade::{Action, Condition, Snapshot, VERSIONS_MAX, Version};
use axum::http::HeaderMap;
use axum::http::header::{ETAG, IF_MATCH};

/// The action, done only while its subject has one of the versions that `If-Match` names (`*`: while it exists). Without that header the
/// action as it is.
///
/// # Errors
/// When the header names something that no version of ours looks like: it cannot match then.
pub(super) fn only_if(headers: &HeaderMap, subject: Subject, action: Action) -> Result<Action, Problem> {
    let failed = |detail: String| Problem::of_field(Kind::PreconditionFailed, "if-match", detail);
    let Some(tags) = headers.get(IF_MATCH) else { return Ok(action) };
    let tags = tags.to_str().map_err(|_| failed("must be printable ASCII".to_owned()))?;
    if tags.trim() == "*" {
        return Ok(Action::OnlyIf { condition: Condition { subject, versions: Vec::new() }, action: Box::new(action) });
    }
    let versions: Vec<Version> = tags.split(',').filter_map(version_of).take(VERSIONS_MAX).collect();
    if versions.is_empty() {
        return Err(failed("no version of it has that name; take the etag of the answer that it was read from".to_owned()));
    }
    Ok(Action::OnlyIf { condition: Condition { subject, versions }, action: Box::new(action) })
}

/// A strong tag. A weak one cannot match (RFC 9110, section 13.1.1).
fn version_of(tag: &str) -> Option<Version> {
    tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// The answer with the entity tag of what it shows.
pub(super) fn tagged(answer: Answer, snapshot: &Snapshot) -> Answer {
    tagged_with(answer, Version::of(snapshot))
}

fn tagged_with(answer: Answer, version: Option<Version>) -> Answer {
    match version {
        Some(version) => Ok(with(answer?, ETAG, &format!("\"{version}\""))),
        None => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn if_match_becomes_a_condition_of_the_command() {
        let subject = || Subject::Cart("c".parse().expect("an id"));
        let check = |tags: &'static str, expected: Option<usize>| {
            let headers = HeaderMap::from_iter([(IF_MATCH, HeaderValue::from_static(tags))]);
            let found = only_if(&headers, subject(), Action::PassTime);
            let count = found.ok().map(|action| match action {
                Action::OnlyIf { condition, .. } => condition.versions.len(),
                other => panic!("{other:?}"),
            });
            assert_eq!(count, expected, "{tags}");
        };
        check("*", Some(0));
        check("\"00112233445566778899aabbccddeeff\"", Some(1));
        check("\"nonsense\", \"00112233445566778899aabbccddeeff\"", Some(1));
        check("W/\"00112233445566778899aabbccddeeff\"", None);
        check("\"1\"", None);
        assert_eq!(only_if(&HeaderMap::new(), subject(), Action::PassTime), Ok(Action::PassTime));
    }
}
