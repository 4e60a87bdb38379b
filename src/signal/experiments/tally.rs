//! What one run of an experiment counts: participants, and for each arm sums over them.

use super::{ARMS_MAX, Options};
use crate::money::Currency;
use crate::stdx::clock::Timestamp;
use crate::stdx::table::Table;
use std::sync::Arc;

/// What one participant spends is counted up to this, in minor units, so that sums of squares always have room.
const REVENUE_MINOR_MAX: i64 = 1_000_000_000_000_000;

/// What somebody did since they were first exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Participant {
    /// Place of their arm among the arms of the tally.
    pub(super) arm: u32,
    pub(super) searches: u32,
    /// Searches that led to a click.
    pub(super) clicked: u32,
    pub(super) carts: u32,
    pub(super) orders: u32,
    /// Whether they bought something of which the shop has no order.
    pub(super) has_bought_elsewhere: bool,
    /// Whether the last answer was to somebody still typing.
    pub(super) is_typing: bool,
    pub(super) revenue_minor: i64,
    /// First and last exposure.
    pub(super) first_at: Timestamp,
    pub(super) last_at: Timestamp,
}

impl Participant {
    pub(super) fn has_converted(&self) -> bool {
        self.orders > 0 || self.has_bought_elsewhere
    }

    /// Whether something that happened then is still counted.
    pub(super) fn is_attributed(&self, at: Timestamp, options: &Options) -> bool {
        self.first_at <= at && at.since_ms(self.last_at) <= options.attribution_ms
    }
}

/// Sums over the participants of an arm. Whole numbers, so that adding somebody and taking them out again leaves no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Participants.
    pub visitors: i128,
    /// Searches, keystrokes of one search taken together.
    pub searches: i128,
    /// Searches that led to a click.
    pub clicked: i128,
    /// Participants who put something into a cart.
    pub carted: i128,
    /// Participants who bought something.
    pub converted: i128,
    /// Orders.
    pub orders: i128,
    /// What was ordered less what was sent back or canceled, in minor units.
    pub revenue_minor: i128,
    /// Of each participant's searches the square.
    pub searches_squared: i128,
    /// Of each participant's clicked searches the square.
    pub clicked_squared: i128,
    /// Of each participant searches times clicked searches.
    pub searches_clicked: i128,
    /// Of each participant's revenue the square.
    pub revenue_squared: i128,
}

/// Numbers of [`Sums`].
pub(super) const SUMS_LEN: usize = 11;

impl Sums {
    fn count(&mut self, one: &Participant, sign: i128) {
        let (searches, clicked, revenue) = (i128::from(one.searches), i128::from(one.clicked), i128::from(one.revenue_minor));
        self.visitors += sign;
        self.searches += sign * searches;
        self.clicked += sign * clicked;
        self.carted += sign * i128::from(one.carts > 0);
        self.converted += sign * i128::from(one.has_converted());
        self.orders += sign * i128::from(one.orders);
        self.revenue_minor += sign * revenue;
        self.searches_squared += sign * searches * searches;
        self.clicked_squared += sign * clicked * clicked;
        self.searches_clicked += sign * searches * clicked;
        self.revenue_squared += sign * revenue * revenue;
    }

    pub(super) fn numbers(&self) -> [i128; SUMS_LEN] {
        [
            self.visitors,
            self.searches,
            self.clicked,
            self.carted,
            self.converted,
            self.orders,
            self.revenue_minor,
            self.searches_squared,
            self.clicked_squared,
            self.searches_clicked,
            self.revenue_squared,
        ]
    }

    pub(super) fn of_numbers(numbers: [i128; SUMS_LEN]) -> Self {
        let [
            visitors,
            searches,
            clicked,
            carted,
            converted,
            orders,
            revenue_minor,
            searches_squared,
            clicked_squared,
            searches_clicked,
            revenue_squared,
        ] = numbers;
        Self {
            visitors,
            searches,
            clicked,
            carted,
            converted,
            orders,
            revenue_minor,
            searches_squared,
            clicked_squared,
            searches_clicked,
            revenue_squared,
        }
    }
}

