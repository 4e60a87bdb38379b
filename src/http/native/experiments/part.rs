//! A search's part in experiments: which arms it is answered with, what its page is told, and what the journal is.

use crate::access::{Resource, Scope, Verb};
use crate::event::ActivityEvent;
use crate::event::activity::Trial;
use crate::http::access::Caller;
use crate::http::error::{Kind, Problem};
use crate::http::visitor;
use crate::id::{QueryId, SettingId};
use crate::search::experiment::{Enrolled, Stated, Visitor};
use crate::search::{Moment, Request};
use serde::Serialize;

/// What asking for an arm needs, because it shows what has not been started.
const TO_FORCE: Scope = Scope::new(Resource::Rules, Verb::Read);

/// What a request says of experiments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::http) struct Asked {
    /// What it states itself.
    pub(in crate::http) stated: Stated,
    /// The arm that it asks for, written `experiment:arm`.
    pub(in crate::http) arm: Option<String>,
}

/// One experiment that an answer takes part in, as the page is told.
#[derive(Debug, Serialize)]
pub(in crate::http) struct Told {
    experiment: SettingId,
    arm: String,
    /// Whether the report counts the answer.
    counted: bool,
}

/// Whether it is the first page: what is counted is searches, not pages.
fn is_first_page(request: &Request) -> bool {
    request.cursor.is_none() && request.offset == 0
}

/// Puts a request into its arms: the one that is asked for, or those into which chance has put whoever asks.
///
/// # Errors
/// When the arm that is asked for is not there, or not for this caller to see.
pub(in crate::http) fn take_part(moment: &Moment, request: &mut Request, asked: &Asked) -> Result<Vec<Enrolled>, Problem> {
    let experiments = moment.settings.experiments();
    let enrolled = match &asked.arm {
        Some(_) if !Caller::current().allows(TO_FORCE) => {
            return Err(Problem::of_field(Kind::Forbidden, "arm", format!("asking for an arm needs {TO_FORCE}")));
        }
        Some(named) => {
            let forced = experiments.forced(named);
            vec![forced.ok_or_else(|| Problem::invalid("arm", "there is no such arm; it is written experiment:arm"))?]
        }
        None => experiments.enrol(Visitor::of(request.shopper.as_ref(), request.session.as_ref()), asked.stated),
    };
    request.overrides = Enrolled::overrides(&enrolled);
    Ok(enrolled)
}

/// What the journal is told of an answer that counts, if there is anything to tell.
pub(in crate::http) fn exposure(enrolled: &[Enrolled], request: &Request, query: &QueryId) -> Option<ActivityEvent> {
    let counting = enrolled.iter().filter(|one| one.counts && is_first_page(request));
    let trial = |one: &Enrolled| Trial { experiment: one.experiment.clone(), run: one.run, arm: one.arm.name.clone() };
    let trials: Vec<Trial> = counting.map(trial).collect();
    let origin = visitor::Visitor { shopper: request.shopper.clone(), session: request.session.clone() }.origin();
    let (query, is_unfinished) = (query.clone(), request.prefix);
    (!trials.is_empty()).then_some(ActivityEvent::Exposed { query, trials, is_unfinished, origin })
}

/// What the page is told; `is_recorded` says whether the journal is told at all.
pub(in crate::http) fn told(enrolled: Vec<Enrolled>, request: &Request, is_recorded: bool) -> Vec<Told> {
    let counts = is_recorded && is_first_page(request);
    let one = |one: Enrolled| Told { experiment: one.experiment, arm: one.arm.name.clone(), counted: one.counts && counts };
    enrolled.into_iter().map(one).collect()
}
