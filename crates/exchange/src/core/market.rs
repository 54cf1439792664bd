//! The place where orders meet, as the core sees it, and what happens there.

use tercel_types::{Level, OrderKind, Price, Quantity, Side, TimeInForce};

use super::order::SelfTradePrevention;
use super::refusal::Refusal;

/// Who an order in a market belongs to: the index of an account, or [`Owner::FLOW`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner(pub u32);

/// One of the two orders of a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// Whose it is.
    pub owner: Owner,
    /// The order's id, meaningful to its owner.
    pub order_id: u64,
}

/// An order on its way into a market.
#[derive(Clone, Copy, Debug)]
pub struct IncomingOrder {
    /// Whose it is.
    pub party: Party,
    /// Buy or sell.
    pub side: Side,
    /// Limit, market or post-only.
    pub kind: OrderKind,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// The limit; ignored for market orders.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
    /// What happens against orders of the same owner.
    pub self_trade_prevention: SelfTradePrevention,
}

/// Why a market ended an order on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// By the order's own terms: what an IOC, FOK or market order could not fill.
    Terms,
    /// It would have traded with an order of the same owner.
    SelfTrade,
}

/// What happened in a market, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketEvent {
    /// Two orders traded.
    Trade {
        /// The one that was resting.
        maker: Party,
        /// The one that came in.
        taker: Party,
        /// The side of the one that came in.
        taker_side: Side,
        /// The price, which is the maker's.
        price: Price,
        /// How much.
        quantity: Quantity,
    },
    /// A market ended an order.
    Ended {
        /// Which.
        party: Party,
        /// Why.
        reason: EndReason,
    },
    /// The quantity at a price changed; zero where the level is gone.
    Level {
        /// Bids or asks.
        side: Side,
        /// The level, absolute.
        level: Level,
    },
}

/// Where the orders of one symbol meet.
pub trait Market: Send {
    /// The best level of a side.
    fn best(&self, side: Side) -> Option<Level>;

    /// Visits the levels of a side from the best, until the visitor says `false`.
    fn visit_levels(&self, side: Side, visitor: &mut dyn FnMut(Level) -> bool);

    /// Whether clients' resting orders are part of the levels.
    fn displays_clients(&self) -> bool;

    /// Takes an order. What happens is appended to `events`; if it is neither filled nor ended there, it rests.
    ///
    /// # Errors
    /// A refused order has left no trace and no event.
    fn place(&mut self, order: &IncomingOrder, events: &mut Vec<MarketEvent>) -> Result<(), Refusal>;

    /// Takes a client's resting order out.
    fn cancel(&mut self, order_id: u64, events: &mut Vec<MarketEvent>);

    /// Hears that a client's order has ended, filled or by its terms.
    fn forget(&mut self, order_id: u64);
}

impl Owner {
    /// The exchange's own order flow, whose balances are without limit.
    pub const FLOW: Self = Self(u32::MAX);
}
