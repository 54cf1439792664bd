//! What can happen to an order, what comes of it, and why it may be impossible.

use crate::OrderHandle;
use tercel_types::{OrderStatus, Price, Quantity, TradeId, VenueOrderId};

/// What the venue says of an order in an acknowledgement, a report or the answer to a query. Statuses that only this
/// engine has (the pending ones and `Unknown`) count as working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VenueState {
    /// The venue's id of the order.
    pub venue_order_id: VenueOrderId,
    /// The venue's status of it.
    pub status: OrderStatus,
    /// The cumulative quantity executed.
    pub executed: Quantity,
}

/// One execution of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The venue's id of the trade, unique within the instrument.
    pub trade_id: TradeId,
    /// At which price.
    pub price: Price,
    /// How much, above zero.
    pub quantity: Quantity,
    /// Whether the order stood in the book and was met there.
    pub maker: bool,
}

/// The kinds of execution reports (venues.md A8, field `x`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// The order was taken.
    New,
    /// The order was executed in part or whole.
    Trade(Fill),
    /// The order was cancelled, by request or by the venue.
    Canceled,
    /// The order ended by its own terms.
    Expired,
    /// The order was refused.
    Rejected,
    /// The order's quantity was amended to this one, with its priority kept.
    Replaced {
        /// The quantity that the order now has in all.
        quantity: Quantity,
    },
    /// Self-trade prevention took quantity away.
    TradePrevention {
        /// The cumulative quantity prevented.
        prevented: Quantity,
    },
}

/// One execution report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionReport {
    /// What happened.
    pub kind: ReportKind,
    /// The order's state after it.
    pub state: VenueState,
}

/// One thing that happened to one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The venue answered a placement.
    Acknowledged(VenueState),
    /// The venue refused a placement.
    Refused,
    /// The venue reported on its own account.
    Report(ExecutionReport),
    /// A cancel request has left.
    CancelSent,
    /// The venue answered that the order is cancelled.
    CancelAcknowledged(VenueState),
    /// The venue refused to cancel.
    CancelRefused {
        /// The venue says that it has no such working order (Binance: -2011), so it has ended in some way: query it.
        order_unknown: bool,
    },
    /// The answer to a request was lost or says that the outcome is unknown (Binance: -1007, any 5xx).
    OutcomeUnknown,
    /// The order connection was lost: any request under way has an unknown outcome.
    ConnectionLost,
    /// A query found the order.
    Found(VenueState),
    /// A query did not find the order.
    NotFound,
}

/// What became of one leg of a cancel-replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegOutcome {
    /// It was done.
    Accepted(VenueState),
    /// It was refused.
    Refused {
        /// For the cancel: the venue has no such working order (Binance: -2011).
        order_unknown: bool,
    },
    /// It was not tried, because of the other leg or because the whole request was refused.
    NotAttempted,
    /// Nobody knows.
    Unknown,
}

/// The answer to a cancel-replace, sent with STOP_ON_FAILURE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplaceOutcome {
    /// The cancel of the old order.
    pub cancel: LegOutcome,
    /// The placement of the new one.
    pub place: LegOutcome,
}

/// What an update did to the two orders of a cancel-replace.
#[derive(Clone, Copy, Debug)]
pub struct Replaced {
    /// The order that was to go.
    pub old: Result<Applied, TransitionError>,
    /// The order that was to come.
    pub new: Result<Applied, TransitionError>,
}

/// What an update did to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The order.
    pub handle: OrderHandle,
    /// Its status before.
    pub before: OrderStatus,
    /// Its status after.
    pub after: OrderStatus,
    /// A fill that is to be counted in the position, once.
    pub fill: Option<Fill>,
    /// The update told nothing new: a duplicate, or a message that others had overtaken.
    pub duplicate: bool,
    /// The order's outcome is not known, and it is to be queried.
    pub query: bool,
}

impl Applied {
    /// Whether this update ended the order.
    #[must_use]
    pub const fn ended(&self) -> bool {
        self.after.is_terminal() && !self.before.is_terminal()
    }
}

/// Why an update could not be. The order is left as it was; the position and the venue may disagree from here on, so the
/// caller stops trading the instrument and reconciles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// No order has this handle (any more).
    #[error("no order has the handle {0:?}")]
    UnknownOrder(OrderHandle),
    /// The update makes no sense in the order's state.
    #[error("an order that is {from:?} cannot become {to:?}")]
    Forbidden {
        /// The order's status.
        from: OrderStatus,
        /// The status that the update asked for.
        to: OrderStatus,
    },
    /// A request was answered that was not under way.
    #[error("an answer to a request that was not under way, while the order is {0:?}")]
    Unexpected(OrderStatus),
    /// The order has ended in one way and the venue says that it ended in another, or works.
    #[error("an order that ended as {ended:?} is reported as {reported:?}")]
    Contradiction {
        /// How it ended.
        ended: OrderStatus,
        /// What the venue says.
        reported: OrderStatus,
    },
    /// More was executed than was ordered.
    #[error("executed {executed:?} of an order for {quantity:?}")]
    Overfill {
        /// The cumulative quantity executed.
        executed: Quantity,
        /// The quantity ordered, less what was prevented.
        quantity: Quantity,
    },
    /// The venue gave two ids to one order.
    #[error("the venue calls the order {known:?} and {reported:?}")]
    VenueOrderIdChanged {
        /// The id it had.
        known: VenueOrderId,
        /// The id reported now.
        reported: VenueOrderId,
    },
    /// A quantity or a price that is not above zero where it must be, or an amended quantity above the order's own.
    #[error("a report with an impossible quantity or price")]
    ImpossibleNumber,
}
