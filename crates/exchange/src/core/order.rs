//! An order, what asks for one, and the words the venue uses for its fields.

use std::sync::Arc;

use tercel_types::{OrderKind, Price, Quantity, Side, TimeInForce};

use super::account::{AccountId, AssetId};
use super::amount::Amount;
use super::rules::SymbolId;

/// Where an order is in its life, as the venue names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Working, nothing filled.
    New,
    /// Working, filled in part.
    PartiallyFilled,
    /// Filled whole.
    Filled,
    /// Cancelled by its owner.
    Canceled,
    /// Ended by its own terms.
    Expired,
    /// Ended because it would have traded with its own owner.
    ExpiredInMatch,
}

/// What happens when an order would trade with one of the same owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelfTradePrevention {
    /// They trade.
    None,
    /// The incoming order ends.
    ExpireTaker,
    /// The resting order ends. The default, as on the venue.
    #[default]
    ExpireMaker,
    /// Both end.
    ExpireBoth,
}

/// How much a new order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderSize {
    /// A quantity of the base asset.
    Base(Quantity),
    /// An amount of the quote asset to be spent or received; market orders only.
    Quote(Amount),
}

/// What a new order asks for. Prices and quantities are at the instrument's scales, filters not yet checked.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// The symbol.
    pub symbol: SymbolId,
    /// Buy or sell.
    pub side: Side,
    /// Limit, market or post-only.
    pub kind: OrderKind,
    /// How long it lives; ignored for market and post-only orders.
    pub time_in_force: TimeInForce,
    /// The limit; zero for market orders.
    pub price: Price,
    /// How much.
    pub size: OrderSize,
    /// The id the client gave; one is made if it gave none.
    pub client_order_id: Option<Arc<str>>,
    /// What happens against own orders.
    pub self_trade_prevention: SelfTradePrevention,
}

/// Which order is meant.
#[derive(Clone, Debug, Default)]
pub struct OrderReference {
    /// The exchange's id; looked up first.
    pub order_id: Option<u64>,
    /// The client's id; cross-checked if both are given.
    pub client_order_id: Option<Arc<str>>,
}

/// When a cancel may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelRestriction {
    /// Only if nothing was filled.
    OnlyNew,
    /// Only if something was filled.
    OnlyPartiallyFilled,
}

/// What a cancel asks for.
#[derive(Clone, Debug)]
pub struct CancelOrder {
    /// The symbol.
    pub symbol: SymbolId,
    /// Which order.
    pub order: OrderReference,
    /// The id of the cancel itself; one is made if there is none.
    pub cancel_id: Option<Arc<str>>,
    /// When it may happen.
    pub restriction: Option<CancelRestriction>,
}

/// What to do with the new order of a cancel-replace if the cancel fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceMode {
    /// Leave it.
    StopOnFailure,
    /// Place it all the same.
    AllowFailure,
}

/// One order of a client.
#[derive(Clone, Debug)]
pub struct Order {
    /// The exchange's id.
    pub id: u64,
    /// Whose it is.
    pub account: AccountId,
    /// The symbol.
    pub symbol: SymbolId,
    /// The client's id.
    pub client_order_id: Arc<str>,
    /// Buy or sell.
    pub side: Side,
    /// Limit, market or post-only.
    pub kind: OrderKind,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// What happens against own orders.
    pub self_trade_prevention: SelfTradePrevention,
    /// The limit; zero for market orders.
    pub price: Price,
    /// How much was asked for.
    pub quantity: Quantity,
    /// How much was filled.
    pub executed: Quantity,
    /// What the fills cost or brought, in the quote asset.
    pub quote_executed: Amount,
    /// The quote amount asked for; zero if a base quantity was.
    pub quote_quantity: Amount,
    /// Where it is in its life.
    pub state: OrderState,
    /// What is locked for it, and of which asset.
    pub locked: Amount,
    /// The asset that is locked.
    pub locked_asset: AssetId,
    /// When it was accepted, ms since 1970.
    pub created_ms: i64,
    /// When it last changed, ms since 1970.
    pub updated_ms: i64,
}

impl OrderState {
    /// The venue's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::PartiallyFilled => "PARTIALLY_FILLED",
            Self::Filled => "FILLED",
            Self::Canceled => "CANCELED",
            Self::Expired => "EXPIRED",
            Self::ExpiredInMatch => "EXPIRED_IN_MATCH",
        }
    }

    /// Whether the order still works.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::PartiallyFilled)
    }
}

impl SelfTradePrevention {
    /// The venue's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::ExpireTaker => "EXPIRE_TAKER",
            Self::ExpireMaker => "EXPIRE_MAKER",
            Self::ExpireBoth => "EXPIRE_BOTH",
        }
    }

    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::ExpireTaker, Self::ExpireMaker, Self::ExpireBoth]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

impl Order {
    /// What is not filled yet.
    #[must_use]
    pub const fn leaves(&self) -> Quantity {
        Quantity(self.quantity.0 - self.executed.0)
    }
}

/// The venue's word for a side.
#[must_use]
pub const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

/// The venue's word for an order type.
#[must_use]
pub const fn kind_name(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Limit => "LIMIT",
        OrderKind::Market => "MARKET",
        OrderKind::PostOnly => "LIMIT_MAKER",
    }
}

/// The venue's word for a time in force.
#[must_use]
pub const fn time_in_force_name(time_in_force: TimeInForce) -> &'static str {
    match time_in_force {
        TimeInForce::Gtc => "GTC",
        TimeInForce::Ioc => "IOC",
        TimeInForce::Fok => "FOK",
    }
}
