//! What happens to one's own orders and balances.

mod careful;
mod quick;

use tercel_types::{OrderKind, OrderStatus, Price, Quantity, Side, TimeInForce, TradeId, UtcNanos, VenueOrderId};

use super::Scales;
use super::error::WireError;
use super::scanner::Cursor;
use super::words::ExecutionKind;

/// Decimals of a commission, whatever the asset.
pub const COMMISSION_SCALE: u8 = 8;

/// Decimals of a balance, whatever the asset.
pub const BALANCE_SCALE: u8 = 8;

/// What happened to an order (`executionReport`). Sums of money are not taken over: they follow exactly from the
/// price and quantity of each fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionReport<'a> {
    /// The instrument (`s`).
    pub symbol: &'a [u8],
    /// When the venue published it (`E`).
    pub event_time: UtcNanos,
    /// When it happened (`T`).
    pub transaction_time: UtcNanos,
    /// The order's id, or that of the request that cancelled it (`c`).
    pub client_order_id: &'a [u8],
    /// On a cancel the id of the order that was cancelled, else empty (`C`).
    pub original_client_order_id: &'a [u8],
    /// The venue's id (`i`).
    pub order_id: VenueOrderId,
    /// Orders the reports of one instrument (`I`).
    pub execution_id: u64,
    /// Buy or sell (`S`).
    pub side: Side,
    /// How it meets the book (`o`); `None` for kinds that this engine does not send.
    pub kind: Option<OrderKind>,
    /// How long it lives (`f`); `None` for terms that this engine does not send.
    pub time_in_force: Option<TimeInForce>,
    /// What is reported (`x`).
    pub execution: ExecutionKind,
    /// The order's state now (`X`).
    pub status: OrderStatus,
    /// Why it was refused, `NONE` if it was not (`r`).
    pub reject_reason: &'a [u8],
    /// The order's price (`p`).
    pub price: Price,
    /// The order's quantity (`q`).
    pub quantity: Quantity,
    /// The quantity of this fill (`l`).
    pub last_quantity: Quantity,
    /// The price of this fill (`L`).
    pub last_price: Price,
    /// All that was filled (`z`).
    pub executed_quantity: Quantity,
    /// What this fill cost, at [`COMMISSION_SCALE`] decimals of `commission_asset` (`n`).
    pub commission: i64,
    /// In which asset (`N`).
    pub commission_asset: Option<&'a [u8]>,
    /// The trade's id, with the symbol the key by which a fill is known (`t`).
    pub trade_id: Option<TradeId>,
    /// Whether the order gave liquidity in this fill (`m`).
    pub is_maker: bool,
    /// Whether the order is on the book (`w`).
    pub is_on_book: bool,
}

impl<'a> ExecutionReport<'a> {
    /// The id under which the order itself was placed: on a cancel `client_order_id` is that of the request.
    #[must_use]
    pub const fn placed_as(&self) -> &'a [u8] {
        if self.original_client_order_id.is_empty() { self.client_order_id } else { self.original_client_order_id }
    }
}

/// Balances that may have changed (`outboundAccountPosition`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountPosition<'a> {
    /// When the venue published it.
    pub event_time: UtcNanos,
    /// The array of balances, checked when the event was decoded.
    balances: &'a [u8],
}

/// What an account holds of one asset, at [`BALANCE_SCALE`] decimals. Of some assets people hold more than 64 bits of
/// hundred-millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance<'a> {
    /// Of what.
    pub asset: &'a [u8],
    /// What can be used.
    pub free: i128,
    /// What working orders hold.
    pub locked: i128,
}

impl<'a> AccountPosition<'a> {
    /// Calls `each` for every balance.
    ///
    /// # Errors
    /// None in practice, since the event was checked as it was decoded.
    pub fn for_each(&self, mut each: impl FnMut(Balance<'a>)) -> Result<(), WireError> {
        careful::balances(&mut Cursor::new(self.balances, 0), &mut each)
    }
}

/// An event of the user data stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserEvent<'a> {
    /// Something happened to an order.
    Execution(ExecutionReport<'a>),
    /// Something happened to an order of an instrument whose scales are not known.
    UnknownSymbol(&'a [u8]),
    /// Balances may have changed.
    AccountPosition(AccountPosition<'a>),
    /// The subscription has ended: nothing more will come.
    StreamTerminated,
    /// The venue is about to close the connection.
    ServerShutdown,
    /// An event that this engine does not use.
    Other,
}

/// Decodes an event in its envelope in Binance's own form; `None` if anything is unusual.
#[inline]
pub(super) fn quick_execution<'a>(
    bytes: &'a [u8],
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Option<UserEvent<'a>> {
    quick::execution(bytes, scales_of)
}

/// Decodes the event that is the cursor's next value.
pub(super) fn careful_event<'a>(
    cursor: Cursor<'a>,
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Result<UserEvent<'a>, WireError> {
    careful::event(cursor, scales_of)
}

#[cfg(test)]
mod tests;
