//! Every open connection: how many there are from where, who gives way, and who is overdue.
//!
//! When every place is taken, a new connection is worth more than an idle one: whoever fills the server with connections that do nothing
//! loses them to whoever comes to ask. So the places of strangers (no request yet) are given away first, then those idle longest; a peer that
//! has a request open is never dropped for another. Only when all are busy a new connection is closed at once.

use super::connection::{Connection, Ended};
use super::options::Options;
use super::peer::Group;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Places that are made at once, at most: finding them takes a look at every connection.
const DISPLACED_AT_ONCE: usize = 64;
/// And one of so many that there are, at most.
const DISPLACED_SHARE: usize = 16;
/// Connections that were told to end and have not yet, beyond `connections_max`.
const LEAVING_MAX: usize = 2 * DISPLACED_AT_ONCE;

/// Why a connection is closed before anything is read from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Its address has as many as one may have.
    Address,
    /// Every place is taken by somebody busy.
    Full,
}

impl Refused {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Full => "full",
        }
    }
}

/// All open connections.
#[derive(Debug)]
pub(super) struct Census {
    started: Instant,
    options: Options,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    open: HashMap<u64, Arc<Connection>>,
    per_group: HashMap<Group, usize>,
    /// Those in `open` that were told to end.
    leaving_count: usize,
    next: u64,
}

/// A connection's place; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    census: Arc<Census>,
    number: u64,
    pub(super) connection: Arc<Connection>,
}

impl Census {
    pub(super) fn new(options: Options) -> Arc<Self> {
        Arc::new(Self { started: Instant::now(), options, table: Mutex::default() })
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// Milliseconds since the server began, from 1.
    pub(super) fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing in here panics halfway through a change.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a place for a connection from there.
    ///
    /// # Errors
    /// When its address has enough, or all places are taken by busy ones.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Place, Refused> {
        let group = self.options.is_limited(address).then(|| Group::of(address));
        let connection = Arc::new(Connection::opened(group, self.now_ms()));
        let number = self.table().enter(&connection, &self.options)?;
        metrics::gauge!("shopkeeper_http_connections").increment(1.0);
        Ok(Place { census: Arc::clone(self), number, connection })
    }

    /// Ends every connection that is overdue.
    pub(super) fn sweep(&self) {
        let now_ms = self.now_ms();
        let mut table = self.table();
        let overdue: Vec<(Arc<Connection>, Ended)> = table
            .open
            .values()
            .filter_map(|connection| Some((Arc::clone(connection), connection.standing().overdue(now_ms, &self.options)?)))
            .collect();
        overdue.into_iter().for_each(|(connection, why)| table.end(&connection, why));
    }
}

impl Table {
    fn enter(&mut self, connection: &Arc<Connection>, options: &Options) -> Result<u64, Refused> {
        if let Some(group) = connection.group
            && self.per_group.get(&group).is_some_and(|count| *count >= options.connections_per_address_max)
        {
            return Err(Refused::Address);
        }
        if self.open.len() - self.leaving_count >= options.connections_max {
            self.displace((options.connections_max / DISPLACED_SHARE).clamp(1, DISPLACED_AT_ONCE));
        }
        let has_room = self.open.len() - self.leaving_count < options.connections_max;
        if !has_room || self.open.len() >= options.connections_max + LEAVING_MAX {
            return Err(Refused::Full);
        }
        if let Some(group) = connection.group {
            *self.per_group.entry(group).or_default() += 1;
        }
        self.next += 1;
        self.open.insert(self.next, Arc::clone(connection));
        Ok(self.next)
    }

    fn displace(&mut self, count: usize) {
        let candidates = self.open.values().filter(|connection| !connection.was_ended());
        let mut idle: Vec<_> = candidates.filter_map(|one| Some((one.standing().displaced_at()?, Arc::clone(one)))).collect();
        if idle.len() > count {
            idle.select_nth_unstable_by_key(count, |(order, _)| *order);
            idle.truncate(count);
        }
        idle.iter().for_each(|(_, connection)| self.end(connection, Ended::Displaced));
    }

    fn end(&mut self, connection: &Connection, why: Ended) {
        if connection.end(why) {
            self.leaving_count += 1;
            metrics::counter!("shopkeeper_http_connections_ended_total", "why" => why.name()).increment(1);
        }
    }

    fn leave(&mut self, number: u64) {
        let Some(connection) = self.open.remove(&number) else { return };
        self.leaving_count -= usize::from(connection.was_ended());
        if let Some(group) = connection.group
            && let Some(count) = self.per_group.get_mut(&group)
        {
            *count -= 1;
            if *count == 0 {
                self.per_group.remove(&group);
            }
        }
    }
}

impl Place {
    pub(super) fn now_ms(&self) -> u64 {
        self.census.now_ms()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.census.table().leave(self.number);
        metrics::gauge!("shopkeeper_http_connections").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Http;

    fn census(connections_max: usize, per_address: usize) -> Arc<Census> {
        let http = Http { connections_max, connections_per_address_max: per_address, ..Http::default() };
        Census::new(Options::of(&http))
    }

    fn enter(census: &Arc<Census>, last: u8) -> Result<Place, Refused> {
        census.enter(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn one_address_has_so_many_places_and_gets_them_back() {
        let census = census(100, 2);
        let places = [enter(&census, 1).expect("a place"), enter(&census, 1).expect("a place")];
        assert_eq!(enter(&census, 1).expect_err("enough"), Refused::Address);
        assert!(enter(&census, 2).is_ok(), "others have their own");
        drop(places);
        assert!(enter(&census, 1).is_ok());
        assert!(census.table().per_group.is_empty(), "nobody is remembered who has left");
    }

    #[test]
    fn this_machine_is_not_one_address() {
        let census = census(100, 1);
        let places: Vec<_> = (0..5).map(|_| census.enter(IpAddr::from([127, 0, 0, 1])).expect("a place")).collect();
        assert_eq!(places.len(), 5);
    }

    #[test]
    fn the_idle_give_way_to_whoever_comes_to_ask_and_the_busy_do_not() {
        let census = census(16, 16);
        let places: Vec<_> = (0..16).map(|last| enter(&census, last).expect("a place")).collect();
        places[1..].iter().for_each(|place| place.connection.request_begins(1));
        let sixteenth = enter(&census, 99).expect("the idle one's place");
        sixteenth.connection.request_begins(1);
        let ended: Vec<bool> = places.iter().map(|place| place.connection.was_ended()).collect();
        assert_eq!(ended.iter().filter(|ended| **ended).count(), 1);
        assert!(ended[0]);
        assert_eq!(enter(&census, 98).expect_err("all are busy"), Refused::Full);
    }

    #[test]
    fn a_sweep_ends_what_is_overdue_and_nothing_else() {
        let http = Http { head_ms: 1, idle_ms: 1_000_000, ..Http::default() };
        let census = Census::new(Options::of(&http));
        let [silent, busy] = [1, 2].map(|last| enter(&census, last).expect("a place"));
        busy.connection.request_begins(census.now_ms());
        while census.now_ms() < silent.connection.standing().since_ms + 2 {
            std::thread::yield_now();
        }
        census.sweep();
        assert_eq!([&silent, &busy].map(|place| place.connection.was_ended()), [true, false]);
    }
}
