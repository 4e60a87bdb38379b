//! What the status of an order says in the words of other systems: whether it was called off, and so is no demand.

/// Words of a status that mean it, whatever stands beside them: of orders that were cancelled, came back, or were never paid.
const WORDS: [&str; 59] = [
    "cancelled",
    "canceled",
    "refunded",
    "returned",
    "returning",
    "voided",
    "rejected",
    "declined",
    "failed",
    "abandoned",
    "expired",
    "chargeback",
    "chargedback",
    "storniert",
    "abgebrochen",
    "erstattet",
    "zurückerstattet",
    "retourniert",
    "zurückgegeben",
    "abgelehnt",
    "annulé",
    "annulée",
    "annule",
    "annulee",
    "remboursé",
    "remboursée",
    "rembourse",
    "remboursee",
    "retourné",
    "retournée",
    "refusée",
    "cancelado",
    "cancelada",
    "anulado",
    "anulada",
    "reembolsado",
    "reembolsada",
    "devuelto",
    "devuelta",
    "rechazado",
    "devolvido",
    "devolvida",
    "estornado",
    "annullato",
    "annullata",
    "rimborsato",
    "rimborsata",
    "geannuleerd",
    "terugbetaald",
    "geretourneerd",
    "anulowane",
    "anulowany",
    "zwrócone",
    "zwrócony",
    "avbruten",
    "annullerad",
    "annulleret",
    "отменен",
    "отменён",
];
/// Words that mean it where they are all that a status says: beside others they may be of what was asked for, or is still allowed.
const ALONE: [&str; 7] = ["cancel", "cancellation", "refund", "return", "void", "storno", "retoure"];
/// Words beside which the others do not mean it.
const UNLESS: [&str; 13] = [
    "partially",
    "partial",
    "partly",
    "not",
    "no",
    "non",
    "never",
    "teilweise",
    "nicht",
    "partiellement",
    "parcialmente",
    "parzialmente",
    "gedeeltelijk",
];

/// Whether a status, as `Cancelled`, `wc-refunded` or `Shipped - Returned to Seller`, says that the order was called off.
pub(super) fn is_called_off(status: &str) -> bool {
    let lower = status.to_lowercase();
    let words: Vec<&str> = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let says = |known: &[&str]| words.iter().any(|word| known.contains(word));
    match words.as_slice() {
        [only] if ALONE.contains(only) => true,
        _ => says(&WORDS) && !says(&UNLESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_in_many_words_that_an_order_was_called_off() {
        let off = [
            "Cancelled",
            "CANCELED",
            "wc-cancelled",
            "Shipped - Returned to Seller",
            "refunded",
            "Void",
            "payment_failed",
            "storniert",
            "Annulée",
            "отменён",
            "return",
        ];
        off.iter().for_each(|status| assert!(is_called_off(status), "{status}"));
        let on = [
            "",
            "complete",
            "delivered",
            "Partially refunded",
            "not returned",
            "closed",
            "CA",
            "return window open",
            "unfulfilled",
            "paid",
            "on_hold",
            "teilweise storniert",
        ];
        on.iter().for_each(|status| assert!(!is_called_off(status), "{status}"));
    }
}
