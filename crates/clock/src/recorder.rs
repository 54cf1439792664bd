//! Histograms of durations.

use hdrhistogram::Histogram;

/// The longest duration told apart, in nanoseconds; longer ones count as this.
pub const LATENCY_NS_MAX: u64 = 60_000_000_000;

/// Three significant digits: a figure is right to one part in a thousand.
const SIGNIFICANT_DIGITS: u8 = 3;

/// A histogram of durations from 1 ns to a minute. Its memory is taken once, about 220 kB; recording takes none.
#[derive(Clone, Debug)]
pub struct LatencyRecorder(Histogram<u64>);

/// What a histogram comes down to, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatencySummary {
    /// Half of the durations were at most this long.
    pub p50: u64,
    /// 99 of 100 were at most this long.
    pub p99: u64,
    /// 999 of 1000 were at most this long.
    pub p999: u64,
    /// The longest.
    pub max: u64,
    /// How many were recorded.
    pub count: u64,
}

impl LatencyRecorder {
    /// An empty recorder.
    #[must_use]
    pub fn new() -> Self {
        let bounds = Histogram::new_with_bounds(1, LATENCY_NS_MAX, SIGNIFICANT_DIGITS);
        // The bounds are constants that satisfy the library's conditions, as every test of this file shows.
        Self(bounds.expect("constant bounds of the histogram"))
    }

    /// Counts one duration. Below zero, as when two machines' clocks are subtracted, it counts as zero; above
    /// [`LATENCY_NS_MAX`] as that.
    #[inline]
    pub fn record(&mut self, duration_ns: i64) {
        self.0.saturating_record(duration_ns.max(0).cast_unsigned());
    }

    /// The figures, or `None` when nothing was recorded.
    #[must_use]
    pub fn summary(&self) -> Option<LatencySummary> {
        let histogram = &self.0;
        (!histogram.is_empty()).then(|| LatencySummary {
            p50: histogram.value_at_quantile(0.5),
            p99: histogram.value_at_quantile(0.99),
            p999: histogram.value_at_quantile(0.999),
            max: histogram.max(),
            count: histogram.len(),
        })
    }

    /// How many durations were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Adds everything that `other` recorded.
    pub fn merge(&mut self, other: &Self) {
        // Both have the same bounds, the only condition under which adding can fail.
        self.0.add(&other.0).expect("recorders have the same bounds");
    }

    /// Forgets everything and keeps the memory.
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

impl Default for LatencyRecorder {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_durations_to_a_thousandth(
            mut durations in proptest::collection::vec(0_i64..100_000_000, 1..500),
        ) {
            let mut recorder = LatencyRecorder::new();
            durations.iter().for_each(|&duration| recorder.record(duration));
            durations.sort_unstable();
            let summary = recorder.summary().unwrap();
            for (quantile, found) in [(0.5, summary.p50), (0.99, summary.p99), (0.999, summary.p999), (1.0, summary.max)] {
                let rank = (quantile * durations.len() as f64).ceil() as usize;
                let exact = durations[rank.max(1) - 1] as u64;
                prop_assert!(found.abs_diff(exact) <= 1 + exact / 1000, "{} instead of {}", found, exact);
            }
            prop_assert_eq!(summary.count, durations.len() as u64);
        }
    }

    #[test]
    fn nothing_recorded_has_no_figures() {
        assert_eq!(LatencyRecorder::new().summary(), None);
    }

    #[test]
    fn durations_out_of_bounds_count_as_the_bound() {
        let mut recorder = LatencyRecorder::new();
        recorder.record(-5);
        recorder.record(i64::MAX);
        let summary = recorder.summary().unwrap();
        assert_eq!((summary.p50, summary.count), (0, 2));
        assert!(summary.max.abs_diff(LATENCY_NS_MAX) <= LATENCY_NS_MAX / 500);
    }

    #[test]
    fn merged_recorders_count_together_and_a_reset_one_not_at_all() {
        let (mut first, mut second) = (LatencyRecorder::new(), LatencyRecorder::default());
        first.record(10);
        second.record(1_000);
        first.merge(&second);
        assert_eq!((first.count(), first.summary().unwrap().max), (2, 1_000));
        first.reset();
        assert_eq!(first.summary(), None);
    }
}
