//! Placed orders: one JSON object each, or one row for each of their lines.

use super::{ExportError, ExportQuery, REPORT_EVERY, Report, number_after};
use crate::catalog::CatalogSnapshot;
use crate::catalog::tables::{Cell, Column, Layout, Record, TableWriter, TakeRow};
use crate::event::trade::{Address, Buyer, Line};
use crate::id::{CheckoutId, LineId, MarketplaceId, OrderId, PaymentId, ProductId, Sku};
use crate::money::Money;
use crate::order::Order;
use crate::pipeline::{People, Readers};
use crate::trade::{OrderPage, OrderQuery, OrderSort, State};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;

/// Orders looked up together.
const PAGE: usize = 500;

/// Columns of every table of orders.
const COLUMNS: [Column; 20] = [
    Column::whole("number"),
    Column::text("order_id"),
    Column::moment("placed_at"),
    Column::moment("updated_at"),
    Column::text("status"),
    Column::text("payment_status"),
    Column::text("fulfilment_status"),
    Column::text("marketplace"),
    Column::text("currency"),
    Column::text("subtotal"),
    Column::text("discount"),
    Column::text("shipping"),
    Column::text("tax"),
    Column::text("total"),
    Column::text("line_id"),
    Column::text("sku"),
    Column::text("product_id"),
    Column::text("title"),
    Column::whole("quantity"),
    Column::text("unit_price"),
];

/// Columns that say who somebody is.
const PERSONAL_COLUMNS: [Column; 11] = [
    Column::text("shopper_id"),
    Column::text("session_id"),
    Column::text("buyer_name"),
    Column::text("buyer_email"),
    Column::text("buyer_phone"),
    Column::text("ship_to_name"),
    Column::text("ship_to_street"),
    Column::text("ship_to_city"),
    Column::text("ship_to_postal_code"),
    Column::text("ship_to_region"),
    Column::text("ship_to_country"),
];

/// The orders of one moment.
pub(super) struct OrderExport {
    trade: Arc<State>,
    catalog: Arc<CatalogSnapshot>,
    people: Arc<People>,
    query: OrderQuery,
    is_personal: bool,
}

impl OrderExport {
    pub(super) fn prepare(readers: &Readers, query: &ExportQuery) -> Result<Self, ExportError> {
        let after: Option<u64> = number_after(query, "number")?;
        let (trade, catalog, people) = (readers.trade(), readers.catalog(), Arc::clone(readers.people()));
        let wanted = OrderQuery {
            placed_from: query.since,
            placed_until: query.until,
            sort: OrderSort::Oldest,
            after: after.map(|number| (0, number)),
            limit: PAGE,
            ..OrderQuery::default()
        };
        Ok(Self { trade, catalog, people, query: wanted, is_personal: query.is_personal })
    }

    pub(super) fn write<W: Write + Send>(mut self, layout: Layout, out: W, report: &mut Report<'_>) -> io::Result<W> {
        let personal = PERSONAL_COLUMNS.iter().filter(|_| self.is_personal);
        let columns: Vec<Column> = COLUMNS.iter().chain(personal).copied().collect();
        let mut table = TableWriter::create(out, layout, &columns)?;
        let (total, mut done) = (self.trade.orders_count() as u64, 0);
        loop {
            let OrderPage { orders, next, .. } = self.trade.find_orders(&self.query);
            for order in &orders {
                table.write(&self.record(order))?;
                done += 1;
                if done % REPORT_EVERY == 0 {
                    report(done, total);
                }
            }
            let Some(next) = next else { return table.finish() };
            self.query.after = Some(next);
        }
    }

    fn record(&self, order: &Order) -> OrderRecord<'_> {
        OrderRecord { order: if self.is_personal { self.people.order(order) } else { order.clone() }, export: self }
    }
}

struct OrderRecord<'a> {
    /// Its texts are opened if they are to be told.
    order: Order,
    export: &'a OrderExport,
}