/// What readers see of a tally.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The experiment's name.
    pub experiment: Arc<str>,
    /// When it was started.
    pub run: Timestamp,
    /// Each arm that somebody was in, by name.
    pub arms: Vec<(Arc<str>, Sums)>,
    /// What revenue is counted in: the currency of the first order.
    pub currency: Option<Currency>,
    /// Exposures of visitors for whom there was no room.
    pub uncounted: u64,
}

/// One run of one experiment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    pub(super) counted: Counted,
    pub(super) participants: Participants,
    /// The last exposure.
    pub(super) last_at: Timestamp,
    /// Whether its participants were let go, so that nothing is counted any more.
    pub(super) is_settled: bool,
}

/// Participants by the key of who they are. Clones share what neither has changed.
#[derive(Clone, Default)]
pub(super) struct Participants(pub(super) Table<u64, Participant>);

impl PartialEq for Participants {
    fn eq(&self, other: &Self) -> bool {
        self.0.sorted() == other.0.sorted()
    }
}

impl std::fmt::Debug for Participants {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} participants", self.0.len())
    }
}

impl Tally {
    pub(super) fn new(experiment: Arc<str>, run: Timestamp, at: Timestamp) -> Self {
        let counted = Counted { experiment, run, arms: Vec::new(), currency: None, uncounted: 0 };
        Self { counted, participants: Participants::default(), last_at: at, is_settled: false }
    }

    /// The place of an arm, a new one's if need be.
    pub(super) fn arm(&mut self, name: &str) -> Option<u32> {
        let arms = &mut self.counted.arms;
        let place = match arms.iter().position(|(known, _)| **known == *name) {
            Some(place) => place,
            None if arms.len() < ARMS_MAX => {
                arms.push((Arc::from(name), Sums::default()));
                arms.len() - 1
            }
            None => return None,
        };
        u32::try_from(place).ok()
    }

    /// Takes somebody in.
    pub(super) fn take_in(&mut self, visitor: u64, participant: Participant) {
        let former = self.participants.0.insert(visitor, participant);
        assert!(former.is_none(), "whoever is in stays");
        self.counted.arms[participant.arm as usize].1.count(&participant, 1);
    }

    /// Changes what is known of a participant, if they are one, and the sums with it.
    pub(super) fn change(&mut self, visitor: u64, change: impl FnOnce(&mut Participant)) {
        let Some(participant) = self.participants.0.get_mut(&visitor) else { return };
        let before = *participant;
        change(participant);
        participant.revenue_minor = participant.revenue_minor.clamp(-REVENUE_MINOR_MAX, REVENUE_MINOR_MAX);
        let (after, sums) = (*participant, &mut self.counted.arms[before.arm as usize].1);
        sums.count(&before, -1);
        sums.count(&after, 1);
    }

    /// Takes a participant out, and what they added.
    pub(super) fn forget(&mut self, visitor: u64) {
        if let Some(participant) = self.participants.0.remove(&visitor) {
            self.counted.arms[participant.arm as usize].1.count(&participant, -1);
        }
    }

    /// Lets participants go; the sums stay.
    pub(super) fn settle(&mut self) {
        self.participants = Participants::default();
        self.is_settled = true;
    }

    /// Whoever of these takes part and is still counted then; of several, who was exposed last.
    pub(super) fn attributed(&self, visitors: [Option<u64>; 2], at: Timestamp, options: &Options) -> Option<u64> {
        let known = visitors.into_iter().flatten().filter_map(|visitor| Some((visitor, self.participants.0.get(&visitor)?)));
        let still = known.filter(|(_, participant)| participant.is_attributed(at, options));
        still.max_by_key(|(_, participant)| participant.last_at).map(|(visitor, _)| visitor)
    }
}

#[cfg(test)]
impl Tally {
    /// The sums of each arm, counted anew from its participants.
    pub(super) fn counted_anew(&self) -> Vec<Sums> {
        let mut arms = vec![Sums::default(); self.counted.arms.len()];
        self.participants.0.sorted().into_iter().for_each(|(_, one)| arms[one.arm as usize].count(one, 1));
        arms
    }
}
