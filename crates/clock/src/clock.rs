//! The engine's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tercel_sync::{LatchReader, LatchWriter, SeqLatch};
use tercel_types::{Nanos, UtcNanos};

use crate::TimeSource;
use crate::calibration::{Reading, utc_offset_ns};
use crate::timeline::{Rate, TIMELINE_WORDS, Timeline};
use crate::{kernel, tsc};

/// How long the first calibration watches both clocks. A reading is good to about 20 ns, so the rate to 2 in a million;
/// [`Calibrator::recalibrate`] makes it better as the distance grows.
const FIRST_CALIBRATION: Duration = Duration::from_millis(20);

/// How far ahead a new rate is announced, so that every reader knows it before it holds.
const TURN_AHEAD_NS: u64 = 10_000_000;

/// Over how long a recalibration makes up for the error that it found.
const SLEW_OVER_NS: i64 = 1_000_000_000;

/// The most a recalibration changes the clock's rate by beyond the measured one, in parts in a billion.
const SLEW_PPB_MAX: i64 = 500_000;

/// Reads for which the cost of a reading is averaged.
const COST_READS: u32 = 1_000;

/// Nanoseconds since the engine's clock was made, the same on every thread. Cloning gives another handle to it.
///
/// Readings never go back, on one thread or between threads that hand over what they saw, recalibrated or not. (The one
/// exception: a [`Calibrator`]'s thread that is stopped for over 10 ms in the few instructions before it publishes a new
/// rate. A reading may then be earlier by the change of rate times the excess, usually far below a nanosecond.)
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    /// Nanoseconds to add to get UTC; moves when the machine's time is set.
    utc_offset_ns: Arc<AtomicI64>,
}

/// What a clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// The processor's invariant time-stamp counter, read without the kernel.
    TimeStampCounter,
    /// `clock_gettime(CLOCK_MONOTONIC)`.
    Kernel,
}

#[derive(Clone, Debug)]
enum Source {
    TimeStampCounter(LatchReader<TIMELINE_WORDS>),
    /// `CLOCK_MONOTONIC` at the clock's zero.
    Kernel(i64),
}

impl Clock {
    /// A clock that shows zero about now, and the handle that keeps it true, for a cold thread. Takes about 20 ms where
    /// the time-stamp counter is calibrated.
    #[must_use]
    pub fn with_calibrator() -> (Self, Calibrator) {
        if tsc::is_invariant()
            && let Some(made) = Self::on_time_stamp_counter()
        {
            return made;
        }
        Self::on_kernel()
    }

    /// A clock that shows zero about now and keeps the rate it was calibrated to: right to a few in a million, enough
    /// for minutes. A process that lives longer takes [`with_calibrator`](Self::with_calibrator).
    #[must_use]
    #[expect(clippy::new_without_default, reason = "making a clock takes 20 ms and differs every time")]
    pub fn new() -> Self {
        Self::with_calibrator().0
    }

    /// The present.
    #[inline]
    #[must_use]
    pub fn now(&self) -> Nanos {
        Nanos(self.source.now_ns())
    }

    /// `time` in UTC, by the offset between the two clocks as last measured.
    #[inline]
    #[must_use]
    pub fn utc(&self, time: Nanos) -> UtcNanos {
        // Relaxed: the offset is one word and orders nothing else.
        UtcNanos(time.0 + self.utc_offset_ns.load(Ordering::Relaxed))
    }

    /// A time in UTC, such as the kernel's receive timestamp of a packet, on this clock.
    #[inline]
    #[must_use]
    pub fn from_utc(&self, time: UtcNanos) -> Nanos {
        // Relaxed: as in `utc`.
        Nanos(time.0 - self.utc_offset_ns.load(Ordering::Relaxed))
    }

    /// What the clock counts.
    #[must_use]
    pub fn counter(&self) -> Counter {
        match self.source {
            Source::TimeStampCounter(_) => Counter::TimeStampCounter,
            Source::Kernel(_) => Counter::Kernel,
        }
    }

    /// What one reading of this clock costs on this thread, in nanoseconds, to be printed beside what it measured.
    #[must_use]
    pub fn read_cost_ns(&self) -> f64 {
        let start = self.now();
        for _ in 0..COST_READS {
            std::hint::black_box(self.now());
        }
        self.now().since(start) as f64 / f64::from(COST_READS + 1)
    }

