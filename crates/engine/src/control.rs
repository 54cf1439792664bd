//! The words by which other threads steer the trading thread, and read how it is.

use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};

use tercel_types::Nanos;

/// Who may drive the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Driver {
    /// Nobody; whoever claims it first.
    None = 0,
    /// The worker that runs the strategy.
    Worker = 1,
    /// The main thread, after the worker ended.
    Main = 2,
}

/// Shared between the trading thread, the main thread and the watchdog.
#[derive(Debug)]
pub struct Control {
    stop: AtomicU8,
    driver: AtomicU8,
    heartbeat: AtomicI64,
    hung: AtomicU8,
}

impl Control {
    /// Nothing asked for, nobody driving.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            stop: AtomicU8::new(0),
            driver: AtomicU8::new(Driver::None as u8),
            heartbeat: AtomicI64::new(0),
            hung: AtomicU8::new(0),
        }
    }

    /// Asks the trading thread to cancel its orders and end.
    pub fn request_stop(&self) {
        // Relaxed: the flag carries no other data.
        self.stop.store(1, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn stop_requested(&self) -> bool {
        self.stop.load(Ordering::Relaxed) != 0
    }

    /// Claims the engine for `driver` if nobody drives it.
    #[must_use]
    pub fn claim(&self, driver: Driver) -> bool {
        // Acquire pairs with the release in `release`: what the driver before wrote into the engine is seen here.
        self.driver.compare_exchange(Driver::None as u8, driver as u8, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Gives the engine up.
    pub fn release(&self) {
        // Release pairs with the acquire in `claim`.
        self.driver.store(Driver::None as u8, Ordering::Release);
    }

    /// Whether the worker drives the engine now.
    #[must_use]
    pub fn worker_drives(&self) -> bool {
        self.driver.load(Ordering::Relaxed) == Driver::Worker as u8
    }

    /// Called by the driver once a step.
    #[inline]
    pub fn beat(&self, now: Nanos) {
        // Relaxed: the watchdog compares the value with its own clock and reads nothing else through it.
        self.heartbeat.store(now.0, Ordering::Relaxed);
    }

    /// When the driver last began a step.
    #[must_use]
    pub fn last_beat(&self) -> Nanos {
        Nanos(self.heartbeat.load(Ordering::Relaxed))
    }

    /// Set by the watchdog when the heartbeat is too old.
    pub fn mark_hung(&self) {
        self.hung.store(1, Ordering::Relaxed);
    }

    /// Whether the watchdog found the worker hanging.
    #[must_use]
    pub fn is_hung(&self) -> bool {
        self.hung.load(Ordering::Relaxed) != 0
    }
}

impl Default for Control {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Running totals. One writer, the driver of the engine; any thread may read.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[doc = $doc])+ pub $name: Counter,)+
        }
    };
}

counters! {
    /// Market-data messages decoded.
    messages,
    /// Levels set or deleted in books.
    book_updates,
    /// Gaps found in update ids.
    gaps,
    /// Orders sent.
    orders,
    /// Fills received.
    fills,
    /// Requests that the venue refused.
    venue_rejects,
    /// Orders that risk refused.
    risk_rejects,
    /// Frames that could not be decoded.
    malformed,
    /// Allocations made on the driving thread since trading began.
    allocations,
    /// Stage records that found the ring full.
    telemetry_dropped,
    /// Notices that found the ring full.
    notices_dropped,
    /// Events that found the strategy's queue full.
    events_dropped,
    /// Working orders right now.
    working_orders,
}

/// One running total with one writer.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds. A load and a store instead of a read-modify-write, since there is only one writer.
    #[inline]
    pub fn add(&self, amount: u64) {
        // Relaxed on both: readers want the number alone.
        self.0.store(self.0.load(Ordering::Relaxed) + amount, Ordering::Relaxed);
    }

    /// Replaces the value.
    #[inline]
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// The value.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
