//! Several tables become one: each row is the sum of the tables' rows, weighted.

use crate::id::Ordinal;
use crate::model::ModelError;
use crate::model::relations::Relations;
use rayon::prelude::*;

/// Strongest products of a row that are kept: a product that explains half the catalogue must not make every answer read half the
/// catalogue. Rows are a few hundred long on average, as each table bounds its own.
const ROW_MAX: usize = 20_000;

/// The sum of tables, each with its weight.
pub(super) fn blend(parts: &[(f32, &Relations)], products_count: u32) -> Result<Relations, ModelError> {
    let row = |product: u32| {
        let of = |&(weight, table): &(f32, &Relations)| {
            table.related(Ordinal(product)).map(|(related, strength)| (related, weight * strength)).collect::<Vec<_>>()
        };
        let mut row: Vec<(Ordinal, f32)> = parts.iter().flat_map(of).collect();
        // Stable, so that sums are taken in the order of the tables.
        row.sort_by_key(|(related, _)| *related);
        row.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        row.retain(|(_, strength)| strength.is_finite() && *strength != 0.0);
        if row.len() > ROW_MAX {
            row.select_nth_unstable_by(ROW_MAX, |a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
            row.truncate(ROW_MAX);
        }
        super::best_first(row)
    };
    let rows: Vec<Vec<(Ordinal, f32)>> = (0..products_count).into_par_iter().with_min_len(256).map(row).collect();
    Relations::from_rows(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_added_up_with_their_weights() {
        let table = |row: &[(u32, f32)]| {
            let row = row.iter().map(|&(product, weight)| (Ordinal(product), weight)).collect();
            Relations::from_rows([row, vec![], vec![], vec![]]).expect("is consistent")
        };
        let (first, second) = (table(&[(1, 1.0), (2, 0.5)]), table(&[(2, 1.0), (3, 0.25), (1, -0.5)]));
        let blended = blend(&[(1.0, &first), (2.0, &second)], 4).expect("blends");
        // 1 is for and against in equal parts, and so is left out.
        assert_eq!(blended.related(Ordinal(0)).collect::<Vec<_>>(), [(Ordinal(2), 2.5), (Ordinal(3), 0.5)]);
        assert_eq!((blended.products_count(), blend(&[], 3).expect("blends").pairs_count()), (4, 0));
    }
}
