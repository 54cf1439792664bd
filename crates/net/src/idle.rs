//! What a thread does while there is nothing to do.

use crate::waiter::{Waiter, Wake};
use std::str::FromStr;

/// Turns without work that `backoff` spins before it yields: a few hundred microseconds of polling sockets.
pub const BACKOFF_SPIN_TURNS: u32 = 500;
/// Turns without work that `backoff` yields before it parks.
pub const BACKOFF_YIELD_TURNS: u32 = 50;

/// How to wait, as in the Disruptor and Aeron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaitStrategy {
    /// Never give the core away. For isolated cores.
    BusySpin,
    /// Spin, then yield, then park.
    #[default]
    Backoff,
    /// Park at once.
    Park,
}

/// A key that names no waiting strategy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no waiting strategy; choose busy-spin, backoff or park")]
pub struct UnknownWaitStrategy(pub String);

impl WaitStrategy {
    /// All strategies.
    pub const ALL: [Self; 3] = [Self::BusySpin, Self::Backoff, Self::Park];

    /// The name in configurations and reports.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::BusySpin => "busy-spin",
            Self::Backoff => "backoff",
            Self::Park => "park",
        }
    }
}

impl FromStr for WaitStrategy {
    type Err = UnknownWaitStrategy;
    fn from_str(key: &str) -> Result<Self, UnknownWaitStrategy> {
        let found = Self::ALL.into_iter().find(|strategy| strategy.key() == key);
        found.ok_or_else(|| UnknownWaitStrategy(key.to_owned()))
    }
}

/// A strategy and how long there has been nothing to do.
#[derive(Debug, Clone)]
pub struct Idle {
    strategy: WaitStrategy,
    quiet_turns: u32,
}

impl Idle {
    /// As if there had been work just now.
    #[must_use]
    pub fn new(strategy: WaitStrategy) -> Self {
        Self { strategy, quiet_turns: 0 }
    }

    /// The strategy in use.
    #[must_use]
    pub fn strategy(&self) -> WaitStrategy {
        self.strategy
    }

    /// There was work in this turn.
    #[inline]
    pub fn reset(&mut self) {
        self.quiet_turns = 0;
    }

    /// There was no work in this turn: waits by the strategy, parking at most `park_limit_ns` (the time until the next
    /// timer), and says what woke it. Park only after every socket said that nothing is there.
    #[inline]
    pub fn idle(&mut self, waiter: &mut Waiter, park_limit_ns: u64) -> Wake {
        match self.strategy {
            WaitStrategy::BusySpin => std::hint::spin_loop(),
            WaitStrategy::Park => return waiter.park(park_limit_ns),
            WaitStrategy::Backoff if self.quiet_turns < BACKOFF_SPIN_TURNS => {
                self.quiet_turns += 1;
                std::hint::spin_loop();
            }
            WaitStrategy::Backoff if self.quiet_turns < BACKOFF_SPIN_TURNS + BACKOFF_YIELD_TURNS => {
                self.quiet_turns += 1;
                std::thread::yield_now();
            }
            WaitStrategy::Backoff => return waiter.park(park_limit_ns),
        }
        Wake::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_is_found_by_its_key() {
        for strategy in WaitStrategy::ALL {
            assert_eq!(strategy.key().parse(), Ok(strategy));
        }
        let error = "spin".parse::<WaitStrategy>().unwrap_err();
        assert_eq!(error.to_string(), "\"spin\" is no waiting strategy; choose busy-spin, backoff or park");
    }

    #[test]
    fn backoff_parks_after_its_spins_and_yields_and_starts_anew_after_work() {
        let mut waiter = Waiter::new().unwrap();
        let mut idle = Idle::new(WaitStrategy::Backoff);
        waiter.waker().wake();
        for _ in 0..BACKOFF_SPIN_TURNS + BACKOFF_YIELD_TURNS {
            assert!(!idle.idle(&mut waiter, 0).by_waker);
        }
        assert!(idle.idle(&mut waiter, 0).by_waker);
        waiter.waker().wake();
        idle.reset();
        assert!(!idle.idle(&mut waiter, 0).by_waker);
    }

    #[test]
    fn park_parks_at_once_and_busy_spin_never() {
        let mut waiter = Waiter::new().unwrap();
        waiter.waker().wake();
        assert!(!Idle::new(WaitStrategy::BusySpin).idle(&mut waiter, 0).by_waker);
        assert!(Idle::new(WaitStrategy::Park).idle(&mut waiter, 0).by_waker);
    }
}
