//! What the exchange tells the owner of an account as it happens.

use std::sync::Arc;

use tercel_types::{Level, Price, Quantity, Side};

use super::account::{AccountId, AssetBalance, AssetId};
use super::amount::Amount;
use super::order::Order;
use super::rules::SymbolId;

/// What happened to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionKind {
    /// It was accepted.
    New,
    /// It was cancelled by its owner; the id of the cancel.
    Canceled(Arc<str>),
    /// It traded.
    Trade(Fill),
    /// It ended by its own terms.
    Expired,
    /// It ended because it would have traded with its own owner.
    TradePrevention,
}

/// One fill of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The trade's id, unique within the symbol.
    pub trade_id: u64,
    /// The price.
    pub price: Price,
    /// How much of the base asset.
    pub quantity: Quantity,
    /// How much of the quote asset.
    pub quote: Amount,
    /// The fee.
    pub commission: Amount,
    /// The asset in which the fee was taken.
    pub commission_asset: AssetId,
    /// Whether the order was resting.
    pub is_maker: bool,
}

/// One change of one order.
#[derive(Clone, Debug)]
pub struct ExecutionReport {
    /// The order after the change.
    pub order: Order,
    /// What happened.
    pub kind: ExecutionKind,
    /// Counts every report of the exchange.
    pub execution_id: u64,
    /// When, ms since 1970.
    pub time_ms: i64,
}

/// The balances that may have changed.
#[derive(Clone, Debug)]
pub struct AccountPosition {
    /// One for each such asset.
    pub balances: Vec<AssetBalance>,
    /// When, ms since 1970.
    pub time_ms: i64,
}

/// Something for the owner of an account.
#[derive(Clone, Debug)]
pub enum Notice {
    /// An order changed.
    Execution(Arc<ExecutionReport>),
    /// Balances changed.
    Position(Arc<AccountPosition>),
}

/// A notice and whose it is.
#[derive(Clone, Debug)]
pub struct AddressedNotice {
    /// The account.
    pub account: AccountId,
    /// What is to be told.
    pub notice: Notice,
}

/// One of an account's trades.
#[derive(Clone, Copy, Debug)]
pub struct AccountTrade {
    /// The symbol.
    pub symbol: SymbolId,
    /// The order's id.
    pub order_id: u64,
    /// The order's side.
    pub side: Side,
    /// The fill.
    pub fill: Fill,
    /// When, ms since 1970.
    pub time_ms: i64,
}

/// One trade as everybody sees it.
#[derive(Clone, Copy, Debug)]
pub struct PublicTrade {
    /// The symbol.
    pub symbol: SymbolId,
    /// The trade's id.
    pub trade_id: u64,
    /// The price.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
    /// The side of the order that came in.
    pub taker_side: Side,
    /// When, ms since 1970.
    pub time_ms: i64,
}

/// Something for everybody, in the order in which it happened.
#[derive(Clone, Copy, Debug)]
pub enum TapeEntry {
    /// A trade.
    Trade(PublicTrade),
    /// The quantity at a price changed; zero where the level is gone.
    Level {
        /// The symbol.
        symbol: SymbolId,
        /// Bids or asks.
        side: Side,
        /// The level, absolute.
        level: Level,
    },
}
