//! Queries that are somebody's own and must not be kept: e-mail addresses and card numbers land in search boxes by mistake.

/// Digits of a payment card (ISO/IEC 7812).
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Whether a query as typed, or as its terms, holds what looks like an e-mail address or a card number.
#[must_use]
pub fn looks_personal(query: &str) -> bool {
    query.split_whitespace().any(is_address) || holds_card_number(query)
}

/// Something, an at sign, and a host with a dot inside.
fn is_address(word: &str) -> bool {
    let Some((mailbox, host)) = word.rsplit_once('@') else { return false };
    let inner = host.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    !mailbox.is_empty() && inner.split_once('.').is_some_and(|(name, end)| !name.is_empty() && !end.is_empty())
}

/// A run of digits, blanks and hyphens allowed between them, of a card's length and with its check digit.
fn holds_card_number(query: &str) -> bool {
    let mut digits: Vec<u32> = Vec::new();
    for letter in query.chars().chain(std::iter::once('\n')) {
        match letter.to_digit(10) {
            Some(digit) => digits.push(digit),
            None if letter == ' ' || letter == '-' => {}
            None => {
                if CARD_DIGITS.contains(&digits.len()) && has_check_digit(&digits) {
                    return true;
                }
                digits.clear();
            }
        }
    }
    false
}

/// The Luhn check (ISO/IEC 7812-1, annex B).
fn has_check_digit(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits.iter().rev().enumerate().map(|(place, digit)| if place % 2 == 1 { doubled(*digit) } else { *digit }).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_card_numbers_are_recognised_and_products_are_not() {
        let check = |query: &str, expected: bool| assert_eq!(looks_personal(query), expected, "{query}");
        check("ada.king@example.org", true);
        check("order of <ada@example.co.uk>", true);
        check("4111 1111 1111 1111", true);
        check("card 5555-5555-5555-4444 lost", true);
        check("4111 1111 1111 1112", false);
        check("lamp @home", false);
        check("us@", false);
        check("iphone 15 128 gb", false);
        check("311992D3 usb-c 3.1", false);
        check("", false);
    }
}
