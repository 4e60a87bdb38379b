//! Orders, payments, work and keys asleep: 1. nothing that is asked tells who sleeps; 2. a session that became an order is answered as it was;
//! 3. keys are kept with their orders for ever; 4. a checkpoint is read back asleep, and one of the kind before is read as ever; 5. the bytes in which
//! orders sleep are those of the release that named the kind. What an order takes is printed on demand.

use super::*;
use crate::event::Progress;
use crate::event::codec::to_compact_bytes;
use crate::event::trade::Subject;
use crate::id::{CheckoutId, IdempotencyKey, NameDigest};
use crate::order::CheckoutStatus;
use crate::stdx::mapped::write_sections;
use crate::trade::checkpoint::RetiredByName;
use crate::trade::keys::{KeyRecord, Retired};

/// Orders in every state, under keys and without: some canceled, some shipped, one with a failed attempt, one still being paid.
fn busy() -> Shop {
    let mut shop = Shop::stocked();
    shop.sells("o1", "a=1 b=1");
    shop.ask(Action::ShipOrder { order: id("o1"), shipment: id("s"), units: Vec::new() }).expect("ships");
    shop.sells("o2", "a=2");
    shop.ask(Action::CancelOrder { order: id("o2"), reason: "too late".to_owned() }).expect("cancels");
    for (name, key) in [("o3", "key3"), ("o4", "key4")] {
        shop.ask_under(Some((&format!("open-{key}"), 1)), open_checkout(name, None, Some(address()), lines_of("a=1"))).expect("opens");
        shop.completes(name, name, Some((key, 7))).expect("completes");
        shop.hears(name, name, authorized()).expect("is authorised");
    }
    shop.opens("k5", "a=1").expect("opens");
    shop.completes("k5", "p5", Some(("key5", 7))).expect("completes");
    shop.hears("p5", "o5", PaymentOutcome::Declined).expect("is declined");
    shop.opens("k6", "a=1").expect("opens");
    shop.completes("k6", "p6", Some(("key6", 7))).expect("completes");
    shop
}

const KEYS: [&str; 6] = ["open-key3", "open-key4", "key3", "key4", "key5", "key6"];

/// Everything that can be asked about what may sleep.
fn answers(state: &State) -> String {
    let orders: Vec<_> = (0..5).map(|number| state.order_numbered(number)).collect();
    let names = ["o1", "o2", "o3", "o4", "o5"];
    let found: Vec<_> = names.iter().map(|name| (state.order(&id(name)), state.payment(&id(name)))).collect();
    let sessions: Vec<_> = names.iter().chain(&["k5", "k6"]).map(|name| state.checkout(&id(name))).collect();
    let keys: Vec<_> = KEYS.iter().map(|key| (state.answer_of(&id(key)), state.is_repetition(&id(key), &[7; 32]))).collect();
    let work: Vec<_> = (0..5).map(|number| state.fulfilment().board().order(number)).collect();
    let page = state.find_orders(&OrderQuery { sort: OrderSort::ChangedLast, limit: 3, ..OrderQuery::default() });
    format!("{orders:?} {found:?} {sessions:?} {keys:?} {work:?} {page:?} {:?} {:?}", state.pending_payments(), state.next_expiry())
}

fn replayed_with(shop: &Shop, awake_max: usize) -> State {
    let mut state = State::new(Options { awake_max, ..Options::default() });
    for bytes in &shop.journal {
        let recorded = read(Stream::Trade, Offset(0), bytes).expect("decodes");
        let Events::Trade(events) = recorded.events else { panic!("trade events") };
        events.iter().for_each(|event| fold(&mut state, event, recorded.at));
    }
    state
}

#[test]
fn nothing_that_is_asked_tells_who_sleeps() {
    let shop = busy();
    let expected = (shop.state.hash(), answers(&shop.state));
    for awake_max in [0, 1, 2, usize::MAX] {
        let state = replayed_with(&shop, awake_max);
        assert_eq!((state.hash(), answers(&state)), expected, "{awake_max} awake");
        assert_eq!(state.check_invariants(), Vec::<String>::new(), "{awake_max} awake");
    }
}

#[test]
fn a_session_is_not_kept_beside_its_order_and_answers_as_if_it_were() {
    let mut shop = busy();
    assert!(shop.state.checkouts.iter().all(|(_, session)| session.status != CheckoutStatus::Completed));
    let before = shop.session("o3");
    assert_eq!((before.status.name(), before.order.as_ref(), before.payments.len()), ("completed", Some(&id("o3")), 1));
    shop.ask(Action::CancelOrder { order: id("o3"), reason: "no".to_owned() }).expect("cancels");
    assert_eq!(shop.session("o3"), before);
    let again = shop.opens("o3", "a=1").expect_err("its name is taken");
    assert!(matches!(again, Rejection::Exists { .. }), "{again}");
}

