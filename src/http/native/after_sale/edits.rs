//! Edits of placed orders, and what they would come to.

use super::{NewLineBody, act_on_order, new_lines};
use crate::event::trade::{Address, Line, Totals, Units};
use crate::http::answer::{Answer, ok};
use crate::http::asked::Asked;
use crate::http::body::{self, JsonBytes};
use crate::http::context::{Context, Shared};
use crate::http::error::Problem;
use crate::http::native::orders::order_id;
use crate::http::path::Path;
use crate::id::{EditId, LineId, OrderId};
use crate::money::Money;
use crate::trade::{AfterSaleAction, Edit, Edited};
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};

/// How an order should change.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditBody {
    /// Units of lines from now on; zero takes a line away.
    #[serde(default)]
    quantities: Vec<QuantityBody>,
    /// Lines in addition.
    #[serde(default)]
    additions: Vec<NewLineBody>,
    #[serde(default)]
    address: Option<Address>,
    #[serde(default)]
    reason: String,
    /// What the preview said the difference would be.
    #[serde(default)]
    expected_difference: Option<Money>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuantityBody {
    line_id: LineId,
    quantity: i64,
}

#[derive(Serialize)]
struct PreviewView<'a> {
    lines: &'a [Line],
    totals: &'a Totals,
    difference: Money,
    freed: &'a [Units],
    added: &'a [Units],
}

impl EditBody {
    fn change(self, context: &Context, order: &OrderId) -> Result<(Edit, Option<Money>), Problem> {
        let quantities = self.quantities.into_iter().map(|QuantityBody { line_id, quantity }| (line_id, quantity)).collect();
        let additions = new_lines(context, order, "additions", self.additions)?;
        Ok((Edit { quantities, additions, address: self.address, reason: self.reason }, self.expected_difference))
    }
}

pub(super) async fn preview(State(context): Shared, Path(id): Path, JsonBytes(bytes): JsonBytes) -> Answer {
    let order = order_id(&id)?;
    let (change, _) = body::parse::<EditBody>(&bytes)?.change(&context, &order)?;
    let trade = context.shop.readers().trade();
    let Edited { lines, totals, difference, freed, added, .. } = trade.preview_edit(&order, &change, trade.time())?;
    ok(&PreviewView { lines: &lines, totals: &totals, difference, freed: &freed, added: &added })
}

pub(super) async fn edit(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let order = order_id(&id)?;
    let asked = Asked::<EditBody>::read("order.edit", &id, request).await?;
    let shared = &context;
    let action = |order, body: EditBody| {
        let (change, expected_difference) = body.change(shared, &order)?;
        let edit = EditId::new(&shared.shop.new_name("edit")).map_err(|error| Problem::internal(&error))?;
        Ok(AfterSaleAction::EditOrder { order, edit, change, expected_difference })
    };
    act_on_order(shared, asked, order, action).await
}
