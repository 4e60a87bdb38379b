//! Numbers found by a hash, in a table with open addressing: each stands at its hash or in the next free slot, as number + 1, and 0 is free. The
//! length is a power of two. Tables are written to files, so the order in which slots are tried must never change.

/// The slots at which what has this hash may stand in a table of `len`, in the order in which they are tried.
pub fn chain(len: usize, hash: u32) -> impl Iterator<Item = usize> {
    (0..len).map(move |step| (hash as usize).wrapping_add(step) & (len - 1))
}

/// The numbers that may have this hash, in the order in which they are met in a table of `len`.
pub fn numbers(len: usize, hash: u32, at: impl Fn(usize) -> u32) -> impl Iterator<Item = u32> {
    chain(len, hash).map_while(move |slot| at(slot).checked_sub(1))
}

/// The table of the numbers from 0 on, each with its hash; a quarter of it or more is free.
#[must_use]
pub fn table(hashes: impl ExactSizeIterator<Item = u32>) -> Vec<u32> {
    let mut slots = vec![0; (hashes.len() * 4 / 3 + 1).next_power_of_two()];
    for (hash, number) in hashes.zip(1..) {
        let free = chain(slots.len(), hash).find(|slot| slots[*slot] == 0);
        free.into_iter().for_each(|slot| slots[slot] = number);
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_hashes_that_some_of_them_share() {
        let hashes = [7, 7, u32::MAX, 8, 7, 0];
        let table = table(hashes.into_iter());
        let found =
            |hash| numbers(table.len(), hash, |slot| table[slot]).filter(|number| hashes[*number as usize] == hash).collect::<Vec<_>>();
        assert_eq!((found(7), found(u32::MAX), found(0), found(9)), (vec![0, 1, 4], vec![2], vec![5], vec![]));
        assert_eq!(numbers(0, 7, |_| 1).count(), 0);
    }
}
