//! Learning from what a shop holds: embeddings from its catalogue, tastes from what its shoppers did.

use super::aside::aside;
use crate::catalog::CatalogSnapshot;
use crate::id::Ordinal;
use crate::learn::evaluate::{HeldBack, Holding, hold_back};
use crate::learn::formats::History;
use crate::learn::relations::{Part, Tuned, Tuning, tune};
use crate::learn::{self, LearnError};
use crate::model::embedding::Embeddings;
use crate::model::taste::Taste;
use crate::recommend::{RecommendSnapshot, Relationship, Step};
use crate::search::index::embedding_terms;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Products parsed at once.
const CHUNK_PRODUCTS: usize = 4_096;

/// Where a shop's embeddings lie.
#[must_use]
pub fn embeddings_file(models: &Path) -> PathBuf {
    models.join("embeddings.bin")
}

/// Learns embeddings from the catalogue and writes them to `models/embeddings.bin`. They are used from the next generation on.
///
/// # Errors
/// When the catalogue has too little text to learn from, or the file cannot be written.
pub fn train_embeddings(catalog: &CatalogSnapshot, models: &Path, report: &dyn Fn(u64, u64)) -> Result<Embeddings, LearnError> {
    let live: Vec<Ordinal> = catalog.live().collect();
    let documents = live.chunks(CHUNK_PRODUCTS).flat_map(|chunk| {
        let terms_of = |&ordinal: &Ordinal| catalog.product(ordinal).map(|product| embedding_terms(&product));
        chunk.par_iter().filter_map(terms_of).collect::<Vec<_>>()
    });
    let trained = learn::embeddings::train(documents, &learn::embeddings::Options::default(), report)?;
    let file = embeddings_file(models);
    trained.save(&file)?;
    Ok(Embeddings::open(&file)?)
}

/// Shoppers whose last product is held back to tune on: the figures are then sure to about two in a hundred, and a trial takes seconds.
const VALIDATION_CASES_MAX: usize = 4_000;
/// Places that count while tuning: what fits one carousel.
const TUNED_PLACES: usize = 20;

/// How tastes are learnt.
pub struct TasteTraining<'a> {
    /// Asked before every further trial of a knob: no more when it says no.
    pub may_go_on: &'a dyn Fn() -> bool,
    /// Told after every trial.
    pub report: &'a dyn Fn(),
    /// Seed of every draw.
    pub seed: u64,
}

/// Learns tastes from what shoppers and visits did, as far back as it is remembered, and writes `models/relations.bin` and
/// `models/factors.bin`. How the methods are blended is found on the last product of some shoppers, which is held back for that and learnt
/// from in the end. A running server takes the files up by itself.
///
/// # Errors
/// When nobody has had to do with two products, or a file cannot be written.
pub fn train_tastes(shoppers: &RecommendSnapshot, models: &Path, training: &TasteTraining<'_>) -> Result<(Tuned, Taste), LearnError> {
    let mut histories: Vec<History> =
        shoppers.all_steps().map(|steps| history(&steps)).filter(|history| !history.products.is_empty()).collect();
    let ordinals = numbered(&mut histories);
    let products_count = ordinals.len() as u32;
    let draws = hold_back(&histories, Holding::of(HeldBack::Last), VALIDATION_CASES_MAX, training.seed);
    let tuning = Tuning {
        k: TUNED_PLACES,
        knobs: true,
        may_go_on: training.may_go_on,
        begins: &|_| {},
        report: &|_| (training.report)(),
        // What is shown of ties holds of tastes too.
        support_min: shoppers.gate(Relationship::AlsoBought).support_min,
        seed: training.seed,
    };
    let tuned = tune(&draws, products_count, &tuning)?;
    let taste = tuned.recipe.train(&histories, products_count)?.renumbered(&ordinals)?;
    taste.save(models)?;
    Ok((tuned, taste))
}

