//! Which writings meet as one compound, and which must not.

use super::compound::{Role, compounds};
use super::cut::{terms, tokens};

/// The compounds of a text, each with the mark of its role: nothing, `+` beside, `~` joined, `|` otherwise.
fn shown(text: &str) -> String {
    let mark = |role| match role {
        Role::Whole => "",
        Role::Beside => "+",
        Role::Joined => "~",
        Role::Otherwise => "|",
    };
    let compounds = compounds(text, &tokens(text));
    compounds.iter().map(|compound| format!("{}{}", mark(compound.role), compound.term)).collect::<Vec<_>>().join(" ")
}

/// Whether a document written as one is found by a query written as the other.
fn all_meet(writings: &[&str], term: &str) {
    for writing in writings {
        let compounds = compounds(writing, &tokens(writing));
        let holds = compounds.iter().any(|compound| compound.term == term) || terms(writing).iter().any(|plain| plain == term);
        assert!(holds, "{writing} does not hold {term}: {}", shown(writing));
    }
}

/// `1.500 W` was a watt and a half in every language, and `1,250 kg` a ton and a quarter.
#[test]
fn a_number_whose_sign_nobody_knows_is_read_both_ways() {
    let check = |text: &str, expected: &str| assert_eq!(shown(text), expected, "{text}");
    check("Staubsauger 1.500 W", "1.5w |1500w");
    check("Staubsauger 1.500W", "1.5w |1500w");
    check("Akku 12.000 mAh", "12mah |12000mah");
    check("Sack 1,250 kg", "1250kg |1.25kg");
    check("1,500 lumens", "1500lm");
    check("drill bit 1.125 in.", "1.125in");
    check("1.500 x 2.000 mm", "1.5x2 +2mm +1.5mm");
    all_meet(&["1500w", "1500 W", "1.500 Watt"], "1500w");
}

#[test]
fn writings_of_a_measure_meet() {
    all_meet(&["15.6 inch", "15,6\"", "15.6in", "15.6-inch", "15.6 inches", "15.60 in.", "15,6 Zoll", "15.6″", "display 15.6''"], "15.6in");
    all_meet(&["1.5 l", "1,5 L", "1.5l", "1.5 litres", "1.5 Liter", "1.5-litre", "1.50 ltr"], "1.5l");
    all_meet(&["2m", "2 m", "2 metre", "2-Meter cable", "2 metres", "2\u{a0}m"], "2m");
    all_meet(&["16GB", "16 GB", "16-gb", "16 gigabytes"], "16gb");
    all_meet(&["100w", "100 watts", "100-Watt", "100watts"], "100w");
    all_meet(&["1/2 in.", "1/2\"", "0.5 in", ".5 inch", "1/2-inch", "1/2in", "½ in", "½\"", "½in", "½-inch"], "0.5in");
    all_meet(&["1-1/2 in.", "1 1/2\"", "1.5 in", "1½ in", "1 ½\"", "1-½ inch"], "1.5in");
    all_meet(&["5 ft", "5'", "5-foot", "5 feet", "5ft"], "5ft");
    all_meet(&["24 sq. ft.", "24 square feet", "24 sq ft"], "24sqft");
    all_meet(&["6-pack", "6 pk", "6 Pack"], "6pk");
    all_meet(&["1,500 lumens", "1500 lm", "1500lm"], "1500lm");
    all_meet(&["size 42", "Size: 42", "taille 42", "Größe 42"], "size42");
    all_meet(&["size M", "Size: Medium", "size medium"], "sizem");
}

#[test]
fn writings_of_dimensions_meet() {
    all_meet(&["2x4", "2 x 4", "2 in. x 4 in.", "2 by 4", "2\" x 4\"", "2 × 4", "2x4x8", "2 in. x 4 in. x 8 ft."], "2x4");
    all_meet(&["36 in. W x 24 in. D", "36 x 24 in.", "36\"x24\"", "36x24 in"], "36x24");
    all_meet(&["36 x 24 in.", "36 in. x 24 in."], "36in");
    all_meet(&["4x8", "4 ft. x 8 ft.", "23/32 in. x 4 ft. x 8 ft.", "0.75x4x8", "4 x 8 x 16 in."], "4x8");
    all_meet(&["24x330ml", "24 x 330 ml", "24x330 ml", "24 x 330ml"], "24x330");
    all_meet(&["24x330ml", "330 ml"], "330ml");
    all_meet(&["m8x40", "M8 x 40 mm", "m8x40mm", "M8×40"], "m8x40");
    all_meet(&["M8 x 40 mm", "40mm", "m8x40mm"], "40mm");
    all_meet(&["W32 L34", "w32/l34", "32x34", "32 x 34", "Jeans W32 / L34"], "32x34");
    all_meet(&["5 ft. 3 in. x 7 ft. 6 in.", "5x7", "5 ft x 7 ft"], "5x7");
}

#[test]
fn writings_of_a_word_meet() {
    all_meet(&["USB-C", "usbc"], "usbc");
    all_meet(&["wi-fi", "WiFi", "Wi‑Fi"], "wifi");
    all_meet(&["T-Shirts", "tshirt"], "tshirt");
    all_meet(&["GT-1000", "gt1000"], "gt1000");
    all_meet(&["L'Oréal", "loreal", "L’OREAL"], "loreal");
    all_meet(&["men's", "mens", "men"], "men");
}

/// `5w30` found nothing beside `5W-30`, which was 5 watts, and `w71295` nothing beside `W 712/95`.
#[test]
fn names_of_letters_and_numbers_with_signs_inside_meet() {
    all_meet(&["5W-30", "5w30", "Motoröl 5W-30 1l"], "5w30");
    all_meet(&["W 712/95", "w71295", "W712/95", "W-712/95"], "w71295");
    let check = |text: &str, expected: &str| assert_eq!(shown(text), expected, "{text}");
    check("12V-24V", "");
    check("open 24/7", "");
    check("USB 100/200/300", "");
}

#[test]
fn compounds_are_found_where_they_are() {
    let check = |text: &str, expected: &str| assert_eq!(shown(text), expected, "{text}");
    check("16 GB ram, 512 GB", "16gb 512gb");
    check("2 in. x 4 in. x 8 ft.", "2x4x8 +2x4 +4x8 +8ft +4in +2in");
    check("1/2 in. pipe", "0.5in +0.5");
    check("1/2 copper", "0.5");
    check(".105 line", "0.105");
    check("state-of-the-art heavy-duty", "~heavyduty");
    check("15.6-inch wi-fi", "15.6in ~wifi");
    // Nothing here is a measure or a word in two writings.
    for text in [
        "iphone 7",
        "p30 mk2",
        "2 in 1 laptop",
        "3 in 1",
        "24/7",
        "9/11 50/50",
        "USB 2.0",
        "16GB",
        "2x4",
        "W32, model L",
        "w32 the l34",
        "the 60's",
        "room 5, gallon",
        "x 4",
        "",
    ] {
        check(text, "");
    }
}

proptest::proptest! {
    #[test]
    fn compounds_of_any_text_stand_on_its_tokens(text in "[0-9a-z .,/x\"'×½-]{0,40}|\\PC{0,40}") {
        let tokens = tokens(&text);
        for compound in compounds(&text, &tokens) {
            proptest::prop_assert!(compound.parts.start < compound.parts.end && compound.parts.end <= tokens.len());
            proptest::prop_assert!(!compound.term.is_empty());
        }
    }
}
