//! In what a price is by what stands beside its number: a sign, a word, a code. What may be several currencies is the file's own where that is one of them;
//! what is none that is known is said, and never taken for another.

use super::numerals::folded;
use super::value::Value;
use crate::money::Currency;

/// Signs of one character, each with whose it is; the first of several where the file's own is none of them.
const SIGNS: [(char, &[&str]); 35] = [
    ('€', &["EUR"]),
    ('£', &["GBP", "EGP", "LBP", "SYP", "SDG"]),
    ('₹', &["INR"]),
    ('₨', &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"]),
    ('¥', &["JPY", "CNY"]),
    ('円', &["JPY"]),
    ('元', &["CNY", "TWD", "HKD", "MOP"]),
    ('圓', &["TWD", "HKD", "MOP"]),
    ('₩', &["KRW"]),
    ('원', &["KRW"]),
    ('₽', &["RUB"]),
    ('₺', &["TRY"]),
    ('₴', &["UAH"]),
    ('₫', &["VND"]),
    ('đ', &["VND"]),
    ('฿', &["THB"]),
    ('₪', &["ILS"]),
    ('₱', &["PHP"]),
    ('₦', &["NGN"]),
    ('₸', &["KZT"]),
    ('₼', &["AZN"]),
    ('₾', &["GEL"]),
    ('₡', &["CRC"]),
    ('₲', &["PYG"]),
    ('₵', &["GHS"]),
    ('₭', &["LAK"]),
    ('₮', &["MNT"]),
    ('৳', &["BDT"]),
    ('៛', &["KHR"]),
    ('֏', &["AMD"]),
    ('؋', &["AFN"]),
    ('₿', &[]),
    ('¢', &[]),
    ('¤', &[]),
    ('﷼', &["SAR", "IRR", "QAR", "OMR", "YER"]),
];
/// Words and signs of several characters; without a first one where none is likelier than the others.
const WORDS: [(&[&str], &[&str]); 43] = [
    (&["Rs", "rs"], &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"]),
    (&["R$", "reais", "Reais", "real"], &["BRL"]),
    (&["US$", "U$S"], &["USD"]),
    (&["C$", "CA$"], &["CAD"]),
    (&["A$", "AU$"], &["AUD"]),
    (&["NZ$"], &["NZD"]),
    (&["HK$"], &["HKD"]),
    (&["NT$"], &["TWD"]),
    (&["S$", "SG$"], &["SGD"]),
    (&["MX$"], &["MXN"]),
    (&["S/"], &["PEN"]),
    (&["RM"], &["MYR"]),
    (&["Rp"], &["IDR"]),
    (&["TL", "Lira", "lira"], &["TRY"]),
    (&["zł", "ZŁ", "zl", "złotych"], &["PLN"]),
    (&["Kč", "kč", "Kc"], &["CZK"]),
    (&["Ft", "HUF"], &["HUF"]),
    (&["lei", "Lei", "leu"], &["RON", "MDL"]),
    (&["лв", "лева"], &["BGN"]),
    (&["грн", "гривень"], &["UAH"]),
    (&["руб", "рублей", "рубля", "р", "Р", "pуб"], &["RUB", "BYN"]),
    (&["тг", "тенге"], &["KZT"]),
    (&["сум", "сўм"], &["UZS"]),
    (&["ден"], &["MKD"]),
    (&["din", "дин"], &["RSD", "MKD"]),
    (&["KM"], &["BAM"]),
    (&["CHF", "Fr", "SFr", "sFr"], &["CHF"]),
    (&["Euro", "euro", "Euros", "euros"], &["EUR"]),
    (&["บาท"], &["THB"]),
    (&["đồng", "vnđ", "VNĐ"], &["VND"]),
    (&["ريال", "ر.س", "﷼"], &["SAR", "QAR", "OMR", "YER", "IRR"]),
    (&["ر.ق"], &["QAR"]),
    (&["ر.ع"], &["OMR"]),
    (&["د.إ"], &["AED"]),
    (&["درهم"], &["AED", "MAD"]),
    (&["د.ك"], &["KWD"]),
    (&["د.ب"], &["BHD"]),
    (&["د.م"], &["MAD"]),
    (&["ج.م", "جنيه"], &["EGP", "SDG"]),
    (&["شيكل", "ש\"ח", "שח"], &["ILS"]),
    (&["kr", "Kr", "KR"], &["", "SEK", "NOK", "DKK", "ISK"]),
    (&["دينار"], &["", "KWD", "BHD", "IQD", "JOD", "TND", "LYD", "DZD"]),
    (&["تومان", "تومن"], &[]),
];
/// Whose sign `$` is: pesos have it too.
const DOLLARS: [&str; 26] = [
    "USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "DOP", "BRL", "BBD", "BSD", "BZD", "BMD", "FJD",
    "JMD", "KYD", "NAD", "TTD", "XCD", "CUP", "BND",
];

/// What a price says of its currency.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Nothing,
    Known(Currency),
    /// By a sign that is of none that is known, or of several of which the file's own is none.
    Unknown(String),
}

/// The currency that a price itself says it is in; `own` is that of the file.
pub(super) fn currency_said(value: &Value<'_>, own: Currency) -> Option<Currency> {
    match value {
        Value::Text(text) => match said(&folded(text), own) {
            Said::Known(currency) => Some(currency),
            Said::Nothing | Said::Unknown(_) => None,
        },
        Value::Object(_) => {
            let code = value.member(&["currency", "currency_code", "currencyCode"]).and_then(Value::text);
            code.and_then(|code| Currency::known(&code).ok())
        }
        Value::Null | Value::Flag(_) | Value::Whole(_) | Value::Fraction(_) | Value::List(_) => None,
    }
}

/// What a folded text says, by sign, word or a code of three capitals.
pub(super) fn said(text: &str, own: Currency) -> Said {
    if text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
        return Said::Nothing;
    }
    let dotted = WORDS.iter().filter(|(names, _)| names.iter().any(|name| name.contains('.') && text.contains(name)));
    let mut named = dotted.map(|(_, codes)| *codes).chain(words_of(text).filter_map(codes_of));
    let first = named.find_map(|codes| one_of(codes, own));
    let by_code = || {
        let mut codes = text.split(|letter: char| !letter.is_ascii_uppercase());
        codes.find_map(|word| Currency::known(word).ok())
    };
    if let Some(known) = first.or_else(by_code) {
        return Said::Known(known);
    }
    match words_of(text).find(|word| codes_of(word).is_some()) {
        Some(word) => Said::Unknown(word.to_owned()),
        None if text.contains('$') && !DOLLARS.contains(&own.as_str()) => one_of(&["USD"], own).map_or(Said::Nothing, Said::Known),
        None => text.chars().find(|letter| is_sign(*letter)).map_or(Said::Nothing, |sign| Said::Unknown(sign.to_string())),
    }
}

