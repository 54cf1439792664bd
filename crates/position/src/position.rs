//! One instrument's position at average cost.

use crate::PositionError;
use crate::fee::{Fee, UnconvertedFee, UnconvertedFees, rescale_up, widen};
use tercel_types::{Asset, DecimalText, Instrument, MAX_SCALE, Price, Quantity, Side, power_of_ten};

/// One execution, as the position sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Bought or sold.
    pub side: Side,
    /// At which price, above zero.
    pub price: Price,
    /// How much, above zero.
    pub quantity: Quantity,
    /// What it cost; `None` where there was no fee.
    pub fee: Option<Fee>,
}

/// What an execution did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booked {
    /// What it realised before fees, at the position's cash scale.
    pub realised: i128,
    /// Its fee in the quote asset at the instrument's notional scale, rounded up to a whole unit of it; zero for a fee
    /// that could not be expressed in the quote asset.
    pub fee: i64,
}

/// Profit and loss in the quote asset. All amounts have `scale` decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfitAndLoss {
    /// What closing trades brought over their average cost, before fees.
    pub realised: i128,
    /// What the open position would bring over its cost at the mark.
    pub unrealised: i128,
    /// The fees that are expressed in the quote asset; see [`Position::unconverted_fees`] for the others.
    pub fees: i128,
    /// Realised and unrealised, less fees.
    pub net: i128,
    /// Decimals of these amounts.
    pub scale: u8,
}

/// The position in one instrument.
///
/// Quantities have [`base_scale`](Self::base_scale) decimals, at least eight, since fees in the base asset are finer than
/// a lot. Amounts of the quote asset have [`cash_scale`](Self::cash_scale) decimals: those of a price and a quantity
/// together and one more, so that half of a tick is exact. The sum of realised and unrealised profit is exact always;
/// only where it is split between the two, when a part of a position is closed, is the average cost rounded, by less than
/// one unit of the last decimal.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    base: Asset,
    quote: Asset,
    price_scale: u8,
    quantity_scale: u8,
    base_scale: u8,
    quantity: i128,
    /// What the open quantity was bought for, negative for what it was sold for.
    cost: i128,
    realised: i128,
    fees: i128,
    unconverted: UnconvertedFees,
}

/// The decimals in which venues state fees; a position is kept at least as finely.
const FEE_SCALE: u8 = 8;
/// The tenth of a unit that makes the middle of two prices exact.
const CASH_UNIT: i128 = 10;
const HALF_CASH_UNIT: i128 = 5;

impl Position {
    /// No position.
    #[must_use]
    pub fn new(instrument: &Instrument) -> Self {
        Self {
            base: instrument.base,
            quote: instrument.quote,
            price_scale: instrument.price_scale,
            quantity_scale: instrument.quantity_scale,
            base_scale: instrument.quantity_scale.max(FEE_SCALE),
            quantity: 0,
            cost: 0,
            realised: 0,
            fees: 0,
            unconverted: UnconvertedFees::default(),
        }
    }

    /// A position that was there before, taken over at a price. `quantity` is signed.
    ///
    /// # Errors
    /// [`PositionError`] if the numbers do not fit.
    pub fn opening(instrument: &Instrument, quantity: Quantity, price: Price) -> Result<Self, PositionError> {
        let mut position = Self::new(instrument);
        let quantity = widen(i128::from(quantity.0), position.quantity_scale, position.base_scale)?;
        position.cost = position.worth(quantity, price)?;
        position.quantity = quantity;
        Ok(position)
    }

    /// Books an execution with its fee. On an error nothing is changed.
    ///
    /// # Errors
    /// [`PositionError`] says which number could not be.
    pub fn book(&mut self, execution: &Execution) -> Result<Booked, PositionError> {
        let mut next = *self;
        let booked = next.book_in_place(execution)?;
        *self = next;
        Ok(booked)
    }

