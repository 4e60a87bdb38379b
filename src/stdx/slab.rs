//! Records of 32-bit words that one writer changes in place while readers read them.
//!
//! Why in place: tables that change a hundred thousand times a second cannot be copied for every snapshot; sharing each record with its
//! readers costs an allocation and two reference counts for every first change after a publish. Here a reader takes a copy of one record
//! instead, and checks by the record's own counter that nobody changed it meanwhile (a sequence lock): it never waits for a lock, and reads
//! again only while that one record is being written, which takes some dozens of nanoseconds.
//!
//! Words live in [`Pages`] that never move; records never straddle a page. A record that is given back may become another one: every record names
//! its owner, and a reader that finds another owner has found nothing.

pub use super::pages::{PAGE_WORDS, PAGES_MAX, Pages};
use std::sync::atomic::{AtomicU32, Ordering, fence};

/// Records start at multiples of so many words: with a cache line of their own, so that none shares what it is waited for with its neighbours.
/// Classes of a whole number of lines lose nothing by it.
pub const ALIGN_WORDS: usize = 16;
/// A reader looks so often, a microsecond or so, before it lets others go first.
const TURNS_BEFORE_YIELDING: u32 = 256;
/// Words that are compared side by side.
const LANES: usize = 4;

/// Changes a record: readers that overlap with `change` read again. The first word of a record is its counter.
#[inline]
pub fn write<T>(record: &[AtomicU32], change: impl FnOnce(&[AtomicU32]) -> T) -> T {
    let counter = record[0].load(Ordering::Relaxed);
    // Readers must not wait for ever for a change that panicked.
    let _closing = Closing { counter: &record[0], closed: counter.wrapping_add(2) };
    record[0].store(counter.wrapping_add(1), Ordering::Relaxed);
    fence(Ordering::Release);
    change(record)
}

/// Says that a record is as it will stay when it goes.
struct Closing<'a> {
    counter: &'a AtomicU32,
    closed: u32,
}

impl Drop for Closing<'_> {
    #[inline]
    fn drop(&mut self) {
        self.counter.store(self.closed, Ordering::Release);
    }
}

/// The first place from `from` on where half of a word is that number; of each word the low half comes first.
#[inline]
#[must_use]
pub fn position_of_half(words: &[AtomicU32], from: usize, wanted: u16) -> Option<usize> {
    const ONE_IN_EACH: u32 = 0x0001_0001;
    const TOP_OF_EACH: u32 = 0x8000_8000;
    let both = u32::from(wanted) * ONE_IN_EACH;
    let first = words.get(from / 2)?;
    if from % 2 == 1 && first.load(Ordering::Relaxed) >> 16 == u32::from(wanted) {
        return Some(from);
    }
    let start = from.div_ceil(2);
    // Of halves that are nothing but zeros after this the top bit alone is set when one is taken away: both are looked at in one go.
    let holds = |word: &AtomicU32| {
        let differing = word.load(Ordering::Relaxed) ^ both;
        differing.wrapping_sub(ONE_IN_EACH) & !differing & TOP_OF_EACH != 0
    };
    let at = start + words.get(start..)?.iter().position(holds)?;
    let is_low = words[at].load(Ordering::Relaxed) & 0xffff == u32::from(wanted);
    Some(2 * at + usize::from(!is_low))
}

/// Where the smallest of the words first stands: as the bits of floating-point numbers, the smallest of those that are not below zero, if any is not.
#[inline]
#[must_use]
pub fn place_of_least(words: &[AtomicU32]) -> usize {
    let size = |word: &AtomicU32| word.load(Ordering::Relaxed);
    // Several at a time, so that no comparison waits for the one before.
    let (wide, rest) = words.as_chunks::<LANES>();
    let mut lanes = [u32::MAX; LANES];
    for chunk in wide {
        lanes.iter_mut().zip(chunk).for_each(|(least, word)| *least = (*least).min(size(word)));
    }
    let least = lanes.into_iter().chain(rest.iter().map(size)).fold(u32::MAX, u32::min);
    words.iter().position(|word| size(word) == least).unwrap_or(0)
}

/// Reads a record as it is between two changes. `read` may see words that do not fit together, and is then called again; it must bound
/// what it does by the length of the slice.
pub fn read<T>(record: &[AtomicU32], mut read: impl FnMut(&[AtomicU32]) -> T) -> Option<T> {
    let counter = record.first()?;
    for turn in 1_u32.. {
        let before = counter.load(Ordering::Acquire);
        if before.is_multiple_of(2) {
            let found = read(record);
            fence(Ordering::Acquire);
            if counter.load(Ordering::Relaxed) == before {
                return Some(found);
            }
        }
        // A writer that was put to sleep in the middle may need this processor.
        if turn.is_multiple_of(TURNS_BEFORE_YIELDING) { std::thread::yield_now() } else { std::hint::spin_loop() }
    }
    None
}

