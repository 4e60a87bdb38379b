//! Entity tags of everything in trade that has a version, and `If-Match` on its way into the command that it conditions.

use super::answer::{Answer, with};
use super::error::{Kind, Problem};
use crate::event::trade::Subject;
use crate::trade::{Action, Condition, Snapshot, VERSIONS_MAX, Version};
use axum::http::HeaderValue;
use axum::http::header::ETAG;

/// The action, done only while its subject has one of the versions that the lines of `If-Match` name (`*`: while it exists). Without such a
/// line the action as it is.
///
/// # Errors
/// When the header names something that no version of ours looks like: it cannot match then. Or more versions than are looked at.
pub(super) fn only_if(if_match: &[HeaderValue], subject: Subject, action: Action) -> Result<Action, Problem> {
    if if_match.is_empty() {
        return Ok(action);
    }
    let failed = |detail: &str| Problem::of_field(Kind::PreconditionFailed, "if-match", detail);
    let lines: Result<Vec<&str>, _> = if_match.iter().map(HeaderValue::to_str).collect();
    let lines = lines.map_err(|_| failed("must be printable ASCII"))?;
    let tags = || lines.iter().flat_map(|line| line.split(',')).map(str::trim).filter(|tag| !tag.is_empty());
    if tags().eq(["*"]) {
        return Ok(Action::OnlyIf { condition: Condition { subject, versions: Vec::new() }, action: Box::new(action) });
    }
    if tags().nth(VERSIONS_MAX).is_some() {
        return Err(Problem::invalid("if-match", format!("must not name more than {VERSIONS_MAX} versions")));
    }
    let versions: Vec<Version> = tags().filter_map(version_of).collect();
    if versions.is_empty() {
        return Err(failed("no version of it has that name; take the etag of the answer that it was read from"));
    }
    Ok(Action::OnlyIf { condition: Condition { subject, versions }, action: Box::new(action) })
}

/// A strong tag. A weak one cannot match (RFC 9110, section 13.1.1).
fn version_of(tag: &str) -> Option<Version> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// The answer with the entity tag of what it shows.
pub(super) fn tagged(answer: Answer, snapshot: &Snapshot) -> Answer {
    tagged_with(answer, Version::of(snapshot))
}

/// The same of a version that is known.
pub(super) fn tagged_with(answer: Answer, version: Option<Version>) -> Answer {
    match version {
        Some(version) => Ok(with(answer?, ETAG, &format!("\"{version}\""))),
        None => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    const TAG: &str = "\"00112233445566778899aabbccddeeff\"";

    fn conditioned(lines: &[&str]) -> Result<Action, Problem> {
        let lines: Vec<HeaderValue> = lines.iter().map(|line| HeaderValue::from_bytes(line.as_bytes()).expect("a value")).collect();
        only_if(&lines, Subject::Cart("c".parse().expect("an id")), Action::PassTime)
    }

    #[test]
    fn if_match_becomes_a_condition_of_the_command() {
        let check = |lines: &[&str], expected: usize| match conditioned(lines) {
            Ok(Action::OnlyIf { condition, .. }) => assert_eq!(condition.versions.len(), expected, "{lines:?}"),
            other => panic!("{lines:?}: {other:?}"),
        };
        check(&["*"], 0);
        check(&[" * "], 0);
        check(&[TAG], 1);
        check(&[&format!("{TAG},{TAG}")], 2);
        check(&[TAG, TAG], 2);
        check(&[&format!("\"nonsense\", {TAG}, W/{TAG}, *")], 1);
        check(&[&vec![TAG; VERSIONS_MAX].join(", ")], VERSIONS_MAX);
        assert_eq!(conditioned(&[]), Ok(Action::PassTime));
    }

    #[test]
    fn what_cannot_be_a_version_never_matches() {
        let check = |line: &str, expected: StatusCode| {
            let problem = conditioned(&[line]).expect_err(line);
            assert_eq!((problem.kind().row().0, problem.field()), (expected.as_u16(), Some("if-match")), "{line}");
        };
        check("", StatusCode::PRECONDITION_FAILED);
        check(",", StatusCode::PRECONDITION_FAILED);
        check("\"1\"", StatusCode::PRECONDITION_FAILED);
        check(&format!("W/{TAG}"), StatusCode::PRECONDITION_FAILED);
        check(TAG.trim_matches('"'), StatusCode::PRECONDITION_FAILED);
        check("*, *", StatusCode::PRECONDITION_FAILED);
        check("\"é\"", StatusCode::PRECONDITION_FAILED);
        check(&vec![TAG; VERSIONS_MAX + 1].join(","), StatusCode::BAD_REQUEST);
    }
}
