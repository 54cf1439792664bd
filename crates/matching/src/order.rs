//! What goes into the book and what a caller gets back.

use tercel_types::{OrderKind, Price, Quantity, Side, TimeInForce};

/// What happens when an order meets one of the same owner. The taker's mode decides, as venues have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SelfTrade {
    /// The orders trade with each other (Binance `NONE`).
    #[default]
    Allow,
    /// The taker's remains expire at the first own order (`EXPIRE_TAKER`).
    ExpireTaker,
    /// Own resting orders in the way expire, the taker goes on (`EXPIRE_MAKER`).
    ExpireMaker,
    /// Both expire (`EXPIRE_BOTH`).
    ExpireBoth,
    /// Both lose the smaller quantity without a trade; what is then empty expires (`DECREMENT`).
    Decrement,
}

/// An order as it enters the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The caller's id; the book only hands it back.
    pub id: u64,
    /// Whose order it is; compared for self-trade prevention only.
    pub owner: u32,
    /// Buy or sell.
    pub side: Side,
    /// Limit, market or post-only.
    pub kind: OrderKind,
    /// How long it works. Market orders never rest, whatever stands here; `Fok` binds them too.
    pub time_in_force: TimeInForce,
    /// What to do about own orders on the other side.
    pub self_trade: SelfTrade,
    /// Limit price, a multiple of the tick; ignored for market orders.
    pub price: Price,
    /// How much, above zero.
    pub quantity: Quantity,
}

/// How much a market order by quote amount may spend (or has to earn).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteBudget {
    /// Quote amount, mantissa at price scale plus quantity scale.
    pub amount: i128,
    /// Trades are whole multiples of this, except where a maker's own remains are smaller.
    pub lot: Quantity,
}

/// Names a resting order: where it lies, and which of the orders that lay there it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrderHandle {
    /// Index into the book's order array.
    pub slot: u32,
    /// Grows whenever the slot is freed, so that an old handle names nothing.
    pub generation: u32,
}

/// A resting order as a caller may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestingOrder {
    /// The caller's id.
    pub id: u64,
    /// Whose order it is.
    pub owner: u32,
    /// Side of the book it rests on.
    pub side: Side,
    /// Its limit price.
    pub price: Price,
    /// What is left of it.
    pub leaves: Quantity,
}

/// What became of an accepted order by the time `place` returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Quantity that traded at once.
    pub executed: Quantity,
    /// Quantity that now rests.
    pub resting: Quantity,
    /// Handle of the resting remains, if any.
    pub handle: Option<OrderHandle>,
}

/// Why an order was refused. A refused order has left no trace and caused no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The price is not above zero, not a multiple of the tick, or beyond 2^62 ticks.
    #[error("the price is not a positive multiple of the tick")]
    OffTick,
    /// The quantity, budget or lot is not above zero.
    #[error("the quantity is not above zero")]
    NoQuantity,
    /// A post-only order would have traded at once.
    #[error("a post-only order would trade at once")]
    WouldCross,
    /// Every slot for resting orders or every price level is taken.
    #[error("the book holds as many orders or levels as it was made for")]
    BookFull,
}

/// Why nothing was cancelled or reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    /// The handle names no resting order: filled, cancelled, or never issued.
    #[error("no such order rests in the book")]
    UnknownOrder,
    /// A reduction must leave something, and less than there is.
    #[error("the new quantity is not above zero and below what is left of the order")]
    NotAReduction,
}