    /// The position at the instrument's quantity scale, for limits: away from zero where a fee left a fraction.
    #[must_use]
    pub fn quantity(&self) -> Quantity {
        let unit = i128::from(power_of_ten(self.base_scale - self.quantity_scale));
        let magnitude = self.quantity.unsigned_abs().div_ceil(unit.unsigned_abs());
        let magnitude = i64::try_from(magnitude).unwrap_or(i64::MAX);
        Quantity(if self.quantity < 0 { -magnitude } else { magnitude })
    }

    /// The exact position, with [`Self::base_scale`] decimals.
    #[must_use]
    pub const fn exact_quantity(&self) -> i128 {
        self.quantity
    }

    /// The exact position as text.
    #[must_use]
    pub fn quantity_text(&self) -> DecimalText {
        DecimalText::trimmed_wide(self.quantity, self.base_scale)
    }

    /// What the open quantity was bought for (negative: sold for), with [`Self::cash_scale`] decimals.
    #[must_use]
    pub const fn cost(&self) -> i128 {
        self.cost
    }

    /// The average price of the open quantity with [`MAX_SCALE`] decimals, cut off there; `None` when flat or when it
    /// does not fit.
    #[must_use]
    pub fn average_price(&self) -> Option<DecimalText> {
        if self.quantity == 0 {
            return None;
        }
        // cost / quantity has price_scale + 1 decimals.
        let digits = power_of_ten(MAX_SCALE.checked_sub(self.price_scale + 1)?);
        let scaled = multiply_divide(self.cost, i128::from(digits), self.quantity).ok()?;
        Some(DecimalText::trimmed_wide(scaled, MAX_SCALE))
    }

    /// Profit and loss, marked at the middle of the best bid and ask.
    ///
    /// # Errors
    /// [`PositionError::Overflow`] if it does not fit.
    pub fn marked_at(&self, bid: Price, ask: Price) -> Result<ProfitAndLoss, PositionError> {
        let twice_middle = i128::from(bid.0) + i128::from(ask.0);
        let value = self.quantity.checked_mul(twice_middle).and_then(|value| value.checked_mul(HALF_CASH_UNIT));
        let unrealised = value.and_then(|value| value.checked_sub(self.cost)).ok_or(PositionError::Overflow)?;
        let gross = self.realised.checked_add(unrealised).ok_or(PositionError::Overflow)?;
        let net = gross.checked_sub(self.fees).ok_or(PositionError::Overflow)?;
        Ok(ProfitAndLoss { realised: self.realised, unrealised, fees: self.fees, net, scale: self.cash_scale() })
    }

    /// What closing trades brought over their average cost, before fees, with [`Self::cash_scale`] decimals.
    #[must_use]
    pub const fn realised(&self) -> i128 {
        self.realised
    }

    /// The fees expressed in the quote asset, with [`Self::cash_scale`] decimals.
    #[must_use]
    pub const fn fees(&self) -> i128 {
        self.fees
    }

    /// The fees in third assets without a rate, kept apart.
    pub fn unconverted_fees(&self) -> impl Iterator<Item = &UnconvertedFee> {
        self.unconverted.iter()
    }

    /// Decimals of exact quantities.
    #[must_use]
    pub const fn base_scale(&self) -> u8 {
        self.base_scale
    }

    /// Decimals of amounts of the quote asset.
    #[must_use]
    pub const fn cash_scale(&self) -> u8 {
        self.price_scale + self.base_scale + 1
    }

    fn book_in_place(&mut self, execution: &Execution) -> Result<Booked, PositionError> {
        if execution.price.0 <= 0 || execution.quantity.0 <= 0 {
            return Err(PositionError::NotPositive);
        }
        let quantity = widen(i128::from(execution.quantity.0), self.quantity_scale, self.base_scale)?;
        let signed = quantity * i128::from(execution.side.sign());
        let charge = match &execution.fee {
            Some(fee) => self.charge(fee, execution.price)?,
            None => Charge::default(),
        };
        // A fee in the base asset is a sale of that much at the price of the execution, whose proceeds are the fee.
        let realised = self.trade(signed - charge.base, execution.price)?;
        self.fees = self.fees.checked_add(charge.cash).ok_or(PositionError::Overflow)?;
        let fee = rescale_up(charge.cash, self.cash_scale(), self.price_scale + self.quantity_scale)?;
        let fee = i64::try_from(fee).map_err(|_| PositionError::Overflow)?;
        Ok(Booked { realised, fee })
    }

