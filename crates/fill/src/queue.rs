//! Estimates of the quantity that stands in front of an own order.

use tercel_types::Quantity;

/// What a model knows about an own order's place in the queue at its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueuePosition {
    /// Quantity of others that must trade or vanish before the order is first. Never negative.
    pub ahead: Quantity,
    /// Traded since the level last changed: the next change of the level contains it, and it must not count twice.
    pub traded: Quantity,
}

/// How a queue moves. The three laws that every model keeps: `ahead` is never negative, it never grows, and it is never
/// more than what the level displays.
pub trait QueueModel {
    /// An order joins behind everything that is displayed.
    fn join(&self, displayed: Quantity) -> QueuePosition {
        QueuePosition { ahead: displayed, traded: Quantity::ZERO }
    }

    /// Quantity of others traded at the price: the front of the queue is gone.
    fn traded(&self, position: &mut QueuePosition, quantity: Quantity) {
        position.ahead.0 = (position.ahead.0 - quantity.0).max(0);
        position.traded.0 = position.traded.0.saturating_add(quantity.0);
    }

    /// The level's displayed quantity changed.
    fn displayed(&self, position: &mut QueuePosition, before: Quantity, now: Quantity);
}

/// Only trades move the order up; cancellations are all taken to be behind it, as long as there is room behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RiskAverse;

/// Cancelled quantity is shared between the front and the back of the queue by their sizes raised to a power.
///
/// With power one a cancel falls anywhere with equal chance; higher powers put more of it on the longer part. (The family
/// of models is described in Rigtorp, "Estimating order queue position", 2013, and in the documentation of hftbacktest.)
/// The share is rounded down, so that rounding never flatters the own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proportional {
    power: u32,
}

impl QueueModel for RiskAverse {
    fn displayed(&self, position: &mut QueuePosition, _before: Quantity, now: Quantity) {
        position.traded = Quantity::ZERO;
        position.ahead = position.ahead.min(now);
    }
}

impl Proportional {
    /// Powers above this would need more than 128 bits to be exact.
    pub const MAX_POWER: u32 = 3;

    /// A model with a power from 1 to [`Self::MAX_POWER`].
    #[must_use]
    pub const fn new(power: u32) -> Option<Self> {
        if power == 0 || power > Self::MAX_POWER {
            return None;
        }
        Some(Self { power })
    }

    /// The part of a cancelled quantity that falls in front.
    fn share_in_front(self, cancelled: i64, front: i64, behind: i64) -> i64 {
        // Twenty significant bits keep `cancelled * weight` inside 128 bits up to the third power.
        let shift = 44u32.saturating_sub(front.max(behind).leading_zeros());
        let front = i128::from(front >> shift).pow(self.power);
        let behind = i128::from(behind >> shift).pow(self.power);
        if front + behind == 0 {
            return 0;
        }
        (i128::from(cancelled) * front / (front + behind)) as i64
    }
}

impl Default for Proportional {
    fn default() -> Self {
        Self { power: 1 }
    }
}

impl QueueModel for Proportional {
    fn displayed(&self, position: &mut QueuePosition, before: Quantity, now: Quantity) {
        let traded = std::mem::take(&mut position.traded).0;
        // Recorded trades may run ahead of the recorded levels without bound, so the difference saturates.
        let cancelled = (before.0 - now.0).saturating_sub(traded);
        if cancelled > 0 {
            let front = position.ahead.0;
            // The trades since the last change already left; what remains is split into front and behind.
            let behind = (before.0 - traded - front).max(0);
            // No more can vanish behind the order than stood there.
            let in_front = self.share_in_front(cancelled, front, behind).max(cancelled - behind);
            position.ahead.0 = (front - in_front).max(0);
        }
        position.ahead = position.ahead.min(now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Traded(i64),
        Displayed(i64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let large = prop_oneof![3 => 0i64..1_000, 1 => 0..=i64::MAX];
        let step = (large, any::<bool>())
            .prop_map(|(quantity, trade)| if trade { Step::Traded(quantity) } else { Step::Displayed(quantity) });
        proptest::collection::vec(step, 0..60)
    }

    fn keeps_the_laws(model: &impl QueueModel, start: i64, steps: &[Step]) -> Result<(), TestCaseError> {
        let mut displayed = start;
        let mut position = model.join(Quantity(start));
        prop_assert_eq!(position.ahead.0, start);
        for step in steps {
            let before = position.ahead;
            match *step {
                Step::Traded(quantity) => {
                    model.traded(&mut position, Quantity(quantity));
                    prop_assert_eq!(position.ahead.0, (before.0 - quantity).max(0));
                }
                Step::Displayed(now) => {
                    model.displayed(&mut position, Quantity(displayed), Quantity(now));
                    displayed = now;
                    prop_assert!(position.ahead.0 <= now);
                }
            }
            prop_assert!(position.ahead.0 >= 0 && position.ahead <= before, "{:?} after {:?}", position, step);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn the_queue_ahead_is_never_negative_and_never_grows(start in 0i64..2_000, steps in steps(), power in 1u32..=3) {
            keeps_the_laws(&RiskAverse, start, &steps)?;
            keeps_the_laws(&Proportional::new(power).unwrap(), start, &steps)?;
        }

        #[test]
        fn risk_averse_is_never_ahead_of_proportional(start in 0i64..2_000, changes in proptest::collection::vec(0i64..3_000, 0..40)) {
            let (mut slow, mut fast) = (RiskAverse.join(Quantity(start)), Proportional::default().join(Quantity(start)));
            let mut before = start;
            for now in changes {
                RiskAverse.displayed(&mut slow, Quantity(before), Quantity(now));
                Proportional::default().displayed(&mut fast, Quantity(before), Quantity(now));
                before = now;
                prop_assert!(slow.ahead >= fast.ahead);
            }
        }
    }

    #[test]
    fn a_cancel_is_shared_by_the_sizes_in_front_and_behind() {
        let model = Proportional::default();
        let mut position = model.join(Quantity(30));
        model.displayed(&mut position, Quantity(30), Quantity(90));
        model.displayed(&mut position, Quantity(90), Quantity(60));
        assert_eq!(position.ahead.0, 20);
        let squared = Proportional::new(2).unwrap();
        let mut position = QueuePosition { ahead: Quantity(30), traded: Quantity::ZERO };
        squared.displayed(&mut position, Quantity(90), Quantity(60));
        assert_eq!(position.ahead.0, 24);
    }

    #[test]
    fn a_trade_is_not_counted_again_as_a_cancel_when_the_level_shows_it() {
        let model = Proportional::default();
        let mut position = model.join(Quantity(30));
        model.traded(&mut position, Quantity(10));
        model.displayed(&mut position, Quantity(30), Quantity(20));
        assert_eq!(position, QueuePosition { ahead: Quantity(20), traded: Quantity::ZERO });
    }

    #[test]
    fn powers_out_of_range_make_no_model() {
        assert!(Proportional::new(0).is_none() && Proportional::new(4).is_none());
    }
}
