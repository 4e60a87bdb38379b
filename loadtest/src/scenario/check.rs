//! What a scenario must keep to, checked before anything is sent: an hour of load for a limit that was misspelt would be an hour lost.

use super::{Action, Background, Scenario, ScenarioError, Stage};
use crate::action::{Kind, Measure, Step};
use crate::slow::SlowClients;
use std::path::PathBuf;

/// A scenario holds this many stages or actions at most.
const PARTS_MAX: usize = 64;
/// Longer runs need several scenarios.
pub(super) const DURATION_MAX_S: f64 = 24.0 * 3_600.0;
pub(super) const RATE_MAX: f64 = 1_000_000.0;
const CONCURRENCY_MAX: usize = 65_536;
const THINK_MAX_S: f64 = 60.0;
const UNITS_MAX: i64 = 1_000_000;
/// Lines of one request behind the shoppers.
const BATCH_MAX: usize = 10_000;
/// Latencies are not told apart beyond this.
const TIMEOUT_MAX_MS: u64 = 120_000;
/// The server gives at most so many completions.
const SUGGESTIONS_MAX: u32 = 20;

/// A field that has a value that it cannot have.
pub(crate) fn fault(field: &str, reason: impl Into<String>) -> ScenarioError {
    ScenarioError::Field { path: PathBuf::new(), field: field.to_owned(), reason: reason.into() }
}

pub(crate) fn require(field: &str, holds: bool, reason: impl Into<String>) -> Result<(), ScenarioError> {
    if holds { Ok(()) } else { Err(fault(field, reason)) }
}

impl Scenario {
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        require("name", !self.name.trim().is_empty(), "must not be empty")?;
        require(
            "timeout_ms",
            (1..=TIMEOUT_MAX_MS).contains(&self.timeout_ms),
            format!("must be between 1 and {TIMEOUT_MAX_MS} milliseconds"),
        )?;
        require("in_flight_max", (1..=CONCURRENCY_MAX).contains(&self.in_flight_max), format!("must be between 1 and {CONCURRENCY_MAX}"))?;
        self.cold_start.map_or(Ok(()), |starts| starts.check())?;
        if let Some(kills) = self.kills {
            let parts = self.stages.len() + self.actions.len() + self.background.len();
            require("kills", parts == 0, "shoppers who buy until the server is killed are all there is: no stage, action or behind")?;
            kills.check()?;
        } else {
            self.check_load()?;
        }
        self.objective.check(self)
    }

    fn check_load(&self) -> Result<(), ScenarioError> {
        require("stage", (1..=PARTS_MAX).contains(&self.stages.len()), format!("1 to {PARTS_MAX} stages"))?;
        require("action", (1..=PARTS_MAX).contains(&self.actions.len()), format!("1 to {PARTS_MAX} actions"))?;
        self.stages.iter().enumerate().try_for_each(|(index, stage)| stage.check(&format!("stage[{index}]")))?;
        let warms_up = self.warm_up_s >= 0.0 && self.warm_up_s < self.duration_s();
        require("warm_up_s", warms_up, "must be from 0 to less than all stages together")?;
        require("popularity.products_max", (1..=200_000).contains(&self.popularity.products_max), "must be between 1 and 200000")?;
        let exponents = [("products", self.popularity.products), ("queries", self.popularity.queries), ("bought", self.popularity.bought)];
        for (name, exponent) in exponents {
            require(&format!("popularity.{name}"), (0.0..=5.0).contains(&exponent), "must be between 0 and 5")?;
        }
        let units = self.flash_sale.map_or(1, |sale| sale.units);
        require("flash_sale.units", (1..=UNITS_MAX).contains(&units), format!("must be between 1 and {UNITS_MAX}"))?;
        let slow = self.slow_clients.unwrap_or(SlowClients { count: 1, from_stage: 0 });
        require("slow_clients.count", (1..=CONCURRENCY_MAX).contains(&slow.count), format!("must be between 1 and {CONCURRENCY_MAX}"))?;
        require("slow_clients.from_stage", slow.from_stage < self.stages.len(), "there is no such stage")?;
        let is_closed = self.stages.iter().any(|stage| stage.concurrency.is_some());
        for (index, action) in self.actions.iter().enumerate() {
            action.check(&format!("action[{index}]"), is_closed)?;
        }
        self.background.iter().enumerate().try_for_each(|(index, background)| background.check(&format!("behind[{index}]")))?;
        require("action", self.actions.iter().any(|action| action.weight > 0.0), "at least one weight must be above 0")
    }

    /// The rows that its report can have; a limit of any other row would be met by nothing, or by everything.
    pub(crate) fn measures(&self) -> Vec<Measure> {
        let of = |kind: Kind| -> &[Step] {
            match kind {
                Kind::Search | Kind::Page | Kind::Suggest | Kind::Product | Kind::Recommend | Kind::View => &[],
                Kind::Cart => &[Step::CreateCart, Step::AddLine],
                Kind::Order => &[Step::CreateCart, Step::AddLine, Step::OpenCheckout, Step::Complete],
                Kind::Session => &[Step::Find, Step::Look, Step::Related, Step::CreateCart, Step::OpenCheckout, Step::Complete],
            }
        };
        let actions = self.actions.iter().filter(|action| action.weight > 0.0).map(|action| action.kind);
        let foreground = actions.flat_map(|kind| of(kind).iter().map(|step| Measure::Step(*step)).chain([Measure::Action(kind)]));
        foreground.chain(self.background.iter().map(|background| Measure::Behind(background.kind))).collect()
    }
}

