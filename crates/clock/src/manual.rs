//! A clock that stands still until it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tercel_types::Nanos;

use crate::TimeSource;

/// Time for replays and tests: it shows what it was last set to. Clones share it.
///
/// ```
/// use tercel_clock::{ManualClock, TimeSource};
/// use tercel_types::Nanos;
///
/// let clock = ManualClock::new(Nanos(5));
/// clock.advance_to(Nanos(9));
/// clock.advance_to(Nanos(7));
/// assert_eq!(clock.now(), Nanos(9), "a recording out of order does not turn time back");
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: Nanos) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }

    /// Moves the time to `time`, unless it is already later.
    pub fn advance_to(&self, time: Nanos) {
        // Release pairs with the acquire in `now`: who sees the time sees what its setter did before.
        self.0.fetch_max(time.0, Ordering::Release);
    }

    /// Moves the time on by `nanoseconds`.
    pub fn advance_by(&self, nanoseconds: u32) {
        // Release: as in `advance_to`.
        self.0.fetch_add(i64::from(nanoseconds), Ordering::Release);
    }
}

impl TimeSource for ManualClock {
    fn now(&self) -> Nanos {
        Nanos(self.0.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_move_together_and_only_forwards() {
        let clock = ManualClock::default();
        let other = clock.clone();
        clock.advance_by(10);
        other.advance_to(Nanos(4));
        assert_eq!((clock.now(), other.now()), (Nanos(10), Nanos(10)));
    }
}