/// The same beside a shop that is open: on half of the processors, so that it goes on selling on the others.
///
/// # Errors
/// As [`train_tastes`], and when there are no threads to be had.
pub fn train_tastes_aside(
    shoppers: &RecommendSnapshot,
    models: &Path,
    may_go_on: &(dyn Fn() -> bool + Sync),
    seed: u64,
) -> Result<(Tuned, Taste), LearnError> {
    let training = || train_tastes(shoppers, models, &TasteTraining { may_go_on: &|| may_go_on(), report: &|| (), seed });
    aside("tastes", training).map_err(|source| LearnError::Io { path: models.to_path_buf(), source })?
}

/// What learning tastes came to, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TastesLearnt {
    /// Products that something goes with.
    pub products: usize,
    /// Pairs of products in the table.
    pub pairs: usize,
    /// Numbers in a vector of the low-rank part; 0 without one.
    pub dims: usize,
    /// The n-th newest product of a history counts `n^-recency`.
    pub recency: f32,
    /// Methods that have a voice, with their shares.
    pub voices: Vec<VoiceHeard>,
    /// What the blend reached on what was held back; nothing when too few shoppers could be held back from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ndcg: Option<f64>,
    /// Shoppers that were asked for what was held back.
    pub held_back: usize,
}

/// A method that has a voice in a blend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VoiceHeard {
    /// Its name.
    pub method: String,
    /// How loud it is, where its best product would count 1 on average.
    pub share: f32,
}

impl TastesLearnt {
    /// Sums up.
    #[must_use]
    pub fn of(tuned: &Tuned, taste: &Taste) -> Self {
        let heard = |part: &Part| VoiceHeard { method: part.method.voice.name().to_owned(), share: part.share };
        Self {
            products: taste.relations().products_count(),
            pairs: taste.relations().pairs_count(),
            dims: taste.factors().map_or(0, |factors| factors.dims()),
            recency: tuned.recipe.recency,
            voices: tuned.recipe.parts.iter().map(heard).collect(),
            ndcg: tuned.ndcg,
            held_back: tuned.cases_count,
        }
    }
}

/// Numbers the products of the histories without gaps, in the order of their ordinals, which it gives. Methods are set up by how many products
/// there are, and one that nobody has turned to is none to them.
fn numbered(histories: &mut [History]) -> Vec<Ordinal> {
    let end = histories.iter().flat_map(|history| &history.products).max().map_or(0, |last| *last as usize + 1);
    let mut numbers: Vec<Option<u32>> = vec![None; end];
    histories.iter().flat_map(|history| &history.products).for_each(|product| numbers[*product as usize] = Some(0));
    let mut ordinals = Vec::new();
    for (ordinal, number) in (0..).zip(&mut numbers).filter(|(_, number)| number.is_some()) {
        *number = Some(ordinals.len() as u32);
        ordinals.push(Ordinal(ordinal));
    }
    let named = |product: &mut u32| *product = numbers[*product as usize].unwrap_or(*product);
    histories.iter_mut().flat_map(|history| &mut history.products).for_each(named);
    ordinals
}

