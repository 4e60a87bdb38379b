//! Numbers and units as people write them.

/// Denominators of the fractions that rulers, spanners and recipes have; others are dates, ratios and opening hours.
const DENOMINATORS: [u32; 10] = [2, 3, 4, 5, 6, 8, 10, 16, 32, 64];
/// Decimals that a fraction is written with: enough to tell sixty-fourths apart.
const FRACTION_DECIMALS: usize = 4;

/// Whether a term is the name of a unit.
#[must_use]
pub fn is_unit(term: &str) -> bool {
    unit_of(term).is_some()
}

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
        "gb" | "gig" | "gigabyte" => "gb",
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
    let (number, unit) = (number(term.get(..at)?)?, term.get(at..)?);
    if !unit.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return None;
    }
    let mut unit = unit.to_owned();
    super::plural::stem_plural(&mut unit);
    Some((number, unit_of(&unit)?))
}

/// Units in which nobody writes points between thousands, since who counts in them writes points before decimals.
const OF_ENGLISH: [&str; 11] = ["in", "ft", "yd", "oz", "lb", "gal", "qt", "floz", "hp", "psi", "btu"];
/// Units so large that three digits behind a comma may well be decimals; of grams and watts there are thousands.
const LARGE: [&str; 10] = ["kg", "ton", "l", "m", "km", "kw", "ghz", "gb", "tb", "ah"];

/// What a number before a unit is to whoever parts thousands, or decimals, with the other sign: `1.500` is 1500 watts, and `1,250` is a kilogram and a
/// quarter. None where there is but one way to read it.
pub(super) fn read_otherwise(written: &str, unit: &str) -> Option<String> {
    let is_group = |digits: &str| digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let leads =
        |first: &str| (1..=3).contains(&first.len()) && !first.starts_with('0') && first.bytes().all(|digit| digit.is_ascii_digit());
    let (point, comma) = (written.split('.'), written.split(','));
    let mut thousands = point.skip(1);
    if leads(written.split('.').next()?) && thousands.clone().next().is_some() && thousands.all(is_group) {
        return Some(written.replace('.', "")).filter(|_| !OF_ENGLISH.contains(&unit));
    }
    match comma.collect::<Vec<_>>()[..] {
        [whole, decimals] if leads(whole) && is_group(decimals) && LARGE.contains(&unit) => number(&format!("{whole}.{decimals}")),
        _ => None,
    }
}

/// The unit that the name of an attribute ends with: `weight_g`, `Power (W)`.
#[must_use]
pub fn unit_of_name(name: &str) -> Option<&'static str> {
    let terms = super::terms(name);
    let (last, before) = terms.split_last()?;
    unit_of(last).filter(|unit| !before.is_empty() && *unit != "ct")
}

/// Whether a term is a number with a unit.
#[must_use]
pub fn is_measure(term: &str) -> bool {
    with_unit(term).is_some()
}

/// Units of one kind, each with what it is in the smallest of them. Systems that do not convert to round numbers stay apart. A megabyte is a
/// thousandth or a 1,024th of a gigabyte, as the shop likes.
const KINDS: [&[(&str, u64)]; 12] = [
    &[("ml", 1), ("cl", 10), ("l", 1_000)],
    &[("mm", 1), ("cm", 10), ("m", 1_000), ("km", 1_000_000)],
    &[("in", 1), ("ft", 12), ("yd", 36)],
    &[("mg", 1), ("g", 1_000), ("kg", 1_000_000)],
    &[("oz", 1), ("lb", 16)],
    &[("qt", 1), ("gal", 4)],
    &[("kb", 1), ("mb", 1_000), ("gb", 1_000_000), ("tb", 1_000_000_000)],
    &[("mb", 1), ("gb", 1_024), ("tb", 1_048_576)],
    &[("mbps", 1), ("gbps", 1_000)],
    &[("hz", 1), ("khz", 1_000), ("mhz", 1_000_000), ("ghz", 1_000_000_000)],
    &[("w", 1), ("kw", 1_000)],
    &[("mah", 1), ("ah", 1_000)],
];
/// More digits before or after the point are no measure that anybody types.
const MEASURE_DIGITS_MAX: usize = 6;

