//! What the heading of a table says: which column names the shopper, which the product, and which when.

use super::form::{By, Columns, Form, split};
use super::moments::time;

/// Names of columns in lower case, without anything but letters; the likeliest first.
const SHOPPERS: [&str; 18] = [
    "shopper",
    "user",
    "userid",
    "shopperid",
    "uid",
    "customer",
    "customerid",
    "reviewerid",
    "reviewer",
    "visitorid",
    "visitor",
    "memberid",
    "householdkey",
    "householdid",
    "cardid",
    "clientid",
    "personid",
    "accountid",
];
const SESSIONS: [&str; 5] = ["sessionid", "session", "usersession", "visitid", "sid"];
const PRODUCTS: [&str; 35] = [
    "product",
    "item",
    "itemid",
    "productid",
    "articleid",
    "movieid",
    "asin",
    "parentasin",
    "sku",
    "skuid",
    "iid",
    "businessid",
    "stockcode",
    "artistid",
    "trackid",
    "songid",
    "bookid",
    "isbn",
    "gameid",
    "appid",
    "venueid",
    "locationid",
    "poiid",
    "newsid",
    "recipeid",
    "goodsid",
    "merchantid",
    "movie",
    "artist",
    "track",
    "contentid",
    "itemcode",
    "productcode",
    "article",
    "aid",
];
const TIMES: [&str; 18] = [
    "time",
    "timestamp",
    "unixtime",
    "ts",
    "eventtime",
    "unixreviewtime",
    "eventdate",
    "timestamps",
    "date",
    "datetime",
    "createdat",
    "tdat",
    "invoicedate",
    "orderdate",
    "transactiondate",
    "transactiondt",
    "timestampms",
    "ordernumber",
];
/// Sets of songs call a product so, beside a shopper; where a product is named it is a session.
const SONG: &str = "sid";
const SINCE: [&str; 1] = ["timeframe"];
const BASKETS: [&str; 9] = ["basketid", "orderid", "invoice", "invoiceno", "transactionid", "basket", "order", "receiptid", "ordernumber"];
const QUANTITIES: [&str; 7] = ["quantity", "qty", "units", "amountofunits", "itemquantity", "orderquantity", "quantityordered"];

/// Other things that have numbers of their own: what is left when these are struck may be the product.
const OTHERS: [&str; 14] = [
    "id",
    "rowid",
    "eventid",
    "reviewid",
    "ratingid",
    "queryid",
    "requestid",
    "categoryid",
    "brandid",
    "storeid",
    "shopid",
    "cityid",
    "countryid",
    "deviceid",
];
/// Lines that are compared with what may be a heading.
const COMPARED_LINES: usize = 20;

