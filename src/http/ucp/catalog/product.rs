//! One product in full: what can be chosen, what is chosen, and what of it can be bought.

use super::filter::Filters;
use super::resolve;
use super::shapes::{self, Choice, OptionShape, ProductShape, VariantShape};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::ucp::call::{Call, Outcome};
use crate::http::ucp::capability::CATALOG_LOOKUP;
use crate::http::ucp::shapes::Ucp;
use crate::id::Sku;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// Options that one request may choose, or put in order.
const OPTIONS_MAX: usize = 32;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductBody {
    id: String,
    #[serde(default)]
    selected: Vec<SelectedBody>,
    #[serde(default)]
    preferences: Vec<String>,
    #[serde(default)]
    filters: Filters,
    #[serde(rename = "context")]
    _context: Option<IgnoredAny>,
    #[serde(rename = "signals")]
    _signals: Option<IgnoredAny>,
    #[serde(rename = "attribution")]
    _attribution: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SelectedBody {
    name: String,
    label: String,
    /// Values have no names of their own here.
    #[serde(rename = "id")]
    _id: Option<IgnoredAny>,
}

#[derive(Serialize)]
struct ProductAnswer {
    ucp: Ucp,
    product: ProductShape,
}

pub(in crate::http::ucp) fn product(context: &Context, call: &Call) -> Result<Outcome, Problem> {
    let body: ProductBody = call.parsed()?;
    check(&body)?;
    let readers = context.shop.readers();
    let (catalog, trade) = (readers.catalog(), readers.trade());
    let unknown = || Problem::unknown("product", &body.id).in_field("id");
    let (ordinal, sku) = resolve(context, &catalog, &body.id)?.ok_or_else(unknown)?;
    let found = catalog.product(ordinal).filter(|product| body.filters.takes_product(product)).ok_or_else(unknown)?;
    let all = shapes::variants(&trade, &found, &body.filters);
    let asked: Vec<Choice> =
        body.selected.iter().map(|SelectedBody { name, label, .. }| Choice { name: name.clone(), label: label.clone() }).collect();
    let chosen = chosen(&all, sku.as_ref(), asked, &body.preferences).ok_or_else(unknown)?;
    let options = signalled(shapes::options(&all), &all, &chosen.selected);
    let variants = matching(all, &chosen);
    let mut shape = shapes::product(found, options, variants).ok_or_else(unknown)?;
    shape.selected = Some(chosen.selected);
    Outcome::ok(&ProductAnswer { ucp: Ucp::of(&call.party.active, CATALOG_LOOKUP), product: shape })
}

fn check(body: &ProductBody) -> Result<(), Problem> {
    for (field, count) in [("selected", body.selected.len()), ("preferences", body.preferences.len())] {
        if count > OPTIONS_MAX {
            return Err(Problem::invalid(field, format!("must not be more than {OPTIONS_MAX}")));
        }
    }
    let is_double = |place: usize| body.selected[..place].iter().any(|before| before.name == body.selected[place].name);
    match (0..body.selected.len()).find(|place| is_double(*place)) {
        Some(place) => Err(Problem::invalid(format!("selected[{place}].name"), "is chosen twice")),
        None => Ok(()),
    }
}

/// What is chosen after all, and the variant that stands first.
#[derive(Debug, PartialEq, Eq)]
struct Chosen {
    selected: Vec<Choice>,
    first: Sku,
}

fn has(variant: &VariantShape, choices: &[Choice]) -> bool {
    choices.iter().all(|choice| variant.options.contains(choice))
}

/// A variant that was named decides everything; else what was asked for, less what no variant has; else what stands for the product. None
/// when there is nothing to choose from.
fn chosen(variants: &[VariantShape], named: Option<&Sku>, mut asked: Vec<Choice>, preferences: &[String]) -> Option<Chosen> {
    if let Some(sku) = named {
        let variant = variants.iter().find(|variant| variant.id == *sku)?;
        return Some(Chosen { selected: variant.options.clone(), first: variant.id.clone() });
    }
    if asked.is_empty() {
        let featured = variants.get(shapes::featured(variants))?;
        return Some(Chosen { selected: featured.options.clone(), first: featured.id.clone() });
    }
    // What matters least goes first: options without a preference, then preferences from their end.
    let rank = |choice: &Choice| preferences.iter().position(|name| *name == choice.name).unwrap_or(preferences.len());
    while !variants.iter().any(|variant| has(variant, &asked)) {
        let least = (0..asked.len()).max_by_key(|place| rank(&asked[*place]))?;
        asked.remove(least);
    }
    let fitting = || variants.iter().filter(|variant| has(variant, &asked));
    let first = fitting().find(|variant| variant.availability.available).or_else(|| fitting().next())?.id.clone();
    Some(Chosen { selected: asked, first })
}

/// Says of each value whether a variant has it beside what else is chosen, and whether that can be bought.
fn signalled(mut options: Vec<OptionShape>, variants: &[VariantShape], selected: &[Choice]) -> Vec<OptionShape> {
    for OptionShape { name, values } in &mut options {
        let others: Vec<Choice> = selected.iter().filter(|choice| choice.name != *name).cloned().collect();
        for value in values {
            let this = Choice { name: name.clone(), label: value.label.clone() };
            let fitting = || variants.iter().filter(|variant| variant.options.contains(&this) && has(variant, &others));
            value.exists = Some(fitting().next().is_some());
            value.available = Some(fitting().any(|variant| variant.availability.available));
        }
    }
    options
}

/// The variants that have what is chosen, the first one first.
fn matching(mut variants: Vec<VariantShape>, chosen: &Chosen) -> Vec<VariantShape> {
    variants.retain(|variant| has(variant, &chosen.selected));
    variants.sort_by_key(|variant| variant.id != chosen.first);
    variants
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Product;
    use crate::trade::State as Trade;

    /// Nothing is in stock: red S, red M, blue M.
    fn variants() -> Vec<VariantShape> {
        let variant = |sku: &str, colour: &str, size: &str| {
            format!(
                r#"{{"sku":"{sku}","attributes":{{"colour":"{colour}","size":"{size}"}},"offers":[{{"price":{{"amount_minor":1,"currency":"USD"}}}}]}}"#
            )
        };
        let all = [variant("RS", "red", "S"), variant("RM", "red", "M"), variant("BM", "blue", "M")].join(",");
        let product: Product = serde_json::from_str(&format!(r#"{{"id":"p","title":"P","variants":[{all}]}}"#)).expect("a product");
        shapes::variants(&Trade::default(), &product, &Filters::default())
    }

    fn choices(text: &str) -> Vec<Choice> {
        let choice = |pair: &str| pair.split_once('=').map(|(name, label)| Choice { name: name.to_owned(), label: label.to_owned() });
        text.split_whitespace().filter_map(choice).collect()
    }

    #[test]
    fn what_no_variant_has_is_given_up_from_what_matters_least() {
        let check = |named: Option<&str>, asked: &str, preferences: &[&str], selected: &str, first: &str| {
            let preferences: Vec<String> = preferences.iter().map(|name| (*name).to_owned()).collect();
            let named: Option<Sku> = named.map(|sku| sku.parse().expect("a SKU"));
            let found = chosen(&variants(), named.as_ref(), choices(asked), &preferences).expect("something is chosen");
            assert_eq!((found.selected, found.first.as_str()), (choices(selected), first), "{asked} {preferences:?}");
        };
        check(None, "", &[], "colour=red size=S", "RS");
        check(None, "size=M", &[], "size=M", "RM");
        check(None, "colour=blue size=S", &["colour", "size"], "colour=blue", "BM");
        check(None, "colour=blue size=S", &["size", "colour"], "size=S", "RS");
        check(None, "colour=blue size=S", &["size"], "size=S", "RS");
        check(None, "taste=sweet size=M", &["taste"], "", "RS");
        check(Some("BM"), "colour=red", &[], "colour=blue size=M", "BM");
    }

    #[test]
    fn values_say_whether_they_go_with_what_is_chosen() {
        let (all, selected) = (variants(), choices("colour=blue size=M"));
        let shown = signalled(shapes::options(&all), &all, &selected);
        let seen: Vec<_> = shown.iter().flat_map(|option| option.values.iter().map(|value| (value.label.as_str(), value.exists))).collect();
        assert_eq!(seen, [("red", Some(true)), ("blue", Some(true)), ("S", Some(false)), ("M", Some(true))]);
        assert!(shown.iter().flat_map(|option| &option.values).all(|value| value.available == Some(false)));
        let chosen = Chosen { selected: choices("size=M"), first: "BM".parse().expect("a SKU") };
        let kept: Vec<_> = matching(all, &chosen).into_iter().map(|variant| variant.id.to_string()).collect();
        assert_eq!(kept, ["BM", "RM"]);
    }
}