/// The same measure in other units, as terms: `1500ml` is `150cl` and `1.5l`. Nothing for a term that is no measure.
#[must_use]
pub fn same_measures(term: &str) -> Vec<String> {
    let Some((number, unit)) = with_unit(term) else { return Vec::new() };
    let mut same: Vec<String> = Vec::new();
    for kind in KINDS {
        let Some((_, from)) = kind.iter().find(|(name, _)| *name == unit) else { continue };
        for (name, to) in kind.iter().filter(|(name, _)| *name != unit) {
            let converted = converted(&number, *from, *to).map(|number| format!("{number}{name}"));
            same.extend(converted.filter(|term| !same.contains(term)));
        }
    }
    same
}

/// Units of one dimension in each system, each with what it is in a common one.
const DIMENSIONS: [[&[(&str, f64)]; 2]; 4] = [
    [&[("mm", 1.0), ("cm", 10.0), ("m", 1_000.0)], &[("in", 25.4), ("ft", 304.8), ("yd", 914.4)]],
    [&[("g", 1.0), ("kg", 1_000.0)], &[("oz", 28.349_5), ("lb", 453.592)]],
    [&[("ml", 1.0), ("cl", 10.0), ("l", 1_000.0)], &[("floz", 29.573_5), ("qt", 946.353), ("gal", 3_785.41)]],
    [&[("mb", 1.0), ("gb", 1_000.0), ("tb", 1_000_000.0)], &[]],
];
/// Measures that differ by no more than this share are taken for each other where there is nothing nearer: of the same unit, whose next size is another
/// one, and of another system, in which sizes are round numbers too.
const NEAR_SHARE: f64 = 0.05;
const NEAR_SHARE_ELSEWHERE: f64 = 0.1;
/// Numbers between these are what things are measured by; shops write smaller and larger ones in another unit.
const NEAR_MIN: f64 = 0.2;
const NEAR_MAX: f64 = 2_000.0;
/// Below these, numbers are written with two decimals and with one.
const HUNDREDTHS_BELOW: f64 = 2.5;
const TENTHS_BELOW: f64 = 50.0;

/// Measures that are nearly the same, as terms with the share by which each differs, the nearest first: `6ft` is `1.8m` and nearly `2m`, `15in` nearly
/// `15.6in`. Nothing for a term that is no length, weight, volume or size of a memory.
#[must_use]
pub fn near_measures(term: &str) -> Vec<(String, f64)> {
    let measure = with_unit(term).and_then(|(digits, unit)| Some((digits.parse::<f64>().ok()?, unit)));
    let Some((value, unit)) = measure else { return Vec::new() };
    let mut near: Vec<(String, f64)> = Vec::new();
    for systems in DIMENSIONS {
        let Some(own) = systems.iter().position(|units| units.iter().any(|(name, _)| *name == unit)) else { continue };
        let size = systems[own].iter().find(|(name, _)| *name == unit).map_or(1.0, |(_, size)| *size);
        let same = systems[own].iter().filter(|(name, _)| *name == unit).map(|unit| (unit, NEAR_SHARE));
        let elsewhere = systems[1 - own].iter().map(|unit| (unit, NEAR_SHARE_ELSEWHERE));
        for ((name, other), share) in same.chain(elsewhere) {
            near.extend(numbers_about(value * size / other, share).into_iter().map(|(number, off)| (format!("{number}{name}"), off)));
        }
    }
    near.retain(|(other, _)| other != term);
    near.sort_by(|(one, off), (other, other_off)| off.total_cmp(other_off).then_with(|| one.cmp(other)));
    near
}

/// The numbers about this one as people write them that differ by no more than a share, with the share by which each does.
fn numbers_about(wanted: f64, share: f64) -> Vec<(String, f64)> {
    if !(NEAR_MIN..NEAR_MAX).contains(&wanted) {
        return Vec::new();
    }
    let (scale, decimals) = match wanted {
        _ if wanted < HUNDREDTHS_BELOW => (100.0, 2),
        _ if wanted < TENTHS_BELOW => (10.0, 1),
        _ => (1.0, 0),
    };
    let ends = [1.0 - share, 1.0 + share].map(|share| wanted * share * scale);
    let steps = ends[0].ceil() as u32..=ends[1].floor() as u32;
    let written = |step: u32| {
        let about = f64::from(step) / scale;
        number(&format!("{about:.decimals$}")).map(|number| (number, (about - wanted).abs() / wanted))
    };
    steps.filter_map(written).collect()
}

