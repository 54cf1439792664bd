//! Exponential waiting times from integers alone: a logarithm by table is the same on every machine.

/// Fraction bits of what [`exponential`] returns.
pub const FRACTION_BITS: u32 = 32;

const TABLE_BITS: u32 = 8;
const LN_2: u128 = 0xB172_17F7;

/// log2(1 + i / 256) with 32 fraction bits.
const LOG2: [u64; (1 << TABLE_BITS) + 1] = {
    let mut table = [0; (1 << TABLE_BITS) + 1];
    let mut index = 0;
    while index < table.len() {
        table[index] = log2_of_mantissa((1 << 31) + ((index as u64) << (31 - TABLE_BITS)));
        index += 1;
    }
    table
};

/// Minus the natural logarithm of `(uniform + 1) / 2^32`: exponential with mean one, 32 fraction bits.
#[must_use]
pub fn exponential(uniform: u32) -> u64 {
    let number = u64::from(uniform) + 1;
    let exponent = 63 - number.leading_zeros();
    // The mantissa's bits after the leading one: the upper eight choose the entry, the rest interpolates.
    let mantissa = (number << (63 - exponent)) << 1;
    let index = (mantissa >> (64 - TABLE_BITS)) as usize;
    let rest = (mantissa << TABLE_BITS) >> 32;
    let step = LOG2[index + 1] - LOG2[index];
    let log2 = (u64::from(exponent) << FRACTION_BITS) + LOG2[index] + ((step * rest) >> 32);
    let minus_log2 = (32u64 << FRACTION_BITS) - log2;
    ((u128::from(minus_log2) * LN_2) >> 32) as u64
}

/// Binary logarithm of `mantissa / 2^31`, which lies in [1, 2], bit by bit: squaring doubles the logarithm.
const fn log2_of_mantissa(mantissa: u64) -> u64 {
    if mantissa >= 1 << 32 {
        return 1 << FRACTION_BITS;
    }
    let mut value = mantissa;
    let mut result = 0;
    let mut bit = FRACTION_BITS;
    while bit > 0 {
        bit -= 1;
        value = ((value as u128 * value as u128) >> 31) as u64;
        if value >= 1 << 32 {
            value >>= 1;
            result |= 1 << bit;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_logarithm_to_five_digits() {
        for uniform in [0u32, 1, 2, 12_345, 1 << 20, 1 << 31, 3_000_000_000, u32::MAX - 1, u32::MAX] {
            let exact = -((f64::from(uniform) + 1.0) / 4_294_967_296.0).ln();
            let found = exponential(uniform) as f64 / 4_294_967_296.0;
            assert!((exact - found).abs() < 1e-5, "{uniform}: {found} for {exact}");
        }
    }

    #[test]
    fn the_largest_uniform_number_waits_no_time() {
        assert_eq!(exponential(u32::MAX), 0);
    }
}