/// Reads the record of `number` where `places` says that it stands, wherever it has moved meanwhile. `own` gives nothing of words that are
/// another's. None when `number` has no record.
pub fn read_placed<T>(places: &Pages, pages: &Pages, number: u32, own: impl Fn(&[AtomicU32]) -> Option<T>) -> Option<T> {
    loop {
        let place = places.get(number)?.load(Ordering::Acquire);
        if place == 0 {
            return None;
        }
        if let Some(found) = read(pages.from(place), &own).flatten() {
            return Some(found);
        }
    }
}

/// The number in the two words from `at` on.
#[inline]
#[must_use]
pub fn load_long(words: &[AtomicU32], at: usize) -> u64 {
    u64::from(words[at].load(Ordering::Relaxed)) | u64::from(words[at + 1].load(Ordering::Relaxed)) << 32
}

/// Puts a number into the two words from `at` on.
#[inline]
pub fn store_long(words: &[AtomicU32], at: usize, value: u64) {
    words[at].store(value as u32, Ordering::Relaxed);
    words[at + 1].store((value >> 32) as u32, Ordering::Relaxed);
}

/// The writer's side: which parts of the pages are free, for records of a few sizes.
#[derive(Debug, Clone)]
pub struct Slab {
    pages: Pages,
    /// One beyond the last word ever given out.
    end: u32,
    /// Words of a record of each class.
    sizes: &'static [u16],
    /// Places of records that were given back, by class; the last one goes first.
    free: Vec<Vec<u32>>,
}

impl Slab {
    /// An empty slab for records of these sizes, in words, each at most a page.
    #[must_use]
    pub fn new(sizes: &'static [u16]) -> Self {
        assert!(sizes.iter().all(|size| (1..PAGE_WORDS).contains(&usize::from(*size))), "records fit a page");
        Self { pages: Pages::default(), end: ALIGN_WORDS as u32, sizes, free: vec![Vec::new(); sizes.len()] }
    }

    /// Where readers find the records.
    #[must_use]
    pub fn pages(&self) -> &Pages {
        &self.pages
    }

    /// The record at `place` and what follows it in its page.
    #[inline]
    #[must_use]
    pub fn record(&self, place: u32) -> &[AtomicU32] {
        self.pages.from(place)
    }

    /// Room for a record of `class`, with whatever was there before; its place is never 0. None when the pages are full.
    pub fn take(&mut self, class: usize) -> Option<u32> {
        if let Some(place) = self.free[class].pop() {
            return Some(place);
        }
        let size = usize::from(self.sizes[class]).next_multiple_of(ALIGN_WORDS);
        let left = PAGE_WORDS - (self.end as usize & (PAGE_WORDS - 1));
        let place = if size > left { self.end + left as u32 } else { self.end };
        self.pages.grown(place)?;
        self.end = place + size as u32;
        Some(place)
    }

    /// Gives the room of a record of `class` back.
    pub fn give_back(&mut self, place: u32, class: usize) {
        // Whoever still reads it must see that it has changed.
        write(self.record(place), |_| ());
        self.free[class].push(place);
    }

    /// Everything to be written: the words, and the free places: for each class their number, then they.
    #[must_use]
    pub fn saved(&self) -> (Vec<u32>, Vec<u32>) {
        let free = self.free.iter().flat_map(|places| std::iter::once(places.len() as u32).chain(places.iter().copied()));
        (self.pages.copied(self.end as usize), free.collect())
    }

    /// What [`Slab::saved`] gave. None when the parts do not fit together.
    #[must_use]
    pub fn restored(sizes: &'static [u16], words: &[u32], mut free: &[u32]) -> Option<Self> {
        let mut slab = Self::new(sizes);
        slab.end = u32::try_from(words.len()).ok().filter(|end| *end as usize >= ALIGN_WORDS)?;
        if !slab.pages.restore(words) {
            return None;
        }
        for class in 0..sizes.len() {
            let (count, rest) = free.split_first()?;
            let (places, rest) = rest.split_at_checked(*count as usize)?;
            let fits = |place: &u32| slab.fits(*place, class);
            if !places.iter().all(fits) {
                return None;
            }
            slab.free[class] = places.to_vec();
            free = rest;
        }
        free.is_empty().then_some(slab)
    }

