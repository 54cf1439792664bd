//! From ticks to nanoseconds by a multiplication and a shift.
//!
//! ```text
//!   ns │                  ╱ after the turn, at `rate_after`
//!      │               ╱
//!      │        turn ●     (both lines meet here, so time neither jumps nor goes back)
//!      │         ╱
//!      │      ╱ before the turn, at `rate_before`
//!      └─────────────────── ticks
//! ```
//!
//! A new rate is published before its turn is reached. Whoever reads the old words and a counter while they are in
//! force gets what the new words would have given, because up to the turn both describe the same line.

/// Bits behind the binary point of a rate: at 1 ns a tick a rate is exact to 2^-40, under a nanosecond in 18 minutes.
const RATE_BITS: u32 = 40;

/// Words a [`Timeline`] takes in a latch.
pub(crate) const TIMELINE_WORDS: usize = 4;

/// A straight line from ticks to nanoseconds with one bend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub(crate) turn_ticks: u64,
    pub(crate) turn_ns: i64,
    pub(crate) rate_before: Rate,
    pub(crate) rate_after: Rate,
}

/// Nanoseconds a tick, in units of 2^-40.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rate(u64);

impl Rate {
    /// The rate at which `ticks` take `nanoseconds`, or `None` if either is zero or the rate does not fit.
    pub(crate) fn of(nanoseconds: u64, ticks: u64) -> Option<Self> {
        let scaled = (u128::from(nanoseconds) << RATE_BITS).checked_div(u128::from(ticks))?;
        u64::try_from(scaled).ok().filter(|&rate| rate > 0).map(Self)
    }

    #[inline(always)]
    fn nanoseconds(self, ticks: u64) -> i64 {
        ((u128::from(ticks) * u128::from(self.0)) >> RATE_BITS) as i64
    }

    /// This rate made faster by `parts` in a billion.
    pub(crate) fn adjusted_ppb(self, parts: i64) -> Self {
        let change = i128::from(self.0) * i128::from(parts) / 1_000_000_000;
        Self((i128::from(self.0) + change).clamp(1, i128::from(u64::MAX)) as u64)
    }

    /// How much faster than `other` this rate is, in parts in a billion.
    pub(crate) fn ppb_above(self, other: Self) -> i64 {
        ((i128::from(self.0) - i128::from(other.0)) * 1_000_000_000 / i128::from(other.0)) as i64
    }

    /// How many ticks take `nanoseconds`, rounded down.
    pub(crate) fn ticks(self, nanoseconds: u64) -> u64 {
        ((u128::from(nanoseconds) << RATE_BITS) / u128::from(self.0)) as u64
    }
}

impl Timeline {
    /// A line through one point.
    pub(crate) const fn straight(ticks: u64, nanoseconds: i64, rate: Rate) -> Self {
        Self { turn_ticks: ticks, turn_ns: nanoseconds, rate_before: rate, rate_after: rate }
    }

    /// The time at `ticks`.
    #[inline(always)]
    pub(crate) fn at(&self, ticks: u64) -> i64 {
        // Wrapping and signed, because a counter is only ever far from the turn on one side.
        let distance = ticks.wrapping_sub(self.turn_ticks) as i64;
        if distance >= 0 {
            self.turn_ns + self.rate_after.nanoseconds(distance as u64)
        } else {
            self.turn_ns - self.rate_before.nanoseconds(distance.unsigned_abs())
        }
    }

    /// The same line up to `ticks`, and from there on at `rate`.
    pub(crate) fn turned_at(&self, ticks: u64, rate: Rate) -> Self {
        Self { turn_ticks: ticks, turn_ns: self.at(ticks), rate_before: self.rate_after, rate_after: rate }
    }

    #[inline(always)]
    pub(crate) const fn to_words(self) -> [u64; TIMELINE_WORDS] {
        [self.turn_ticks, self.turn_ns as u64, self.rate_before.0, self.rate_after.0]
    }

    #[inline(always)]
    pub(crate) const fn from_words(words: [u64; TIMELINE_WORDS]) -> Self {
        let [turn_ticks, turn_ns, before, after] = words;
        Self { turn_ticks, turn_ns: turn_ns as i64, rate_before: Rate(before), rate_after: Rate(after) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate() -> impl Strategy<Value = Rate> {
        (100_000_000_u64..10_000_000_000).prop_map(|ticks_a_second| Rate::of(1_000_000_000, ticks_a_second).unwrap())
    }

    proptest! {
        #[test]
        fn time_never_goes_back_however_the_line_turns(
            first in rate(), start in any::<u32>(), turns in proptest::collection::vec((1_u64..1 << 40, -500_000_i64..500_000), 1..8),
        ) {
            let mut line = Timeline::straight(u64::from(start), 0, first);
            for (ahead, ppb) in turns {
                let next = line.turned_at(line.turn_ticks + ahead, line.rate_after.adjusted_ppb(ppb));
                let mut newest = line.at(line.turn_ticks);
                for eighth in 1..=16 {
                    let ticks = line.turn_ticks + ahead * eighth / 8;
                    let time = next.at(ticks);
                    prop_assert!(time >= newest);
                    if ticks <= next.turn_ticks {
                        prop_assert!((time - line.at(ticks)).abs() <= 1, "both lines are one until the turn");
                    }
                    newest = time;
                }
                line = next;
            }
        }

        #[test]
        fn ticks_and_nanoseconds_convert_into_each_other(rate in rate(), nanoseconds in 0_u64..1 << 50) {
            let back = rate.nanoseconds(rate.ticks(nanoseconds)) as u64;
            prop_assert!(back <= nanoseconds && nanoseconds - back <= 12, "{} from {}", back, nanoseconds);
        }

        #[test]
        fn words_bring_back_the_line(ticks in any::<u64>(), time in any::<i64>(), before in rate(), after in rate()) {
            let line = Timeline { turn_ticks: ticks, turn_ns: time, rate_before: before, rate_after: after };
            prop_assert_eq!(Timeline::from_words(line.to_words()), line);
        }
    }

    #[test]
    fn a_year_of_ticks_at_2_6_gigahertz_is_right_to_the_millisecond() {
        const YEAR_S: u64 = 365 * 86_400;
        let line = Timeline::straight(0, 0, Rate::of(1_000_000_000, 2_600_000_000).unwrap());
        let error = line.at(YEAR_S * 2_600_000_000) - (YEAR_S * 1_000_000_000) as i64;
        assert!(error.abs() < 1_000_000, "{error} ns");
    }

    #[test]
    fn a_rate_of_nothing_is_no_rate() {
        assert_eq!(Rate::of(0, 5), None);
        assert_eq!(Rate::of(5, 0), None);
    }
}
