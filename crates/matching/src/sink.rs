//! What the book tells about its work, in the order in which it happens.

use tercel_types::{Level, Price, Quantity, Side};

use crate::{NewOrder, OrderHandle};

/// A trade between a resting order and an incoming one, at the resting order's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The resting order; its handle is dead when `maker_leaves` is zero.
    pub maker: OrderHandle,
    /// Id of the resting order.
    pub maker_id: u64,
    /// Owner of the resting order.
    pub maker_owner: u32,
    /// Owner of the incoming order.
    pub taker_owner: u32,
    /// Id of the incoming order.
    pub taker_id: u64,
    /// Side of the incoming order.
    pub taker_side: Side,
    /// Price of the trade.
    pub price: Price,
    /// Quantity of the trade.
    pub quantity: Quantity,
    /// What is left of the resting order.
    pub maker_leaves: Quantity,
    /// What is left of the incoming order; for an order by quote amount, what it can still afford at this price.
    pub taker_leaves: Quantity,
}

/// Quantity that self-trade prevention (`DECREMENT`) took from both orders without a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prevented {
    /// The resting order; its handle is dead when `maker_leaves` is zero.
    pub maker: OrderHandle,
    /// Id of the resting order.
    pub maker_id: u64,
    /// Id of the incoming order.
    pub taker_id: u64,
    /// Owner of both.
    pub owner: u32,
    /// Price at which they would have traded.
    pub price: Price,
    /// Quantity taken from each.
    pub quantity: Quantity,
    /// What is left of the resting order.
    pub maker_leaves: Quantity,
    /// What is left of the incoming order.
    pub taker_leaves: Quantity,
}

/// Why the remains of an order are no longer wanted or allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removal {
    /// Its owner cancelled it.
    Cancelled,
    /// Immediate-or-cancel or market: what did not trade at once is gone.
    Immediate,
    /// Fill-or-kill: the book could not fill all of it, so nothing traded.
    FillOrKill,
    /// Self-trade prevention.
    SelfTrade,
    /// The price level cannot hold more: its sum would leave the 64-bit range.
    LevelFull,
}

/// An order, resting or incoming, that ends with quantity left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The handle it had while it rested; none for an incoming order.
    pub handle: Option<OrderHandle>,
    /// Its id.
    pub id: u64,
    /// Its owner.
    pub owner: u32,
    /// Its side.
    pub side: Side,
    /// Its limit price (zero for a market order).
    pub price: Price,
    /// What was left.
    pub leaves: Quantity,
    /// Why it ends.
    pub reason: Removal,
}

/// Receives the book's events. Every method does nothing unless implemented.
///
/// For one `place`: `accepted`, then trades, prevented quantities and removals of makers with a `level_changed` after the
/// last of each price, then either `rested` with its `level_changed`, or `removed` if remains expire.
pub trait MatchSink {
    /// The order passed the book's checks; whatever happens to it follows.
    fn accepted(&mut self, _order: &NewOrder) {}
    /// A trade.
    fn trade(&mut self, _trade: &Trade) {}
    /// Self-trade prevention took quantity from two orders.
    fn prevented(&mut self, _prevented: &Prevented) {}
    /// The order, or its remains, now rest under this handle.
    fn rested(&mut self, _handle: OrderHandle, _order: &NewOrder, _leaves: Quantity) {}
    /// An order ended with quantity left.
    fn removed(&mut self, _removed: &Removed) {}
    /// A price has a new total; zero when the level is gone.
    fn level_changed(&mut self, _side: Side, _level: Level) {}
}

/// Ignores everything.
impl MatchSink for () {}
