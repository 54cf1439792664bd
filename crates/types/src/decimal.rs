//! Decimal text to integer mantissas and back, exactly.

use std::fmt;

/// The most decimals a scale may have: ten to this power still fits an `i64`.
pub const MAX_SCALE: u8 = 18;

const POWERS: [i64; MAX_SCALE as usize + 1] = {
    let mut powers = [1i64; MAX_SCALE as usize + 1];
    let mut exponent = 1;
    while exponent <= MAX_SCALE as usize {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// Why a text is not a decimal of the wanted scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Nothing there.
    #[error("empty text where a number was expected")]
    Empty,
    /// A character that is no digit, sign or point.
    #[error("not a plain decimal number")]
    NotADecimal,
    /// More decimals than the scale holds, and they are not zero.
    #[error("more decimals than the instrument's scale holds")]
    TooPrecise,
    /// Beyond the range of the mantissa.
    #[error("number beyond the range of a 64-bit mantissa at this scale")]
    OutOfRange,
}

/// Ten to the power of `scale`.
///
/// # Panics
/// If `scale` is above [`MAX_SCALE`].
#[must_use]
pub const fn power_of_ten(scale: u8) -> i64 {
    POWERS[scale as usize]
}

/// Reads a decimal such as `61837.63000000` as a mantissa with `scale` decimals. Zeros beyond the scale are accepted,
/// anything else beyond it is an error, never a rounding.
///
/// # Errors
/// [`DecimalError`] says what is wrong with the text.
pub fn parse_decimal(text: &[u8], scale: u8) -> Result<i64, DecimalError> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return Err(DecimalError::Empty);
    }
    let mut mantissa: i64 = 0;
    let mut decimals: Option<u8> = None;
    let mut any_digit = false;
    for &byte in digits {
        if byte == b'.' {
            if decimals.is_some() {
                return Err(DecimalError::NotADecimal);
            }
            decimals = Some(0);
            continue;
        }
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(DecimalError::NotADecimal);
        }
        any_digit = true;
        if let Some(count) = &mut decimals {
            if *count == scale {
                if digit != 0 {
                    return Err(DecimalError::TooPrecise);
                }
                continue;
            }
            *count += 1;
        }
        mantissa = mantissa
            .checked_mul(10)
            .and_then(|shifted| shifted.checked_add(i64::from(digit)))
            .ok_or(DecimalError::OutOfRange)?;
    }
    if !any_digit {
        return Err(DecimalError::NotADecimal);
    }
    let missing = scale - decimals.unwrap_or(0);
    let scaled = mantissa.checked_mul(power_of_ten(missing)).ok_or(DecimalError::OutOfRange)?;
    Ok(if negative { -scaled } else { scaled })
}

/// A mantissa moved from one scale to another.
///
/// # Errors
/// [`DecimalError::TooPrecise`] where digits would be lost, [`DecimalError::OutOfRange`] where they do not fit.
pub fn rescale(mantissa: i64, from: u8, to: u8) -> Result<i64, DecimalError> {
    if to >= from {
        return mantissa.checked_mul(power_of_ten(to - from)).ok_or(DecimalError::OutOfRange);
    }
    let divisor = power_of_ten(from - to);
    if mantissa % divisor != 0 {
        return Err(DecimalError::TooPrecise);
    }
    Ok(mantissa / divisor)
}

/// A decimal as text, on the stack: shown by `Display`, or taken as bytes for a message.
#[derive(Clone, Copy)]
pub struct DecimalText {
    bytes: [u8; Self::CAPACITY],
    start: u8,
}

impl DecimalText {
    const CAPACITY: usize = 64;

    /// With exactly `scale` decimals: `5.10`.
    #[must_use]
    pub fn new(mantissa: i64, scale: u8) -> Self {
        Self::build(i128::from(mantissa), scale, false)
    }

    /// Without trailing zeros: `5.1`, `5`, `0`.
    #[must_use]
    pub fn trimmed(mantissa: i64, scale: u8) -> Self {
        Self::build(i128::from(mantissa), scale, true)
    }

    /// A product of a price and a quantity, without trailing zeros. `scale` may be up to twice [`MAX_SCALE`].
    #[must_use]
    pub fn trimmed_wide(mantissa: i128, scale: u8) -> Self {
        Self::build(mantissa, scale, true)
    }

    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[usize::from(self.start)..]
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits, a point and a sign are ever written.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn build(mantissa: i128, scale: u8, trim: bool) -> Self {
        let mut rest = mantissa.unsigned_abs();
        let mut decimals = scale;
        if trim {
            while decimals > 0 && rest.is_multiple_of(10) {
                rest /= 10;
                decimals -= 1;
            }
        }
        let mut bytes = [0u8; Self::CAPACITY];
        let mut at = Self::CAPACITY;
        let mut written = 0;
        while written <= decimals || rest > 0 {
            if written == decimals && decimals > 0 {
                at -= 1;
                bytes[at] = b'.';
            }
            at -= 1;
            bytes[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            written += 1;
        }
        if mantissa < 0 {
            at -= 1;
            bytes[at] = b'-';
        }
        Self { bytes, start: at as u8 }
    }
}

impl fmt::Display for DecimalText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for DecimalText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_venue_price_with_eight_decimals_is_read_at_the_ticks_scale() {
        assert_eq!(parse_decimal(b"61837.63000000", 2), Ok(6_183_763));
    }

    #[test]
    fn a_digit_beyond_the_scale_is_an_error_not_a_rounding() {
        assert_eq!(parse_decimal(b"1.005", 2), Err(DecimalError::TooPrecise));
    }

    #[test]
    fn what_is_not_a_decimal_is_named() {
        for text in ["", "-", ".", "1.2.3", "1e5", " 1", "0x10", "--1"] {
            assert!(parse_decimal(text.as_bytes(), 8).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_number_beyond_the_mantissa_is_out_of_range() {
        assert_eq!(parse_decimal(b"92233720368547758.08", 2), Err(DecimalError::OutOfRange));
        assert_eq!(parse_decimal(b"93", 18), Err(DecimalError::OutOfRange));
    }

    #[test]
    fn trailing_zeros_go_when_trimmed_and_stay_when_not() {
        assert_eq!(DecimalText::trimmed(510, 2).as_str(), "5.1");
        assert_eq!(DecimalText::new(510, 2).as_str(), "5.10");
        assert_eq!(DecimalText::trimmed(0, 8).as_str(), "0");
        assert_eq!(DecimalText::new(-5, 2).as_str(), "-0.05");
        assert_eq!(DecimalText::trimmed_wide(i128::MIN, 36).as_bytes().len(), 41);
    }

    proptest! {
        #[test]
        fn every_mantissa_survives_the_way_through_text(mantissa in any::<i64>(), scale in 0..=MAX_SCALE) {
            prop_assume!(mantissa != i64::MIN);
            let text = DecimalText::new(mantissa, scale);
            prop_assert_eq!(parse_decimal(text.as_bytes(), scale), Ok(mantissa));
            let trimmed = DecimalText::trimmed(mantissa, scale);
            prop_assert_eq!(parse_decimal(trimmed.as_bytes(), scale), Ok(mantissa));
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), scale in 0..=MAX_SCALE) {
            let _ = parse_decimal(&bytes, scale);
        }
    }
}
