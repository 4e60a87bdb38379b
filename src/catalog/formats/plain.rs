//! Rows of a table that nobody's export writes, whose columns say which rows are forms of one product: `item_group_id`, `Parent SKU`.
//!
//! A group is a name that the rows of a product share. A parent is a row of its own, named by the rows of its forms; one that nobody names is a product
//! by itself.

use super::columns::bare;
use super::grouped::Part;
use super::records::RawRow;
use super::value::Value;

/// Columns that name what rows of one product have in common.
const GROUPS: [&str; 3] = ["itemgroupid", "variantgroupid", "variantgroup"];
/// Columns that name the row of the product that a row is a form of.
const PARENTS: [&str; 4] = ["parentsku", "parentproductsku", "parentitemsku", "parentskucode"];
/// How a row that may be a parent is named, best first.
const OWN: [&str; 4] = ["sku", "skuid", "variantsku", "itemsku"];

/// Whether a column says which rows belong together.
pub(super) fn groups(column: &str) -> bool {
    is_group(&bare(column))
}

fn is_group(bare: &str) -> bool {
    GROUPS.contains(&bare) || PARENTS.contains(&bare)
}

/// One row: a form of the product that it names, a product that others may name, or one of its own.
pub(super) fn part<'r>(row: &'r RawRow<'_>) -> Part<'r> {
    let bares: Vec<String> = row.fields.iter().map(|(name, _)| bare(name)).collect();
    let get = |wanted: &[&str]| {
        let named = row.fields.iter().zip(&bares).filter(|(_, bare)| wanted.contains(&bare.as_str()));
        named.map(|((_, value), _)| value).find_map(text)
    };
    let parent = get(&GROUPS).or_else(|| get(&PARENTS));
    let has_parents = bares.iter().any(|bare| PARENTS.contains(&bare.as_str()));
    let own = get(&OWN).filter(|_| has_parents);
    // Some exports name the parent in its own row, too.
    let is_form = parent.is_some() && (parent != own);
    let others = row.fields.iter().zip(&bares).filter(|(_, bare)| !is_group(bare));
    let fields = others.map(|((name, value), _)| (name.as_ref().into(), value.clone())).collect();
    Part { line: row.line, group: parent.or(own), fields, is_form }
}

fn text(value: &Value<'_>) -> Option<String> {
    value.identifier().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
