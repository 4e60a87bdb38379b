//! Counting: documents of text become a sparse matrix of weighted terms.

use super::Document;
use crate::learn::algebra::sparse::Sparse;
use std::collections::HashMap;

/// What was counted, with terms as numbers in the order of their first appearance.
#[derive(Debug, Default)]
pub(super) struct Counts {
    numbers: HashMap<String, u32>,
    /// Sorted by term, each term once, with the sum of its weights.
    documents: Vec<Vec<(u32, f32)>>,
}

/// The matrix to factor.
#[derive(Debug)]
pub(super) struct Weighted {
    /// Ascending; row `i` of the factor belongs to term `i`.
    pub terms: Vec<String>,
    /// `ln((1 + N) / (1 + df)) + 1` of each term: never zero, as a word that stands everywhere still says a little.
    pub idf: Vec<f32>,
    /// Documents × terms, rows of length one.
    pub matrix: Sparse,
}

impl Counts {
    /// Counts at most `documents_max` documents, each equally likely to be among them (Vitter's algorithm R, seeded).
    pub(super) fn of(documents: impl Iterator<Item = Document>, documents_max: usize, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut counts = Self::default();
        for (seen, document) in documents.enumerate() {
            if seen < documents_max {
                let row = counts.row(document);
                counts.documents.push(row);
                continue;
            }
            let place = random.usize(0..=seen);
            if place < documents_max {
                counts.documents[place] = counts.row(document);
            }
        }
        counts
    }

    fn row(&mut self, document: Document) -> Vec<(u32, f32)> {
        let mut row: Vec<(u32, f32)> = Vec::with_capacity(document.len());
        for (term, weight) in document.into_iter().filter(|(_, weight)| weight.is_finite() && *weight > 0.0) {
            let next = self.numbers.len() as u32;
            row.push((*self.numbers.entry(term).or_insert(next), weight));
        }
        row.sort_by_key(|(number, _)| *number);
        row.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        row
    }

    /// At most `count` of the documents, evenly drawn, with their terms as text.
    pub(super) fn sample(&self, count: usize) -> Vec<Document> {
        let names = self.names();
        let step = self.documents.len().div_ceil(count.max(1)).max(1);
        let picked = self.documents.iter().step_by(step);
        picked.map(|row| row.iter().map(|&(number, weight)| (names[number as usize].to_owned(), weight)).collect()).collect()
    }

    fn names(&self) -> Vec<&str> {
        let mut names = vec![""; self.numbers.len()];
        self.numbers.iter().for_each(|(name, &number)| names[number as usize] = name);
        names
    }

    /// Keeps terms of at least `df_min` documents, at most `terms_max` of them, and weights what remains.
    pub(super) fn into_weighted(self, df_min: u32, terms_max: usize) -> Weighted {
        let mut df = vec![0_u32; self.numbers.len()];
        self.documents.iter().flatten().for_each(|&(number, _)| df[number as usize] += 1);
        let mut kept: Vec<(&str, u32)> = self
            .numbers
            .iter()
            .filter(|(_, number)| df[**number as usize] >= df_min)
            .map(|(name, number)| (name.as_str(), *number))
            .collect();
        kept.sort_unstable_by(|a, b| df[b.1 as usize].cmp(&df[a.1 as usize]).then(a.0.cmp(b.0)));
        kept.truncate(terms_max);
        kept.sort_unstable();

        let documents_count = self.documents.len() as f32;
        let idf: Vec<f32> =
            kept.iter().map(|(_, number)| ((1.0 + documents_count) / (1.0 + df[*number as usize] as f32)).ln() + 1.0).collect();
        let mut columns = vec![u32::MAX; df.len()];
        kept.iter().enumerate().for_each(|(column, (_, number))| columns[*number as usize] = column as u32);
        let mut matrix = Sparse::new(kept.len());
        for row in &self.documents {
            let known = row.iter().map(|&(number, weight)| (columns[number as usize], weight)).filter(|(column, _)| *column != u32::MAX);
            let mut cells: Vec<(u32, f32)> = known.map(|(column, weight)| (column, weight.ln_1p() * idf[column as usize])).collect();
            cells.sort_unstable_by_key(|(column, _)| *column);
            let length = cells.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
            matrix.push_row(cells.into_iter().map(|(column, value)| (column, value / length)));
        }
        Weighted { terms: kept.into_iter().map(|(name, _)| name.to_owned()).collect(), idf, matrix }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(terms: &[(&str, f32)]) -> Document {
        terms.iter().map(|(term, weight)| ((*term).to_owned(), *weight)).collect()
    }

    #[test]
    fn terms_are_weighted_and_rows_have_length_one() {
        let documents = [document(&[("b", 1.0), ("a", 2.0), ("b", 1.0)]), document(&[("a", 1.0), ("c", 1.0)]), document(&[("b", -1.0)])];
        let weighted = Counts::of(documents.into_iter(), 10, 0).into_weighted(1, 10);
        assert_eq!(weighted.terms, ["a", "b", "c"]);
        let idf_of = |df: f32| (4.0_f32 / (1.0 + df)).ln() + 1.0;
        assert_eq!(weighted.idf, [idf_of(2.0), idf_of(1.0), idf_of(1.0)]);
        let first: Vec<(u32, f32)> = weighted.matrix.row(0).collect();
        let (a, b) = (3.0_f32.ln() * idf_of(2.0), 3.0_f32.ln() * idf_of(1.0));
        let length = a.hypot(b);
        assert_eq!(first.iter().map(|cell| cell.0).collect::<Vec<_>>(), [0, 1]);
        assert!((first[0].1 - a / length).abs() < 1e-6 && (first[1].1 - b / length).abs() < 1e-6);
        assert_eq!(weighted.matrix.row(2).count(), 0);
    }

    #[test]
    fn the_vocabulary_is_bounded_by_frequency() {
        let documents = || (0..6_usize).map(|index| (0..=index).map(|term| (format!("t{term}"), 1.0)).collect());
        assert_eq!(Counts::of(documents(), 10, 0).into_weighted(3, 10).terms, ["t0", "t1", "t2", "t3"]);
        assert_eq!(Counts::of(documents(), 10, 0).into_weighted(1, 2).terms, ["t0", "t1"]);
        assert_eq!(Counts::of(documents(), 2, 0).documents.len(), 2);
    }
}
