//! Time as the engine sees it, and how long things took.
//!
//! - [`Clock`] reads the processor's time-stamp counter, calibrated against the kernel's clocks, in the time of two or
//!   three cache hits; where that counter cannot be trusted it asks the kernel.
//! - [`TimeSource`] is the seam behind which the core reads time, so that a replay or a test can put a [`ManualClock`]
//!   in the clock's place.
//! - [`LatencyRecorder`] and [`StageTable`] keep histograms of the [`Stage`]s between a packet and an order.

mod calibration;
mod clock;
mod kernel;
mod manual;
mod recorder;
mod stage;
mod timeline;
mod tsc;

pub use clock::{Calibrator, Clock, Counter, Drift};
pub use manual::ManualClock;
pub use recorder::{LATENCY_NS_MAX, LatencyRecorder, LatencySummary};
pub use stage::{STAGES, Stage, StageTable, StrategyLanguage};

use tercel_types::Nanos;

/// Where the core gets its time from: the machine, a recording or a test.
pub trait TimeSource {
    /// The present, never earlier than what was returned before.
    fn now(&self) -> Nanos;
}
