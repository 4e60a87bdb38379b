//! What the total of the whole request would become: with a value added to its field's selection, or with a selected one taken away.
//!
//! A selection is a union as a rule: red or blue. A product passes with green added when it passes already, or when it passes everything
//! else and is green; so the new total is the old one and the count of green among the products that do not pass yet. Conditions hold on
//! one variant in both cases, because "some variant has A or B" is "some variant has A, or some variant has B".

use super::Counted;
use super::base::{Base, Bases};
use crate::search::fields::FieldRef;
use crate::search::filter::selection::{Choice, Selection};

/// How impacts of one field are found.
pub(super) struct Impact<'b> {
    field: FieldRef,
    counted: Counted<'b>,
    base: &'b Base<'b>,
    selection: &'b Selection,
    way: Way<'b>,
}

enum Way<'b> {
    /// Nothing is selected: a count is what the total becomes.
    AsCounted,
    /// The selection is a union: these products are not in it.
    Joining(Box<Base<'b>>),
    /// The selection is something else: a value added is one more condition on the match set.
    Narrowing(&'b Base<'b>),
}

impl<'b> Impact<'b> {
    /// The impacts of a field's values.
    pub(super) fn of(field: FieldRef, selection: &'b Selection, bases: &'b Bases<'_>, counted: Counted<'b>) -> Self {
        let base = bases.base(field);
        let way = match selection {
            Selection::Nothing => Way::AsCounted,
            Selection::Union(_) => Way::Joining(Box::new(base.less(counted.matches))),
            Selection::Other => Way::Narrowing(bases.matches()),
        };
        Self { field, counted, base, selection, way }
    }

    /// The products among which a value has to be counted again for [`Self::added`]; none when its count says everything.
    pub(super) fn recounted(&self) -> Option<&Base<'b>> {
        match &self.way {
            Way::AsCounted => None,
            Way::Joining(base) => Some(base),
            Way::Narrowing(base) => Some(base),
        }
    }

    /// The total with a value added that is not selected, from its count and the one among [`Self::recounted`].
    pub(super) fn added(&self, count: u64, recount: u64) -> u64 {
        match self.way {
            Way::AsCounted => count,
            Way::Joining(_) => self.counted.matches.len() + recount,
            Way::Narrowing(_) => recount,
        }
    }

    /// The total without a selected value; none when the selection is no union.
    pub(super) fn without(&self, choice: Choice) -> Option<u64> {
        let Selection::Union(choices) = self.selection else { return None };
        let rest: Vec<Choice> = choices.iter().copied().filter(|known| *known != choice).collect();
        Some(if rest.is_empty() { self.base.products().len() } else { self.total(&rest) })
    }

    fn total(&self, choices: &[Choice]) -> u64 {
        self.base.filter().total_choosing(self.field, choices, self.counted.scope, self.base.products())
    }
}
