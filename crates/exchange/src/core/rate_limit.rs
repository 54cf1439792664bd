//! How many orders an account has sent in the venue's fixed windows.

use super::refusal::Refusal;

/// The windows and what may pass in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLimits {
    /// Orders in ten seconds.
    pub per_ten_seconds: u32,
    /// Orders in a day.
    pub per_day: u32,
}

/// The orders counted in the current windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderCounts {
    /// In the current ten seconds.
    pub ten_seconds: u32,
    /// In the current day.
    pub day: u32,
}

/// Counts one account's orders.
#[derive(Clone, Debug)]
pub struct OrderRate {
    limits: OrderLimits,
    counts: OrderCounts,
    ten_seconds: i64,
    day: i64,
}

impl Default for OrderLimits {
    fn default() -> Self {
        Self { per_ten_seconds: 1_000_000, per_day: 1_000_000_000 }
    }
}

impl OrderRate {
    /// Nothing counted yet.
    #[must_use]
    pub const fn new(limits: OrderLimits) -> Self {
        Self { limits, counts: OrderCounts { ten_seconds: 0, day: 0 }, ten_seconds: 0, day: 0 }
    }

    /// What is counted at `now_ms`.
    pub fn counts(&mut self, now_ms: i64) -> OrderCounts {
        let (ten_seconds, day) = (now_ms.div_euclid(10_000), now_ms.div_euclid(86_400_000));
        if ten_seconds != self.ten_seconds {
            self.ten_seconds = ten_seconds;
            self.counts.ten_seconds = 0;
        }
        if day != self.day {
            self.day = day;
            self.counts.day = 0;
        }
        self.counts
    }

    /// Counts one order.
    ///
    /// # Errors
    /// -1015 if a window is full; then nothing is counted.
    pub fn take(&mut self, now_ms: i64) -> Result<(), Refusal> {
        let counts = self.counts(now_ms);
        if counts.ten_seconds >= self.limits.per_ten_seconds {
            return Err(Refusal::too_many_orders(self.limits.per_ten_seconds, "10 SECOND"));
        }
        if counts.day >= self.limits.per_day {
            return Err(Refusal::too_many_orders(self.limits.per_day, "1 DAY"));
        }
        self.counts = OrderCounts { ten_seconds: counts.ten_seconds + 1, day: counts.day + 1 };
        Ok(())
    }

    /// Gives back what a first fill gives back: one unfilled order.
    pub fn release(&mut self, now_ms: i64) {
        let counts = self.counts(now_ms);
        self.counts =
            OrderCounts { ten_seconds: counts.ten_seconds.saturating_sub(1), day: counts.day.saturating_sub(1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_window_refuses_until_the_next_one_begins() {
        let mut rate = OrderRate::new(OrderLimits { per_ten_seconds: 2, per_day: 100 });
        assert!(rate.take(0).is_ok());
        assert!(rate.take(9_999).is_ok());
        assert_eq!(rate.take(9_999).map_err(|refusal| refusal.code), Err(-1015));
        assert!(rate.take(10_000).is_ok());
        assert_eq!(rate.counts(10_000), OrderCounts { ten_seconds: 1, day: 3 });
    }
}
