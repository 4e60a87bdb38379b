//! Orders of another system: tables of order lines, or objects with their lines inside.

use super::amount::{Pricing, price};
use super::called_off::is_called_off;
use super::clean::plain;
use super::columns::{Columns, Role, Sorted};
use super::moment::moment;
use super::records::{RawRow, Records};
use super::value::Value;
use super::{ImportOptions, Reject, Row};
use crate::catalog::CatalogError;
use crate::id::ShopperId;
use crate::money::Money;
use crate::stdx::clock::Timestamp;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A longer order is cut into several rows.
const LINES_MAX: usize = 10_000;

/// One line of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderLine {
    /// What the file calls the product: its id or SKU.
    pub product: String,
    /// What the product is called, when the file tells.
    pub title: Option<String>,
    /// Units; negative for what was returned or canceled.
    pub quantity: i64,
    /// Price of one unit, when the file tells.
    pub unit_price: Option<Money>,
}

/// One order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// The order's name in the other system.
    pub reference: String,
    /// Who bought, when known.
    pub shopper: Option<ShopperId>,
    /// When.
    pub at: Timestamp,
    /// What; at least one line, unless all were left out.
    pub lines: Vec<OrderLine>,
    /// Lines left out, as the file says that they, or the whole order, were called off: cancelled, refunded, returned or never paid.
    pub lines_left_out: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Field {
    Reference,
    Shopper,
    At,
    Product,
    Title,
    Quantity,
    UnitPrice,
    Currency,
    Lines,
    Status,
    CanceledAt,
}

impl Role for Field {
    const NAMES: &'static [(Self, &'static str, &'static [&'static str])] = &[
        (
            Self::Reference,
            "reference",
            &[
                "reference",
                "invoiceno",
                "invoice",
                "invoiceid",
                "invoicenumber",
                "orderid",
                "orderno",
                "ordernumber",
                "order",
                "transactionid",
                "basketid",
                "receiptid",
                "id",
            ],
        ),
        (
            Self::Shopper,
            "shopper",
            &["shopper", "shopperid", "customerid", "customer", "userid", "user", "visitorid", "memberid", "householdkey", "buyerid"],
        ),
        (
            Self::At,
            "at",
            &[
                "at",
                "invoicedate",
                "orderdate",
                "orderedat",
                "placedat",
                "purchasedate",
                "orderpurchasetimestamp",
                "happenedat",
                "createdat",
                "timestamp",
                "datetime",
                "time",
                "date",
                "tdat",
            ],
        ),
        (
            Self::Product,
            "product",
            &["sku", "stockcode", "productid", "product", "itemid", "item", "articleid", "productcode", "asin", "variantid", "upc", "ean"],
        ),
        (Self::Title, "title", &["title", "description", "productname", "producttitle", "itemname", "name"]),
        (Self::Quantity, "quantity", &["quantity", "qty", "units", "count", "amountofunits"]),
        (Self::UnitPrice, "unit_price", &["unitprice", "price", "itemprice", "saleprice", "priceperunit"]),
        (Self::Currency, "currency", &["currency", "currencycode"]),
        (Self::Lines, "lines", &["lines", "lineitems", "items", "products"]),
        (
            Self::Status,
            "status",
            &[
                "status",
                "orderstatus",
                "state",
                "orderstate",
                "itemstatus",
                "linestatus",
                "financialstatus",
                "paymentstatus",
                "fulfillmentstatus",
                "fulfilmentstatus",
                "bestellstatus",
                "auftragsstatus",
                "statut",
                "estado",
                "stato",
            ],
        ),
        (Self::CanceledAt, "canceled_at", &["canceledat", "cancelledat", "canceleddate", "cancelleddate", "cancellationdate"]),
    ];
}

/// Makes orders of rows.
pub(super) struct OrderReader {
    columns: Columns<Field>,
    pricing: Pricing,
    day_first: bool,
    /// The order whose lines are being read.
    open: Option<Row<OrderRow>>,
    /// Whether it was called off. Exports of some shops say so of an order's first line only.
    open_is_off: bool,
    /// How often a name came back after other orders, by digest: such lines become an order of their own instead of being lost.
    seen: HashMap<u64, u32>,
}

impl OrderReader {
    pub(super) fn new(options: &ImportOptions) -> Result<Self, CatalogError> {
        let section = &options.map.order;
        Ok(Self {
            columns: Columns::new(section)?,
            pricing: options.pricing(section),
            day_first: section.day_first,
            open: None,
            open_is_off: false,
            seen: HashMap::new(),
        })
    }