    /// Whether a record of `class` can stand at `place`.
    #[must_use]
    pub fn fits(&self, place: u32, class: usize) -> bool {
        let size = self.sizes.get(class).map_or(usize::MAX, |size| usize::from(*size));
        let in_page = (place as usize & (PAGE_WORDS - 1)).saturating_add(size) <= PAGE_WORDS;
        place != 0 && in_page && (place as usize).saturating_add(size) <= self.end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering::Relaxed;

    const SIZES: &[u16] = &[4, 7, 1_000];

    #[test]
    fn records_do_not_overlap_and_room_is_used_again() {
        let mut slab = Slab::new(SIZES);
        let places: Vec<u32> = (0..300).map(|number| slab.take(number % 3).expect("room")).collect();
        for (number, &place) in places.iter().enumerate() {
            slab.record(place)[..usize::from(SIZES[number % 3])].iter().for_each(|word| word.store(number as u32, Relaxed));
        }
        for (number, &place) in places.iter().enumerate() {
            assert!(slab.fits(place, number % 3));
            let record = &slab.record(place)[..usize::from(SIZES[number % 3])];
            assert!(record.iter().all(|word| word.load(Relaxed) == number as u32), "{number}");
        }
        slab.give_back(places[4], 1);
        assert_eq!((slab.take(1), slab.take(1).is_some_and(|place| !places.contains(&place))), (Some(places[4]), true));
    }

    #[test]
    fn words_are_found_wherever_they_stand() {
        for len in 0..40_u32 {
            let words: Vec<AtomicU32> = (0..len)
                .map(|place| AtomicU32::new((place * 7 % 11 + 3) | (place % 5) << 16 | if place % 3 == 0 { 1 << 31 } else { 0 }))
                .collect();
            let halves: Vec<u32> = words.iter().map(|word| word.load(Relaxed)).flat_map(|word| [word & 0xffff, word >> 16]).collect();
            for (from, wanted) in (0..=halves.len()).flat_map(|from| (0..16).map(move |wanted| (from, wanted))) {
                let first = halves[from..].iter().position(|half| *half == wanted).map(|place| from + place);
                assert_eq!(position_of_half(&words, from, wanted as u16), first, "{wanted} from {from} of {len}");
            }
            let sizes: Vec<u32> = words.iter().map(|word| word.load(Relaxed)).collect();
            let first = sizes.iter().position(|size| Some(size) == sizes.iter().min()).unwrap_or(0);
            assert_eq!(place_of_least(&words), first, "{len}");
        }
    }

    #[test]
    fn nobody_waits_for_a_change_that_panicked() {
        let record: Vec<AtomicU32> = (0..4).map(|_| AtomicU32::new(0)).collect();
        let change = || write(&record, |_| assert_eq!(1, 2, "a change that fails"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(change)).is_err());
        assert_eq!(read(&record, |record| record[1].load(Relaxed)), Some(0));
    }

    #[test]
    fn a_restored_slab_goes_on_as_the_saved_one() {
        let mut slab = Slab::new(SIZES);
        let places: Vec<u32> = (0..200).map(|number| slab.take(number % 3).expect("room")).collect();
        slab.record(places[50])[1].store(77, Relaxed);
        [3, 6, 8].into_iter().for_each(|number| slab.give_back(places[number], number % 3));
        let (words, free) = slab.saved();
        let mut restored = Slab::restored(SIZES, &words, &free).expect("fits");
        assert_eq!(restored.record(places[50])[1].load(Relaxed), 77);
        for class in [0, 0, 2, 2, 1] {
            assert_eq!(slab.take(class), restored.take(class));
        }
        assert!(Slab::restored(SIZES, &words, &free[1..]).is_none() && Slab::restored(SIZES, &[], &free).is_none());
    }

    #[test]
    fn a_reader_never_sees_half_a_change() {
        let mut slab = Slab::new(SIZES);
        let place = slab.take(2).expect("room");
        let pages = slab.pages().clone();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for value in 0..20_000 {
                    write(slab.record(place), |record| record[1..1_000].iter().for_each(|word| word.store(value, Relaxed)));
                }
            });
            for _ in 0..2_000 {
                let seen = read(pages.from(place), |record| record[1..1_000].iter().map(|word| word.load(Relaxed)).collect::<Vec<_>>());
                let seen = seen.expect("a record");
                assert!(seen.iter().all(|value| *value == seen[0]));
            }
        });
    }
}
