//! What a count rests on beside what the products of the match set say: numbers that move while their words stay.

use crate::search::columns::FieldId;
use crate::search::fields::FieldRef;
use crate::search::index::Facts;

/// Prices, ratings, and what behaviour and stock move from moment to moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Grounds {
    has_prices: bool,
    has_ratings: bool,
    /// Whether nobody tells when it moves.
    pub(super) is_live: bool,
}

impl Grounds {
    /// Nothing else.
    pub(super) const WORDS: Self = Self { has_prices: false, has_ratings: false, is_live: false };

    /// What these fields hold.
    pub(super) fn of(fields: impl IntoIterator<Item = FieldRef>) -> Self {
        fields.into_iter().fold(Self::WORDS, |grounds, field| match field {
            FieldRef::Price(_) => Self { has_prices: true, ..grounds },
            FieldRef::Column(FieldId::RATING) => Self { has_ratings: true, ..grounds },
            FieldRef::Available | FieldRef::Live(_) => Self { is_live: true, ..grounds },
            FieldRef::Column(_) => grounds,
        })
    }

    /// This and that.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            has_prices: self.has_prices || other.has_prices,
            has_ratings: self.has_ratings || other.has_ratings,
            is_live: self.is_live || other.is_live,
        }
    }

    /// The facts among it of which is told when they change.
    pub(super) fn facts(self) -> impl Iterator<Item = Facts> {
        let told = [(self.has_prices, Facts::Prices), (self.has_ratings, Facts::Rating)];
        told.into_iter().filter_map(|(has, facts)| has.then_some(facts))
    }
}