    /// The next whole order, or the next row that cannot be read.
    pub(super) fn next(&mut self, records: &mut Records) -> Option<Result<Row<OrderRow>, Reject>> {
        loop {
            let read = records.read(&mut |raw| self.read(raw));
            match read {
                None => return self.open.take().map(|order| Ok(self.named(order))),
                Some(Err(reject)) => return Some(Err(reject)),
                Some(Ok(row)) => {
                    if let Some(whole) = self.take_in(row) {
                        return Some(Ok(self.named(whole)));
                    }
                }
            }
        }
    }

    /// Adds a row to the open order, or opens the next one and gives the former.
    fn take_in(&mut self, row: Row<OrderRow>) -> Option<Row<OrderRow>> {
        match &mut self.open {
            Some(open) if open.value.reference == row.value.reference && open.value.lines.len() < LINES_MAX => {
                open.value.lines.extend(row.value.lines);
                open.value.lines_left_out += row.value.lines_left_out;
                None
            }
            _ => self.open.replace(row),
        }
    }

    fn named(&mut self, mut order: Row<OrderRow>) -> Row<OrderRow> {
        let mut hasher = DefaultHasher::new();
        order.value.reference.hash(&mut hasher);
        let times = self.seen.entry(hasher.finish()).or_insert(0);
        *times += 1;
        if *times > 1 {
            order.value.reference = format!("{}#{times}", order.value.reference);
        }
        order
    }

    fn read(&mut self, row: &RawRow<'_>) -> Result<Row<OrderRow>, Reject> {
        let fields = self.columns.sort(row.fields);
        let at = fields.first(Field::At).ok_or_else(|| row.reject(fields.name(Field::At, "at"), "is missing"))?;
        let at = moment(at.1, self.day_first).ok_or_else(|| row.reject(at.0, "is not a time"))?;
        let shopper = fields.identifier(Field::Shopper).map(|shopper| ShopperId::new(&shopper)).transpose();
        let shopper = shopper.map_err(|error| row.reject(fields.name(Field::Shopper, "shopper"), error.to_string()))?;
        let reference = match (fields.identifier(Field::Reference), &shopper) {
            (Some(reference), _) => reference.into_owned(),
            // Exports without orders: what one shopper bought at one time is one.
            (None, Some(shopper)) => format!("{shopper}@{}", at.0),
            (None, None) => return Err(row.reject(fields.name(Field::Reference, "reference"), "is missing, and so is the shopper")),
        };
        if reference.len() > crate::id::ID_BYTES_MAX {
            return Err(row.reject(fields.name(Field::Reference, "reference"), "is too long"));
        }
        let mut lines_left_out = 0;
        let mut lines = match fields.first(Field::Lines) {
            Some((name, Value::List(lines))) => self.lines_within(row, name, lines, &reference, &mut lines_left_out)?,
            Some(_) | None => vec![self.line(row, &fields, &reference)?],
        };
        let open_is_off = self.open_is_off && self.open.as_ref().is_some_and(|open| open.value.reference == reference);
        self.open_is_off = called_off(&fields).unwrap_or(open_is_off);
        if self.open_is_off {
            lines_left_out += std::mem::take(&mut lines).len();
        }
        Ok(Row { line: row.line, value: OrderRow { reference, shopper, at, lines, lines_left_out } })
    }

