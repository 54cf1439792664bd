//! The strategy's timers: a fixed array, searched only when the nearest deadline is due.

use tercel_types::Nanos;

/// How many timers a strategy has; their ids are `0..TIMERS`.
pub const TIMERS: usize = 256;

const NEVER: Nanos = Nanos(i64::MAX);

/// One-shot timers by id.
#[derive(Debug)]
pub struct Timers {
    due: Box<[Nanos; TIMERS]>,
    next: Nanos,
}

impl Timers {
    /// No timer armed.
    #[must_use]
    pub fn new() -> Self {
        Self { due: Box::new([NEVER; TIMERS]), next: NEVER }
    }

    /// Arms a timer, or moves it. An id out of range is ignored, which the caller has checked.
    pub fn arm(&mut self, id: usize, due: Nanos) {
        if let Some(slot) = self.due.get_mut(id) {
            *slot = due;
            self.next = self.nearest();
        }
    }

    /// Disarms a timer.
    pub fn disarm(&mut self, id: usize) {
        self.arm(id, NEVER);
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_due(&self) -> Nanos {
        self.next
    }

    /// Takes one timer that is due, if any.
    #[inline]
    pub fn take_due(&mut self, now: Nanos) -> Option<usize> {
        if self.next > now {
            return None;
        }
        let id = self.due.iter().position(|&due| due <= now)?;
        self.disarm(id);
        Some(id)
    }

    fn nearest(&self) -> Nanos {
        self.due.iter().copied().min().unwrap_or(NEVER)
    }
}

impl Default for Timers {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_fires_once_when_due() {
        let mut timers = Timers::new();
        timers.arm(3, Nanos(100));
        timers.arm(7, Nanos(50));
        assert_eq!(timers.take_due(Nanos(49)), None);
        assert_eq!(timers.take_due(Nanos(60)), Some(7));
        assert_eq!(timers.take_due(Nanos(60)), None);
        assert_eq!(timers.take_due(Nanos(100)), Some(3));
        assert_eq!(timers.next_due(), NEVER);
    }

    #[test]
    fn a_disarmed_timer_stays_silent() {
        let mut timers = Timers::new();
        timers.arm(0, Nanos(1));
        timers.disarm(0);
        assert_eq!(timers.take_due(Nanos(1_000)), None);
    }
}
