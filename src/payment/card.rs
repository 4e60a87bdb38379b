//! The guard that keeps card numbers out: of journal, checkpoints, logs and answers, because they never get past the door.
//!
//! What counts as one: 13 to 19 digits, of any script, with up to three marks such as spaces, dashes, dots or slashes between groups of them, that begin like an issuer's numbers (ISO/IEC
//! 7812 prefixes and the lengths that belong to them) and whose check digit is right (Luhn, ISO/IEC 7812-1 annex B). A number that is part
//! of a longer word with separators (a UUID) is not one, nor are 13 digits after a plus: phone numbers with the country before them (E.164) are as
//! long as the cards that Visa once issued. Product identifiers are not asked: a GTIN may well look like one.

use crate::text::{digit_of, fold};

/// A text that must not be kept holds what looks like a card number. The text itself is never repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: must not contain a card number")]
pub struct CardNumber {
    /// Path of the field.
    pub field: String,
}

const DIGITS_MIN: usize = 13;
const DIGITS_MAX: usize = 19;
/// Separators between two groups of digits: more are two numbers.
const SEPARATORS_MAX: usize = 3;
/// The longest phone number that could be taken for a card: beyond +4x no country has longer ones.
const PHONE_DIGITS: usize = 13;

/// Refuses a text in which a card number stands.
///
/// # Errors
/// Naming `field`, when one stands there.
pub fn card_guard(field: &str, text: &str) -> Result<(), CardNumber> {
    // Nearly every text has too few digits to hold one, and costs one pass.
    let might = !text.is_ascii() || text.bytes().filter(u8::is_ascii_digit).count() >= DIGITS_MIN;
    if might && holds_card_number(&fold(text)) {
        return Err(CardNumber { field: field.to_owned() });
    }
    Ok(())
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '.' | '_' | '/' | '\\' | '|' | ',' | '\t' | '\u{2010}'..='\u{2015}' | '\u{b7}')
}

/// One run: groups of digits with a few separators between them, whether a letter touches either end, and whether a plus stands before it.
#[derive(Default)]
struct Run {
    groups: Vec<Vec<u8>>,
    touches_letter: bool,
    follows_plus: bool,
}

impl Run {
    fn is_phone_number(&self) -> bool {
        self.follows_plus && self.groups.iter().map(Vec::len).sum::<usize>() == PHONE_DIGITS
    }
}

fn holds_card_number(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        if digit_of(letters[at]).is_none() {
            at += 1;
            continue;
        }
        let (run, end) = read_run(&letters, at);
        if !run.is_phone_number() && run_holds_card_number(&run) {
            return true;
        }
        at = end;
    }
    false
}

fn read_run(letters: &[char], start: usize) -> (Run, usize) {
    let before = start.checked_sub(1).map(|before| letters[before]);
    let mut run =
        Run { groups: vec![Vec::new()], touches_letter: before.is_some_and(char::is_alphabetic), follows_plus: before == Some('+') };
    let mut at = start;
    while at < letters.len() {
        if let Some(digit) = digit_of(letters[at]) {
            if let Some(group) = run.groups.last_mut() {
                group.push(digit);
            }
            at += 1;
            continue;
        }
        let marks = letters[at..].iter().take(SEPARATORS_MAX + 1).take_while(|letter| is_separator(**letter)).count();
        if !(1..=SEPARATORS_MAX).contains(&marks) || letters.get(at + marks).copied().and_then(digit_of).is_none() {
            break;
        }
        run.groups.push(Vec::new());
        at += marks;
    }
    run.touches_letter |= letters.get(at).is_some_and(|letter| letter.is_alphabetic());
    (run, at)
}

/// Tries every stretch of whole groups; a stretch of several groups inside a longer word is an identifier, not a card.
fn run_holds_card_number(run: &Run) -> bool {
    for first in 0..run.groups.len() {
        let mut digits: Vec<u8> = Vec::with_capacity(DIGITS_MAX);
        for (more, group) in run.groups[first..].iter().enumerate() {
            digits.extend_from_slice(group);
            if digits.len() > DIGITS_MAX {
                break;
            }
            let inside_word = run.touches_letter && more > 0;
            if digits.len() >= DIGITS_MIN && !inside_word && is_issued(&digits) && passes_luhn(&digits) {
                return true;
            }
        }
    }
    false
}

/// Whether an issuer gives out numbers that begin so and are so long.
fn is_issued(digits: &[u8]) -> bool {
    let first = |count: usize| digits[..count].iter().fold(0_u32, |number, &digit| number * 10 + u32::from(digit));
    match digits.len() {
        13 => first(1) == 4,
        14 => matches!(first(2), 36 | 38 | 39) || matches!(first(3), 300..=305),
        15 => matches!(first(2), 34 | 37),
        16 => {
            first(1) == 4
                || matches!(first(2), 35 | 36 | 38 | 39 | 50..=55 | 62 | 65)
                || matches!(first(3), 300..=305 | 644..=649)
                || matches!(first(4), 2221..=2720 | 5018 | 5020 | 5038 | 6011 | 6304 | 6759 | 6761..=6763 | 2200..=2204)
        }
        17..=19 => {
            (digits.len() == 19 && first(1) == 4)
                || matches!(first(2), 35 | 36 | 38 | 39 | 62 | 65)
                || matches!(first(4), 5018 | 5020 | 5038 | 6011 | 6304 | 6759 | 6761..=6763 | 2200..=2204)
        }
        _ => false,
    }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(place, &digit)| u32::from(if place % 2 == 1 { doubled(digit) } else { digit })).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_refused_however_they_are_written() {
        // The networks' published test numbers.
        for text in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "+4111 1111 1111 1111",
            "4917 0123 4567 5",
            "4111-1111-1111-1111",
            "4111.1111.1111.1111",
            "my card is 5555555555554444, thanks",
            "378282246310005",
            "3782 822463 10005",
            "30569309025904",
            "6011111111111117",
            "3530111333300000",
            "2223003122003222",
            "tok_4222222222222",
            "card4111111111111111x",
            "12 4111 1111 1111 1111",
            "4111111111111111 5555555555554444",
            "４１１１ １１１１ １１１１ １１１１",
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "4111_1111_1111_1111",
            "4111/1111/1111/1111",
            "4111  1111  1111  1111",
            "4111 - 1111 - 1111 - 1111",
            "٤١١١١١١١١١١١١١١١",
            "४१११ ११११ ११११ ११११",
        ] {
            assert_eq!(card_guard("name", text), Err(CardNumber { field: "name".to_owned() }), "{text}");
        }
    }

    #[test]
    fn other_numbers_pass() {
        for text in [
            "",
            "Ada Lovelace",
            "tok_success",
            "4111111111111112",
            "411111111111",
            "4111    1111    1111    1111",
            "2026/11/27 10:15:30",
            "41111111111111111111111",
            "+44 20 7946 0958",
            "+49 170 12345675",
            "+4917012345675",
            "1234567890123",
            "0f411111-1111-4111-8111-111111111f00",
            "order_01934d3e-7f6b-7c3a-9c1e-2f5b7a8d9e01",
        ] {
            assert_eq!(card_guard("name", text), Ok(()), "{text}");
        }
    }
}
