//! Positions, what they cost and what they brought, in exact integers.
//!
//! The arithmetic is in `i128` and checked: with the scales of real instruments there is room for quantities and prices far
//! beyond any venue; where scales of 18 decimals meet large numbers the answer is [`PositionError::Overflow`], never a
//! wrapped or rounded number.

mod fee;
mod position;
#[cfg(test)]
mod tests;

pub use fee::{Fee, Rate, UnconvertedFee};
pub use position::{Booked, Execution, Position, ProfitAndLoss};

/// Why an execution could not be booked. The position is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// A price, quantity or rate that is not above zero.
    #[error("an execution with a price, quantity or rate that is not above zero")]
    NotPositive,
    /// A fee with more decimals than the position is kept with.
    #[error("a fee with more decimals than the position is kept with")]
    TooPrecise,
    /// Numbers beyond 128 bits.
    #[error("a position or an amount beyond 128 bits at this instrument's scales")]
    Overflow,
    /// Fees without a rate in more assets than can be kept apart.
    #[error("fees in more than eight further assets; give rates for them")]
    TooManyFeeAssets,
}