/// A number of units of size `from` in units of size `to`; none when it is not written with [`MEASURE_DIGITS_MAX`] digits.
fn converted(number: &str, from: u64, to: u64) -> Option<String> {
    const SCALE: u128 = 10_u128.pow(MEASURE_DIGITS_MAX as u32);
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() > MEASURE_DIGITS_MAX || decimals.len() > MEASURE_DIGITS_MAX {
        return None;
    }
    let millionths: u128 = format!("{whole}{decimals:0<MEASURE_DIGITS_MAX$}").parse().ok()?;
    let product = millionths * u128::from(from);
    let millionths = Some(product / u128::from(to)).filter(|quotient| quotient * u128::from(to) == product)?;
    let whole = (millionths / SCALE).to_string();
    if whole.len() > MEASURE_DIGITS_MAX || millionths == 0 {
        return None;
    }
    self::number(&format!("{whole}.{:0width$}", millionths % SCALE, width = MEASURE_DIGITS_MAX))
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
    fn points_and_commas_part_thousands_or_decimals() {
        let check = |written: &str, unit: &str, expected: Option<&str>| {
            assert_eq!(read_otherwise(written, unit).as_deref(), expected, "{written} {unit}");
        };
        check("1.500", "w", Some("1500"));
        check("12.000", "mah", Some("12000"));
        check("1.200.000", "g", Some("1200000"));
        check("1.500", "in", None);
        check("0.125", "w", None);
        check("1.50", "w", None);
        check("1500.000", "w", None);
        check("1,250", "kg", Some("1.25"));
        check("1,500", "w", None);
        check("1,250,000", "kg", None);
        check("1500", "w", None);
    }

    #[test]
    fn names_of_attributes_end_with_units() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(unit_of_name(name), expected, "{name}");
        check("weight_g", Some("g"));
        check("Power (Watts)", Some("w"));
        check("memory_gb", Some("gb"));
        check("review_count", None);
        check("m", None);
        check("colour", None);
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

    #[test]
    fn nearly_the_same_measures_are_known_in_any_system_the_nearest_first() {
        let off = |term: &str, other: &str| {
            near_measures(term).into_iter().find(|(near, _)| near == other).map(|(_, off)| (off * 1_000.0).round())
        };
        assert_eq!((off("6ft", "1.8m"), off("6ft", "2m"), off("6ft", "3m")), (Some(16.0), Some(94.0), None));
        assert_eq!((off("15in", "15.6in"), off("15in", "16in"), off("15in", "15in")), (Some(40.0), None, None));
        assert_eq!((off("1gal", "3.8l"), off("500gb", "512gb"), off("2l", "2kg")), (Some(4.0), Some(24.0), None));
        assert!(near_measures("6ft").is_sorted_by(|(_, one), (_, other)| one <= other));
        assert!(near_measures("12v").is_empty() && near_measures("p30").is_empty() && near_measures("99999999999999999999m").is_empty());
    }

    #[test]
    fn the_same_measure_is_known_in_other_units() {
        let check = |term: &str, expected: &[&str]| assert_eq!(same_measures(term), expected, "{term}");
        check("1500ml", &["150cl", "1.5l"]);
        check("1.5l", &["1500ml", "150cl"]);
        check("6ft", &["72in", "2yd"]);
        check("50cm", &["500mm", "0.5m", "0.0005km"]);
        check("1tb", &["1000gb", "1024gb"]);
        check("8lb", &["128oz"]);
        // A third of a foot is no number that is written down; volts have no kilovolts in shops.
        check("4in", &[]);
        check("12v", &[]);
        check("p30", &[]);
        check("12345678ml", &[]);
        check("0l", &[]);
    }
}
