//! What the model needs of a recorded market.

use tercel_book::L2Book;
use tercel_types::{Level, Price, Quantity, Side};

/// A recorded book. It does not contain own orders.
pub trait RecordedBook {
    /// The best level of a side.
    fn best(&self, side: Side) -> Option<Level>;

    /// What is displayed at a price; zero when nothing is.
    fn quantity_at(&self, side: Side, price: Price) -> Quantity;

    /// The levels of a side, best first.
    fn levels(&self, side: Side) -> impl Iterator<Item = Level>;
}

/// A recorded trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedTrade {
    /// Its price.
    pub price: Price,
    /// Its quantity.
    pub quantity: Quantity,
    /// Side of the order that took.
    pub aggressor: Side,
}

impl RecordedBook for L2Book {
    fn best(&self, side: Side) -> Option<Level> {
        match side {
            Side::Buy => self.best_bid(),
            Side::Sell => self.best_ask(),
        }
    }

    fn quantity_at(&self, side: Side, price: Price) -> Quantity {
        Self::quantity_at(self, side, price)
    }

    fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        Self::levels(self, side)
    }
}
