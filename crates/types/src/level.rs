//! Prices, quantities and the pair of them that a book is made of.

/// A price: an integer mantissa at the instrument's price scale (`price_scale` decimals).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Price(pub i64);

/// A quantity of the base asset: an integer mantissa at the instrument's quantity scale (`quantity_scale` decimals).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Quantity(pub i64);

/// One price level: the price and all that rests there. A quantity of zero means that the level is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Level {
    /// The price of the level.
    pub price: Price,
    /// What rests at it, absolute, not a change.
    pub quantity: Quantity,
}

impl Price {
    /// The mantissa.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The mantissa.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Level {
    /// A level from two mantissas.
    #[must_use]
    pub const fn new(price: i64, quantity: i64) -> Self {
        Self { price: Price(price), quantity: Quantity(quantity) }
    }
}
