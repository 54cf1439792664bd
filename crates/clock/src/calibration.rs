//! What the kernel's clocks show at a given tick.

use crate::{kernel, tsc};

/// Brackets tried for one reading. The narrowest is kept, so one that was not interrupted suffices.
const BRACKETS: usize = 32;

/// A counter and a kernel clock at the same instant, to within half of `width`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// The counter in the middle of the bracket.
    pub(crate) ticks: u64,
    /// The kernel's clock somewhere inside the bracket.
    pub(crate) kernel_ns: i64,
    /// Ticks between the two looks at the counter.
    width: u64,
}

impl Reading {
    /// The counter against `CLOCK_MONOTONIC`.
    pub(crate) fn of_monotonic() -> Self {
        narrowest(tsc::ticks, kernel::monotonic_ns)
    }
}

/// `CLOCK_REALTIME` minus what `engine_ns` shows at the same instant.
pub(crate) fn utc_offset_ns(engine_ns: impl Fn() -> i64) -> i64 {
    let reading = narrowest(|| engine_ns() as u64, kernel::realtime_ns);
    reading.kernel_ns - reading.ticks as i64
}

fn narrowest(counter: impl Fn() -> u64, kernel_clock: impl Fn() -> i64) -> Reading {
    let mut best = bracket(&counter, &kernel_clock);
    for _ in 1..BRACKETS {
        let next = bracket(&counter, &kernel_clock);
        if next.width < best.width {
            best = next;
        }
    }
    best
}

fn bracket(counter: impl Fn() -> u64, kernel_clock: impl Fn() -> i64) -> Reading {
    let before = counter();
    let kernel_ns = kernel_clock();
    let width = counter().wrapping_sub(before);
    Reading { ticks: before.wrapping_add(width / 2), kernel_ns, width }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn the_narrowest_bracket_wins_and_its_middle_is_the_instant() {
        let looks = Cell::new(0_u64);
        // Brackets of 2000, 100 and then again 2000 ticks: only the second was not interrupted.
        let counter = || {
            let look = looks.get();
            looks.set(look + 1);
            let start = (look / 2) * 10_000;
            start
                + if look.is_multiple_of(2) {
                    0
                } else if look == 3 {
                    100
                } else {
                    2_000
                }
        };
        let reading = narrowest(counter, || 77);
        assert_eq!((reading.ticks, reading.kernel_ns, reading.width), (10_050, 77, 100));
    }
}