#[test]
fn a_key_is_kept_with_its_order_for_ever() {
    let mut shop = busy();
    shop.passes(3 * KEY_KEPT_MS);
    // Any event forgets a few things.
    for units in 1..9 {
        shop.moves("z", "north", StockChange::By(units)).expect("moves");
    }
    assert_eq!(shop.state.keys.len(), 1, "of other keys only that of the attempt that is still open is left");
    let answer = shop.state.answer_of(&id("key3")).expect("an answer");
    assert!(matches!(answer.snapshot, Snapshot::Checkout(session) if session.order == Some(id("o3"))));
    assert_eq!(shop.ask_under(Some(("key3", 7)), complete("o3", "o3")), Ok(Vec::new()));
    assert_eq!(shop.ask_under(Some(("key3", 8)), complete("o3", "o3")), Err(Rejection::KeyReused));
}

#[test]
fn a_checkpoint_is_read_back_asleep() {
    let shop = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trade.bin");
    let progress = Progress { trade: Offset(9), ..Progress::default() };
    shop.state.save(&path, progress).expect("saves");
    let (loaded, folded) = State::load(&path, Options::default()).expect("loads");
    assert_eq!((loaded.hash(), answers(&loaded), folded), (shop.state.hash(), answers(&shop.state), progress));
    assert_eq!(loaded.check_invariants(), Vec::<String>::new());
}

/// The bytes name no fields, so a field more or in another place would be read as something else. Who changes them names another kind of checkpoint,
/// keeps a reader for this one, and writes the new digest here.
#[test]
fn the_bytes_of_orders_belong_to_the_kind_of_checkpoint() {
    let orders: Vec<_> = busy().state.orders.bytes().collect();
    let parts: Vec<&[u8]> = orders.iter().map(|bytes| &**bytes).collect();
    assert_eq!(
        (parts.len(), crate::stdx::digest::hex(&crate::stdx::digest::blake3(&parts)).as_str()),
        (4, "528109c16b7ce85587aff380a4c478ca52ba4c2e326c446297b93dbbe0d1d267")
    );
}

/// A checkpoint as it was written while its kind was `TRD3`.
fn of_the_kind_before(state: &State) -> Vec<Vec<u8>> {
    fn bytes<T: serde::Serialize>(value: &T) -> Vec<u8> {
        to_compact_bytes(value).expect("is written")
    }
    let named = |digest: NameDigest| KEYS.iter().find(|key| NameDigest::of(key) == digest).map(|key| id(key)).expect("a known key");
    let of_orders = KEYS.iter().filter_map(|key| {
        let row = state.orders.of_key(&id(key))?;
        let record = KeyRecord { body_hash: row.body_hash?, subject: Subject::Checkout(row.order.checkout.clone()), snapshot: None };
        Some((id::<IdempotencyKey>(key), Arc::new(record)))
    });
    let keys: Vec<(IdempotencyKey, Arc<KeyRecord>)> =
        state.keys.iter().map(|(key, record)| (named(key), record)).chain(of_orders).collect();
    let retired = state.retired.iter().map(|(at, what)| {
        let what = match what.clone() {
            Retired::Key(key) => RetiredByName::Key(named(key)),
            Retired::Checkout(id) => RetiredByName::Checkout(id),
            Retired::Payment(id) => RetiredByName::Payment(id),
            Retired::Purchase(id) => RetiredByName::Purchase(id),
            Retired::Transfer(id) => RetiredByName::Transfer(id),
            Retired::Count(id) => RetiredByName::Count(id),
        };
        (*at, what)
    });
    vec![
        bytes(&Progress::default()),
        bytes(&(state.time, state.stock.counts(), &state.faults)),
        bytes(&state.stock.rows()),
        bytes(&state.stock.reservations()),
        bytes(&state.carts.iter().map(|(_, cart)| cart).collect::<Vec<_>>()),
        bytes(&state.checkouts.iter().map(|(_, session)| session).collect::<Vec<_>>()),
        bytes(&state.payments.iter().map(|(_, payment)| payment).collect::<Vec<_>>()),
        bytes(&state.orders.iter().collect::<Vec<_>>()),
        bytes(&state.ledger.balances()),
        bytes(&keys),
        bytes(&retired.collect::<Vec<_>>()),
        bytes(&state.pricing),
        bytes(&state.carts_book),
        bytes(&(&state.stock_book, state.stock.bundles(), state.stock.all_quotas())),
        bytes(&state.fulfilment.with_all_work()),
        bytes(&state.payments_book),
        bytes(&state.after_sale),
        bytes(&state.shoppers),
    ]
}

#[test]
fn a_checkpoint_of_the_kind_before_is_read_as_ever() {
    let shop = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trade.bin");
    let sections = of_the_kind_before(&shop.state);
    write_sections(&path, *b"TRD3", &sections.iter().map(Vec::as_slice).collect::<Vec<_>>()).expect("writes");
    for awake_max in [0, usize::MAX] {
        let (loaded, _) = State::load(&path, Options { awake_max, ..Options::default() }).expect("loads");
        assert_eq!((loaded.hash(), answers(&loaded)), (shop.state.hash(), answers(&shop.state)));
        assert_eq!(loaded.check_invariants(), Vec::<String>::new());
    }
    write_sections(&path, *b"TRD2", &sections.iter().map(Vec::as_slice).collect::<Vec<_>>()).expect("writes");
    assert!(State::load(&path, Options::default()).is_err(), "what is older is made again from the journal");
}