/// A name of a column without its case, its spaces and, as a data frame of the field has it behind a colon, its type.
pub(super) fn letters(name: &str) -> String {
    name.split(':').next().unwrap_or(name).chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

fn place(names: &[String], known: &[&str]) -> Option<usize> {
    known.iter().find_map(|known| names.iter().position(|name| name == known))
}

/// The shopper, the session and the product.
fn parties(names: &[String]) -> [Option<usize>; 3] {
    let shopper = place(names, &SHOPPERS);
    let product = place(names, &PRODUCTS).or_else(|| shopper.and(place(names, &[SONG])));
    [shopper, place(names, &SESSIONS).filter(|session| product != Some(*session)), product]
}

/// Where things stand, by their names without anything but letters.
pub(super) fn named(names: &[String], by: By) -> Option<Columns> {
    let [shopper, session, product] = parties(names);
    Some(Columns {
        shopper: if by == By::Session { session.or(shopper) } else { shopper.or(session) }?,
        visit: session.filter(|_| by == By::Shopper && shopper.is_some()),
        product: product?,
        time: place(names, &TIMES),
        since: place(names, &SINCE),
        basket: place(names, &BASKETS),
        quantity: place(names, &QUANTITIES),
    })
}

/// The columns that the first line names, if it is a heading. What sets call their products has no end (`anime_id`, `game_id`): beside a shopper, the
/// one other column with a name that ends with `id` is the product.
pub(super) fn headed(lines: &[&str], separator: Option<&'static str>, by: By) -> Option<Form> {
    let fields = split(lines.first()?, separator);
    let names: Vec<String> = fields.iter().map(|name| letters(name)).collect();
    let columns = named(&names, by).or_else(|| {
        let product = by_elimination(&names)?;
        let renamed: Vec<String> =
            (0..).zip(&names).map(|(place, name)| if place == product { PRODUCTS[0].into() } else { name.clone() }).collect();
        named(&renamed, by)
    })?;
    let are_names = are_names(lines, separator, columns.shopper) || are_names(lines, separator, columns.product);
    (!are_names).then_some(Form::Table { separator, columns, is_headed: true })
}

fn by_elimination(names: &[String]) -> Option<usize> {
    let [shopper, session, product] = parties(names);
    let known = [&TIMES[..], &SINCE, &BASKETS, &OTHERS, &SHOPPERS, &SESSIONS];
    let is_left = |place: &usize| {
        let name = names[*place].as_str();
        name.ends_with("id") && !known.iter().any(|known| known.contains(&name))
    };
    let mut left = (0..names.len()).filter(|place| Some(*place) != shopper && Some(*place) != session).filter(is_left);
    match (shopper.or(session), product, left.next(), left.next()) {
        (Some(_), None, only, None) => only,
        _ => None,
    }
}

/// Whether what looks like a heading is the name of a shopper or product: `user_7`, with `user_8` below it.
fn are_names(lines: &[&str], separator: Option<&str>, column: usize) -> bool {
    let at = |line: &str| split(line, separator).get(column).map(|field| (field.bytes().any(|byte| byte.is_ascii_digit()), letters(field)));
    let first = lines.first().and_then(|line| at(line));
    first.is_some_and(|(is_numbered, name)| {
        let is_alike = |line: &&str| at(line).is_some_and(|(_, other)| other == name);
        is_numbered && (lines.len() == 1 || lines[1..].iter().take(COMPARED_LINES).any(is_alike))
    })
}

/// Refuses a heading that names one of the two and not the other, by name: guessing would learn from the wrong column.
pub(super) fn half_a_heading(lines: &[&str], separator: Option<&str>) -> Result<(), String> {
    let Some(first) = lines.first() else { return Ok(()) };
    let names: Vec<String> = split(first, separator).into_iter().map(letters).collect();
    let [shopper, session, product] = parties(&names);
    let shopper = shopper.or(session);
    let is_name = |column: Option<usize>| column.is_some_and(|column| are_names(lines, separator, column));
    let is_heading =
        names.len() > 1 && !split(first, separator).iter().any(|field| time(field).is_some()) && !is_name(shopper) && !is_name(product);
    match (shopper, product) {
        (Some(_), None) if is_heading => {
            Err(format!("the heading ({first}) names no product: expected a column item_id, product_id or the like"))
        }
        (None, Some(_)) if is_heading => {
            Err(format!("the heading ({first}) names no shopper: expected a column user_id, session_id or the like"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Option<(usize, usize, Option<usize>)> {
        let lines: Vec<&str> = text.lines().collect();
        match Form::of(&lines, By::Shopper).expect("is known") {
            Form::Table { columns, is_headed: true, .. } => Some((columns.shopper, columns.product, columns.time)),
            Form::Table { .. } | Form::Lists { .. } | Form::Counted | Form::Pairs { .. } | Form::Objects(_) => None,
        }
    }

    #[test]
    fn half_a_heading_is_refused_by_name() {
        let said = |line: &str| Form::of(&[line, "1,2"], By::Shopper).expect_err("is refused");
        assert!(said("user_id,thing").contains("names no product") && said("thing,item_id").contains("names no shopper"));
        assert!(said("user_id,category_id").contains("names no product") && said("user_id,wine_id,grape_id").contains("names no product"));
        assert!(Form::of(&["{\"a\": 1}"], By::Shopper).expect_err("is refused").contains("found: a"));
    }

    /// `User_ID Anime_ID Feedback` was refused: what a product is called in other trades cannot be listed.
    #[test]
    fn the_one_other_identifier_beside_a_shopper_is_the_product() {
        assert_eq!(columns("User_ID\tAnime_ID\tFeedback\n1\t5\t1"), Some((0, 1, None)));
        assert_eq!(columns("event_id,timestamp,wine_id,user_id\n1,900,3,4"), Some((3, 2, Some(1))));
    }

    /// `USER_894 LOC_5032 ...` was refused as half a heading, and of `user_1,item_7` the first line was lost, or of lists all but the first product.
    #[test]
    fn names_that_say_what_they_are_are_no_heading() {
        for names in [
            "USER_894 LOC_50 LOC_7\nUSER_895 LOC_7",
            "user_1 item_5 item_6\nuser_2 item_6 item_7",
            "user_1,item_5\nuser_1,item_6",
            "user1,9",
        ] {
            assert_eq!(columns(names), None, "{names}");
        }
        assert_eq!(columns("user_id,item_id\nuser_1,item_5"), Some((0, 1, None)));
        assert_eq!(columns("user,item\nuser,item\nuser,other"), Some((0, 1, None)), "without a number it is a heading");
    }
}
