//! From a price to the number of its tick by one multiplication.

use tercel_types::Price;

/// The highest number of ticks that a ladder is asked to address.
const TICKS_MAX: u64 = 1 << 62;

/// Divides prices by a tick that was known in advance, and tells whether a price lies on the tick at all.
///
/// With `tick = odd << shift` and `inverse * odd == 1 (mod 2^64)`, rotating `price * inverse` to the right by `shift`
/// gives the exact quotient where the tick divides the price, and a number above `u64::MAX / tick` where it does not
/// (Granlund and Montgomery, "Division by invariant integers using multiplication", section 9).
///
/// Numbers of ticks beyond [`TICKS_MAX`] count as off the tick, so that sums of an index and a window never overflow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reciprocal {
    inverse: u64,
    shift: u32,
    quotient_max: u64,
}

impl Reciprocal {
    /// For a tick above zero.
    pub(crate) fn new(tick: Price) -> Self {
        assert!(tick.0 > 0, "a tick is above zero");
        let tick = tick.0 as u64;
        let shift = tick.trailing_zeros();
        let odd = tick >> shift;
        // An odd number is its own inverse to three bits; every step of Newton's method doubles the bits that are right.
        let mut inverse = odd;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        }
        Self { inverse, shift, quotient_max: (u64::MAX / tick).min(TICKS_MAX) }
    }

    /// How many ticks the price is; `None` if it lies between two ticks or below zero.
    #[inline]
    pub(crate) const fn ticks(self, price: Price) -> Option<i64> {
        let quotient = (price.0 as u64).wrapping_mul(self.inverse).rotate_right(self.shift);
        if quotient <= self.quotient_max && price.0 >= 0 { Some(quotient as i64) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_reciprocal_agrees_with_the_division(price in 0..=i64::MAX, tick in 1..=i64::MAX) {
            let expected = (price % tick == 0 && price / tick <= TICKS_MAX as i64).then_some(price / tick);
            prop_assert_eq!(Reciprocal::new(Price(tick)).ticks(Price(price)), expected);
        }

        #[test]
        fn every_multiple_of_a_tick_is_on_it(ticks in 0i64..1 << 31, tick in 1i64..1 << 31) {
            let reciprocal = Reciprocal::new(Price(tick));
            prop_assert_eq!(reciprocal.ticks(Price(ticks * tick)), Some(ticks));
            if tick > 1 {
                prop_assert_eq!(reciprocal.ticks(Price(ticks * tick + 1)), None);
            }
        }
    }

    #[test]
    fn a_price_below_zero_lies_on_no_tick() {
        for tick in [1, 2, 10, 1_000_000, i64::MAX] {
            let reciprocal = Reciprocal::new(Price(tick));
            assert_eq!(reciprocal.ticks(Price(-1)), None);
            assert_eq!(reciprocal.ticks(Price(-tick)), None);
            assert_eq!(reciprocal.ticks(Price(i64::MIN)), None);
        }
    }
}
