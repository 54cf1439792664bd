//! Amounts of an asset, exact, with the eight decimals that the venue shows for every asset.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde::{Serialize, Serializer};
use tercel_types::{DecimalError, Instrument, Price, Quantity, parse_decimal};

/// Decimals of an [`Amount`].
pub const AMOUNT_SCALE: u8 = 8;

const UNIT: i128 = 100_000_000;

/// An amount of an asset, a price or a quantity as the venue writes it: a mantissa with eight decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub i128);

/// Which way a product that has more than eight decimals goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Towards zero: what is paid out.
    Down,
    /// Away from zero: what is held back, so that a hold always covers the fills.
    Up,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Reads a decimal with at most eight decimals.
    ///
    /// # Errors
    /// [`DecimalError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text.as_bytes(), AMOUNT_SCALE).map(|mantissa| Self(i128::from(mantissa)))
    }

    /// A mantissa of `scale` decimals. Instruments of this exchange have at most eight, so nothing is lost.
    #[must_use]
    pub fn from_scaled(mantissa: i64, scale: u8) -> Self {
        Self(i128::from(mantissa) * 10i128.pow(u32::from(AMOUNT_SCALE.saturating_sub(scale))))
    }

    /// A quantity of the instrument's base asset.
    #[must_use]
    pub fn of_quantity(instrument: &Instrument, quantity: Quantity) -> Self {
        Self::from_scaled(quantity.get(), instrument.quantity_scale)
    }

    /// A price of the instrument.
    #[must_use]
    pub fn of_price(instrument: &Instrument, price: Price) -> Self {
        Self::from_scaled(price.get(), instrument.price_scale)
    }

    /// What `quantity` costs at `price`, in the quote asset.
    #[must_use]
    pub fn of_notional(instrument: &Instrument, price: Price, quantity: Quantity, rounding: Rounding) -> Self {
        Self::from_notional(instrument, instrument.notional(price, quantity), rounding)
    }

    /// A notional at the instrument's notional scale as an amount of the quote asset.
    #[must_use]
    pub fn from_notional(instrument: &Instrument, notional: i128, rounding: Rounding) -> Self {
        let scale = instrument.notional_scale();
        if scale <= AMOUNT_SCALE {
            return Self(notional * 10i128.pow(u32::from(AMOUNT_SCALE - scale)));
        }
        let divisor = 10i128.pow(u32::from(scale - AMOUNT_SCALE));
        match rounding {
            Rounding::Down => Self(notional.div_euclid(divisor)),
            Rounding::Up => Self(-(-notional).div_euclid(divisor)),
        }
    }

    /// This amount times `rate`, a fraction with eight decimals; rounded down.
    #[must_use]
    pub const fn times_rate(self, rate: Self) -> Self {
        Self(self.0 * rate.0 / UNIT)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let unit = UNIT.unsigned_abs();
        write!(formatter, "{sign}{}.{:08}", magnitude / unit, magnitude % unit)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_always_shows_eight_decimals() {
        assert_eq!(Amount::parse("61837.63").map(|amount| amount.to_string()), Ok("61837.63000000".to_owned()));
        assert_eq!(Amount(-1).to_string(), "-0.00000001");
    }

    #[test]
    fn a_rate_is_applied_exactly_and_rounded_down() {
        let rate = Amount::parse("0.001").unwrap();
        assert_eq!(Amount::parse("0.00123456").unwrap().times_rate(rate), Amount(123));
    }
}
