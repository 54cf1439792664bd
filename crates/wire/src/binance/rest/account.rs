//! One's own orders, balances and fills.

use serde::Deserialize;
use tercel_types::{
    Asset, OrderKind, OrderStatus, Price, Quantity, Side, Symbol, TimeInForce, TradeId, UtcNanos, VenueOrderId,
    parse_decimal,
};

use super::super::error::WireErrorKind;
use super::super::user_events::{BALANCE_SCALE, COMMISSION_SCALE};
use super::super::{Scales, numbers, words};
use super::{RestError, read, time, wrong};

/// An order as REST shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestOrder {
    /// The instrument.
    pub symbol: Symbol,
    /// The venue's id.
    pub order_id: VenueOrderId,
    /// The id that whoever placed it gave.
    pub client_order_id: String,
    /// Buy or sell.
    pub side: Side,
    /// How it meets the book; `None` for kinds that this engine does not send.
    pub kind: Option<OrderKind>,
    /// How long it lives; `None` for terms that this engine does not send.
    pub time_in_force: Option<TimeInForce>,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// Its price.
    pub price: Price,
    /// Its quantity.
    pub quantity: Quantity,
    /// What was filled of it.
    pub executed_quantity: Quantity,
    /// When it changed last.
    pub update_time: UtcNanos,
}

/// A fill as REST shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestTrade {
    /// The instrument.
    pub symbol: Symbol,
    /// The trade's id, with the symbol the key by which a fill is known.
    pub id: TradeId,
    /// The order that was filled.
    pub order_id: VenueOrderId,
    /// At which price.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
    /// What it cost, at [`COMMISSION_SCALE`] decimals.
    pub commission: i64,
    /// In which asset.
    pub commission_asset: Asset,
    /// When it happened.
    pub time: UtcNanos,
    /// Whether we bought or sold.
    pub side: Side,
    /// Whether we gave liquidity.
    pub is_maker: bool,
}

/// What the account holds of one asset, at [`BALANCE_SCALE`] decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssetBalance {
    /// Of what.
    pub asset: Asset,
    /// What can be used.
    pub free: i128,
    /// What working orders hold.
    pub locked: i128,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderBody<'a> {
    symbol: &'a str,
    order_id: u64,
    client_order_id: String,
    side: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    time_in_force: &'a str,
    status: &'a str,
    price: &'a str,
    orig_qty: &'a str,
    executed_qty: &'a str,
    update_time: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TradeBody<'a> {
    symbol: &'a str,
    id: u64,
    order_id: u64,
    price: &'a str,
    qty: &'a str,
    commission: &'a str,
    commission_asset: &'a str,
    time: u64,
    /// USD-M calls it `buyer`.
    #[serde(alias = "buyer")]
    is_buyer: bool,
    /// USD-M calls it `maker`.
    #[serde(alias = "maker")]
    is_maker: bool,
}

/// The answer of `GET /api/v3/openOrders`. Orders of instruments for which `scales_of` has no scales are left out.
///
/// # Errors
/// [`RestError`] names the instrument and the field.
pub fn parse_open_orders(body: &[u8], scales_of: impl Fn(&str) -> Option<Scales>) -> Result<Vec<RestOrder>, RestError> {
    let orders: Vec<OrderBody<'_>> = read("open orders", body)?;
    let known = orders.iter().filter_map(|order| scales_of(order.symbol).map(|scales| order.read(scales)));
    known.collect()
}

/// The answer of `GET /api/v3/order`.
///
/// # Errors
/// [`RestError`] names the instrument and the field.
pub fn parse_order(body: &[u8], scales: Scales) -> Result<RestOrder, RestError> {
    read::<OrderBody<'_>>("order", body)?.read(scales)
}

/// The answer of `GET /api/v3/myTrades` for one instrument.
///
/// # Errors
/// [`RestError`] names the instrument and the field.
pub fn parse_my_trades(body: &[u8], scales: Scales) -> Result<Vec<RestTrade>, RestError> {
    let trades: Vec<TradeBody<'_>> = read("trades", body)?;
    trades.iter().map(|trade| trade.read(scales)).collect()
}

/// The balances in the answer of `GET /api/v3/account`, without those that are zero.
///
/// # Errors
/// [`RestError`] names the asset and the field.
pub fn parse_account(body: &[u8]) -> Result<Vec<AssetBalance>, RestError> {
    #[derive(Deserialize)]
    struct BalanceBody<'a> {
        asset: &'a str,
        free: &'a str,
        locked: &'a str,
    }
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        balances: Vec<BalanceBody<'a>>,
    }
    let answer: Answer<'_> = read("account", body)?;
    let mut balances = Vec::new();
    for balance in answer.balances {
        let amount = |field, text: &str| {
            numbers::parse_wide(text.as_bytes(), BALANCE_SCALE).map_err(|kind| wrong(balance.asset, field, text, kind))
        };
        let (free, locked) = (amount("free", balance.free)?, amount("locked", balance.locked)?);
        if free != 0 || locked != 0 {
            balances.push(AssetBalance { asset: name(balance.asset, "asset", balance.asset)?, free, locked });
        }
    }
    Ok(balances)
}

impl OrderBody<'_> {
    fn read(&self, scales: Scales) -> Result<RestOrder, RestError> {
        let word = |field, text: &str, kind| wrong(self.symbol, field, text, kind);
        Ok(RestOrder {
            symbol: name(self.symbol, "symbol", self.symbol)?,
            order_id: VenueOrderId(self.order_id),
            client_order_id: self.client_order_id.clone(),
            side: words::side(self.side.as_bytes()).map_err(|kind| word("side", self.side, kind))?,
            kind: words::order_kind(self.kind.as_bytes()),
            time_in_force: words::time_in_force(self.time_in_force.as_bytes()),
            status: words::order_status(self.status.as_bytes()).map_err(|kind| word("status", self.status, kind))?,
            price: Price(mantissa(self.symbol, "price", self.price, scales.price)?),
            quantity: Quantity(mantissa(self.symbol, "origQty", self.orig_qty, scales.quantity)?),
            executed_quantity: Quantity(mantissa(self.symbol, "executedQty", self.executed_qty, scales.quantity)?),
            update_time: time(self.symbol, "updateTime", self.update_time)?,
        })
    }
}

impl TradeBody<'_> {
    fn read(&self, scales: Scales) -> Result<RestTrade, RestError> {
        Ok(RestTrade {
            symbol: name(self.symbol, "symbol", self.symbol)?,
            id: TradeId(self.id),
            order_id: VenueOrderId(self.order_id),
            price: Price(mantissa(self.symbol, "price", self.price, scales.price)?),
            quantity: Quantity(mantissa(self.symbol, "qty", self.qty, scales.quantity)?),
            commission: mantissa(self.symbol, "commission", self.commission, COMMISSION_SCALE)?,
            commission_asset: name(self.symbol, "commissionAsset", self.commission_asset)?,
            time: time(self.symbol, "time", self.time)?,
            side: if self.is_buyer { Side::Buy } else { Side::Sell },
            is_maker: self.is_maker,
        })
    }
}

fn mantissa(subject: &str, field: &'static str, text: &str, scale: u8) -> Result<i64, RestError> {
    parse_decimal(text.as_bytes(), scale).map_err(|error| wrong(subject, field, text, error.into()))
}

fn name(subject: &str, field: &'static str, text: &str) -> Result<Asset, RestError> {
    Asset::new(text).map_err(|_| wrong(subject, field, text, WireErrorKind::OutOfRange))
}
