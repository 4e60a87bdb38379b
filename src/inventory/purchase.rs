//! Goods ordered from suppliers: what is still to come, and how much may be received.

use crate::event::trade::{PurchaseLine, Receipt};
use crate::id::{LocationId, Ordinal, PurchaseOrderId, Sku};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a purchase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseStatus {
    /// Something is still to come.
    Open,
    /// Everything came, or as much as is expected.
    Received,
    /// Nothing came, and nothing is expected.
    Canceled,
}

impl PurchaseStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Received, Self::Canceled];

    /// Its name in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Received => "received",
            Self::Canceled => "canceled",
        }
    }
}

/// One SKU of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchasedSku {
    /// What.
    pub sku: Sku,
    /// The product it is a variant of.
    pub product: Ordinal,
    /// Units ordered.
    pub ordered: i64,
    /// Units that came, in whatever state.
    pub received: i64,
    /// When the rest is expected.
    pub expected_at: Timestamp,
}

impl PurchasedSku {
    /// Units that are still to come.
    #[must_use]
    pub fn left(&self) -> i64 {
        (self.ordered - self.received).max(0)
    }
}

/// Goods ordered from a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// Its name.
    pub id: PurchaseOrderId,
    /// From whom.
    pub supplier: String,
    /// Where they arrive.
    pub location: LocationId,
    /// What; each SKU once.
    pub lines: Vec<PurchasedSku>,
    /// How much more than ordered may be received, in percent.
    pub over_percent: u8,
    /// How far it is.
    pub status: PurchaseStatus,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// Why goods cannot be received so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The purchase has no such line.
    #[error("is not part of it")]
    Stranger,
    /// More than was ordered and is tolerated beyond.
    #[error("at most {0} more can be received")]
    TooMany(i64),
}

impl Purchase {
    /// A line of it.
    #[must_use]
    pub fn line(&self, sku: &Sku) -> Option<&PurchasedSku> {
        self.lines.iter().find(|line| line.sku == *sku)
    }

    /// Lines under new terms, keeping what was received.
    #[must_use]
    pub fn relined(&self, lines: &[PurchaseLine]) -> Vec<PurchasedSku> {
        let received = |sku: &Sku| self.line(sku).map_or(0, |known| known.received);
        let line = |line: &PurchaseLine| PurchasedSku {
            sku: line.sku.clone(),
            product: line.product,
            ordered: line.ordered,
            received: received(&line.sku),
            expected_at: line.expected_at,
        };
        lines.iter().map(line).collect()
    }

    /// Most units of a SKU that may still be received: those ordered and `over_percent` more, rounded down.
    ///
    /// # Errors
    /// When a receipt is of another SKU or of more than that.
    pub fn check_receipt(&self, receipt: &Receipt) -> Result<&PurchasedSku, ReceiptError> {
        let line = self.line(&receipt.sku).ok_or(ReceiptError::Stranger)?;
        let most = line.ordered + line.ordered * i64::from(self.over_percent) / 100 - line.received;
        let units = receipt.accepted + receipt.damaged + receipt.quality_hold;
        if units > most { Err(ReceiptError::TooMany(most.max(0))) } else { Ok(line) }
    }

    /// The purchase after goods came; `closes`: nothing more is expected.
    #[must_use]
    pub fn received(&self, receipts: &[Receipt], closes: bool, at: Timestamp) -> Self {
        let mut purchase = Self { updated_at: at, ..self.clone() };
        for line in &mut purchase.lines {
            let units = receipts.iter().filter(|row| row.sku == line.sku).map(|row| row.accepted + row.damaged + row.quality_hold);
            line.received += units.sum::<i64>();
        }
        if closes || purchase.lines.iter().all(|line| line.left() == 0) {
            purchase.status = PurchaseStatus::Received;
        }
        purchase
    }

    /// The purchase after nothing more is expected.
    #[must_use]
    pub fn canceled(&self, at: Timestamp) -> Self {
        let came = self.lines.iter().any(|line| line.received > 0);
        let status = if came { PurchaseStatus::Received } else { PurchaseStatus::Canceled };
        Self { status, updated_at: at, ..self.clone() }
    }

    /// What is still to come: SKU, units, when. Nothing once the purchase has come to its end.
    pub fn to_come(&self) -> impl Iterator<Item = (&PurchasedSku, i64)> {
        let is_open = self.status == PurchaseStatus::Open;
        self.lines.iter().filter(move |_| is_open).map(|line| (line, line.left())).filter(|(_, left)| *left > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purchase(over_percent: u8) -> Purchase {
        let sku = Sku::new("a").expect("an id");
        Purchase {
            id: PurchaseOrderId::new("p").expect("an id"),
            supplier: "Maker".to_owned(),
            location: LocationId::new("l").expect("an id"),
            lines: vec![PurchasedSku { sku, product: Ordinal(0), ordered: 25, received: 0, expected_at: Timestamp(9) }],
            over_percent,
            status: PurchaseStatus::Open,
            opened_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    fn receipt(accepted: i64, damaged: i64) -> Receipt {
        Receipt { sku: Sku::new("a").expect("an id"), accepted, damaged, quality_hold: 0 }
    }

    #[test]
    fn no_more_is_received_than_was_ordered_and_is_tolerated() {
        let check = |over_percent, accepted, damaged, expected: Option<i64>| {
            let found = purchase(over_percent).check_receipt(&receipt(accepted, damaged)).map(|_| ());
            assert_eq!(found, expected.map_or(Ok(()), |most| Err(ReceiptError::TooMany(most))));
        };
        check(0, 25, 0, None);
        check(0, 25, 1, Some(25));
        check(10, 25, 2, None);
        check(10, 25, 3, Some(27));
        let stranger = Receipt { sku: Sku::new("b").expect("an id"), ..receipt(1, 0) };
        assert_eq!(purchase(0).check_receipt(&stranger), Err(ReceiptError::Stranger));
    }

    #[test]
    fn a_purchase_is_received_when_all_came_or_no_more_is_expected() {
        let some = purchase(0).received(&[receipt(20, 1)], false, Timestamp(1));
        assert_eq!((some.status, some.to_come().map(|(_, left)| left).sum::<i64>()), (PurchaseStatus::Open, 4));
        assert_eq!(some.received(&[receipt(4, 0)], false, Timestamp(2)).status, PurchaseStatus::Received);
        let short = some.received(&[], true, Timestamp(2));
        assert_eq!((short.status, short.to_come().count()), (PurchaseStatus::Received, 0));
        assert_eq!(some.canceled(Timestamp(2)).status, PurchaseStatus::Received, "some came");
        assert_eq!(purchase(0).canceled(Timestamp(2)).status, PurchaseStatus::Canceled);
    }
}
