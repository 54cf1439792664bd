//! Fees: in which asset, how much, and the totals of those that could not be expressed in the quote asset.

use crate::PositionError;
use tercel_types::{Asset, DecimalText, MAX_SCALE, power_of_ten};

/// A fee on a fill; a rebate is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// In which asset.
    pub asset: Asset,
    /// How much, with `scale` decimals.
    pub amount: i64,
    /// Decimals of the amount (Binance: 8).
    pub scale: u8,
    /// What one unit of a third asset is worth in the quote asset; not looked at for base and quote.
    pub rate: Option<Rate>,
}

/// A price of one asset in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The mantissa, above zero.
    pub mantissa: i64,
    /// Its decimals.
    pub scale: u8,
}

/// The sum of the fees in one asset whose worth in the quote asset is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnconvertedFee {
    /// In which asset.
    pub asset: Asset,
    /// The sum, with [`MAX_SCALE`] decimals.
    pub amount: i128,
}

impl UnconvertedFee {
    /// The sum as text.
    #[must_use]
    pub fn text(&self) -> DecimalText {
        DecimalText::trimmed_wide(self.amount, MAX_SCALE)
    }
}

/// Sums by asset, for a few assets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UnconvertedFees {
    sums: [Option<UnconvertedFee>; Self::ASSETS],
}

impl UnconvertedFees {
    /// A venue charges in base, quote or its own asset; a handful of further ones is generous.
    pub const ASSETS: usize = 8;

    pub fn add(&mut self, fee: &Fee) -> Result<(), PositionError> {
        let amount = widen(i128::from(fee.amount), fee.scale, MAX_SCALE)?;
        let place = self.sums.iter_mut().find(|sum| sum.is_none_or(|sum| sum.asset == fee.asset));
        let place = place.ok_or(PositionError::TooManyFeeAssets)?;
        let sum = place.map_or(0, |sum| sum.amount).checked_add(amount).ok_or(PositionError::Overflow)?;
        *place = Some(UnconvertedFee { asset: fee.asset, amount: sum });
        Ok(())
    }

    pub fn iter(&self) -> impl Iterator<Item = &UnconvertedFee> {
        self.sums.iter().flatten()
    }
}

/// A mantissa at a greater scale.
pub(crate) fn widen(mantissa: i128, from: u8, to: u8) -> Result<i128, PositionError> {
    let missing = to.checked_sub(from).ok_or(PositionError::TooPrecise)?;
    multiply_by_power(mantissa, missing)
}

/// A mantissa at another scale; what does not fit is rounded up, so that a fee is never shown as less than it is.
pub(crate) fn rescale_up(mantissa: i128, from: u8, to: u8) -> Result<i128, PositionError> {
    if from <= to {
        return widen(mantissa, from, to);
    }
    let mut rest = mantissa;
    let mut digits = from - to;
    while digits > 0 {
        let step = digits.min(MAX_SCALE);
        let divisor = i128::from(power_of_ten(step));
        rest = rest.div_euclid(divisor) + i128::from(rest.rem_euclid(divisor) > 0);
        digits -= step;
    }
    Ok(rest)
}

fn multiply_by_power(mantissa: i128, digits: u8) -> Result<i128, PositionError> {
    let mut product = mantissa;
    let mut digits = digits;
    while digits > 0 {
        let step = digits.min(MAX_SCALE);
        product = product.checked_mul(i128::from(power_of_ten(step))).ok_or(PositionError::Overflow)?;
        digits -= step;
    }
    Ok(product)
}
