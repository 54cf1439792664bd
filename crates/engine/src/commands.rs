//! What the cold side hands to the trading thread. Everything arrives ready and goes back to be freed elsewhere.

use tercel_execution::VenueState;
use tercel_types::{InstrumentId, Level, Nanos, Price, Quantity, Side, UpdateId, UtcNanos};

use crate::connection::Connection;

/// How many commands can wait, and how many spent ones can wait to be freed.
pub const CAPACITY: usize = 256;

/// A depth snapshot as REST gave it.
#[derive(Debug)]
pub struct DepthSnapshot {
    /// Of which instrument.
    pub instrument: InstrumentId,
    /// The last update in it.
    pub last: UpdateId,
    /// Bids, best first.
    pub bids: Vec<Level>,
    /// Asks, best first.
    pub asks: Vec<Level>,
}

/// One of the account's open orders as REST gave it.
#[derive(Debug)]
pub struct OpenOrder {
    /// The client order id as the venue shows it.
    pub client_order_id: Vec<u8>,
    /// Which side.
    pub side: Side,
    /// How it meets the book.
    pub kind: tercel_types::OrderKind,
    /// How long it lives.
    pub time_in_force: tercel_types::TimeInForce,
    /// Its limit.
    pub price: Price,
    /// How much was ordered.
    pub quantity: Quantity,
    /// The venue's id, status and executed quantity.
    pub state: VenueState,
}

/// One of the account's trades as REST gave it.
#[derive(Debug)]
pub struct AccountTrade {
    /// The trade and its order.
    pub trade: tercel_execution::ReportedTrade,
    /// Which side the account was on.
    pub side: Side,
    /// The commission, with eight decimals.
    pub commission: i64,
    /// In which asset.
    pub commission_asset: tercel_types::Asset,
    /// When it happened.
    pub time: UtcNanos,
}

/// What the venue says about one instrument of the account.
#[derive(Debug)]
pub struct AccountReport {
    /// Which instrument.
    pub instrument: InstrumentId,
    /// When the questions were asked.
    pub asked: Nanos,
    /// All open orders.
    pub open: Vec<OpenOrder>,
    /// Trades, oldest first.
    pub trades: Vec<AccountTrade>,
    /// Whether this is the last report of a reconciliation, after which orders are possible.
    pub last: bool,
}

/// One command.
#[derive(Debug)]
pub enum Command {
    /// A market-data connection, subscribed.
    ///
    /// The slot is emptied by the trading thread, and filled with the connection that was in use before.
    Market(Option<Box<Connection>>),
    /// An order connection, logged on and subscribed to the account's events.
    Orders(Option<Box<Connection>>),
    /// A depth snapshot.
    Snapshot(Box<DepthSnapshot>),
    /// The account's orders and trades in one instrument.
    Account(Box<AccountReport>),
    /// The venue's clock minus this engine's, in nanoseconds.
    ClockOffset(i64),
}