/// A word beside the number of a price that says no currency, and may be the name of one that nobody listed.
pub(super) fn word_beside(text: &str, own: Currency) -> Option<String> {
    let text = folded(text);
    let is_word = |word: &&str| word.chars().all(char::is_alphabetic);
    words_of(&text).find(is_word).filter(|_| said(&text, own) == Said::Nothing).map(str::to_owned)
}

/// The currency of a sign, of a word that stands for one or, when it `may_be_code`, of a code in capitals; where they are several, of the likeliest.
pub(super) fn currency_named(word: &str, may_be_code: bool) -> Option<Currency> {
    let known = codes_of(word).and_then(|codes| codes.first()).and_then(|code| Currency::known(code).ok());
    let is_code = may_be_code && word.bytes().all(|byte| byte.is_ascii_uppercase());
    known.or_else(|| Currency::known(word).ok().filter(|_| is_code))
}

/// Whose a sign or a word may be, the likeliest first.
fn codes_of(word: &str) -> Option<&'static [&'static str]> {
    let by_word = WORDS.iter().find(|(names, _)| names.contains(&word)).map(|(_, codes)| *codes);
    by_word.or_else(|| SIGNS.iter().find(|(sign, _)| word.contains(*sign)).map(|(_, codes)| *codes))
}

/// The file's own currency where it is one of these, else the first.
fn one_of(codes: &[&str], own: Currency) -> Option<Currency> {
    let is_own = codes.contains(&own.as_str());
    if is_own { Some(own) } else { codes.first().and_then(|code| Currency::known(code).ok()) }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let is_edge =
        |letter: char| letter.is_whitespace() || letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-' | ':' | '(' | ')' | '*');
    text.split(is_edge).filter(|word| !word.is_empty())
}

/// Whether a character is some currency's sign (Unicode category Sc), the dollar apart.
fn is_sign(letter: char) -> bool {
    matches!(letter, '\u{20a0}'..='\u{20cf}' | '¢' | '¤' | '\u{9f2}' | '\u{9fb}' | '\u{af1}' | '\u{bf9}' | '\u{a838}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_say_their_currency_as_people_do() {
        let check = |text: &str, own: &str, expected: &str| {
            let known = said(&folded(text), Currency::known(own).expect("a currency"));
            assert_eq!(known, Said::Known(Currency::known(expected).expect("a currency")), "{text}");
        };
        check("￥4,980", "NZD", "JPY");
        check("￥199", "CNY", "CNY");
        check("1.299,90 TL", "NZD", "TRY");
        check("39,000원", "NZD", "KRW");
        check("1,990 บาท", "NZD", "THB");
        check("349 ريال", "NZD", "SAR");
        check("349 ريال", "QAR", "QAR");
        check("349 ر.س", "NZD", "SAR");
        check("59,90 лв.", "NZD", "BGN");
        check("1 299 грн", "NZD", "UAH");
        check("5990 р.", "NZD", "RUB");
        check("1.299.000đ", "NZD", "VND");
        check("Rp 1.299.000", "NZD", "IDR");
        check("1.299,90 reais", "NZD", "BRL");
        check("1 199 kr", "SEK", "SEK");
        check("1.199,00 kr.", "DKK", "DKK");
        check("DKK 5 kr", "NZD", "DKK");
        check("$5", "EUR", "USD");
        check("$5 CAD", "EUR", "CAD");
    }

    #[test]
    fn what_no_currency_is_known_by_is_no_other() {
        let check = |text: &str, own: &str, expected: &str| {
            let own = Currency::known(own).expect("a currency");
            assert_eq!(said(&folded(text), own), Said::Unknown(expected.to_owned()), "{text}");
        };
        check("1 199 kr", "USD", "kr");
        check("99¢", "USD", "¢");
        check("₣5", "USD", "₣");
        check("5 ¤", "EUR", "¤");
        for nothing in ["$5", "5", "12 pcs", "from 5", "1.299,-"] {
            assert_eq!(said(nothing, Currency::USD), Said::Nothing, "{nothing}");
        }
        assert_eq!(word_beside("1 299 Taler*", Currency::USD), Some("Taler".to_owned()));
        assert_eq!((word_beside("1,299", Currency::USD), word_beside("5 euro", Currency::USD)), (None, None));
    }
}
