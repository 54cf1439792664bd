//! Digits to integers, eight at a time.
//!
//! A word holds eight characters, the first of them in the lowest byte. After an exclusive or with [`ZEROS`] every
//! byte is the value of its digit; shifting the word left by whole bytes puts zeros in front of the digits.

use tercel_types::{UtcNanos, parse_decimal, power_of_ten};

use super::error::WireErrorKind;

/// Eight characters `0`.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// How many characters a word holds.
pub(super) const WORD: usize = 8;

/// What is added to a digit's value so that the top bit shows that it was above nine.
const ABOVE_NINE: u64 = 0x7676_7676_7676_7676;
const TOP_BITS: u64 = 0x8080_8080_8080_8080;

/// Stamps from here on are microseconds, below they are milliseconds: both limits are thousands of years away.
const FIRST_MICROSECOND_STAMP: u64 = 100_000_000_000_000;

/// What reading decimals at one scale needs, computed once a message.
#[derive(Clone, Copy)]
pub(super) struct DecimalRule {
    /// Decimals that are kept.
    pub(super) scale: u8,
    /// Bits by which eight decimals are moved so that those that are kept end at the word's end.
    shift: u32,
    /// The bytes of the decimals that must be zero.
    beyond: u64,
    /// Ten to the power of `scale`.
    multiplier: i64,
}

impl DecimalRule {
    pub(super) const fn new(scale: u8) -> Self {
        // With no decimal kept all eight must be zero, so that how far they are moved does not matter.
        let (shift, beyond) = match scale {
            0 => (0, u64::MAX),
            1..WORD_SCALE => (64 - 8 * scale as u32, u64::MAX << (8 * scale as u32)),
            _ => (0, 0),
        };
        Self { scale, shift, beyond, multiplier: power_of_ten(scale) }
    }

    /// Whether [`Self::mantissa`] can be used: it reads at most eight decimals.
    pub(super) const fn fits_a_word(self) -> bool {
        self.scale <= WORD_SCALE
    }

    /// The mantissa of a number whose integer digits and decimals stand in `integer` and `decimals` (as values, with
    /// leading zeros and trailing zeros respectively); `None` where it has more decimals than the scale.
    #[inline(always)]
    pub(super) const fn mantissa(self, integer: u64, decimals: u64) -> Option<i64> {
        if decimals & self.beyond != 0 {
            return None;
        }
        // At most 10^8 times 10^8: no overflow.
        Some(eight_digits(integer) as i64 * self.multiplier + eight_digits(decimals << self.shift) as i64)
    }
}

const WORD_SCALE: u8 = WORD as u8;

/// The top bit of every byte that is no digit value; exact up to and including the first of them.
#[inline(always)]
pub(super) const fn non_digits(values: u64) -> u64 {
    (values.wrapping_add(ABOVE_NINE) | values) & TOP_BITS
}

/// Characters to digit values.
#[inline(always)]
pub(super) const fn values(characters: u64) -> u64 {
    characters ^ ZEROS
}

/// Eight digit values, the first in the lowest byte, as a number.
#[inline(always)]
pub(super) const fn eight_digits(values: u64) -> u64 {
    const MASK: u64 = 0x0000_00ff_0000_00ff;
    const HUNDREDS: u64 = 100 + (1_000_000 << 32);
    const ONES: u64 = 1 + (10_000 << 32);
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8);
    let upper = (pairs & MASK).wrapping_mul(HUNDREDS);
    let lower = ((pairs >> 16) & MASK).wrapping_mul(ONES);
    upper.wrapping_add(lower) >> 32
}

/// The word at `at`; zero bytes stand where the bytes end.
#[inline(always)]
pub(super) fn word(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..).and_then(|rest| rest.first_chunk::<WORD>()) {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => last_word(bytes, at),
    }
}

#[inline(never)]
fn last_word(bytes: &[u8], at: usize) -> u64 {
    let mut padded = [0; WORD];
    if let Some(rest) = bytes.get(at..) {
        padded[..rest.len()].copy_from_slice(rest);
    }
    u64::from_le_bytes(padded)
}

