//! The switch that stops all new orders, which any thread may throw.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Why trading was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum KillReason {
    /// A person asked for it.
    Operator = 1,
    /// The strategy threw or failed.
    StrategyFailed = 2,
    /// The strategy did not come back from a handler.
    StrategyHung = 3,
    /// The order table and the venue contradict each other.
    Contradiction = 4,
    /// The engine is being stopped.
    Stopping = 5,
}

/// One shared word: zero while orders are allowed, else the first [`KillReason`].
#[derive(Clone, Debug, Default)]
pub struct KillSwitch {
    word: Arc<AtomicU32>,
}

impl KillReason {
    /// The reason with this code.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(Self::Operator),
            2 => Some(Self::StrategyFailed),
            3 => Some(Self::StrategyHung),
            4 => Some(Self::Contradiction),
            5 => Some(Self::Stopping),
            _ => None,
        }
    }
}

impl KillSwitch {
    /// A switch that is off.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Throws the switch. The first reason stays; returns whether this one was the first.
    pub fn engage(&self, reason: KillReason) -> bool {
        // Release pairs with the Acquire in `reason`: who sees the code also sees what was written before it was set,
        // such as the text that explains it.
        self.word.compare_exchange(0, reason as u32, Ordering::Release, Ordering::Relaxed).is_ok()
    }

    /// Whether the switch is on, and why. Acquire, see [`Self::engage`].
    #[must_use]
    pub fn reason(&self) -> Option<KillReason> {
        KillReason::from_code(self.word.load(Ordering::Acquire))
    }

    /// Whether the switch is on. Relaxed, since nothing is read on the strength of it: an order that is being checked at
    /// the very moment may still leave, whatever the ordering; the next check sees the word as soon as the core does.
    #[must_use]
    #[inline]
    pub fn is_engaged(&self) -> bool {
        self.word.load(Ordering::Relaxed) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_stays_and_every_clone_sees_it() {
        let switch = KillSwitch::new();
        let other = switch.clone();
        assert!(!other.is_engaged());
        assert!(std::thread::spawn(move || other.engage(KillReason::StrategyHung)).join().expect("the thread ends"));
        assert!(!switch.engage(KillReason::Operator));
        assert!(switch.is_engaged());
        assert_eq!(switch.reason(), Some(KillReason::StrategyHung));
    }

    #[test]
    fn every_code_leads_back_to_its_reason() {
        for code in 1..=5 {
            assert_eq!(KillReason::from_code(code).map(|reason| reason as u32), Some(code));
        }
        assert_eq!(KillReason::from_code(0), None);
    }
}
