//! Calling for memory before it is needed: what lies all over a large array comes from far away, and a processor that was told a little
//! earlier does not wait.
//!
//! The contract of the `unsafe` below: a call is a hint; it reads nothing, changes nothing and cannot fault, wherever it points.
#![expect(unsafe_code, reason = "hints to the processor; the contract is above")]

const CACHE_LINE_BYTES: usize = 64;

/// Has what will be read soon brought nearer. Costs an instruction for each 64 bytes; does nothing on processors that are not told.
#[inline(always)]
pub fn call_for<T>(memory: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in memory.chunks((CACHE_LINE_BYTES / size_of::<T>().max(1)).max(1)) {
        // SAFETY: see the contract above.
        unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast()) };
    }
    // What begins within a line ends in one more.
    #[cfg(target_arch = "x86_64")]
    if let [_, .., last] = memory {
        // SAFETY: see the contract above.
        unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(std::ptr::from_ref(last).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (memory, CACHE_LINE_BYTES);
}
