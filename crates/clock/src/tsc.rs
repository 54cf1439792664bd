//! The processor's time-stamp counter.

/// Whether the counter ticks at one rate in every power state and on every core, as the processor declares it.
#[cfg(target_arch = "x86_64")]
pub(crate) fn is_invariant() -> bool {
    use std::arch::x86_64::__cpuid;

    /// Leaf "Advanced Power Management Information"; bit 8 of `edx` is the invariant TSC (Intel SDM volume 3B, 19.17.1).
    const POWER_MANAGEMENT: u32 = 0x8000_0007;
    const HIGHEST_EXTENDED: u32 = 0x8000_0000;
    const INVARIANT: u32 = 1 << 8;
    __cpuid(HIGHEST_EXTENDED).eax >= POWER_MANAGEMENT && __cpuid(POWER_MANAGEMENT).edx & INVARIANT != 0
}

/// Other processors' counters are reached through the kernel's clock.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn is_invariant() -> bool {
    false
}

/// The counter, read after every load before it was done: without the fence the processor may read it early, and a
/// stamp taken after seeing another thread's stamp could be the smaller one.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has both instructions; they touch neither memory nor flags.
    unsafe {
        std::arch::x86_64::_mm_lfence();
        std::arch::x86_64::_rdtsc()
    }
}

/// Never called: the clock is built on the counter only where [`is_invariant`] says so.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn ticks() -> u64 {
    0
}