impl Stage {
    fn check(&self, field: &str) -> Result<(), ScenarioError> {
        require(field, self.rate.is_some() != self.concurrency.is_some(), "needs either rate (open loop) or concurrency (closed loop)")?;
        let rate = self.rate.unwrap_or(0.0);
        require(&format!("{field}.rate"), (0.0..=RATE_MAX).contains(&rate), format!("must be between 0 and {RATE_MAX} a second"))?;
        let concurrency = self.concurrency.unwrap_or(1);
        require(
            &format!("{field}.concurrency"),
            (1..=CONCURRENCY_MAX).contains(&concurrency),
            format!("must be between 1 and {CONCURRENCY_MAX}"),
        )?;
        let lasts = self.duration_s > 0.0 && self.duration_s <= DURATION_MAX_S;
        require(&format!("{field}.duration_s"), lasts, format!("must be above 0 and at most {DURATION_MAX_S}"))?;
        let ramps = self.ramp_s >= 0.0 && self.ramp_s <= self.duration_s;
        require(&format!("{field}.ramp_s"), ramps, "must be from 0 to duration_s")?;
        require(&format!("{field}.ramp_s"), self.ramp_s == 0.0 || self.rate.is_some(), "only a rate can rise slowly")
    }
}

impl Background {
    fn check(&self, field: &str) -> Result<(), ScenarioError> {
        let rates = 0.0..=RATE_MAX;
        require(&format!("{field}.rate"), rates.contains(&self.rate), format!("must be between 0 and {RATE_MAX} a second"))?;
        require(&format!("{field}.batch"), (1..=BATCH_MAX).contains(&self.batch), format!("must be between 1 and {BATCH_MAX}"))
    }
}

