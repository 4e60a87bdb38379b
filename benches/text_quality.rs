//! How good the plain text score is, and how long a generation takes, on judged shop catalogues.
//!
//! `cargo bench --bench text_quality -- FOLDER` with the folder that holds `icecat/` and `homedepot/` (default `../shared/data`); sets that
//! are not there are skipped. A query's words are cut and matched as they are typed, any of them, with no spelling, vectors or signals, so
//! the figures compare with plain BM25. nDCG@10: gain 2^grade − 1, logarithmic discount, ideal for each query, unjudged counts 0.

use shopkeeper::catalog::formats::{ImportOptions, PriceUnit, products};
use shopkeeper::catalog::{CatalogStore, Change, Product};
use shopkeeper::event::{Events, Projection, Recorded};
use shopkeeper::id::{Offset, Ordinal, ProductId};
use shopkeeper::search::Vocabulary;
use shopkeeper::search::index::{Indexer, Options, SearchSnapshot, TermGroup, TextQuery, build_generation, promote};
use shopkeeper::stdx::clock::Timestamp;
use shopkeeper::stdx::topk::{Score, TopK};
use shopkeeper::text;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

type Judgements = HashMap<String, HashMap<String, f64>>;

fn main() {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let data = named.map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    evaluate(&data.join("icecat"), "products.jsonl.gz", "qrels.txt", 2.0);
    let vocabulary = evaluate(&data.join("homedepot"), "products.csv.gz", "qrels.txt.gz", 2.5);
    if let Some(vocabulary) = vocabulary {
        correct(&data.join("spelling/query_corrections.csv"), &vocabulary);
    }
    build_only(&data.join("bestbuy"), "products.csv.gz");
}

fn evaluate(folder: &Path, catalogue: &str, judgements: &str, relevant_from: f64) -> Option<Vocabulary> {
    if !folder.is_dir() {
        println!("{}: not there, skipped", folder.display());
        return None;
    }
    let (catalog, snapshot) = indexed(&folder.join(catalogue));
    let judged = read_judgements(&folder.join(judgements));
    let started = Instant::now();
    let (mut gains, mut recalls, mut judged_at_10) = (Vec::new(), Vec::new(), Vec::new());
    let queries = read(&folder.join("queries.tsv"));
    for (id, words) in queries.lines().filter_map(|line| line.split_once('\t')) {
        let Some(grades) = judged.get(id) else { continue };
        let ranked = ranked(&catalog, &snapshot, words);
        gains.extend(ndcg(&ranked, grades));
        recalls.extend(recall(&ranked, grades, relevant_from));
        judged_at_10.push(ranked.iter().take(10).filter(|id| grades.contains_key(*id)).count() as f64 / 10.0);
    }
    println!(
        "  nDCG@10 {:.4} ({} queries), recall@100 {:.4} (grade ≥ {relevant_from}, {} queries), judged@10 {:.3}, {:.0} µs a query",
        mean(&gains),
        gains.len(),
        mean(&recalls),
        recalls.len(),
        mean(&judged_at_10),
        started.elapsed().as_micros() as f64 / judged_at_10.len().max(1) as f64,
    );
    Some(snapshot.vocabulary.clone())
}

/// Corrects real queries word by word (no splitting or joining) with the words of a catalogue; words of the correct query must stay.
fn correct(file: &Path, vocabulary: &Vocabulary) {
    let corrected = |words: &[String]| -> Vec<String> {
        let at = |index: usize| words.get(index).map(String::as_str);
        let better = |index: usize| vocabulary.correct_between(index.checked_sub(1).and_then(at), &words[index], at(index + 1));
        (0..words.len()).map(|index| better(index).unwrap_or_else(|| words[index].clone())).collect()
    };
    let (mut exact, mut kept, mut words_count, mut count) = (0, 0, 0, 0);
    let started = Instant::now();
    for (typed, right) in read(file).lines().skip(1).filter_map(|line| line.split_once(',')) {
        let (typed, right) = (text::terms(typed), text::terms(right));
        count += 1;
        exact += usize::from(corrected(&typed) == right);
        kept += corrected(&right).iter().zip(&right).filter(|(after, before)| after == before).count();
        words_count += right.len();
    }
    println!(
        "  {exact} of {count} queries corrected exactly, {:.2} % of right words kept, {:.0} µs a query",
        100.0 * kept as f64 / words_count.max(1) as f64,
        started.elapsed().as_micros() as f64 / (2 * count).max(1) as f64,
    );
}

