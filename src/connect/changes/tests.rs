//! What the feed promises:
//!
//! 1. every event is told once, in the order of its stream, under a name that does not change;
//! 2. paging by any size, from any change, over any choice of streams and kinds, gives exactly the same changes;
//! 3. a place that is not kept, or does not exist yet, is refused by number;
//! 4. tokens are told to nobody, and who somebody is only to those who may know.

use super::*;
use crate::event::trade::{Address, Buyer, Line, Totals};
use crate::event::{CatalogEvent, Document, Entry, Events, TradeEvent, codec};
use crate::id::{Offset, Ordinal};
use crate::journal::disk::RealDisk;
use crate::journal::{DataLock, Durability, Journal, Options, SegmentJournal};
use crate::money::{Currency, Money};
use crate::pipeline::People;
use crate::stdx::bell::Bell;
use std::sync::Arc;
use tempfile::TempDir;

fn opened(number: u64) -> TradeEvent {
    let cart = format!("cart_{number}").parse().expect("an id");
    let buyer = Buyer { email: Some("ada@example.org".to_owned()), shopper: Some("s-1".parse().expect("an id")), ..Buyer::default() };
    TradeEvent::CartOpened { cart, buyer, currency: Currency::EUR }
}

fn removed(number: u32) -> CatalogEvent {
    CatalogEvent::ProductRemoved { ordinal: Ordinal(number), id: format!("p-{number}").parse().expect("an id") }
}

/// A feed over `trade` entries of one to three events and `catalog` entries of one.
fn feed(folder: &TempDir, trade: u64, catalog: u32) -> Feed {
    let lock = DataLock::take(folder.path(), Arc::new(RealDisk)).expect("is free");
    let mut journals =
        [Stream::Trade, Stream::Catalog].map(|stream| SegmentJournal::open(stream, Options::default(), &lock).expect("opens"));
    for number in 0..trade {
        let events = (0..=number % 3).map(|_| opened(number)).collect();
        let entry = Entry { at: Timestamp(i64::try_from(number).expect("is small") * 10), events };
        journals[0].append(Offset(number), &[codec::encode(&entry).expect("encodes")], Durability::Synced).expect("is written");
    }
    for number in 0..catalog {
        let entry = Entry { at: Timestamp(i64::from(number) * 7), events: vec![removed(number)] };
        journals[1].append(Offset(number.into()), &[codec::encode(&entry).expect("encodes")], Durability::Synced).expect("is written");
    }
    Feed::new(journals[0].reader(), journals[1].reader(), Arc::new(Bell::default()))
}

fn wanted(streams: &[Stream], kinds: &[&str]) -> Wanted {
    Wanted { streams: streams.to_vec(), kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect() }
}

/// All changes, page by page; the cursor goes through its text each time.
fn all(feed: &Feed, wanted: &Wanted, limit: usize) -> Vec<Change> {
    let bounds = |stream| feed.bounds(stream).expect("is told");
    let (mut cursor, mut changes) = (Cursor::at_start(&wanted.streams, bounds), Vec::new());
    loop {
        let page = page(feed, &CatalogSnapshot::default(), wanted, cursor, limit, &Audience::anybody()).expect("is read");
        assert!(page.changes.len() <= limit);
        changes.extend(page.changes);
        cursor = Cursor::read(&page.next.text(&wanted.streams), &wanted.streams, bounds).expect("is a cursor");
        assert_eq!(cursor, page.next);
        if !page.has_more {
            return changes;
        }
    }
}

#[test]
fn pages_of_any_size_tell_the_same() {
    let folder = TempDir::new().expect("a folder");
    let feed = feed(&folder, 20, 31);
    let check = |streams: &[Stream], kinds: &[&str], count: usize| {
        let wanted = wanted(streams, kinds);
        let whole = all(&feed, &wanted, PAGE_CHANGES_MAX);
        assert_eq!(whole.len(), count, "{wanted:?}");
        for limit in [1, 2, 3, 7] {
            let paged = all(&feed, &wanted, limit);
            for stream in streams {
                let of = |changes: &[Change]| changes.iter().filter(|change| change.id.stream() == *stream).cloned().collect::<Vec<_>>();
                assert_eq!(of(&paged), of(&whole), "{limit} {wanted:?}");
            }
        }
    };
    check(&[Stream::Trade], &[], 39);
    check(&[Stream::Catalog], &[], 31);
    check(&STREAMS, &[], 70);
    check(&STREAMS, &["product_removed"], 31);
    check(&STREAMS, &["cart_opened", "product_removed"], 70);
    check(&STREAMS, &["order_placed"], 0);
}

#[test]
fn after_a_change_comes_the_next_one_and_two_streams_are_told_by_time() {
    let folder = TempDir::new().expect("a folder");
    let feed = feed(&folder, 6, 6);
    let whole = all(&feed, &wanted(&STREAMS, &[]), PAGE_CHANGES_MAX);
    assert!(whole.is_sorted_by_key(|change| change.at));
    let trade = all(&feed, &wanted(&[Stream::Trade], &[]), PAGE_CHANGES_MAX);
    for pair in trade.windows(2) {
        let wanted = wanted(&[Stream::Trade], &[]);
        let cursor = Cursor::read(&pair[0].id.to_string(), &wanted.streams, |_| Default::default()).expect("is a cursor");
        let page = page(&feed, &CatalogSnapshot::default(), &wanted, cursor, 1, &Audience::anybody()).expect("is read");
        assert_eq!(page.changes[0].id, pair[1].id);
    }
}

