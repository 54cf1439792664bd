//! The request weight of a minute. Every client comes from the loopback address, so there is one meter.

use std::sync::Mutex;

use crate::core::Refusal;

/// Counts request weight.
pub struct WeightMeter {
    limit: u32,
    /// The minute that is being counted, and what it has used.
    used: Mutex<(i64, u32)>,
}

impl WeightMeter {
    /// A meter with a limit for each minute.
    #[must_use]
    pub const fn new(limit: u32) -> Self {
        Self { limit, used: Mutex::new((0, 0)) }
    }

    /// Adds a request's weight and says what the minute has used.
    ///
    /// # Errors
    /// -1003 once the minute has used more than the limit.
    pub fn take(&self, weight: u32, now_ms: i64) -> Result<u32, Refusal> {
        let mut used = self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let minute = now_ms.div_euclid(60_000);
        if used.0 != minute {
            *used = (minute, 0);
        }
        used.1 = used.1.saturating_add(weight);
        if used.1 > self.limit { Err(Refusal::too_much_weight(self.limit)) } else { Ok(used.1) }
    }

    /// Gives back what a successful order weighs nothing of; says what the minute has used.
    pub fn give_back(&self, weight: u32) -> u32 {
        let mut used = self.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        used.1 = used.1.saturating_sub(weight);
        used.1
    }

    /// The limit.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_until_the_next_minute() {
        let meter = WeightMeter::new(10);
        assert_eq!(meter.take(10, 0), Ok(10));
        assert_eq!(meter.take(1, 59_999).map_err(|refusal| (refusal.code, refusal.status)), Err((-1003, 429)));
        assert_eq!(meter.take(1, 60_000), Ok(1));
    }
}
