//! Threads for work that waits for others: made as they are needed, ended when they have nothing to do, and never more than so many. Jobs with one
//! key are done one after another, in the order in which they came; nothing else waits for them.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How many threads and jobs a pool has at most, and how long a thread stays that has nothing to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) threads_max: usize,
    /// Jobs that wait for a thread.
    pub(super) waiting_max: usize,
    pub(super) idle: Duration,
}

/// Does jobs. When it is dropped, nothing that waits is begun any more; what was begun goes on, and nobody waits for it.
pub(super) struct Pool<K: Send + 'static, J: Send + 'static> {
    shared: Arc<Shared<K, J>>,
}

struct Shared<K, J> {
    name: String,
    bounds: Bounds,
    work: Box<dyn Fn(J) + Send + Sync>,
    desk: Mutex<Desk<K, J>>,
    came: Condvar,
}

struct Desk<K, J> {
    /// What can be begun.
    ready: VecDeque<(Option<K>, J)>,
    /// By every key of which a job can be begun or was begun: the jobs behind that one.
    behind: HashMap<K, VecDeque<J>>,
    /// Jobs that were not begun.
    waiting: usize,
    threads: usize,
    /// Threads that wait for a job.
    idle: usize,
    is_closed: bool,
}

impl<K, J> Shared<K, J> {
    fn desk(&self) -> MutexGuard<'_, Desk<K, J>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash + Send + 'static, J: Send + 'static> Pool<K, J> {
    pub(super) fn new(name: &str, bounds: Bounds, work: impl Fn(J) + Send + Sync + 'static) -> Self {
        let (ready, behind) = (VecDeque::new(), HashMap::new());
        let desk = Mutex::new(Desk { ready, behind, waiting: 0, threads: 0, idle: 0, is_closed: false });
        Self { shared: Arc::new(Shared { name: name.to_owned(), bounds, work: Box::new(work), desk, came: Condvar::new() }) }
    }

    /// Offers a job, after all others of its key; gives it back when too many wait, or when there is no thread to do it.
    pub(super) fn offer(&self, key: Option<K>, job: J) -> Result<(), J> {
        let mut desk = self.shared.desk();
        if desk.waiting >= self.shared.bounds.waiting_max {
            return Err(job);
        }
        if let Some(behind) = key.as_ref().and_then(|key| desk.behind.get_mut(key)) {
            behind.push_back(job);
            desk.waiting += 1;
            return Ok(());
        }
        // Every job that can be begun gets a thread of its own, as long as there may be further ones.
        if desk.ready.len() >= desk.idle && desk.threads < self.shared.bounds.threads_max {
            match start(&self.shared, desk.threads) {
                Ok(()) => desk.threads += 1,
                Err(error) => {
                    tracing::warn!(%error, name = self.shared.name, "no further thread can be started");
                    if desk.threads == 0 {
                        return Err(job);
                    }
                }
            }
        }
        if let Some(key) = &key {
            desk.behind.insert(key.clone(), VecDeque::new());
        }
        desk.ready.push_back((key, job));
        desk.waiting += 1;
        self.shared.came.notify_one();
        Ok(())
    }
}

impl<K: Send + 'static, J: Send + 'static> Drop for Pool<K, J> {
    fn drop(&mut self) {
        let mut desk = self.shared.desk();
        desk.is_closed = true;
        // What they hold is let go of when nobody is kept waiting by it.
        let left = (std::mem::take(&mut desk.ready), std::mem::take(&mut desk.behind));
        drop(desk);
        self.shared.came.notify_all();
        drop(left);
    }
}

fn start<K: Clone + Eq + Hash + Send + 'static, J: Send + 'static>(shared: &Arc<Shared<K, J>>, number: usize) -> io::Result<()> {
    let (name, shared) = (format!("{}-{number}", shared.name), Arc::clone(shared));
    let work = move || {
        while let Some((key, job)) = shared.next() {
            let _turn = Turn { shared: &shared, key };
            (shared.work)(job);
        }
    };
    thread::Builder::new().name(name).spawn(work).map(drop)
}

impl<K: Clone + Eq + Hash, J> Shared<K, J> {
    /// The next job, as soon as there is one; none when this thread is to end, and is counted no more.
    fn next(&self) -> Option<(Option<K>, J)> {
        let mut desk = self.desk();
        let mut is_idle = false;
        loop {
            if !desk.is_closed
                && let Some(next) = desk.ready.pop_front()
            {
                desk.waiting -= 1;
                return Some(next);
            }
            if desk.is_closed || is_idle {
                desk.threads -= 1;
                return None;
            }
            desk.idle += 1;
            let (woken, waited) = self.came.wait_timeout(desk, self.bounds.idle).unwrap_or_else(PoisonError::into_inner);
            (desk, is_idle) = (woken, waited.timed_out());
            desk.idle -= 1;
        }
    }
}

/// That a job is being done: at its end, however that comes, the next one of its key can be begun.
struct Turn<'a, K: Clone + Eq + Hash, J> {
    shared: &'a Shared<K, J>,
    key: Option<K>,
}