    fn on_time_stamp_counter() -> Option<(Self, Calibrator)> {
        let first = Reading::of_monotonic();
        std::thread::sleep(FIRST_CALIBRATION);
        let second = Reading::of_monotonic();
        let rate = measured_rate(&first, &second)?;
        let timeline = Timeline::straight(second.ticks, 0, rate);
        let (writer, reader) = SeqLatch::new(&timeline.to_words()).split();
        let clock = Self::finish(Source::TimeStampCounter(reader));
        let steering = Steering { writer, timeline, first, zero_kernel_ns: second.kernel_ns };
        Some((clock.clone(), Calibrator { clock, steering: Some(steering) }))
    }

    fn on_kernel() -> (Self, Calibrator) {
        let clock = Self::finish(Source::Kernel(kernel::monotonic_ns()));
        (clock.clone(), Calibrator { clock, steering: None })
    }

    fn finish(source: Source) -> Self {
        let offset = utc_offset_ns(|| source.now_ns());
        Self { source, utc_offset_ns: Arc::new(AtomicI64::new(offset)) }
    }
}

impl TimeSource for Clock {
    #[inline]
    fn now(&self) -> Nanos {
        Self::now(self)
    }
}

impl Source {
    #[inline]
    fn now_ns(&self) -> i64 {
        match self {
            // The counter is read while the words are in force, which with the announced turn keeps time from going
            // back when they are replaced: see `timeline`.
            Self::TimeStampCounter(timeline) => {
                let (words, ticks) = timeline.read_with(tsc::ticks);
                Timeline::from_words(words).at(ticks)
            }
            Self::Kernel(zero_ns) => kernel::monotonic_ns() - zero_ns,
        }
    }
}

/// Keeps a clock true to the kernel's. Call [`recalibrate`](Self::recalibrate) from a cold thread, about once a second.
#[derive(Debug)]
pub struct Calibrator {
    clock: Clock,
    /// Absent where the clock is the kernel's own.
    steering: Option<Steering>,
}

/// What it takes to bend the line of a counter's clock.
#[derive(Debug)]
struct Steering {
    writer: LatchWriter<TIMELINE_WORDS>,
    timeline: Timeline,
    /// The first reading ever: the farther back, the better the rate.
    first: Reading,
    /// `CLOCK_MONOTONIC` where the clock shows zero.
    zero_kernel_ns: i64,
}

/// What a recalibration found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// How far ahead of `CLOCK_MONOTONIC` the clock was; the clock now makes up for it by a changed rate.
    pub ahead_ns: i64,
    /// By how many parts in a billion the clock's rate was changed.
    pub rate_change_ppb: i64,
    /// By how much UTC moved against this clock since the last time, the machine's time being set included.
    pub utc_step_ns: i64,
}

impl Calibrator {
    /// Measures how far the clock has drifted from the kernel's and bends its rate so that the error is made up for
    /// within about a second, never by a jump; and measures the offset to UTC anew.
    ///
    /// A call before the last one's bend has come (10 ms) leaves the rate as it is.
    pub fn recalibrate(&mut self) -> Drift {
        let (ahead_ns, rate_change_ppb) = self.steering.as_mut().map_or((0, 0), Steering::steer);
        let offset = utc_offset_ns(|| self.clock.now().0);
        // Relaxed: the offset is one word and orders nothing else.
        let before = self.clock.utc_offset_ns.swap(offset, Ordering::Relaxed);
        Drift { ahead_ns, rate_change_ppb, utc_step_ns: offset - before }
    }