/// An order as JSON.
#[derive(Serialize)]
struct OrderJson<'a> {
    number: u64,
    id: &'a OrderId,
    checkout_id: &'a CheckoutId,
    status: &'static str,
    payment_status: &'static str,
    fulfilment_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    marketplace: Option<&'a MarketplaceId>,
    placed_at: String,
    updated_at: String,
    subtotal: Money,
    discount: Money,
    shipping: Money,
    tax: Money,
    total: Money,
    lines: Vec<LineJson<'a>>,
    payment_ids: &'a [PaymentId],
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<&'a Buyer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a Address>,
    /// People write about themselves in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct LineJson<'a> {
    id: &'a LineId,
    sku: &'a Sku,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
    title: &'a str,
    quantity: i64,
    unit_price: Money,
}

impl OrderRecord<'_> {
    fn line_json<'a>(&self, line: &'a Line) -> LineJson<'a> {
        let product_id = self.export.catalog.id_of(line.product);
        LineJson { id: &line.id, sku: &line.sku, product_id, title: &line.title, quantity: line.quantity, unit_price: line.unit_price }
    }

    /// The cells that all lines have in common.
    fn shared(&self) -> Vec<Cell> {
        let order = &self.order;
        let named = |name: &str| Cell::Text(name.to_owned());
        let totals = &order.totals;
        let mut cells = vec![
            Cell::whole(i64::try_from(order.number).ok()),
            named(order.id.as_str()),
            Cell::Whole(order.placed_at.0),
            Cell::Whole(order.updated_at.0),
            named(order.status.name()),
            named(order.payment_status.name()),
            named(order.fulfilment_status.name()),
            Cell::text(order.claims.marketplace.as_ref().map(MarketplaceId::as_str)),
            named(totals.total.currency.as_str()),
        ];
        let sums = [totals.subtotal, totals.discount, totals.shipping, totals.tax, totals.total];
        cells.extend(sums.map(|sum| Cell::Text(sum.decimal())));
        cells
    }

    fn line(&self, line: &Line) -> [Cell; 6] {
        [
            Cell::Text(line.id.to_string()),
            Cell::Text(line.sku.to_string()),
            Cell::text(self.export.catalog.id_of(line.product).map(|id| id.to_string())),
            Cell::Text(line.title.clone()),
            Cell::Whole(line.quantity),
            Cell::Text(line.unit_price.decimal()),
        ]
    }

    fn personal(&self) -> Vec<Cell> {
        if !self.export.is_personal {
            return Vec::new();
        }
        let Buyer { shopper, session, email, name, phone, .. } = &*self.order.buyer;
        let Address { name: ship_to, street, city, postal_code, region, country } = &*self.order.address;
        let optional = [shopper.as_ref().map(|id| id.as_str()), session.as_ref().map(|id| id.as_str())];
        let buyer = [name, email, phone].map(|text| text.as_deref());
        let address = [ship_to, street, city, postal_code, region, country].map(|text| Some(text.as_str()));
        optional.into_iter().chain(buyer).chain(address).map(Cell::text).collect()
    }
}

impl Record for OrderRecord<'_> {
    fn json(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let (order, is_personal) = (&self.order, self.export.is_personal);
        let totals = &order.totals;
        let json = OrderJson {
            number: order.number,
            id: &order.id,
            checkout_id: &order.checkout,
            status: order.status.name(),
            payment_status: order.payment_status.name(),
            fulfilment_status: order.fulfilment_status.name(),
            marketplace: order.claims.marketplace.as_ref(),
            placed_at: order.placed_at.to_rfc3339(),
            updated_at: order.updated_at.to_rfc3339(),
            subtotal: totals.subtotal,
            discount: totals.discount,
            shipping: totals.shipping,
            tax: totals.tax,
            total: totals.total,
            lines: order.lines.iter().map(|line| self.line_json(line)).collect(),
            payment_ids: &order.payments,
            buyer: is_personal.then_some(&*order.buyer),
            address: is_personal.then_some(&*order.address),
            cancel_reason: order.cancel_reason.as_deref().filter(|_| is_personal),
        };
        serde_json::to_writer(out, &json).map_err(io::Error::from)
    }

    fn rows(&self, take: &mut TakeRow<'_>) -> io::Result<()> {
        let (shared, personal) = (self.shared(), self.personal());
        self.order.lines.iter().try_for_each(|line| take([&shared[..], &self.line(line), &personal].concat()))
    }
}
