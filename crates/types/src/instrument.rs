//! An instrument: its scales and the limits that its venue sets on orders.

use crate::{Asset, InstrumentId, MAX_SCALE, Price, Quantity, Symbol};

/// One tradable pair and the venue's rules for it. Mantissas are at the instrument's own scales.
#[derive(Clone, Copy, Debug)]
pub struct Instrument {
    /// The instrument's index in the engine.
    pub id: InstrumentId,
    /// Its name at the venue, upper case.
    pub symbol: Symbol,
    /// What is bought and sold.
    pub base: Asset,
    /// What it is paid with.
    pub quote: Asset,
    /// Decimals of a price (0 to 18).
    pub price_scale: u8,
    /// Decimals of a quantity (0 to 18).
    pub quantity_scale: u8,
    /// The price increment, above zero.
    pub tick: Price,
    /// The quantity increment, above zero.
    pub lot: Quantity,
    /// The lowest price of an order.
    pub min_price: Price,
    /// The highest price of an order; zero where there is none.
    pub max_price: Price,
    /// The least quantity of an order.
    pub min_quantity: Quantity,
    /// The greatest quantity of an order; zero where there is none.
    pub max_quantity: Quantity,
    /// The least price times quantity, at `price_scale + quantity_scale` decimals.
    pub min_notional: i128,
    /// The greatest price times quantity at the same scale; zero where there is none.
    pub max_notional: i128,
}

/// What is wrong with an instrument's definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstrumentError {
    /// A scale above 18.
    #[error("{symbol}: a scale of {scale} decimals is more than the 18 supported")]
    Scale {
        /// The instrument.
        symbol: Symbol,
        /// What was asked for.
        scale: u8,
    },
    /// Tick or lot not above zero.
    #[error("{symbol}: tick and lot must be above zero")]
    Increment {
        /// The instrument.
        symbol: Symbol,
    },
}

impl Instrument {
    /// Checks what the rest of the engine relies on.
    ///
    /// # Errors
    /// [`InstrumentError`] names the instrument and the field.
    pub fn validate(&self) -> Result<(), InstrumentError> {
        let scale = self.price_scale.max(self.quantity_scale);
        if scale > MAX_SCALE {
            return Err(InstrumentError::Scale { symbol: self.symbol, scale });
        }
        if self.tick.0 <= 0 || self.lot.0 <= 0 {
            return Err(InstrumentError::Increment { symbol: self.symbol });
        }
        Ok(())
    }

    /// Price times quantity, exact, at [`Self::notional_scale`] decimals.
    #[must_use]
    pub fn notional(&self, price: Price, quantity: Quantity) -> i128 {
        i128::from(price.0) * i128::from(quantity.0)
    }

    /// Decimals of a notional.
    #[must_use]
    pub const fn notional_scale(&self) -> u8 {
        self.price_scale + self.quantity_scale
    }
}