impl<K: Clone + Eq + Hash, J> Drop for Turn<'_, K, J> {
    fn drop(&mut self) {
        let mut desk = self.shared.desk();
        if thread::panicking() {
            desk.threads -= 1;
        }
        let Some(key) = self.key.take() else { return };
        match desk.behind.get_mut(&key).map(VecDeque::pop_front) {
            Some(Some(job)) => {
                desk.ready.push_back((Some(key), job));
                self.shared.came.notify_one();
            }
            Some(None) => drop(desk.behind.remove(&key)),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam::channel::{Receiver, Sender, bounded, unbounded};
    use std::time::Instant;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// A job tells when it begins, and ends when it is let.
    type Job = (u32, Receiver<()>);
    type Begun = Receiver<u32>;

    fn pool(threads_max: usize, waiting_max: usize, idle: Duration) -> (Pool<&'static str, Job>, Begun) {
        let (begin, begun): (Sender<u32>, _) = unbounded();
        let work = move |(name, end): Job| {
            begin.send(name).expect("somebody looks");
            assert!(end.recv().is_ok() || name != 13, "an unlucky job");
        };
        (Pool::new("test", Bounds { threads_max, waiting_max, idle }, work), begun)
    }

    fn next(begun: &Begun) -> u32 {
        begun.recv_timeout(PATIENCE).expect("one begins")
    }

    #[test]
    fn a_quick_job_does_not_wait_for_slow_ones_while_there_may_be_threads() {
        let (pool, begun) = pool(3, 8, PATIENCE);
        let ends: Vec<Sender<()>> = (0..4)
            .map(|name| {
                let (end, ended) = bounded(1);
                assert!(pool.offer(None, (name, ended)).is_ok());
                end
            })
            .collect();
        let mut first = [next(&begun), next(&begun), next(&begun)];
        first.sort_unstable();
        assert_eq!((first, begun.is_empty(), pool.shared.desk().waiting), ([0, 1, 2], true, 1));
        // The fourth waits for any of the three, and the thread that did it does others.
        ends[1].send(()).expect("waits");
        assert_eq!((next(&begun), pool.shared.desk().threads), (3, 3));
    }

    #[test]
    fn jobs_of_one_key_are_done_in_order_and_one_at_a_time() {
        let (pool, begun) = pool(8, 8, PATIENCE);
        let (ends, ended): (Vec<_>, Vec<_>) = (0..4).map(|_| bounded(1)).unzip();
        for (name, (key, ended)) in (0..).zip(["a", "a", "b", "a"].into_iter().zip(ended)) {
            assert!(pool.offer(Some(key), (name, ended)).is_ok());
        }
        let mut first = [next(&begun), next(&begun)];
        first.sort_unstable();
        assert_eq!((first, begun.is_empty()), ([0, 2], true), "the others of a wait for the first one, and b for none");
        ends[0].send(()).expect("waits");
        assert_eq!((next(&begun), begun.is_empty()), (1, true));
        ends[1].send(()).expect("waits");
        assert_eq!(next(&begun), 3);
    }

    #[test]
    fn more_jobs_than_may_wait_are_given_back() {
        let (pool, begun) = pool(1, 2, PATIENCE);
        let (_end, ended) = bounded(1);
        let offer = |name| pool.offer(Some("a"), (name, ended.clone())).map_err(|(name, _)| name);
        assert_eq!((offer(0), next(&begun)), (Ok(()), 0));
        assert_eq!([offer(1), offer(2), offer(3)], [Ok(()), Ok(()), Err(3)], "what was begun does not wait any more");
    }

    #[test]
    fn threads_that_have_nothing_to_do_end_and_others_are_made_when_something_comes() {
        let (pool, begun) = pool(2, 2, Duration::ZERO);
        let deadline = Instant::now() + PATIENCE;
        for round in 0..3 {
            let (end, ended) = bounded(1);
            assert!(pool.offer(Some("a"), (round, ended)).is_ok());
            assert_eq!(next(&begun), round);
            end.send(()).expect("waits");
            while pool.shared.desk().threads > 0 {
                assert!(Instant::now() < deadline, "it ends");
                thread::yield_now();
            }
            assert!(pool.shared.desk().behind.is_empty(), "nothing is kept of what is over");
        }
    }

    #[test]
    fn a_job_that_panics_holds_up_neither_its_key_nor_the_others() {
        let (pool, begun) = pool(1, 4, PATIENCE);
        let (end, ended) = bounded(1);
        assert!(pool.offer(Some("a"), (13, ended)).is_ok());
        assert_eq!(next(&begun), 13);
        let (_end, ended) = bounded(1);
        assert!(pool.offer(Some("a"), (1, ended.clone())).is_ok());
        drop(end);
        // Another one comes, as others always do.
        let deadline = Instant::now() + PATIENCE;
        while pool.shared.desk().threads > 0 {
            assert!(Instant::now() < deadline, "it ends");
            thread::yield_now();
        }
        assert!(pool.offer(None, (2, ended)).is_ok());
        assert_eq!(next(&begun), 1);
    }

    #[test]
    fn at_the_end_nothing_is_begun_any_more_and_nobody_waits_for_what_was() {
        let (pool, begun) = pool(1, 4, PATIENCE);
        let (end, ended) = bounded(1);
        let (_later, waits) = bounded(1);
        assert!(pool.offer(Some("a"), (0, ended)).is_ok() && pool.offer(Some("a"), (1, waits.clone())).is_ok());
        assert!(pool.offer(Some("b"), (2, waits)).is_ok());
        assert_eq!(next(&begun), 0);
        drop(pool);
        end.send(()).expect("waits");
        assert_eq!(begun.recv_timeout(PATIENCE), Err(crossbeam::channel::RecvTimeoutError::Disconnected), "the thread has ended");
    }
}