    fn charge(&mut self, fee: &Fee, price: Price) -> Result<Charge, PositionError> {
        let amount = i128::from(fee.amount);
        if fee.asset == self.quote {
            return Ok(Charge { base: 0, cash: widen(amount, fee.scale, self.cash_scale())? });
        }
        if fee.asset == self.base {
            let base = widen(amount, fee.scale, self.base_scale)?;
            return Ok(Charge { base, cash: self.worth(base, price)? });
        }
        let Some(rate) = fee.rate else {
            self.unconverted.add(fee)?;
            return Ok(Charge::default());
        };
        if rate.mantissa <= 0 {
            return Err(PositionError::NotPositive);
        }
        let worth = amount * i128::from(rate.mantissa);
        Ok(Charge { base: 0, cash: rescale_up(worth, fee.scale.saturating_add(rate.scale), self.cash_scale())? })
    }

    /// Changes the quantity at a price and returns what that realised.
    fn trade(&mut self, signed: i128, price: Price) -> Result<i128, PositionError> {
        let closes = signed.signum() * self.quantity.signum() < 0;
        let closed = if closes { signed.abs().min(self.quantity.abs()) * signed.signum() } else { 0 };
        let realised = if closed == 0 { 0 } else { self.close(closed, price)? };
        let opened = signed - closed;
        let cost = self.worth(opened, price)?;
        self.cost = self.cost.checked_add(cost).ok_or(PositionError::Overflow)?;
        self.quantity = self.quantity.checked_add(opened).ok_or(PositionError::Overflow)?;
        self.realised = self.realised.checked_add(realised).ok_or(PositionError::Overflow)?;
        Ok(realised)
    }

    /// Closes a part or all of the position: `closed` has the other sign and at most its size.
    fn close(&mut self, closed: i128, price: Price) -> Result<i128, PositionError> {
        let cost = multiply_divide(self.cost, -closed, self.quantity)?;
        let proceeds = -self.worth(closed, price)?;
        self.cost -= cost;
        self.quantity += closed;
        proceeds.checked_sub(cost).ok_or(PositionError::Overflow)
    }

    /// What a quantity is worth at a price.
    fn worth(&self, quantity: i128, price: Price) -> Result<i128, PositionError> {
        quantity
            .checked_mul(i128::from(price.0))
            .and_then(|worth| worth.checked_mul(CASH_UNIT))
            .ok_or(PositionError::Overflow)
    }
}

impl ProfitAndLoss {
    /// The net as text.
    #[must_use]
    pub fn net_text(&self) -> DecimalText {
        DecimalText::trimmed_wide(self.net, self.scale)
    }

    /// Any of the amounts as text.
    #[must_use]
    pub fn text(&self, amount: i128) -> DecimalText {
        DecimalText::trimmed_wide(amount, self.scale)
    }
}

/// What a fee takes.
#[derive(Clone, Copy, Default)]
struct Charge {
    base: i128,
    cash: i128,
}

/// `amount * part / whole`, towards zero, where the product alone might not fit: the quotient is taken first, the
/// remainder, which is smaller than `whole`, after it.
fn multiply_divide(amount: i128, part: i128, whole: i128) -> Result<i128, PositionError> {
    let quotient = (amount / whole).checked_mul(part);
    let remainder = (amount % whole).checked_mul(part).map(|product| product / whole);
    quotient.zip(remainder).and_then(|(most, rest)| most.checked_add(rest)).ok_or(PositionError::Overflow)
}
