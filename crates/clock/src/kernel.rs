//! The kernel's clocks.

/// Nanoseconds of `CLOCK_MONOTONIC`, which NTP steers in rate but never sets back.
#[inline]
pub(crate) fn monotonic_ns() -> i64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Nanoseconds of `CLOCK_REALTIME` since 1970 in UTC.
#[inline]
pub(crate) fn realtime_ns() -> i64 {
    read(libc::CLOCK_REALTIME)
}

#[inline]
fn read(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one `timespec` into this stack's. It cannot fail for these two clocks.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monotonic_clock_does_not_go_back_and_the_real_one_is_in_this_century() {
        let first = monotonic_ns();
        assert!(monotonic_ns() >= first);
        assert!(realtime_ns() > 1_600_000_000_000_000_000);
    }
}
