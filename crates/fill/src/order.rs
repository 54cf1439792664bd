//! Own orders, their fills, and who hears of them.

use tercel_types::{OrderKind, Price, Quantity, Side, TimeInForce};

/// An own order as it enters the recorded market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnOrder {
    /// The caller's id, unique among its resting orders.
    pub id: u64,
    /// Buy or sell.
    pub side: Side,
    /// Limit, market or post-only.
    pub kind: OrderKind,
    /// How long it works; market orders never rest.
    pub time_in_force: TimeInForce,
    /// Limit price; ignored for market orders.
    pub price: Price,
    /// How much, above zero.
    pub quantity: Quantity,
}

/// An own order that rests, and the estimate of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestingOwnOrder {
    /// The caller's id.
    pub id: u64,
    /// Its side.
    pub side: Side,
    /// Its price.
    pub price: Price,
    /// What is left of it.
    pub leaves: Quantity,
    /// Quantity of others in front of it.
    pub ahead: Quantity,
}

/// Whether a fill gave liquidity or took it; fees differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Liquidity {
    /// The order rested.
    Maker,
    /// The order took from the recorded book.
    Taker,
}

/// A fill of an own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The order.
    pub id: u64,
    /// Its side.
    pub side: Side,
    /// Price of the fill: the own limit for makers, the level's price for takers.
    pub price: Price,
    /// Quantity of the fill.
    pub quantity: Quantity,
    /// What is left of the order.
    pub leaves: Quantity,
    /// Maker or taker.
    pub liquidity: Liquidity,
}

/// Hears of fills, in the order in which they happen.
pub trait FillSink {
    /// An own order was filled, in part or wholly.
    fn filled(&mut self, fill: &Fill);
}

impl<F: FnMut(&Fill)> FillSink for F {
    fn filled(&mut self, fill: &Fill) {
        self(fill);
    }
}

/// What became of an order by the time `place` returned. What neither executed nor rests has expired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Quantity filled at once.
    pub executed: Quantity,
    /// Quantity that now rests.
    pub resting: Quantity,
}

/// Why an order was refused; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillRefusal {
    /// The quantity, budget or lot is not above zero.
    #[error("the quantity is not above zero")]
    NoQuantity,
    /// A post-only order would have taken.
    #[error("a post-only order would trade at once")]
    WouldCross,
    /// As many own orders rest as the model was made for.
    #[error("the model holds as many resting orders as it was made for")]
    Full,
}
