//! Where the candidates of each kind come from, in which order.

use super::asked::Asked;
use super::page::Page;
use crate::recommend::reason::Recommendation;
use crate::recommend::relationship::Relationship;
use crate::recommend::request::Kind;

/// A place where candidates come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Tied to the roots by what shoppers did; a few of the shop's newest products inherit from what they are alike to.
    Tied(Relationship),
    /// Everything else that may inherit.
    Heirs(Relationship),
    /// Of another sort, bought with the roots.
    Complements,
    /// Of categories that go with those of the roots.
    CategoriesThatGoWith,
    /// Of the same sort, taken instead.
    Substitutes,
    /// Of the same sort and alike in content.
    SameSort,
    /// Alike in content to the roots.
    Alike,
    /// The same, looked for among what passes the filter.
    AlikePassing,
    /// From everything that is known of a shopper.
    ForShopper,
    /// From shoppers with the same purchases.
    ShoppersAlike,
    /// What the shopper bought before.
    BoughtBefore,
    /// What the next order may hold, bought before or not.
    NextOrder,
    /// Selling or seen more than usual.
    Trending,
    /// The same, over the whole shop, when the list of them was full.
    TrendingAnywhere,
    /// Highest prior in the categories of the roots.
    PopularNear,
    /// Highest prior.
    Popular,
    /// Highest prior over all that passes the filter.
    Everything,
}

use Stage::{
    Alike, AlikePassing, BoughtBefore, CategoriesThatGoWith, Complements, Everything, ForShopper, NextOrder, Popular, PopularNear,
    SameSort, ShoppersAlike, Substitutes, Trending, TrendingAnywhere,
};

const VIEWED: Stage = Stage::Tied(Relationship::AlsoViewed);
const VIEWED_THEN_BOUGHT: Stage = Stage::Tied(Relationship::ViewedThenBought);
const BOUGHT: Stage = Stage::Tied(Relationship::AlsoBought);
const TOGETHER: Stage = Stage::Tied(Relationship::BoughtTogether);
const HEIRS_OF_VIEWED: Stage = Stage::Heirs(Relationship::AlsoViewed);
const HEIRS_OF_VIEWED_THEN_BOUGHT: Stage = Stage::Heirs(Relationship::ViewedThenBought);
const HEIRS_OF_BOUGHT: Stage = Stage::Heirs(Relationship::AlsoBought);
const HEIRS_OF_TOGETHER: Stage = Stage::Heirs(Relationship::BoughtTogether);

/// The stages of a kind, and how many of them are its own: what follows fills the page.
pub(super) fn stages(kind: Kind) -> (&'static [Stage], usize) {
    match kind {
        Kind::Similar => (&[Alike, AlikePassing, VIEWED, PopularNear, Trending, Popular, Everything], 2),
        Kind::AlsoViewed => (&[VIEWED, HEIRS_OF_VIEWED, Alike, PopularNear, Trending, Popular, Everything], 2),
        Kind::ViewedThenBought => {
            (&[VIEWED_THEN_BOUGHT, HEIRS_OF_VIEWED_THEN_BOUGHT, BOUGHT, VIEWED, Alike, PopularNear, Trending, Popular, Everything], 2)
        }
        Kind::AlsoBought => (&[BOUGHT, HEIRS_OF_BOUGHT, TOGETHER, VIEWED, Alike, PopularNear, Trending, Popular, Everything], 2),
        Kind::BoughtTogether => (&[TOGETHER, HEIRS_OF_TOGETHER, BOUGHT, VIEWED, Alike, PopularNear, Trending, Popular, Everything], 2),
        // What is like the root is what a complement is not, so the page goes on with what sells.
        Kind::Complement => (&[Complements, CategoriesThatGoWith, TOGETHER, BOUGHT, Trending, Popular, Everything], 2),
        Kind::Substitute => (&[Substitutes, SameSort, VIEWED, Alike, PopularNear, Trending, Popular, Everything], 2),
        Kind::Trending => (&[Trending, TrendingAnywhere, PopularNear, Popular, Everything], 2),
        Kind::Popular => (&[PopularNear, Popular, Everything], 3),
        Kind::ForYou => (&[ForShopper, Alike, PopularNear, Trending, Popular, Everything], 1),
        Kind::BuyAgain => (&[BoughtBefore, ForShopper, PopularNear, Trending, Popular, Everything], 1),
        Kind::NextOrder => (&[NextOrder, ForShopper, PopularNear, Trending, Popular, Everything], 1),
        Kind::LikeShoppers => (&[ShoppersAlike, ForShopper, PopularNear, Trending, Popular, Everything], 1),
    }
}

impl Asked<'_> {
    /// The candidates of a stage, in no particular order. Those that go through the whole shop give no more than the page has room for.
    pub(super) fn candidates(&self, stage: Stage, page: &Page<'_>) -> Vec<Recommendation> {
        match stage {
            Stage::Tied(tied) => self.tied(tied),
            Stage::Heirs(tied) => self.heirs(tied),
            Stage::Complements => self.complements(),
            Stage::CategoriesThatGoWith => self.of_categories_that_go_with(page),
            Stage::Substitutes => self.substitutes(),
            Stage::SameSort => self.same_sort(),
            Stage::Alike => self.alike(),
            Stage::AlikePassing => self.alike_passing(page.room()),
            Stage::ForShopper => self.for_shopper(page),
            Stage::ShoppersAlike => self.shoppers_alike(),
            Stage::BoughtBefore => self.bought_before(),
            Stage::NextOrder => self.ordered_next(page),
            Stage::Trending => self.trending(),
            Stage::TrendingAnywhere => self.trending_anywhere(page),
            Stage::PopularNear => self.popular_near(page),
            Stage::Popular => self.popular(),
            Stage::Everything => self.everything(page),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_ends_with_everything_so_that_no_filter_starves_it() {
        for (kind, name) in Kind::ALL {
            let (stages, own_count) = stages(kind);
            assert_eq!(stages.last(), Some(&Stage::Everything), "{name}");
            assert!((1..=stages.len()).contains(&own_count), "{name}");
        }
    }
}
