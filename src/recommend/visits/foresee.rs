//! From the steps of a visit to the products of its next one.
//!
//! 1. *Near visits* (VMIS-kNN): each of the visit's last [`ROOTS_MAX`] products `x` at rank `r` (1 = newest) brings the visits that came to
//!    it last; `sim(j) = Σ over shared x of r^-½ · ln(V / c_x)`, with `c_x` of all `V` remembered visits. The [`NEAREST_MAX`] best are kept,
//!    of equals the newer.
//! 2. *What they hold*: `hold(b) = Σ_j sim(j) · (1 - r_j / 10) · ln(V / c_b)`, `r_j` the rank of the newest shared product. That is where
//!    VMIS-kNN ends; order plays no part.
//! 3. *What followed*: `follow(b) = Σ_j sim(j) · Σ over places p of x, q of b of r^-2 · c_x^-½ · w · |q - p|^-1.5 / c_b^0.3`, `w` 1 for what
//!    came after and [`BACKWARD`] for what came before: the order-aware table of item-to-item recommendations, taken over near visits only;
//!    V-STAN (Garg et al., SIGIR 2019; Ludewig et al., UMUAI 31, 2021) lets places count in a like manner.
//! 4. *Going back*: the chance that the next step goes back to a product already seen, see [`super::returns`].
//!
//! The shares of `hold` and `follow` among all candidates and the chance of going back are added up. Powers and weights were chosen on the
//! last two days of bol.com's training sessions, learnt from those before; decision 0016 has what each part is worth.

use super::voices::{Voice, Voices};
use super::{STEPS_MAX, Visit, VisitsReader};
use crate::id::Ordinal;
use crate::recommend::rings::RingKey;
use crate::stdx::clock::Timestamp;
use crate::stdx::topk::{Score, TopK};
use std::cmp::Reverse;
use std::collections::HashSet;

/// Different products of a visit that it is compared by, the newest.
const ROOTS_MAX: usize = 8;
/// Near visits that answer.
const NEAREST_MAX: usize = 200;
/// Weight of what came before a product, against what came after.
pub(super) const BACKWARD: f32 = 0.8;
/// What the shares weigh against the chance of going back. They are spread over many more candidates than are ever right.
pub(super) const SHARE: f32 = 0.33;

/// A product that a visit may turn to next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foreseen {
    /// The product.
    pub product: Ordinal,
    /// What the list is ordered by; comparable within one answer only.
    pub score: f32,
    /// How many near visits came to it.
    pub visits_count: u32,
    /// At least so many different people made them.
    pub people_count: u32,
}

/// What comes next, and how many visits say so.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Foresight {
    /// Visits near enough to be asked.
    pub near_count: u32,
    /// Best first.
    pub products: Vec<Foreseen>,
}

/// A product of the asking visit.
#[derive(Debug, Clone, Copy)]
struct Root {
    product: Ordinal,
    similarity: f32,
    follow: f32,
}

/// A visit that shares products with the asking one.
#[derive(Debug, Clone, Copy)]
struct Near {
    slot: u32,
    similarity: f32,
    /// Place among the roots of the newest shared product.
    newest: usize,
}

impl VisitsReader {
    /// See [`RecommendSnapshot::foresee`](super::RecommendSnapshot::foresee).
    pub(super) fn foresee(&self, steps: &[Ordinal], limit: usize, accept: impl Fn(Ordinal) -> bool) -> Foresight {
        let mut steps = steps[steps.len().saturating_sub(STEPS_MAX)..].to_vec();
        steps.dedup();
        let Some(&last) = steps.last() else { return Foresight::default() };
        let roots = self.roots(&steps);
        let near = self.near(&roots);
        let mut hearing = Hearing { roots: &roots, last, distances: distances(), rooted: Vec::new(), voices: Voices::new() };
        let (mut held, mut people) = (Visit::begun(RingKey(0), Timestamp(0)), HashSet::with_capacity(near.len()));
        for visit in &near {
            // A place that was given to another visit since it was found here has nothing to say.
            if self.held.read(visit.slot, &mut held) && held.steps.contains(&roots[visit.newest].product) {
                let is_somebody_new = people.insert(held.shopper.unwrap_or(held.key));
                hearing.listen(visit, &held.steps, is_somebody_new);
            }
        }
        let foreseen = self.scored(hearing.voices, &steps);
        Foresight { near_count: near.len() as u32, products: best(foreseen, limit, accept) }
    }

    /// The last different products, newest first.
    fn roots(&self, steps: &[Ordinal]) -> Vec<Root> {
        let mut roots: Vec<Root> = Vec::with_capacity(ROOTS_MAX);
        for &product in steps.iter().rev() {
            if roots.len() < ROOTS_MAX && !roots.iter().any(|root| root.product == product) {
                let rank = (roots.len() + 1) as f32;
                let follow = rank.powi(-2) / self.count(product).sqrt();
                roots.push(Root { product, similarity: self.rarity(product) / rank.sqrt(), follow });
            }
        }
        roots
    }

    /// Remembered visits that came to the product; at least 1.
    fn count(&self, product: Ordinal) -> f32 {
        self.by_product.count(product).max(1) as f32
    }

