//! Stock rows: how many units of a SKU lie at a location.

use super::columns::{Columns, Role};
use super::records::RawRow;
use super::{ImportOptions, Reject};
use crate::catalog::CatalogError;
use crate::id::{LocationId, Sku};

/// Where units lie when neither the file nor the map says.
const LOCATION: &str = "main";

/// One count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// Of which SKU.
    pub sku: Sku,
    /// Where.
    pub location: LocationId,
    /// Units on hand.
    pub on_hand: i64,
    /// Units that the source believed to be there before; the count holds only if they are.
    pub expected: Option<i64>,
}

/// How well the shop's own name for a product fits in another language: as `id` does, before what is printed on it.
const RANK_OF_NAMES: u16 = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Field {
    Sku,
    Location,
    OnHand,
    Expected,
}

impl Role for Field {
    const NAMES: &'static [(Self, &'static str, &'static [&'static str])] = &[
        (Self::Sku, "sku", &["sku", "variantsku", "skuid", "stockcode", "productid", "product", "itemid", "id", "upc", "ean", "articleid"]),
        (Self::Location, "location", &["location", "locationid", "warehouse", "warehouseid", "store", "storeid", "site", "locationname"]),
        (
            Self::OnHand,
            "on_hand",
            &[
                "onhand",
                "quantity",
                "qty",
                "units",
                "stock",
                "stocklevel",
                "stockonhand",
                "inventory",
                "available",
                "quantityavailable",
                "onhandnew",
                "variantinventoryqty",
                "inventoryquantity",
                "inventoryqty",
            ],
        ),
        (Self::Expected, "expected", &["expected", "onhandcurrent"]),
    ];

    fn loosely(name: &str) -> Option<(Self, u16)> {
        let (key, rank) = super::loose::abroad(name)?;
        // What names a product in other files names its form here.
        let (key, rank) = if matches!(key, "id" | "sku") { ("sku", RANK_OF_NAMES) } else { (key, rank) };
        Self::NAMES.iter().find(|(_, known, _)| *known == key).map(|(role, ..)| (*role, rank))
    }
}

/// Makes counts of rows.
pub(super) struct StockReader {
    columns: Columns<Field>,
    location: LocationId,
}

impl StockReader {
    pub(super) fn new(options: &ImportOptions) -> Result<Self, CatalogError> {
        let section = &options.map.stock;
        let location = section.constants.location.as_deref().unwrap_or(LOCATION);
        let location = LocationId::new(location).map_err(|error| CatalogError::Map(format!("location: {error}")))?;
        Ok(Self { columns: Columns::new(section)?, location })
    }

    pub(super) fn read(&mut self, row: &RawRow<'_>) -> Result<StockRow, Reject> {
        let fields = self.columns.sort(row.fields);
        let sku = fields.identifier(Field::Sku).ok_or_else(|| row.reject(fields.name(Field::Sku, "sku"), "is missing"))?;
        // As spreadsheets guard a text that looks like a number, and Shopify's exports with them.
        let sku = Sku::new(sku.trim_start_matches('\'')).map_err(|error| row.reject(fields.name(Field::Sku, "sku"), error.to_string()))?;
        let location = fields.identifier(Field::Location).map(|name| LocationId::new(&name)).transpose();
        let location = location.map_err(|error| row.reject(fields.name(Field::Location, "location"), error.to_string()))?;
        let units = |role, name: &str| -> Result<Option<i64>, Reject> {
            let Some((column, value)) = fields.first(role) else { return Ok(None) };
            let units = value.whole().filter(|units| *units >= 0);
            units.map(Some).ok_or_else(|| row.reject(if column.is_empty() { name } else { column }, "must be a whole number from 0"))
        };
        let on_hand = units(Field::OnHand, "on_hand")?.ok_or_else(|| row.reject(fields.name(Field::OnHand, "on_hand"), "is missing"))?;
        let expected = units(Field::Expected, "expected")?;
        Ok(StockRow { sku, location: location.unwrap_or_else(|| self.location.clone()), on_hand, expected })
    }
}
