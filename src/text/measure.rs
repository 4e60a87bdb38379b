//! Numbers and units as people write them.

/// Denominators of the fractions that rulers, spanners and recipes have; others are dates, ratios and opening hours.
const DENOMINATORS: [u32; 10] = [2, 3, 4, 5, 6, 8, 10, 16, 32, 64];
/// Decimals that a fraction is written with: enough to tell sixty-fourths apart.
const FRACTION_DECIMALS: usize = 4;

/// The one name of a unit, from a word in the singular as terms are: in English, and as shops write it in other languages.
pub(super) fn unit_of(term: &str) -> Option<&'static str> {
    Some(match term {
        "in" | "inch" | "inche" | "zoll" | "pouce" | "pulgada" | "pollice" | "pollici" => "in",
        "ft" | "foot" | "feet" => "ft",
        "yd" | "yard" => "yd",
        "mm" | "millimeter" | "millimetre" => "mm",
        "cm" | "centimeter" | "centimetre" | "zentimeter" | "centimetro" => "cm",
        "m" | "mtr" | "meter" | "metre" | "metro" | "metri" => "m",
        "km" | "kilometer" | "kilometre" => "km",
        "mg" | "milligram" => "mg",
        "g" | "gr" | "gram" | "gramme" | "gramm" | "gramo" | "grammi" => "g",
        "kg" | "kilo" | "kilogram" | "kilogramm" | "kilogramo" => "kg",
        "oz" | "ounce" => "oz",
        "lb" | "lbs" | "pound" => "lb",
        "ton" => "ton",
        "ml" | "milliliter" | "millilitre" => "ml",
        "cl" | "centiliter" | "centilitre" => "cl",
        "l" | "lt" | "ltr" | "liter" | "litre" | "litro" | "litri" => "l",
        "gal" | "gallon" => "gal",
        "qt" | "quart" => "qt",
        "kb" | "kilobyte" => "kb",
        "mb" | "megabyte" => "mb",
        "gb" | "gigabyte" => "gb",
        "tb" | "terabyte" => "tb",
        "mbps" => "mbps",
        "gbps" => "gbps",
        "hz" | "hertz" => "hz",
        "khz" => "khz",
        "mhz" | "megahertz" => "mhz",
        "ghz" | "gigahertz" => "ghz",
        "w" | "watt" => "w",
        "kw" | "kilowatt" => "kw",
        "v" | "volt" => "v",
        "amp" | "ampere" => "a",
        "mah" => "mah",
        "ah" => "ah",
        "wh" => "wh",
        "hp" | "horsepower" => "hp",
        "btu" => "btu",
        "rpm" => "rpm",
        "psi" => "psi",
        "lm" | "lumen" => "lm",
        "mp" | "megapixel" => "mp",
        "dpi" => "dpi",
        "ga" | "gauge" => "ga",
        "pk" | "pack" => "pk",
        "pc" | "pcs" | "piece" => "pc",
        "ct" | "count" => "ct",
        _ => return None,
    })
}

/// The square or cubic unit that two words make: `sq. ft.`, `cubic feet`, `fl oz`.
pub(super) fn unit_of_two(first: &str, second: &str) -> Option<&'static str> {
    Some(match (first, unit_of(second)?) {
        ("sq" | "square", "ft") => "sqft",
        ("sq" | "square", "in") => "sqin",
        ("sq" | "square", "m") => "sqm",
        ("sq" | "square", "yd") => "sqyd",
        ("cu" | "cubic", "ft") => "cuft",
        ("cu" | "cubic", "in") => "cuin",
        ("fl" | "fluid", "oz") => "floz",
        _ => return None,
    })
}

/// A number without what does not count: `1.50` is `1.5`, `007` is `7`, `.5` is `0.5`. None when the word is no number.
pub(super) fn number(term: &str) -> Option<String> {
    let (whole, decimals) = term.split_once('.').unwrap_or((term, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if term.is_empty() || (whole.is_empty() && decimals.is_empty()) || !digits(whole) || !digits(decimals) {
        return None;
    }
    let (whole, decimals) = (whole.trim_start_matches('0'), decimals.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") })
}

/// A whole number and a fraction as one decimal number: `1`, `1/2` is `1.5`. None when it is not one that things are measured by.
pub(super) fn mixed(whole: &str, numerator: &str, denominator: &str) -> Option<String> {
    let whole: u32 = whole.parse().ok()?;
    let (numerator, denominator): (u32, u32) = (numerator.parse().ok()?, denominator.parse().ok()?);
    if numerator == 0 || numerator >= denominator || !DENOMINATORS.contains(&denominator) {
        return None;
    }
    number(&format!("{:.FRACTION_DECIMALS$}", f64::from(whole) + f64::from(numerator) / f64::from(denominator)))
}

/// A number and the unit that is written onto it: `16gb`, `15.6in`, `100watts`.
pub(super) fn with_unit(term: &str) -> Option<(String, &'static str)> {
    let at = term.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (digits, mut unit) = (term.get(..at)?, term.get(at..)?.to_owned());
    if !unit.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return None;
    }
    super::plural::stem_plural(&mut unit);
    Some((number(digits)?, unit_of(&unit)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_one_way() {
        let check = |term: &str, expected: Option<&str>| assert_eq!(number(term).as_deref(), expected, "{term}");
        check("1.50", Some("1.5"));
        check("007", Some("7"));
        check("0", Some("0"));
        check("2.0", Some("2"));
        check("p30", None);
        check("1.2.3", None);
        check("", None);
    }

    #[test]
    fn fractions_become_decimals() {
        let check = |whole: &str, up: &str, down: &str, expected: Option<&str>| {
            assert_eq!(mixed(whole, up, down).as_deref(), expected, "{whole} {up}/{down}");
        };
        check("0", "1", "2", Some("0.5"));
        check("1", "5", "8", Some("1.625"));
        check("0", "1", "3", Some("0.3333"));
        check("0", "24", "7", None);
        check("0", "9", "11", None);
        check("0", "50", "50", None);
    }

    #[test]
    fn units_stick_to_numbers() {
        let check = |term: &str, expected: Option<(&str, &str)>| {
            let found = with_unit(term);
            assert_eq!(found.as_ref().map(|(number, unit)| (number.as_str(), *unit)), expected, "{term}");
        };
        check("16gb", Some(("16", "gb")));
        check("100watts", Some(("100", "w")));
        check("15.6inches", Some(("15.6", "in")));
        check("p30", None);
        check("2x4", None);
        check("16gbx", None);
        check("3m2", None);
    }
}