    fn lines_within(
        &mut self,
        row: &RawRow<'_>,
        name: &str,
        lines: &[Value<'_>],
        reference: &str,
        left_out: &mut usize,
    ) -> Result<Vec<OrderLine>, Reject> {
        if lines.is_empty() || lines.len() > LINES_MAX {
            return Err(row.reject(name, format!("must be between 1 and {LINES_MAX}")));
        }
        let mut read = Vec::with_capacity(lines.len());
        for line in lines {
            match line {
                Value::Object(members) => {
                    let fields = self.columns.sort(members);
                    let line = self.line(row, &fields, reference)?;
                    match called_off(&fields) {
                        Some(true) => *left_out += 1,
                        Some(false) | None => read.push(line),
                    }
                }
                line => {
                    let product = line.identifier().ok_or_else(|| row.reject(name, "a line names a product"))?;
                    read.push(OrderLine { product: product.into_owned(), title: None, quantity: 1, unit_price: None });
                }
            }
        }
        Ok(read)
    }

    fn line(&self, row: &RawRow<'_>, fields: &Sorted<'_, '_, Field>, reference: &str) -> Result<OrderLine, Reject> {
        // Within an order's own lines the product is often just called `id`.
        let product = fields.identifier(Field::Product).or_else(|| fields.identifier(Field::Reference).filter(|id| id != reference));
        let product = product.ok_or_else(|| row.reject(fields.name(Field::Product, "product"), "is missing"))?.into_owned();
        let quantity = match fields.first(Field::Quantity) {
            None => 1,
            Some((name, value)) => {
                value.whole().filter(|units| *units != 0).ok_or_else(|| row.reject(name, "must be a whole number but zero"))?
            }
        };
        let unit_price = self.unit_price(row, fields)?;
        let quantity = if is_cancellation(reference) { -quantity.saturating_abs() } else { quantity };
        let title = fields.text(Field::Title).map(|title| plain(&title).into_owned());
        Ok(OrderLine { product, title, quantity, unit_price })
    }

    fn unit_price(&self, row: &RawRow<'_>, fields: &Sorted<'_, '_, Field>) -> Result<Option<Money>, Reject> {
        let Some((name, value)) = fields.first(Field::UnitPrice) else { return Ok(None) };
        let code = fields.text(Field::Currency);
        let currency = code.map_or(Ok(self.pricing.currency), |code| crate::money::Currency::known(&code));
        let currency = currency.map_err(|error| row.reject(fields.name(Field::Currency, "currency"), error.to_string()))?;
        let money = price(value, Pricing { currency, ..self.pricing }).map_err(|reason| row.reject(name, reason))?;
        if money.is_some_and(|money| money.amount_minor < 0) {
            return Err(row.reject(name, "must not be negative"));
        }
        Ok(money)
    }
}

/// Whether an order or line was called off, by the first of its columns that says so; nothing when none says anything.
fn called_off(fields: &Sorted<'_, '_, Field>) -> Option<bool> {
    let by_status = fields.all(Field::Status).filter_map(|(_, value)| Some(is_called_off(&value.text()?)));
    by_status.chain(fields.first(Field::CanceledAt).map(|_| true)).reduce(|before, is_off| before || is_off)
}

/// Invoices named `C` and a number take back an earlier one.
fn is_cancellation(reference: &str) -> bool {
    reference.strip_prefix('C').is_some_and(|number| number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::formats;

    /// Its name, its lines as product and units, and how many were left out.
    type Told = (String, Vec<(String, i64)>, usize);

    fn read(name: &str, text: &str) -> Vec<Told> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("writes");
        let rows = formats::orders(&file, &ImportOptions::default()).expect("opens");
        let told = |OrderRow { reference, lines, lines_left_out, .. }: OrderRow| {
            (reference, lines.into_iter().map(|line| (line.product, line.quantity)).collect(), lines_left_out)
        };
        rows.map(|row| told(row.expect("is read").value)).collect()
    }

    /// Orders that other systems say were cancelled, refunded or returned were taken for bought.
    #[test]
    fn orders_and_lines_that_were_called_off_are_left_out_and_counted() {
        let table = "order_id,sku,quantity,date,status\n1,a,2,2026-01-05,delivered\n1,b,1,2026-01-05,Returned\n2,a,3,2026-01-05,CANCELLED\n2,b,1,2026-01-05,\n\
                     3,a,1,2026-01-05,\n4,a,-1,2026-01-05,partially refunded\n";
        let line = |product: &str, quantity: i64| (product.to_owned(), quantity);
        let expected = [
            ("1".to_owned(), vec![line("a", 2)], 1),
            ("2".to_owned(), vec![], 2),
            ("3".to_owned(), vec![line("a", 1)], 0),
            ("4".to_owned(), vec![line("a", -1)], 0),
        ];
        assert_eq!(read("orders.csv", table), expected);
        let objects = r#"{"id":"1","created_at":"2026-01-05","line_items":[{"sku":"a","quantity":2},{"sku":"b","status":"refunded"}]}
{"id":"2","created_at":"2026-01-05","cancelled_at":"2026-01-06","line_items":[{"sku":"a","quantity":3},{"sku":"b"}]}
{"id":"3","created_at":"2026-01-05","cancelled_at":null,"financial_status":"paid","line_items":[{"sku":"a"}]}
"#;
        assert_eq!(read("orders.ndjson", objects), expected[..3]);
    }
}