/// What a placed order takes in memory and in a checkpoint, and how long it takes to read back: `cargo test --lib -- --ignored --nocapture what_an_order_takes`.
#[test]
#[ignore = "measures; run it alone and with --nocapture"]
fn what_an_order_takes() {
    const ORDERS: usize = 5_000;
    let name = |number: usize| format!("01934d3e-7f6b-7c3a-9c1e-{number:012}");
    let mut state = State::new(Options { awake_max: 64, ..Options::default() });
    let mut ask = |key: Option<String>, action: Action, at: usize| {
        let key = key.map(|key| (id::<IdempotencyKey>(&key), [7; 32]));
        let events = decide(&state, &Command { key, action }, Timestamp(at as i64)).expect("is accepted");
        events.iter().for_each(|event| fold(&mut state, event, Timestamp(at as i64)));
    };
    for sku in ["a", "b"] {
        let (change, reason) = (StockChange::By(1_000_000), StockReason::Received);
        ask(None, Action::MoveStock { sku: id(sku), product: Ordinal(0), location: id("north"), change, reason }, 0);
    }
    for number in 0..ORDERS {
        let name = name(number);
        ask(Some(format!("open-{name}")), open_checkout(&name, None, Some(address()), lines_of("a=1 b=1")), number);
        ask(Some(format!("complete-{name}")), complete(&name, &name), number);
        let outcome = PaymentOutcome::Authorized { provider_reference: format!("test/{name}") };
        ask(None, Action::ResolvePayment { payment: id(&name), order: id(&name), outcome }, number);
    }
    let sections = state.to_sections().expect("is written");
    for (section, bytes) in sections.iter().enumerate().filter(|(_, bytes)| bytes.len() > ORDERS) {
        eprintln!("section {section}: {} bytes an order", bytes.len() / ORDERS);
    }
    eprintln!("{} bytes an order in all", sections.iter().map(Vec::len).sum::<usize>() / ORDERS);
    let before = crate::stdx::resident::bytes().unwrap_or(0);
    let began = std::time::Instant::now();
    let loaded = State::from_sections(&sections, Options::default()).expect("loads");
    let took = began.elapsed();
    let after = crate::stdx::resident::bytes().unwrap_or(0);
    eprintln!("{} orders read back in {took:?}, {} bytes an order", loaded.orders_count(), after.saturating_sub(before) / ORDERS as u64);
    let found: CheckoutId = id(&name(ORDERS / 2));
    let began = std::time::Instant::now();
    (0..1_000).for_each(|_| drop(loaded.checkout(&found)));
    eprintln!("a sleeping order is read in {:?}", began.elapsed() / 1_000);
}

/// What a remembered key takes beside what it is about: `cargo test --lib -- --ignored --nocapture what_a_key_takes`.
#[test]
#[ignore = "measures; run it alone and with --nocapture"]
fn what_a_key_takes() {
    const CARTS: usize = 2_000;
    const WRITES: usize = 10;
    const COPIES: usize = 16;
    let mut state = State::new(Options { awake_max: 64, ..Options::default() });
    let mut ask = |key: String, action: Action| {
        let key = Some((id::<IdempotencyKey>(&key), [7; 32]));
        let events = decide(&state, &Command { key, action }, Timestamp(1)).expect("is accepted");
        events.iter().for_each(|event| fold(&mut state, event, Timestamp(1)));
    };
    for number in 0..CARTS {
        let cart: crate::id::CartId = id(&format!("01934d3e-7f6b-7c3a-9c1e-{number:012}"));
        let (currency, lines) = (Currency::EUR, Vec::new());
        ask(format!("open-{cart}"), Action::OpenCart { cart: cart.clone(), buyer: buyer(), currency, lines });
        for write in 1..WRITES {
            let lines = lines_of(&format!("a={write} b={write} c={write}"));
            ask(format!("set-{write}-{cart}"), Action::SetCartLines { cart: cart.clone(), buyer: None, lines });
        }
    }
    let sections = state.to_sections().expect("is written");
    eprintln!("{} bytes a key in a checkpoint, {} of its time", sections[9].len() / CARTS / WRITES, sections[10].len() / CARTS / WRITES);
    // Everything but the keys, so that what is read back with them is theirs.
    let mut without = sections.clone();
    let empty = State::default().to_sections().expect("is written");
    (without[9], without[10]) = (empty[9].clone(), empty[10].clone());
    // Several times over, so that what the allocator had left does not hide it.
    let resident = |sections: &[Vec<u8>]| {
        let before = crate::stdx::resident::bytes().unwrap_or(0);
        let load = |_| State::from_sections(sections, Options::default()).expect("loads");
        let loaded: Vec<State> = (0..COPIES).map(load).collect();
        (crate::stdx::resident::bytes().unwrap_or(0).saturating_sub(before), loaded)
    };
    let (base, _plain) = resident(&without);
    let (all, _full) = resident(&sections);
    eprintln!("{} bytes a key in memory", all.saturating_sub(base) / (COPIES * CARTS * WRITES) as u64);
}
