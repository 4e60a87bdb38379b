//! Embeddings learned from the catalogue itself: latent semantic analysis (Deerwester et al., JASIS 41(6), 1990).
//!
//! Words that stand in the same products get similar vectors, so a query finds products that share none of its words. Steps: count terms,
//! weight them by `ln(1 + w) × idf`, scale each product to length one, factor the matrix by randomised SVD, keep 64 components. Nothing is
//! downloaded, and the same catalogue gives the same file.

mod calibrate;
mod counts;

use super::LearnError;
use super::algebra::svd;
use crate::model::embedding::{DIMS, Embeddings};
use counts::Counts;
use ndarray::Array2;

/// A product or query as terms with weights; a term may stand several times.
pub type Document = Vec<(String, f32)>;

/// What training may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Elements in a vector.
    pub dims: usize,
    /// Terms in fewer products are left out: a word seen once has no company to learn from.
    pub df_min: u32,
    /// At most so many terms, the most frequent ones.
    pub terms_max: usize,
    /// At most so many products, drawn evenly from all.
    pub documents_max: usize,
    /// Power iterations of the SVD.
    pub iterations: usize,
    /// Power of the singular values that the term vectors are scaled with; 0 is plain projection, below it the frequent topics count less.
    pub singular_exponent: f32,
    /// Leading components that are dropped: they only say how usual a text is.
    pub components_dropped: usize,
    /// Of random pairs of query and product, so many may be as similar as [`Embeddings::cut`].
    pub cut_share: f64,
    /// Seed of every draw.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dims: DIMS,
            df_min: 2,
            terms_max: 200_000,
            documents_max: 250_000,
            iterations: 2,
            singular_exponent: -0.5,
            components_dropped: 1,
            cut_share: 0.002,
            seed: 1,
        }
    }
}

/// Steps that `report` counts.
const STEPS: u64 = 4;

/// Trains on the products that `documents` gives; `report` is told (steps done, steps in all).
///
/// # Errors
/// When no term stands in as many products as asked for.
pub fn train(documents: impl Iterator<Item = Document>, options: &Options, report: &dyn Fn(u64, u64)) -> Result<Embeddings, LearnError> {
    let counts = Counts::of(documents, options.documents_max, options.seed);
    report(1, STEPS);
    let sample = counts.sample(calibrate::DOCUMENTS_MAX);
    let weighted = counts.into_weighted(options.df_min, options.terms_max);
    if weighted.terms.is_empty() {
        return Err(LearnError::TooLittle(format!("no term stands in {} products", options.df_min)));
    }
    report(2, STEPS);
    let rank = options.dims + options.components_dropped;
    let factors = svd::randomised(&weighted.matrix, rank, options.iterations, options.seed);
    let vectors = term_vectors(&factors, &weighted.idf, options);
    report(3, STEPS);
    let trained = Embeddings::from_parts(&weighted.terms, weighted.idf, vectors, options.dims, 0.0)?;
    let cut = calibrate::cut(&trained, &sample, options.cut_share, options.seed);
    report(STEPS, STEPS);
    Ok(trained.with_cut(cut))
}

/// `V · S^p`, scaled by idf, without the dropped components; missing components are zero.
fn term_vectors(factors: &svd::Factors, idf: &[f32], options: &Options) -> Vec<f32> {
    // A catalogue of one kind of thing may have nothing but the leading component.
    let dropped = if factors.values.len() > options.components_dropped { options.components_dropped } else { 0 };
    let kept = (factors.values.len() - dropped).min(options.dims);
    let strongest = factors.values.get(dropped).copied().unwrap_or(1.0);
    let scale: Vec<f32> = factors.values.iter().map(|value| (value / strongest).powf(options.singular_exponent)).collect();
    let mut vectors = Array2::<f32>::zeros((idf.len(), options.dims));
    for (term, mut row) in vectors.outer_iter_mut().enumerate() {
        for component in 0..kept {
            let from = component + dropped;
            row[component] = factors.right[[term, from]] * scale[from] * idf[term];
        }
    }
    vectors.into_raw_vec_and_offset().0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::vector::dot;

    /// Products of ten kinds; each has its kind's words and words of its own.
    fn catalogue(products: usize) -> Vec<Document> {
        let mut random = fastrand::Rng::with_seed(9);
        (0..products)
            .map(|product| {
                let kind = product % 10;
                let mut document: Document = (0..4).map(|_| (format!("kind{kind}word{}", random.u32(0..12)), 3.0)).collect();
                document.extend([(format!("brand{}", random.u32(0..30)), 2.0), (format!("only{product}"), 1.0)]);
                document
            })
            .collect()
    }

    fn quick() -> Options {
        Options { dims: 16, ..Options::default() }
    }

    #[test]
    fn words_of_the_same_kind_of_product_are_alike() {
        let trained = train(catalogue(600).into_iter(), &quick(), &|_, _| {}).expect("trains");
        let vector = |term: &str| trained.embed_terms([term].into_iter()).expect("is known");
        let (mut same, mut other) = (0.0, 0.0);
        for kind in 0..10 {
            same += dot(&vector(&format!("kind{kind}word1")), &vector(&format!("kind{kind}word2"))) / 10.0;
            other += dot(&vector(&format!("kind{kind}word1")), &vector(&format!("kind{}word2", (kind + 3) % 10))) / 10.0;
        }
        assert!(same > 0.6 && other.abs() < 0.15, "same kind {same}, other kind {other}");
        assert!(trained.embed_terms(["only5"].into_iter()).is_none());
        assert!(trained.cut() > 0.2 && trained.cut() <= 1.0, "{}", trained.cut());
    }

    #[test]
    fn the_same_catalogue_gives_the_same_embeddings() {
        let digest = || train(catalogue(300).into_iter(), &quick(), &|_, _| {}).expect("trains").digest();
        assert_eq!(digest(), digest());
    }

    #[test]
    fn a_product_is_found_by_some_of_its_words() {
        let catalogue = catalogue(600);
        let trained = train(catalogue.iter().cloned(), &quick(), &|_, _| {}).expect("trains");
        let embed = |words: &[(String, f32)]| trained.embed_weighted(words.iter().map(|(term, weight)| (term.as_str(), *weight)));
        let vectors: Vec<_> = catalogue.iter().map(|document| embed(document).expect("has known words")).collect();
        let found = (0..600).step_by(7).filter(|&product| {
            let query = embed(&catalogue[product][..3]).expect("has known words");
            let own = dot(&query, &vectors[product]);
            vectors.iter().filter(|vector| dot(&query, vector) > own).count() < 50
        });
        assert!(found.count() >= 80);
    }

    #[test]
    fn tiny_catalogues_train_and_empty_ones_are_refused() {
        let document = |terms: &[&str]| terms.iter().map(|term| ((*term).to_owned(), 1.0)).collect::<Document>();
        let two = [document(&["red", "lamp"]), document(&["blue", "lamp"])];
        let trained = train(two.into_iter(), &Options::default(), &|_, _| {}).expect("trains");
        assert!(trained.embed_terms(["lamp"].into_iter()).is_some());
        assert!(train([document(&["red"])].into_iter(), &Options::default(), &|_, _| {}).is_err());
        assert!(train(std::iter::empty(), &Options::default(), &|_, _| {}).is_err());
    }
}