impl Action {
    fn check(&self, field: &str, is_closed: bool) -> Result<(), ScenarioError> {
        let within = |name: &str| format!("{field}.{name}");
        require(&within("weight"), self.weight >= 0.0 && self.weight.is_finite(), "must be a number from 0")?;
        let limit_max = if self.kind == Kind::Suggest { SUGGESTIONS_MAX } else { 200 };
        require(&within("limit"), (1..=limit_max).contains(&self.limit), format!("must be between 1 and {limit_max}"))?;
        require(&within("think_s"), (0.0..=THINK_MAX_S).contains(&self.think_s), format!("must be between 0 and {THINK_MAX_S}"))?;
        let pauses = self.think_s == 0.0 || self.kind == Kind::Session || is_closed;
        require(&within("think_s"), pauses, "only a session has pauses, and a closed-loop shopper between two actions")?;
        let names_one = self.relations.as_ref().is_none_or(|relations| !relations.is_empty());
        require(&within("relations"), names_one, "must name at least one kind")?;
        let is_mode = self.mode.as_deref().is_none_or(|mode| ["hybrid", "text", "vector"].contains(&mode));
        require(&within("mode"), is_mode, "must be hybrid, text or vector")?;
        // What would not be asked is refused rather than passed over.
        use Kind::{Page, Recommend, Search, Session};
        let asked = [
            ("facets", self.facets.is_empty(), &[Search, Page, Session][..]),
            ("filters", self.filters.is_empty(), &[Search, Page, Recommend, Session]),
            ("mode", self.mode.is_none(), &[Search, Page]),
            ("sort", self.sort.is_none(), &[Search, Page]),
            ("fields", self.fields.is_none(), &[Recommend]),
            ("relations", self.relations.is_none(), &[Recommend, Session]),
        ];
        asked.into_iter().try_for_each(|(name, is_absent, kinds)| {
            let name_of = Measure::Action(self.kind).name();
            require(&within(name), is_absent || kinds.contains(&self.kind), format!("is not asked for by {name_of}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::tests::GOOD;

    fn check(from: &str, to: &str, named: &str) {
        assert!(GOOD.contains(from), "{from}");
        let error = Scenario::parse(&GOOD.replacen(from, to, 1)).expect_err(to).to_string();
        assert!(error.contains(named), "{to}: {error}");
    }

    #[test]
    fn an_error_names_the_field() {
        check("rate = 100", "rate = -1", "stage[0].rate");
        check("rate = 100", "rate = nan", "stage[0].rate");
        check("rate = 100", "rate = 100\nconcurrency = 3", "stage[0]: needs either");
        check("ramp_s = 5", "ramp_s = 50", "stage[0].ramp_s");
        check("concurrency = 8", "concurrency = 0", "stage[1].concurrency");
        check("duration_s = 30", "duration_s = 0", "stage[1].duration_s");
        check("duration_s = 30", "duration_s = \"1m\"", "duration_s");
        check("warm_up_s = 2", "warm_up_s = 99", "warm_up_s");
        check("warm_up_s = 2", "timeout_ms = 999999999", "timeout_ms");
        check("kind = \"search\"", "kind = \"serch\"", "serch");
        check("facets", "facet", "facet");
        check("warm_up_s = 2", "flash_sale = { units = 0 }", "flash_sale.units");
        check("warm_up_s = 2", "slow_clients = { count = 0, from_stage = 0 }", "slow_clients.count");
        check("warm_up_s = 2", "slow_clients = { count = 5, from_stage = 2 }", "slow_clients.from_stage");
        check("name = \"t\"", "", "name");
        check("name = \"t\"", "name = \" \"", "name: must not be empty");
        check("[\"brand\"]", "[\"brand\"]\nweight = 0", "weight must be above 0");
        check("[\"brand\"]", "[\"brand\"]\nthink_s = -1", "action[0].think_s");
        check("[\"brand\"]", "[\"brand\"]\n[[behind]]\nkind = \"events\"\nrate = -1", "behind[0].rate");
        check("[\"brand\"]", "[\"brand\"]\n[[behind]]\nkind = \"stock\"\nrate = 1\nbatch = 0", "behind[0].batch");
    }

    #[test]
    fn what_an_action_would_not_ask_is_refused_rather_than_passed_over() {
        check("kind = \"search\"", "kind = \"product\"", "action[0].facets: is not asked for by product");
        check("[\"brand\"]", "[\"brand\"]\nrelations = [\"similar\"]", "action[0].relations");
        check("[\"brand\"]", "[\"brand\"]\nfields = \"id\"", "action[0].fields");
        check("[\"brand\"]", "[\"brand\"]\nmode = \"hybrd\"", "action[0].mode");
        check("\"search\"", "\"suggest\"\nlimit = 30", "action[0].limit: must be between 1 and 20");
        let open = GOOD.replace("concurrency = 8", "rate = 5").replace("[\"brand\"]", "[\"brand\"]\nthink_s = 2");
        let error = Scenario::parse(&open).expect_err("no pauses").to_string();
        assert!(error.contains("action[0].think_s: only a session"), "{error}");
    }

    #[test]
    fn a_limit_that_nothing_can_meet_or_everything_meets_is_refused() {
        let limited = |limits: &str, named: &str| {
            let error = Scenario::parse(&format!("{GOOD}\n[objective]\n{limits}")).expect_err(limits).to_string();
            assert!(error.contains(named), "{limits}: {error}");
        };
        limited("error_share = 5", "objective.error_share: must be between 0 and 1");
        limited("p99_ms = -4", "objective.p99_ms");
        limited("p99 = 4", "p99");
        limited("[objective.action.ordr]\np99_ms = 4", "objective.action.ordr: there is no such row");
        limited("[objective.action.order]\np99_ms = 4", "objective.action.order: nothing in this scenario does that");
        limited("[objective.action.search]\np99_ms = 0", "objective.action.search.p99_ms");
        limited("[objective.growth_max]\nmemory = 2.0", "objective.growth_max.memory: there is no such gauge");
        limited("first_answer_ms = 4", "objective.first_answer_ms");
        limited("ready_p99_ms = 4", "objective.ready_p99_ms");
        let open = GOOD.replace("concurrency = 8", "rate = 8");
        let error = Scenario::parse(&format!("{open}\n[objective]\nsaturation_min = 9")).expect_err("no shoppers").to_string();
        assert!(error.contains("objective.saturation_min: no stage is closed loop"), "{error}");
    }

    #[test]
    fn a_scenario_of_kills_has_no_load_of_its_own() {
        let kills = "name = \"k\"\n[kills]\ncount = 3\nshoppers = 2\nlife_ms = [10, 500]\n";
        assert_eq!(Scenario::parse(kills).expect("is good").kills.map(|kills| (kills.count, kills.shoppers)), Some((3, 2)));
        let refused = |text: &str, named: &str| {
            let error = Scenario::parse(text).expect_err(text).to_string();
            assert!(error.contains(named), "{text}: {error}");
        };
        refused(&kills.replace("count = 3", "count = 0"), "kills.count");
        refused(&kills.replace("shoppers = 2", "shoppers = 0"), "kills.shoppers");
        refused(&kills.replace("[10, 500]", "[500, 10]"), "kills.life_ms");
        refused(&format!("{kills}[[stage]]\nrate = 1\nduration_s = 1"), "kills: shoppers who buy");
        refused(&GOOD.replace("warm_up_s = 2", "cold_start = { starts = 0 }"), "cold_start.starts");
    }
}
