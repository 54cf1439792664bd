//! The venue's words for sides, kinds and states.

use tercel_types::{OrderKind, OrderStatus, Side, TimeInForce};

use super::error::WireErrorKind;

/// What an execution report reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExecutionKind {
    /// The order was accepted.
    New,
    /// It was cancelled.
    Canceled,
    /// It was amended in place.
    Replaced,
    /// It was refused.
    Rejected,
    /// It traded.
    Trade,
    /// It ended by its own terms.
    Expired,
    /// It would have traded with an order of the same owner.
    TradePrevention,
}

pub(super) fn side(word: &[u8]) -> Result<Side, WireErrorKind> {
    match word {
        b"BUY" => Ok(Side::Buy),
        b"SELL" => Ok(Side::Sell),
        _ => Err(WireErrorKind::UnknownWord),
    }
}

/// `None` for kinds that this engine does not send, such as stop orders.
pub(super) fn order_kind(word: &[u8]) -> Option<OrderKind> {
    match word {
        b"LIMIT" => Some(OrderKind::Limit),
        b"MARKET" => Some(OrderKind::Market),
        b"LIMIT_MAKER" => Some(OrderKind::PostOnly),
        _ => None,
    }
}

/// `None` for terms that this engine does not send, such as GTX.
pub(super) fn time_in_force(word: &[u8]) -> Option<TimeInForce> {
    match word {
        b"GTC" => Some(TimeInForce::Gtc),
        b"IOC" => Some(TimeInForce::Ioc),
        b"FOK" => Some(TimeInForce::Fok),
        _ => None,
    }
}

pub(super) fn order_status(word: &[u8]) -> Result<OrderStatus, WireErrorKind> {
    match word {
        b"NEW" => Ok(OrderStatus::New),
        b"PENDING_NEW" => Ok(OrderStatus::PendingNew),
        b"PARTIALLY_FILLED" => Ok(OrderStatus::PartiallyFilled),
        b"FILLED" => Ok(OrderStatus::Filled),
        b"CANCELED" => Ok(OrderStatus::Canceled),
        b"PENDING_CANCEL" => Ok(OrderStatus::PendingCancel),
        b"REJECTED" => Ok(OrderStatus::Rejected),
        b"EXPIRED" | b"EXPIRED_IN_MATCH" => Ok(OrderStatus::Expired),
        _ => Err(WireErrorKind::UnknownWord),
    }
}

pub(super) fn execution_kind(word: &[u8]) -> Result<ExecutionKind, WireErrorKind> {
    match word {
        b"NEW" => Ok(ExecutionKind::New),
        b"CANCELED" => Ok(ExecutionKind::Canceled),
        b"REPLACED" => Ok(ExecutionKind::Replaced),
        b"REJECTED" => Ok(ExecutionKind::Rejected),
        b"TRADE" => Ok(ExecutionKind::Trade),
        b"EXPIRED" => Ok(ExecutionKind::Expired),
        b"TRADE_PREVENTION" => Ok(ExecutionKind::TradePrevention),
        _ => Err(WireErrorKind::UnknownWord),
    }
}