fn build_only(folder: &Path, catalogue: &str) {
    if folder.is_dir() {
        indexed(&folder.join(catalogue));
    }
}

/// A catalogue and its index, timed.
fn indexed(file: &Path) -> (CatalogStore, Arc<SearchSnapshot>) {
    let options = ImportOptions { price_unit: PriceUnit::Minor, ..ImportOptions::default() };
    let read: Vec<Product> = products(file, &options).expect("opens").filter_map(|row| row.ok().map(|row| row.value)).collect();
    let mut catalog = CatalogStore::new();
    for (offset, product) in (0..).zip(read) {
        if let Ok(Change::Event(event)) = catalog.decide_put(product) {
            catalog.apply(&Recorded { offset: Offset(offset), at: Timestamp(0), events: Events::Catalog(vec![event]) });
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let started = Instant::now();
    let documents = catalog.working();
    let manifest = build_generation(folder.path(), documents, documents.progress(), None, &[], Timestamp(0), &|_, _| {}).expect("builds");
    let built = started.elapsed();
    promote(folder.path(), manifest.id).expect("is whole");
    let opening = Instant::now();
    let (_, index) = Indexer::open(folder.path(), documents, documents.progress(), Options::default()).expect("opens");
    println!(
        "{}: {} products, {} terms, built in {built:.2?}, opened in {:.1?}",
        file.display(),
        manifest.products_count,
        manifest.terms_count,
        opening.elapsed()
    );
    for (name, facts) in &manifest.files {
        println!("    {:>9} bytes  {name}", facts.bytes);
    }
    (catalog, index.snapshot())
}

fn ranked(catalog: &CatalogStore, snapshot: &SearchSnapshot, words: &str) -> Vec<String> {
    let terms: BTreeSet<String> = text::terms(words).into_iter().collect();
    let query = TextQuery { groups: terms.into_iter().map(TermGroup::exactly).collect(), required: 1 };
    let mut best: TopK<(Score, Reverse<Ordinal>)> = TopK::new(100);
    snapshot.text.matches(&query, &mut |found| best.push((Score(found.score), Reverse(found.ordinal)))).expect("reads");
    let id = |(_, Reverse(ordinal))| catalog.working().id_of(ordinal).as_ref().map(ProductId::to_string);
    best.into_descending().into_iter().filter_map(id).collect()
}

fn ndcg(ranked: &[String], grades: &HashMap<String, f64>) -> Option<f64> {
    let discounted = |gains: &mut dyn Iterator<Item = f64>| -> f64 {
        gains.take(10).enumerate().map(|(rank, grade)| (grade.exp2() - 1.0) / (rank as f64 + 2.0).log2()).sum()
    };
    let mut ideal: Vec<f64> = grades.values().copied().collect();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let best = discounted(&mut ideal.into_iter());
    (best > 0.0).then(|| discounted(&mut ranked.iter().map(|id| grades.get(id).copied().unwrap_or(0.0))) / best)
}

fn recall(ranked: &[String], grades: &HashMap<String, f64>, relevant_from: f64) -> Option<f64> {
    let relevant: Vec<&String> = grades.iter().filter(|(_, grade)| **grade >= relevant_from).map(|(id, _)| id).collect();
    let found = relevant.iter().filter(|id| ranked.contains(id)).count();
    (!relevant.is_empty()).then(|| found as f64 / relevant.len() as f64)
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}

fn read_judgements(path: &Path) -> Judgements {
    let mut judged = Judgements::new();
    for line in read(path).lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if let [query, _, product, grade] = fields.as_slice() {
            judged.entry((*query).to_owned()).or_default().insert((*product).to_owned(), grade.parse().unwrap_or(0.0));
        }
    }
    judged
}

fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("reads");
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("unpacks");
        return text;
    }
    String::from_utf8(bytes).expect("is text")
}
