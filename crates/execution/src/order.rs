//! An order as the engine knows it, and the handle that names it.

use tercel_types::{
    ClientOrderId, InstrumentId, Nanos, OrderKind, OrderStatus, Price, Quantity, Side, TimeInForce, VenueOrderId,
};

/// Names one order in the table: the slot in the lower bits, the slot's generation above. Always above zero and below
/// 2^31, so that JavaScript can hold it in a small integer and keep negative numbers for refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct OrderHandle(u32);

impl OrderHandle {
    /// The handle with this code, as a strategy passes it. Whether an order has it is for the table to say.
    #[must_use]
    pub const fn from_code(code: u32) -> Self {
        Self(code)
    }

    /// The code that a strategy gets.
    #[must_use]
    pub const fn code(self) -> u32 {
        self.0
    }
}

/// What a new order is to be. Risk has checked it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Which instrument.
    pub instrument: InstrumentId,
    /// Which side.
    pub side: Side,
    /// How it meets the book.
    pub kind: OrderKind,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Its limit; zero for a market order.
    pub price: Price,
    /// How much, above zero.
    pub quantity: Quantity,
}

/// One order and all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Its name in the table.
    pub handle: OrderHandle,
    /// Which instrument.
    pub instrument: InstrumentId,
    /// Which side.
    pub side: Side,
    /// How it meets the book.
    pub kind: OrderKind,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// Whether the venue has shown in any way that it took the order.
    pub acknowledged: bool,
    /// Whether the order was found at the venue at a start, with whatever it had executed by then.
    pub adopted: bool,
    /// The id that the venue knows it by.
    pub client_order_id: ClientOrderId,
    /// The id that the venue gave; `None` until it said.
    pub venue_order_id: Option<VenueOrderId>,
    /// Its limit; zero for a market order.
    pub price: Price,
    /// How much was ordered.
    pub quantity: Quantity,
    /// How much was filled, counted from fills with a trade id only (and what was executed before an adoption).
    pub filled: Quantity,
    /// The greatest cumulative quantity that the venue has reported as executed, never below `filled`.
    pub reported: Quantity,
    /// How much self-trade prevention took away.
    pub prevented: Quantity,
    /// What an adopted order had executed before this engine took it over; such fills are not counted again.
    pub executed_before_adoption: Quantity,
    /// Sum of price times quantity of the fills seen by this engine, at the instrument's notional scale.
    pub cumulative_notional: i128,
    /// The order that this one replaces.
    pub replaces: Option<OrderHandle>,
    /// The order that is to replace this one, while that is under way.
    pub replaced_by: Option<OrderHandle>,
    /// When it was made.
    pub created: Nanos,
    /// When the newest request about it was sent.
    pub requested: Nanos,
    /// When the venue was last heard about it, or it last changed.
    pub updated: Nanos,
    /// When it was last queried.
    pub queried: Option<Nanos>,
}

impl Order {
    /// What is still open at the venue as far as is known: zero once the order has ended.
    #[must_use]
    pub const fn leaves(&self) -> Quantity {
        if self.status.is_terminal() {
            return Quantity::ZERO;
        }
        let leaves = self.quantity.0 - self.reported.0 - self.prevented.0;
        Quantity(if leaves > 0 { leaves } else { 0 })
    }

    /// How much may still reach the position: what is open, and what the venue reported as executed without the fills
    /// having arrived.
    #[must_use]
    pub const fn unsettled(&self) -> Quantity {
        let bound = if self.status.is_terminal() { self.reported.0 } else { self.quantity.0 - self.prevented.0 };
        let unsettled = bound - self.filled.0;
        Quantity(if unsettled > 0 { unsettled } else { 0 })
    }

    /// Whether the order has ended but fills that the venue reported are still missing.
    #[must_use]
    pub const fn is_settling(&self) -> bool {
        self.status.is_terminal() && self.reported.0 > self.filled.0
    }

    /// Whether the order can stand in the book, where another order of ours could meet it.
    #[must_use]
    pub const fn can_rest(&self) -> bool {
        !matches!(self.kind, OrderKind::Market) && matches!(self.time_in_force, TimeInForce::Gtc)
    }

    /// The status of an order about which no request is under way.
    #[must_use]
    pub(crate) const fn working_status(&self) -> OrderStatus {
        if self.reported.0 > 0 {
            OrderStatus::PartiallyFilled
        } else if self.acknowledged {
            OrderStatus::New
        } else {
            OrderStatus::PendingNew
        }
    }

    /// A fresh order in a slot.
    pub(crate) const fn fresh(handle: OrderHandle, client_order_id: ClientOrderId, new: &NewOrder, now: Nanos) -> Self {
        Self {
            handle,
            instrument: new.instrument,
            side: new.side,
            kind: new.kind,
            time_in_force: new.time_in_force,
            status: OrderStatus::PendingNew,
            acknowledged: false,
            adopted: false,
            client_order_id,
            venue_order_id: None,
            price: new.price,
            quantity: new.quantity,
            filled: Quantity::ZERO,
            reported: Quantity::ZERO,
            prevented: Quantity::ZERO,
            executed_before_adoption: Quantity::ZERO,
            cumulative_notional: 0,
            replaces: None,
            replaced_by: None,
            created: now,
            requested: now,
            updated: now,
            queried: None,
        }
    }

    /// What stands in a slot that was never used: an ended order of generation zero, which no handle names.
    pub(crate) const fn vacant(slot: u32) -> Self {
        let nothing = NewOrder {
            instrument: InstrumentId(0),
            side: Side::Buy,
            kind: OrderKind::Limit,
            time_in_force: TimeInForce::Gtc,
            price: Price(0),
            quantity: Quantity::ZERO,
        };
        let mut order = Self::fresh(OrderHandle(slot), ClientOrderId(0), &nothing, Nanos(0));
        order.status = OrderStatus::Rejected;
        order
    }
}