/// An unsigned integer of 1 to 19 digits and where it ends; `None` for anything else.
#[inline(always)]
pub(super) fn unsigned(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut end = at;
    let mut number: u64 = 0;
    loop {
        let digits = values(word(bytes, end));
        let others = non_digits(digits);
        if others == 0 {
            number = number.wrapping_mul(100_000_000).wrapping_add(eight_digits(digits));
            end += WORD;
            if end - at > 2 * WORD {
                return None;
            }
            continue;
        }
        let count = (others.trailing_zeros() / 8) as usize;
        if count > 0 {
            let leading = (WORD - count) as u32 * 8;
            number =
                number.wrapping_mul(power_of_ten(count as u8) as u64).wrapping_add(eight_digits(digits << leading));
            end += count;
        }
        // Nineteen digits are below 2^64; what is longer is left to the careful reader.
        return if end > at && end - at <= 19 { Some((number, end)) } else { None };
    }
}

/// A decimal as a mantissa of 128 bits: the integer and the decimals are read apart, each at its own scale.
pub(super) fn parse_wide(text: &[u8], scale: u8) -> Result<i128, WireErrorKind> {
    let point = text.iter().position(|&byte| byte == b'.').unwrap_or(text.len());
    let (integer, decimals) = text.split_at(point);
    let (negative, integer) = match integer {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, integer),
    };
    let whole = parse_decimal(integer, 0)?;
    let part = if decimals.len() > 1 { parse_decimal(decimals, scale)? } else { 0 };
    // Below 2^63 times 10^18, so that 128 bits hold it.
    let magnitude = i128::from(whole) * i128::from(power_of_ten(scale)) + i128::from(part);
    if whole < 0 { Err(WireErrorKind::NotADecimal) } else { Ok(if negative { -magnitude } else { magnitude }) }
}

/// A venue's stamp, in milliseconds or microseconds since 1970, as nanoseconds; `None` where it does not fit.
pub(super) const fn venue_time(stamp: u64) -> Option<UtcNanos> {
    let nanoseconds_per_unit: u64 = if stamp < FIRST_MICROSECOND_STAMP { 1_000_000 } else { 1_000 };
    match stamp.checked_mul(nanoseconds_per_unit) {
        Some(nanoseconds) if nanoseconds <= i64::MAX as u64 => Some(UtcNanos(nanoseconds as i64)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_unsigned_integer_is_read_wherever_it_ends(number in 0..10_000_000_000_000_000_000u64, tail in ",?\"?[}]{0,9}") {
            let text = format!("x{number}{tail}");
            prop_assert_eq!(unsigned(text.as_bytes(), 1), Some((number, text.len() - tail.len())));
        }

        #[test]
        fn eight_digits_are_their_number(number in 0..100_000_000u64) {
            let text = format!("{number:08}");
            prop_assert_eq!(eight_digits(values(word(text.as_bytes(), 0))), number);
        }

        #[test]
        fn the_first_character_that_is_no_digit_is_found(bytes in any::<[u8; 8]>()) {
            let others = non_digits(values(u64::from_le_bytes(bytes)));
            let expected = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(8);
            prop_assert_eq!((others.trailing_zeros() / 8) as usize, expected);
        }
    }

    #[test]
    fn what_is_no_unsigned_integer_is_refused() {
        for text in ["", "-1", "x", "12345678901234567890", "123456789012345678901234567890"] {
            assert_eq!(unsigned(text.as_bytes(), 0), None, "{text}");
        }
    }

    #[test]
    fn a_wide_decimal_is_exact_beyond_64_bits() {
        assert_eq!(parse_wide(b"9223372036854775807.00000001", 8), Ok(922_337_203_685_477_580_700_000_001));
        assert_eq!(parse_wide(b"-0.5", 8), Ok(-50_000_000));
        for text in ["", ".", "--1", "1.-5", "1.2.3", "1.000000001"] {
            assert!(parse_wide(text.as_bytes(), 8).is_err(), "{text}");
        }
    }

    #[test]
    fn milliseconds_and_microseconds_are_told_apart() {
        assert_eq!(venue_time(1_723_161_255_208), Some(UtcNanos(1_723_161_255_208_000_000)));
        assert_eq!(venue_time(1_723_161_255_208_123), Some(UtcNanos(1_723_161_255_208_123_000)));
        assert_eq!(venue_time(u64::MAX), None);
    }
}