#[test]
fn a_place_that_does_not_exist_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let feed = feed(&folder, 4, 0);
    let wanted = wanted(&[Stream::Trade], &[]);
    let check = |after: &str| {
        let cursor = Cursor::read(after, &wanted.streams, |_| Default::default()).expect("is a cursor");
        page(&feed, &CatalogSnapshot::default(), &wanted, cursor, 10, &Audience::anybody()).map(|page| page.changes.len())
    };
    assert_eq!(check("2").expect("is kept"), 1);
    assert_eq!(check("3").expect("is the last"), 0);
    assert!(matches!(check("4"), Err(FeedError::Beyond { from: Offset(5), end: Offset(4) })));
    assert!(matches!(check("4/0"), Err(FeedError::Beyond { from: Offset(5), end: Offset(4) })));
    assert!(matches!(feed.bounds(Stream::Activity), Err(FeedError::Private(_))));
}

fn told(event: TradeEvent, audience: &Audience<'_>) -> Option<(String, String)> {
    let recorded = Recorded { offset: Offset(1), at: Timestamp(0), events: Events::Trade(vec![event]) };
    let everything = Wanted::default();
    changes_of(&recorded, &CatalogSnapshot::default(), &everything, audience).next().map(|change| (change.kind, change.data.to_string()))
}

#[test]
fn who_somebody_is_is_told_to_those_who_may_know() {
    let folder = TempDir::new().expect("a folder");
    let people = People::open(folder.path()).expect("opens");
    let (anybody, trusted) = (Audience::anybody(), Audience::trusted(&people));
    let buyer = |audience: &Audience<'_>| told(opened(0), audience).expect("is told").1;
    assert_eq!(buyer(&anybody), r#"{"buyer":{"session":null,"shopper":"s-1"},"cart":"cart_0","currency":"EUR"}"#);
    assert!(buyer(&trusted).contains("ada@example.org"));
    let updated = TradeEvent::CheckoutUpdated {
        checkout: "c".parse().expect("an id"),
        buyer: Buyer::default(),
        address: Some(Address { name: "Ada".to_owned(), street: "Main St 1".to_owned(), country: "DE".to_owned(), ..Address::default() }),
        lines: vec![Line {
            id: "l".parse().expect("an id"),
            sku: "S".parse().expect("an id"),
            product: Ordinal(3),
            title: "Lamp".to_owned(),
            quantity: 1,
            unit_price: Money::new(100, Currency::EUR),
            components: Vec::new(),
        }],
        totals: Totals::zero(Currency::EUR),
    };
    let (_, data) = told(updated.clone(), &anybody).expect("is told");
    assert!(data.contains(r#""address":{"country":"DE"}"#) && data.contains(r#""product_id":null"#), "{data}");
    assert!(told(updated, &trusted).expect("is told").1.contains("Main St 1"));
}

#[test]
fn a_sealed_text_is_left_out_or_opened_and_one_that_nobody_can_open_is_told_as_erased() {
    let folder = TempDir::new().expect("a folder");
    let people = People::open(folder.path()).expect("opens");
    let sealed = crate::event::sealed::text_of(crate::event::sealed::KeyNumber(9), &[7; 40], None);
    let buyer = Buyer { email: Some(sealed), ..Buyer::default() };
    let event = TradeEvent::CartOpened { cart: "c".parse().expect("an id"), buyer, currency: Currency::EUR };
    let data = |audience: &Audience<'_>| told(event.clone(), audience).expect("is told").1;
    assert!(!data(&Audience::anybody()).contains("email"));
    assert!(data(&Audience::trusted(&people)).contains(r#""email":"[erased]""#));
}

#[test]
fn tokens_and_keys_are_told_to_nobody() {
    let requested = TradeEvent::PaymentRequested {
        payment: "p".parse().expect("an id"),
        checkout: "c".parse().expect("an id"),
        amount: Money::new(5, Currency::EUR),
        provider: "test".to_owned(),
        token: "tok_secret".to_owned(),
    };
    let folder = TempDir::new().expect("a folder");
    let people = People::open(folder.path()).expect("opens");
    let (kind, data) = told(requested, &Audience::trusted(&people)).expect("is told");
    assert_eq!(kind, "payment_requested");
    assert!(!data.contains("tok_secret"), "{data}");
    let used = TradeEvent::KeyUsed {
        key: "k".parse().expect("an id"),
        body_hash: [0; 32],
        subject: crate::event::trade::Subject::Cart("c".parse().expect("an id")),
    };
    assert_eq!(told(used, &Audience::trusted(&people)), None);
}

#[test]
fn moments_are_written_out_and_documents_are_themselves() {
    let extended = TradeEvent::ReservationExtended { reservation: "r".parse().expect("an id"), expires_at: Timestamp(1_700_000_000_123) };
    let expected = r#"{"expires_at":"2023-11-14T22:13:20.123Z","reservation":"r"}"#;
    assert_eq!(told(extended, &Audience::anybody()), Some(("reservation_extended".to_owned(), expected.to_owned())));
    let document = Document(Arc::from(&br#"{"title":"Lamp","address":1}"#[..]));
    let put = CatalogEvent::ProductPut { ordinal: Ordinal(1), id: "p".parse().expect("an id"), document };
    let recorded = Recorded { offset: Offset(1), at: Timestamp(0), events: Events::Catalog(vec![put]) };
    let everything = Wanted::default();
    let (anybody, catalog) = (Audience::anybody(), CatalogSnapshot::default());
    let change = changes_of(&recorded, &catalog, &everything, &anybody).next().expect("is told");
    assert_eq!(change.data.to_string(), r#"{"document":{"address":1,"title":"Lamp"},"product_id":"p"}"#);
}