    /// The clock this keeps true.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}

impl Steering {
    /// Returns how far ahead the clock is and by how much its rate was changed.
    fn steer(&mut self) -> (i64, i64) {
        let reading = Reading::of_monotonic();
        let ahead_ns = self.timeline.at(reading.ticks) - (reading.kernel_ns - self.zero_kernel_ns);
        let turn_pending = (reading.ticks.wrapping_sub(self.timeline.turn_ticks) as i64) < 0;
        let Some(measured) = measured_rate(&self.first, &reading).filter(|_| !turn_pending) else {
            return (ahead_ns, 0);
        };
        let before = self.timeline.rate_after;
        let rate = slewed(measured, ahead_ns);
        let turn = tsc::ticks().wrapping_add(before.ticks(TURN_AHEAD_NS));
        let turned = self.timeline.turned_at(turn, rate);
        self.writer.write(&turned.to_words());
        self.timeline = turned;
        (ahead_ns, rate.ppb_above(before))
    }
}

/// The counter's rate between two readings; `None` if a clock stood still or went back.
fn measured_rate(earlier: &Reading, later: &Reading) -> Option<Rate> {
    let nanoseconds = u64::try_from(later.kernel_ns - earlier.kernel_ns).ok()?;
    Rate::of(nanoseconds, later.ticks.checked_sub(earlier.ticks)?)
}

/// The measured rate, slowed or hastened so that an error of `ahead_ns` is gone after [`SLEW_OVER_NS`].
fn slewed(measured: Rate, ahead_ns: i64) -> Rate {
    let parts = i128::from(ahead_ns) * 1_000_000_000 / i128::from(SLEW_OVER_NS);
    let bounded = parts.clamp(-i128::from(SLEW_PPB_MAX), i128::from(SLEW_PPB_MAX)) as i64;
    measured.adjusted_ppb(-bounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;
    use std::time::Instant;

    #[test]
    fn a_clock_starts_near_zero_and_is_made_quickly() {
        let start = Instant::now();
        let clock = Clock::new();
        // Twice the usual, for a machine that is busy with other tests.
        assert!(start.elapsed() < Duration::from_millis(500));
        assert!((0..100_000_000).contains(&clock.now().0));
    }

    #[test]
    fn both_counters_keep_step_with_the_kernel() {
        for (clock, _) in [Clock::with_calibrator(), Clock::on_kernel()] {
            let (start, kernel_start) = (clock.now(), kernel::monotonic_ns());
            std::thread::sleep(Duration::from_millis(100));
            let error = clock.now().since(start) - (kernel::monotonic_ns() - kernel_start);
            // 100 in a million plus a preemption between two readings would be seen; a wrong unit by far.
            assert!(error.abs() < 5_000_000, "{error} ns off after 100 ms");
        }
    }

    #[test]
    fn utc_agrees_with_the_system_and_converts_back() {
        let clock = Clock::new();
        let time = clock.now();
        let error = clock.utc(time).0 - kernel::realtime_ns();
        assert!(error.abs() < 50_000_000, "{error} ns");
        assert_eq!(clock.from_utc(clock.utc(time)), time);
    }

    #[test]
    fn clones_show_the_same_time() {
        let clock = Clock::new();
        let other = clock.clone();
        let (first, second, third) = (clock.now(), other.now(), clock.now());
        assert!(first <= second && second <= third);
        assert_eq!(clock.counter(), other.counter());
    }

    #[test]
    fn no_thread_sees_time_go_back_while_the_clock_is_recalibrated() {
        let (clock, mut calibrator) = Clock::with_calibrator();
        let newest = AtomicI64::new(0);
        let running = AtomicBool::new(true);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while running.load(Ordering::Relaxed) {
                        let seen_elsewhere = newest.load(Ordering::Acquire);
                        let now = clock.now().0;
                        assert!(now >= seen_elsewhere, "{now} after {seen_elsewhere}");
                        newest.fetch_max(now, Ordering::AcqRel);
                    }
                });
            }
            for _ in 0..20 {
                std::thread::sleep(Duration::from_millis(12));
                calibrator.recalibrate();
            }
            running.store(false, Ordering::Relaxed);
        });
    }

    #[test]
    fn an_error_is_slewed_away_at_a_bounded_rate() {
        let measured = Rate::of(1_000_000_000, 2_600_000_000).unwrap();
        assert_eq!(slewed(measured, 0), measured);
        assert!((slewed(measured, 1_000).ppb_above(measured) + 1_000).abs() <= 1);
        assert!((slewed(measured, -1_000).ppb_above(measured) - 1_000).abs() <= 1);
        assert!((slewed(measured, i64::MAX).ppb_above(measured) + SLEW_PPB_MAX).abs() <= 1);
    }

    #[test]
    fn a_recalibration_reports_the_kernels_clock_as_true() {
        let (_, mut calibrator) = Clock::on_kernel();
        let drift = calibrator.recalibrate();
        assert_eq!((drift.ahead_ns, drift.rate_change_ppb), (0, 0));
        assert_eq!(calibrator.clock().counter(), Counter::Kernel);
    }

    #[test]
    fn a_reading_costs_something_and_less_than_a_microsecond_or_so() {
        assert!((1.0..50_000.0).contains(&Clock::new().read_cost_ns()));
    }
}
