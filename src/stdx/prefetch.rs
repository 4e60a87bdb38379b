//! Calling for memory before it is needed: what lies all over a large array comes from far away, and a processor that was told a little
//! earlier does not wait.
//!
//! The contract of the `unsafe` below: a call is a hint; it reads nothing, changes nothing and cannot fault, wherever it points.
#![expect(unsafe_code, reason = "hints to the processor; the contract is above")]

const CACHE_LINE_BYTES: usize = 64;

/// Has what will be read soon brought nearer, every line of it, wherever in a line it begins. Costs an instruction for each 64 bytes; does nothing
/// on processors that are not told.
#[inline(always)]
pub fn call_for<T>(memory: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in lines(memory.as_ptr().addr(), size_of_val(memory)) {
        // SAFETY: see the contract above.
        unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(memory.as_ptr().cast::<i8>().wrapping_add(line)) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (memory, lines);
}

/// Where so many bytes from `address` on have to be called for, counted from there: one place in each line that holds any of them.
#[inline(always)]
fn lines(address: usize, bytes: usize) -> impl Iterator<Item = usize> {
    let first = CACHE_LINE_BYTES - address % CACHE_LINE_BYTES;
    std::iter::once(0).filter(move |_| bytes > 0).chain((first..bytes.max(first)).step_by(CACHE_LINE_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What began within a line was called for in steps of 64 bytes from there, so the last line was often waited for.
    #[test]
    fn every_line_is_called_for_once_wherever_the_first_byte_lies() {
        for (address, bytes) in (0..130).flat_map(|address| (0..400).map(move |bytes| (address, bytes))) {
            let called: Vec<usize> = lines(address, bytes).map(|line| (address + line) / CACHE_LINE_BYTES).collect();
            let mut held: Vec<usize> = (address..address + bytes).map(|byte| byte / CACHE_LINE_BYTES).collect();
            held.dedup();
            assert_eq!(called, held, "{bytes} bytes from {address} on");
        }
    }
}