    /// `ln(V / c)`, with a little for a product that everybody comes to: sharing it is still sharing something.
    fn rarity(&self, product: Ordinal) -> f32 {
        (self.held_count as f32 / self.count(product)).ln().max(0.1)
    }

    /// The nearest visits, nearest first.
    fn near(&self, roots: &[Root]) -> Vec<Near> {
        let slots_of = |(place, root): (usize, &Root)| self.by_product.slots(root.product).into_iter().map(move |slot| (slot, place as u8));
        let mut shared: Vec<(u32, u8)> = roots.iter().enumerate().flat_map(slots_of).collect();
        shared.sort_unstable();
        let mut top = TopK::new(NEAREST_MAX);
        for places in shared.chunk_by(|a, b| a.0 == b.0) {
            let (slot, newest) = places[0];
            let similarity = places.iter().map(|(_, place)| roots[usize::from(*place)].similarity).sum();
            top.push((Score(similarity), Reverse(self.age(slot)), newest));
        }
        let near = |(Score(similarity), Reverse(age), newest): (Score, Reverse<u32>, u8)| Near {
            slot: self.slot_of_age(age),
            similarity,
            newest: usize::from(newest),
        };
        top.into_descending().into_iter().map(near).collect()
    }

    /// How many visits have begun since that at `slot`.
    fn age(&self, slot: u32) -> u32 {
        let newest = (self.begun.wrapping_sub(1) % u64::from(self.visits_max)) as u32;
        if slot <= newest { newest - slot } else { newest + (self.visits_max - slot) }
    }

    fn slot_of_age(&self, age: u32) -> u32 {
        let newest = (self.begun.wrapping_sub(1) % u64::from(self.visits_max)) as u32;
        if age <= newest { newest - age } else { self.visits_max - (age - newest) }
    }

    /// Shares and chances added up.
    fn scored(&self, mut voices: Voices, steps: &[Ordinal]) -> Vec<Foreseen> {
        for voice in voices.all_mut() {
            voice.hold *= self.rarity(voice.product);
            voice.follow *= self.count(voice.product).powf(-0.3);
        }
        let hold: f32 = voices.all().iter().map(|voice| voice.hold).sum::<f32>().max(f32::MIN_POSITIVE);
        let follow: f32 = voices.all().iter().map(|voice| voice.follow).sum::<f32>().max(f32::MIN_POSITIVE);
        let share = |voice: &Voice| Foreseen {
            product: voice.product,
            score: SHARE * (voice.hold / hold + voice.follow / follow),
            visits_count: voice.visits_count,
            people_count: voice.people_count,
        };
        let mut foreseen: Vec<Foreseen> = voices.all().iter().map(share).collect();
        for (product, chance) in self.returns.chances(steps) {
            match voices.find(product) {
                Some(place) => foreseen[place].score += chance,
                None => foreseen.push(Foreseen { product, score: chance, visits_count: 0, people_count: 0 }),
            }
        }
        foreseen
    }
}

/// Near visits listened to, one after the other, nearest first: so sums are the same in every run.
struct Hearing<'a> {
    roots: &'a [Root],
    /// The product of the asking visit's last step, for which nothing is said.
    last: Ordinal,
    distances: [f32; STEPS_MAX],
    /// Places of the visit that is listened to where a root stands.
    rooted: Vec<(usize, Root)>,
    voices: Voices,
}

impl Hearing<'_> {
    /// What a near visit says for each of its products; how rare these are is left for the end. Of one person only the nearest visit counts as
    /// that of somebody new.
    fn listen(&mut self, near: &Near, steps: &[Ordinal], is_somebody_new: bool) {
        let root_of = |(place, step): (usize, &Ordinal)| Some((place, *self.roots.iter().find(|root| root.product == *step)?));
        self.rooted.clear();
        self.rooted.extend(steps.iter().enumerate().filter_map(root_of));
        let hold = near.similarity * (1.0 - 0.1 * (near.newest + 1) as f32);
        for (q, &product) in steps.iter().enumerate().filter(|(_, product)| **product != self.last) {
            let mut follow = 0.0;
            for (p, root) in self.rooted.iter().filter(|(_, root)| root.product != product) {
                follow += root.follow * self.distances[p.abs_diff(q)] * if q > *p { 1.0 } else { BACKWARD };
            }
            let voice = self.voices.of(product);
            voice.follow += near.similarity * follow;
            if !steps[..q].contains(&product) {
                voice.hold += hold;
                voice.visits_count += 1;
                voice.people_count += u32::from(is_somebody_new);
            }
        }
    }
}

/// `d^-1.5` for every distance within a visit; nothing at 0.
fn distances() -> [f32; STEPS_MAX] {
    std::array::from_fn(|distance| if distance == 0 { 0.0 } else { (distance as f32).powf(-1.5) })
}

fn best(foreseen: Vec<Foreseen>, limit: usize, accept: impl Fn(Ordinal) -> bool) -> Vec<Foreseen> {
    let mut top = TopK::new(limit);
    for (place, it) in foreseen.iter().enumerate() {
        let element = (Score(it.score), Reverse(it.product), place);
        // Most fall at the score already; asking whether one may be shown costs far more.
        if top.floor().is_none_or(|floor| element > *floor) && accept(it.product) {
            top.push(element);
        }
    }
    top.into_descending().into_iter().map(|(_, _, place)| foreseen[place]).collect()
}
