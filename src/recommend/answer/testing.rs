//! An assortment as tests write it down, and requests over it.

use super::*;
use crate::id::Ordinal;
use crate::recommend::assortment::Facet;
use crate::recommend::reason::Reason;
use crate::recommend::request::Kind;
use crate::recommend::{RecommendFold, Recommendation};

/// Products `0..count`; content is what the test says.
pub(super) struct Goods<'a> {
    pub(super) count: u32,
    pub(super) eligible: &'a dyn Fn(u32) -> bool,
    pub(super) near: &'a dyn Fn(u32) -> Vec<(u32, f32)>,
    pub(super) category: &'a dyn Fn(u32) -> Option<Facet>,
}

impl Goods<'_> {
    /// Products of which nothing is known, all of them eligible.
    pub(super) fn plain(count: u32) -> Goods<'static> {
        Goods { count, eligible: &|_| true, near: &|_| Vec::new(), category: &|_| None }
    }
}

impl Assortment for Goods<'_> {
    fn is_eligible(&self, product: Ordinal) -> bool {
        self.exists(product) && (self.eligible)(product.0)
    }

    fn exists(&self, product: Ordinal) -> bool {
        product.0 < self.count
    }

    fn each_passing(&self, visit: &mut dyn FnMut(Ordinal)) {
        (0..self.count).filter(|&product| (self.eligible)(product)).for_each(|product| visit(Ordinal(product)));
    }

    fn each_in(&self, category: Facet, count_max: usize, visit: &mut dyn FnMut(Ordinal)) {
        let inside: Vec<u32> = (0..self.count).filter(|&product| (self.category)(product) == Some(category)).collect();
        if inside.len() <= count_max {
            inside.into_iter().for_each(|product| visit(Ordinal(product)));
        }
    }

    fn alike(&self, product: Ordinal, count: usize, among_passing: bool) -> Vec<(Ordinal, f32)> {
        let near = (self.near)(product.0).into_iter().filter(|(near, _)| !among_passing || (self.eligible)(*near));
        near.take(count).map(|(near, cosine)| (Ordinal(near), cosine)).collect()
    }

    fn kin(&self, product: Ordinal) -> Vec<(Ordinal, f32)> {
        self.alike(product, 16, false)
    }

    fn newest_like(&self, product: Ordinal) -> Vec<(Ordinal, f32)> {
        self.kin(product).into_iter().filter(|(near, _)| near.0 >= self.count.saturating_sub(2)).collect()
    }

    fn similarity(&self, a: Ordinal, b: Ordinal) -> Option<f32> {
        (self.near)(a.0).into_iter().find(|(near, _)| *near == b.0).map(|(_, cosine)| cosine)
    }

    fn category(&self, product: Ordinal) -> Option<Facet> {
        (self.category)(product.0)
    }

    fn category_share(&self, category: Facet) -> f32 {
        (0..self.count).filter(|&product| (self.category)(product) == Some(category)).count() as f32 / self.count.max(1) as f32
    }
}

pub(super) fn request(kind: Kind, products: &[u32], limit: usize) -> Request {
    Request { products: products.iter().copied().map(Ordinal).collect(), ..Request::of(kind, limit) }
}

pub(super) fn answer(fold: &RecommendFold, request: &Request, goods: &Goods<'_>) -> Vec<Recommendation> {
    recommend(&fold.reader().take(), fold.signals(), request, goods)
}

pub(super) fn products(page: &[Recommendation]) -> Vec<u32> {
    page.iter().map(|recommendation| recommendation.product.0).collect()
}

/// Products with the name of the reason and its support.
pub(super) fn reasons(page: &[Recommendation]) -> Vec<(u32, &'static str, u32)> {
    page.iter().map(|one| (one.product.0, name(&one.reason), support(&one.reason))).collect()
}

fn name(reason: &Reason) -> &'static str {
    match reason {
        Reason::SimilarTo { .. } => "similar",
        Reason::TiedTo { .. } => "tied",
        Reason::Complements { .. } => "complements",
        Reason::Substitutes { .. } => "substitutes",
        Reason::CategoryGoesWith { .. } => "category",
        Reason::Inherits { .. } => "inherits",
        Reason::ShoppersAlike { .. } => "shoppers",
        Reason::BoughtBefore { .. } => "before",
        Reason::VisitsAlike { .. } => "visits",
        Reason::SuitsTaste => "taste",
        Reason::Trending { .. } => "trending",
        Reason::PopularNear { .. } => "near",
        Reason::Popular => "popular",
        Reason::Pinned => "pinned",
        Reason::Explore => "explore",
    }
}

fn support(reason: &Reason) -> u32 {
    match reason {
        Reason::TiedTo { evidence, .. }
        | Reason::Complements { evidence, .. }
        | Reason::Substitutes { evidence, .. }
        | Reason::Inherits { evidence, .. }
        | Reason::ShoppersAlike { evidence, .. } => evidence.support,
        Reason::SimilarTo { .. }
        | Reason::CategoryGoesWith { .. }
        | Reason::BoughtBefore { .. }
        | Reason::VisitsAlike { .. }
        | Reason::SuitsTaste
        | Reason::Trending { .. }
        | Reason::PopularNear { .. }
        | Reason::Popular
        | Reason::Pinned
        | Reason::Explore => 0,
    }
}
