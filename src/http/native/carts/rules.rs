//! Quantity rules: how many units one cart may hold and one buyer may have.

use crate::event::trade::{QuantityRule, RuleTarget};
use crate::http::answer::{Answer, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::keys::Key;
use crate::http::path::Path;
use crate::http::versions::tagged_with;
use crate::id::{ProductId, Sku};
use crate::trade::{CartAction, Version};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

/// A day: how long an order counts against its buyer when the rule does not say.
const WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;

#[derive(Serialize)]
struct RuleView {
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<Sku>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
    #[serde(flatten)]
    rule: QuantityRule,
}

#[derive(Serialize)]
struct RulesView {
    rules: Vec<RuleView>,
}

fn view(context: &Context, target: &RuleTarget, rule: QuantityRule) -> RuleView {
    match target {
        RuleTarget::Sku(sku) => RuleView { sku: Some(sku.clone()), product_id: None, rule },
        RuleTarget::Product(product) => RuleView { sku: None, product_id: context.shop.readers().catalog().id_of(*product), rule },
    }
}

pub(super) async fn list(State(context): Shared) -> Answer {
    let trade = context.shop.readers().trade();
    let rules = trade.quantity_rules().map(|(target, rule)| view(&context, target, *rule)).collect();
    ok(&RulesView { rules })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleBody {
    min: Option<i64>,
    max: Option<i64>,
    multiple_of: Option<i64>,
    max_per_buyer: Option<i64>,
    window_ms: Option<i64>,
}

impl RuleBody {
    fn rule(self) -> QuantityRule {
        QuantityRule {
            min: self.min.unwrap_or(1),
            max: self.max,
            multiple_of: self.multiple_of.unwrap_or(1),
            max_per_buyer: self.max_per_buyer,
            window_ms: self.window_ms.unwrap_or(WINDOW_MS),
        }
    }
}

async fn put(context: &Context, key: &Key, (target, name): (RuleTarget, &str), body: RuleBody) -> Answer {
    context.once(key, || Ok(CartAction::SetQuantityRule { target: target.clone(), rule: body.rule() })).await?;
    shown(context, (target, name))
}

/// A rule with the entity tag that a later write can be made conditional on.
fn shown(context: &Context, (target, name): (RuleTarget, &str)) -> Answer {
    let trade = context.shop.readers().trade();
    let rule = trade.quantity_rule(&target).ok_or_else(|| Problem::unknown("quantity rule of", name))?;
    tagged_with(ok(&view(context, &target, *rule)), Version::of_setting(rule))
}

async fn delete(context: &Context, key: &Key, target: RuleTarget) -> Answer {
    context.once(key, || Ok(CartAction::RemoveQuantityRule { target })).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn sku_target(text: &str) -> Result<RuleTarget, Problem> {
    Sku::new(text).map(RuleTarget::Sku).map_err(|_| Problem::unknown("SKU", text))
}

fn product_target(context: &Context, text: &str) -> Result<RuleTarget, Problem> {
    let unknown = || Problem::unknown("product", text);
    let id = ProductId::new(text).map_err(|_| unknown())?;
    context.shop.readers().catalog().ordinal_of(&id).map(RuleTarget::Product).ok_or_else(unknown)
}

pub(super) async fn get_sku(State(context): Shared, Path(sku): Path) -> Answer {
    shown(&context, (sku_target(&sku)?, &sku))
}

pub(super) async fn get_product(State(context): Shared, Path(id): Path) -> Answer {
    shown(&context, (product_target(&context, &id)?, &id))
}

pub(super) async fn put_sku(State(context): Shared, Path(sku): Path, request: Request) -> Answer {
    let target = sku_target(&sku)?;
    let Asked { body, key } = Asked::<RuleBody>::read("v1.rule.put.sku", &sku, request).await?;
    put(&context, &key, (target, &sku), body).await
}

pub(super) async fn put_product(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let target = product_target(&context, &id)?;
    let Asked { body, key } = Asked::<RuleBody>::read("v1.rule.put.product", &id, request).await?;
    put(&context, &key, (target, &id), body).await
}

pub(super) async fn delete_sku(State(context): Shared, Path(sku): Path, request: Request) -> Answer {
    let target = sku_target(&sku)?;
    let Asked { body: Nothing {}, key } = Asked::read("v1.rule.delete.sku", &sku, request).await?;
    delete(&context, &key, target).await
}

pub(super) async fn delete_product(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let target = product_target(&context, &id)?;
    let Asked { body: Nothing {}, key } = Asked::read("v1.rule.delete.product", &id, request).await?;
    delete(&context, &key, target).await
}
