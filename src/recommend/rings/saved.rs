//! The logs in the recommendation checkpoint: as they lie in memory.

use super::{QUEUED, Rings, SHOPPER, SIZES, key_at, shape};
use crate::recommend::keys::Keys;
use crate::recommend::owners::Owners;
use crate::recommend::ring_key::RingKey;
use crate::stdx::slab::{Pages, Slab, load_long};
use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;

impl Rings {
    /// To be written: numbers (touches, free handles, then handle and touch of each in the order of the queue), the rings' places by handle,
    /// the words, and the free places.
    pub(in crate::recommend) fn saved(&self) -> [Vec<u32>; 4] {
        let mut numbers = vec![self.touches, self.free_handles.len() as u32];
        numbers.extend(&self.free_handles);
        let queued = self.queue.iter().filter(|queued| self.is_queued(**queued));
        numbers.extend(queued.flat_map(|(handle, touched)| [*handle, *touched]));
        let (words, free) = self.slab.saved();
        [numbers, self.places.copied(self.handles_end as usize), words, free]
    }

    /// What [`Rings::saved`] gave. None when the parts do not fit together.
    pub(in crate::recommend) fn restored([numbers, places, words, free]: [&[u32]; 4]) -> Option<Self> {
        let slab = Slab::restored(&SIZES, words, free)?;
        let ([touches, free_count], numbers) = numbers.split_first_chunk()?;
        let (free_handles, queue) = numbers.split_at_checked(*free_count as usize)?;
        let is_free = |handle: &u32| places.get(*handle as usize) == Some(&0);
        let pages = Pages::default();
        if !pages.restore(places) {
            return None;
        }
        let mut keys = Keys::new();
        for (handle, &place) in (0..).zip(places).filter(|(_, place)| **place != 0) {
            shape(slab.record(place)).filter(|(class, _)| slab.fits(place, *class))?;
            keys.insert(key_at(&pages, &slab, handle), handle, |handle| key_at(&pages, &slab, handle)).then_some(())?;
        }
        let queue: VecDeque<(u32, u32)> = queue.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let is_sound = free_handles.iter().all(is_free)
            && queue.len() == keys.len()
            && free_handles.len() + queue.len() == places.len()
            && queue.iter().all(|(handle, _)| places.get(*handle as usize).is_some_and(|place| *place != 0));
        let mut shoppers = Owners::default();
        for (handle, touched) in queue.iter().filter(|_| is_sound) {
            let words = slab.record(places[*handle as usize]);
            words[QUEUED].store(*touched, Relaxed);
            shoppers.set(*handle, Some(RingKey(load_long(words, SHOPPER))).filter(|shopper| shopper.0 != 0));
        }
        is_sound.then(|| Self {
            shoppers,
            keys,
            places: pages,
            slab,
            handles_end: places.len() as u32,
            free_handles: free_handles.to_vec(),
            queue,
            touches: *touches,
        })
    }
}