/// Each product once, where the shopper last had to do with it; purchases after looks are what they came to last.
fn history(steps: &[Step]) -> History {
    let mut last: Vec<(i64, u32)> = Vec::with_capacity(steps.len());
    for (at, product) in steps.iter().map(|step| (step.last_at().0, step.product().0)) {
        match last.iter_mut().find(|(_, known)| *known == product) {
            Some(known) => known.0 = known.0.max(at),
            None => last.push((at, product)),
        }
    }
    // Stable, so that what came within one second keeps its order.
    last.sort_by_key(|(at, _)| *at);
    let (times, products) = last.into_iter().map(|(at, product)| (at as f64, product)).unzip();
    History { shopper: String::new(), products, times }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
    use crate::id::{Offset, ShopperId};
    use crate::model::relations::Scores;
    use crate::recommend::RecommendFold;
    use crate::signal::SignalFold;
    use crate::stdx::clock::Timestamp;

    /// A hundred shoppers who look at 2n after 2n + 1, some time apart, and begin anywhere.
    fn shoppers() -> RecommendFold {
        shoppers_among(1, None)
    }

    /// The same in a shop where `apart` - 1 products that nobody looks at stand before each; and one who looks at two that no other looks at.
    fn shoppers_among(apart: u32, alone: Option<[u32; 2]>) -> RecommendFold {
        let signals = SignalFold::new(None, crate::signal::Options::default()).expect("has room");
        let mut fold = RecommendFold::new(crate::recommend::Options::default(), signals.table());
        let mut offset = 0;
        for shopper in 0..100_u32 {
            for step in 0..4_u32 {
                let product = Ordinal(((shopper + step / 2) % 8 * 2 + (step + 1) % 2 + 1) * apart - 1);
                let origin = Origin { shopper: ShopperId::new(&format!("s{shopper}")).ok(), ..Origin::default() };
                let at = Timestamp(1_700_000_000_000 + i64::from(step) * 60_000);
                let event = ActivityEvent::Behaved { behaviour: Behaviour::View, product, quantity: 1, origin, happened_at: at };
                fold.apply(&Recorded { offset: Offset(offset), at, events: Events::Activity(vec![event]) });
                offset += 1;
            }
        }
        for product in alone.into_iter().flatten().map(Ordinal) {
            let origin = Origin { shopper: ShopperId::new("alone").ok(), ..Origin::default() };
            let at = Timestamp(1_700_000_000_000);
            let event = ActivityEvent::Behaved { behaviour: Behaviour::View, product, quantity: 1, origin, happened_at: at };
            fold.apply(&Recorded { offset: Offset(offset), at, events: Events::Activity(vec![event]) });
            offset += 1;
        }
        fold.publish();
        fold
    }

    fn learnt(fold: &RecommendFold) -> Taste {
        let folder = tempfile::tempdir().expect("a folder");
        let training = TasteTraining { may_go_on: &|| false, report: &|| {}, seed: 1 };
        train_tastes(&fold.reader().take(), folder.path(), &training).expect("trains").1
    }

    /// Dimensions, penalties and the choice of methods followed from the largest ordinal: the more products nobody had looked at, the worse.
    #[test]
    fn products_that_nobody_looked_at_change_nothing() {
        let (dense, sparse) = (learnt(&shoppers()), learnt(&shoppers_among(1_000, None)));
        let next =
            |taste: &Taste, product: u32| taste.next(&[Ordinal(product)], 9, &mut Scores::default(), |next| next != Ordinal(product));
        for product in 0..16 {
            let expected: Vec<(Ordinal, f32)> =
                next(&dense, product).iter().map(|(next, score)| (Ordinal((next.0 + 1) * 1_000 - 1), *score)).collect();
            assert!(!expected.is_empty());
            assert_eq!(next(&sparse, (product + 1) * 1_000 - 1), expected);
        }
    }

    #[test]
    fn what_a_single_shopper_looked_at_is_told_to_nobody() {
        let taste = learnt(&shoppers_among(1, Some([17, 18])));
        let next = taste.next(&[Ordinal(17)], 99, &mut Scores::default(), |_| true);
        assert!(next.iter().all(|(product, _)| *product != Ordinal(18)), "{next:?}");
    }

    #[test]
    fn what_shoppers_did_becomes_files_that_answer() {
        let folder = tempfile::tempdir().expect("a folder");
        let training = TasteTraining { may_go_on: &|| false, report: &|| {}, seed: 1 };
        let (tuned, taste) = train_tastes(&shoppers().reader().take(), folder.path(), &training).expect("trains");
        assert_eq!((tuned.cases_count, taste.relations().products_count()), (100, 16));
        let opened = Taste::open(folder.path()).expect("opens").expect("is there");
        let next = |taste: &Taste| taste.next(&[Ordinal(5)], 1, &mut Scores::default(), |product| product != Ordinal(5));
        assert_eq!(next(&opened), next(&taste));
        assert_eq!(next(&opened).first().map(|(product, _)| product.0), Some(4));
    }

    #[test]
    fn a_shop_without_shoppers_has_nothing_to_learn_from() {
        let signals = SignalFold::new(None, crate::signal::Options::default()).expect("has room");
        let nobody = RecommendFold::new(crate::recommend::Options::default(), signals.table());
        let folder = tempfile::tempdir().expect("a folder");
        let training = TasteTraining { may_go_on: &|| false, report: &|| {}, seed: 1 };
        assert!(train_tastes(&nobody.reader().take(), folder.path(), &training).is_err());
    }
}
