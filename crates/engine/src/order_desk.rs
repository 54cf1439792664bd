//! The way out: risk, order state, encoding and the order connection's socket.

use tercel_execution::{
    Applied, LiveCursor, NewOrder, OpenOrderPolicy, Order, OrderHandle, OrderTable, Reconciliation, TransitionError,
    Update,
};
use tercel_position::{Position, Rate};
use tercel_risk::{Exposure, KillReason, MarketState, OrderIntent, RiskGate};
use tercel_types::{
    Asset, Event, EventKind, InstrumentId, Nanos, OrderKind, OrderStatus, Price, Quantity, RejectReason, Side,
    TimeInForce, UtcNanos,
};
use tercel_wire::binance::ws_api::{Authority, EncodeError, OrderEncoder, PlaceOrder};

use crate::commands::Command;
use crate::connection::{Connection, Loss};
use crate::context::{Context, OrderTimes};
use crate::layout::I32_ORDERS_POSSIBLE;
use crate::market_data::{Market, market_of};
use crate::notices::{NO_INSTRUMENT, NoticeKind};
use crate::publish;

/// How long a request sits in the session's frame buffer at most.
const REQUEST_LENGTH_MAX: usize = OrderEncoder::REQUEST_LENGTH_MAX;

/// What a strategy wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    /// Which instrument.
    pub instrument: InstrumentId,
    /// Which side.
    pub side: Side,
    /// How it meets the book.
    pub kind: OrderKind,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Its limit; ignored for a market order.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
}

/// Everything about own orders.
pub(crate) struct OrderDesk {
    pub(crate) connection: Option<Box<Connection>>,
    pub(crate) table: OrderTable,
    pub(crate) gate: RiskGate,
    pub(crate) positions: Vec<Position>,
    pub(crate) fee_rates: Vec<(Asset, Rate)>,
    pub(crate) reconciliation: Reconciliation,
    pub(crate) policy: OpenOrderPolicy,
    encoders: Vec<OrderEncoder>,
    authority: Authority,
    clock_offset_ns: i64,
    /// When an order connection was lost last.
    answers_lost: Option<Nanos>,
}

/// What a desk is made of.
pub(crate) struct DeskParts {
    pub table: OrderTable,
    pub gate: RiskGate,
    pub positions: Vec<Position>,
    pub fee_rates: Vec<(Asset, Rate)>,
    pub reconciliation: Reconciliation,
    pub policy: OpenOrderPolicy,
    pub encoders: Vec<OrderEncoder>,
    pub authority: Authority,
}

impl OrderDesk {
    pub fn new(parts: DeskParts) -> Self {
        Self {
            connection: None,
            table: parts.table,
            gate: parts.gate,
            positions: parts.positions,
            fee_rates: parts.fee_rates,
            reconciliation: parts.reconciliation,
            policy: parts.policy,
            encoders: parts.encoders,
            authority: parts.authority,
            clock_offset_ns: 0,
            answers_lost: None,
        }
    }

    /// Checks an order and sends it.
    #[inline]
    pub fn submit(
        &mut self,
        request: &OrderRequest,
        markets: &[Market],
        context: &mut Context,
    ) -> Result<OrderHandle, RejectReason> {
        let called = context.clock.now();
        let new = self.check(request, false, markets, called).map_err(|reason| refuse(reason, context))?;
        let checked = context.clock.now();
        let handle = match self.table.open(&new, called) {
            Ok(handle) => handle,
            Err(reason) => return Err(self.refuse_uncounted(reason, context)),
        };
        self.place(handle, None, called, checked, markets, context)
    }

    /// Checks a replacement and sends it.
    #[inline]
    pub fn replace(
        &mut self,
        old: OrderHandle,
        request: &OrderRequest,
        markets: &[Market],
        context: &mut Context,
    ) -> Result<OrderHandle, RejectReason> {
        let called = context.clock.now();
        let reason = self.table.cancellable(old);
        if reason != RejectReason::Accepted {
            return Err(self.refuse_uncounted(reason, context));
        }
        let new = self.check(request, true, markets, called).map_err(|reason| refuse(reason, context))?;
        let checked = context.clock.now();
        let handle = match self.table.open_replacement(old, &new, called) {
            Ok(handle) => handle,
            Err(reason) => return Err(self.refuse_uncounted(reason, context)),
        };
        self.place(handle, Some(old), called, checked, markets, context)
    }

    /// Sends a cancel. Cancels pass no limit: they can only make things safer.
    pub fn cancel(
        &mut self,
        handle: OrderHandle,
        markets: &[Market],
        context: &mut Context,
    ) -> Result<(), RejectReason> {
        let reason = self.table.cancellable(handle);
        if reason != RejectReason::Accepted {
            return Err(reason);
        }
        let Some(&order) = self.table.get(handle) else { return Err(RejectReason::UnknownOrder) };
        let now = context.clock.now();
        self.send(order.instrument, now, context, |encoder, authority, utc, out| {
            encoder.cancel(authority, order.client_order_id, utc, out)
        })?;
        self.update(handle, &Update::CancelSent, now, markets, context);
        Ok(())
    }

    /// Sends a cancel for every order that can be cancelled now. Returns how many.
    pub fn cancel_all(&mut self, instrument: Option<InstrumentId>, markets: &[Market], context: &mut Context) -> u32 {
        let mut sent = 0;
        let mut cursor = LiveCursor::default();
        while let Some(handle) = self.table.next_live(&mut cursor) {
            let concerned =
                self.table.get(handle).is_some_and(|order| instrument.is_none_or(|id| id == order.instrument));
            if concerned && self.cancel(handle, markets, context).is_ok() {
                sent += 1;
            }
        }
        sent
    }

    /// How many orders have not ended.
    pub fn working_orders(&self) -> usize {
        self.table.live().filter(|order| !order.status.is_terminal()).count()
    }

    /// Whether orders may leave as far as the connection is concerned.
    pub const fn orders_possible(&self) -> bool {
        self.gate.orders_possible()
    }

    /// The venue's clock minus ours.
    pub const fn set_clock_offset(&mut self, offset_ns: i64) {
        self.clock_offset_ns = offset_ns;
    }

    /// Takes over a ready connection. Orders become possible once it is reconciled.
    pub fn connect(
        &mut self,
        connection: Box<Connection>,
        now: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) -> Option<Box<Connection>> {
        self.forget_answers(now, markets, context);
        self.connection.replace(connection)
    }

    /// Says whether orders may leave, here and in the shared memory.
    pub fn set_orders_possible(&mut self, possible: bool, context: &Context) {
        self.gate.set_orders_possible(possible);
        self.show_orders_possible(context);
    }

    /// Shows in the shared memory whether orders may leave, after the connection or the kill switch changed.
    pub fn show_orders_possible(&self, context: &Context) {
        let possible = self.gate.orders_possible() && !context.shared.kill.is_engaged();
        context.shared.memory.set_i32(I32_ORDERS_POSSIBLE, i32::from(possible));
    }

    /// Whether answers of REST that were asked for at this time tell what the connection in use did not: there is one,
    /// and none was lost since.
    pub fn may_reconcile_as_of(&self, asked: Nanos) -> bool {
        self.connection.is_some() && self.answers_lost.is_none_or(|lost| asked >= lost)
    }

    /// The connection is gone: whatever was under way has an unknown outcome.
    #[cold]
    pub fn lose(&mut self, loss: Loss, markets: &[Market], context: &mut Context) {
        let now = context.clock.now();
        if let Some(connection) = self.connection.take() {
            context.discard(Command::Orders(Some(connection)));
        }
        context.notify(NoticeKind::OrdersLost, NO_INSTRUMENT, 0, format_args!("{loss}"));
        self.answers_lost = Some(now);
        self.forget_answers(now, markets, context);
    }

    /// Nothing more comes of the connection that was in use: requests under way have unknown outcomes, and no order
    /// leaves before the venue was asked what happened meanwhile.
    fn forget_answers(&mut self, now: Nanos, markets: &[Market], context: &mut Context) {
        self.set_orders_possible(false, context);
        let mut cursor = LiveCursor::default();
        while let Some(handle) = self.table.next_live(&mut cursor) {
            self.update(handle, &Update::ConnectionLost, now, markets, context);
        }
    }

    #[inline]
    fn check(
        &mut self,
        request: &OrderRequest,
        replaces: bool,
        markets: &[Market],
        now: Nanos,
    ) -> Result<NewOrder, RejectReason> {
        let Some(market) = market_of(markets, request.instrument) else {
            self.gate.count(RejectReason::NotANumber);
            return Err(RejectReason::NotANumber);
        };
        let intent = OrderIntent {
            instrument: request.instrument,
            side: request.side,
            kind: request.kind,
            price: request.price,
            quantity: request.quantity,
            replaces,
        };
        let quote = market.quote();
        let state = MarketState {
            bid: quote.and_then(|quote| quote.bid),
            ask: quote.and_then(|quote| quote.ask),
            synchronised: market.feed.is_synchronised(),
            received: Nanos(now.0 - market.feed.age_ns(now).unwrap_or(i64::MAX / 2)),
        };
        let reason = self.gate.check(&intent, &state, &self.exposure(request.instrument), now);
        if reason != RejectReason::Accepted {
            return Err(reason);
        }
        let price = if request.kind == OrderKind::Market { Price(0) } else { request.price };
        Ok(NewOrder {
            instrument: request.instrument,
            side: request.side,
            kind: request.kind,
            time_in_force: request.time_in_force,
            price,
            quantity: request.quantity,
        })
    }

    #[inline]
    fn exposure(&self, instrument: InstrumentId) -> Exposure {
        let orders = self.table.exposure(instrument);
        Exposure {
            position: self.positions[usize::from(instrument.0)].quantity(),
            open_buy: orders.buy.quantity,
            open_sell: orders.sell.quantity,
            open_orders: orders.orders(),
            best_own_buy: orders.buy.best,
            best_own_sell: orders.sell.best,
        }
    }

    /// Encodes and sends an order that is in the table; takes it back if it cannot be sent.
    #[inline]
    fn place(
        &mut self,
        handle: OrderHandle,
        replaced: Option<OrderHandle>,
        called: Nanos,
        checked: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) -> Result<OrderHandle, RejectReason> {
        let Some(&order) = self.table.get(handle) else { return Err(RejectReason::UnknownOrder) };
        let replaced = replaced.and_then(|old| self.table.get(old)).copied();
        let terms = PlaceOrder {
            client_order_id: order.client_order_id,
            side: order.side,
            kind: order.kind,
            time_in_force: order.time_in_force,
            price: order.price,
            quantity: order.quantity,
        };
        let recorded = context.clock.now();
        let encoded = self.send(order.instrument, recorded, context, |encoder, authority, utc, out| match replaced {
            Some(old) => encoder.cancel_replace(authority, old.client_order_id, &terms, utc, out),
            None => encoder.place(authority, &terms, utc, out),
        });
        match encoded {
            Ok(encoded) => {
                let sent = context.clock.now();
                context.record_order(&OrderTimes { called, checked, recorded, encoded, sent });
                context.shared.counters.orders.add(1);
                self.publish(&order, markets, context);
                if let Some(old) = replaced {
                    self.publish(&old, markets, context);
                }
                Ok(handle)
            }
            Err(reason) => {
                // It was opened just now and nothing of it has left.
                let _ = self.table.abandon(handle, checked);
                Err(self.refuse_uncounted(reason, context))
            }
        }
    }

    /// Encodes a request and sends it. Returns when it was encoded.
    #[inline]
    pub fn send(
        &mut self,
        instrument: InstrumentId,
        now: Nanos,
        context: &mut Context,
        encode: impl FnOnce(&OrderEncoder, &Authority, UtcNanos, &mut [u8]) -> Result<usize, EncodeError>,
    ) -> Result<Nanos, RejectReason> {
        let Some(connection) = &mut self.connection else { return Err(RejectReason::NotConnected) };
        let utc = UtcNanos(context.clock.utc(now).0 + self.clock_offset_ns);
        let encoder = &self.encoders[usize::from(instrument.0)];
        let buffer = &mut connection.session.frame_buffer()[..REQUEST_LENGTH_MAX];
        let length = encode(encoder, &self.authority, utc, buffer).map_err(|_| RejectReason::NotANumber)?;
        let encoded = context.clock.now();
        match connection.send_text(length) {
            Ok(()) => Ok(encoded),
            // The message never leaves as a whole. A connection that is gone is found by the next look at it.
            Err(Loss::SendQueueFull) => Err(RejectReason::BackPressure),
            Err(_) => Err(RejectReason::NotConnected),
        }
    }

    /// Moves an order and shows what became of it.
    pub fn update(
        &mut self,
        handle: OrderHandle,
        update: &Update,
        now: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) -> Option<Applied> {
        self.update_with_code(handle, update, 0, now, markets, context)
    }

    /// As [`Self::update`], with the venue's error code for the strategy.
    pub fn update_with_code(
        &mut self,
        handle: OrderHandle,
        update: &Update,
        code: i32,
        now: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) -> Option<Applied> {
        match self.table.apply(handle, update, now) {
            Ok(applied) => {
                self.show(handle, applied.before, code, now, markets, context);
                Some(applied)
            }
            Err(error) => {
                self.contradict(handle, error, context);
                None
            }
        }
    }

    /// Shows an order's state in the shared memory, and tells the strategy if it changed.
    pub fn show(
        &mut self,
        handle: OrderHandle,
        before: OrderStatus,
        code: i32,
        now: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) {
        let Some(&order) = self.table.get(handle) else { return };
        self.publish(&order, markets, context);
        if order.status != before {
            if order.status == OrderStatus::Unknown {
                tell_unknown(&order, context);
            }
            context.push_event(Event {
                price: order.price.0,
                quantity: order.quantity.0,
                order: order.handle.code(),
                code,
                detail: order.status as u8,
                ..Event::new(EventKind::Order, order.instrument, now)
            });
        }
    }

    /// The table and the venue contradict each other: nothing that is computed from them can be trusted.
    #[cold]
    pub fn contradict(&mut self, handle: OrderHandle, error: TransitionError, context: &mut Context) {
        context.shared.kill.engage(KillReason::Contradiction);
        let id = self.table.get(handle).map(|order| order.client_order_id.to_text()).unwrap_or_default();
        let text = format_args!("order {}: {error}", id.escape_ascii());
        context.notify(NoticeKind::Warning, NO_INSTRUMENT, 0, text);
    }

    #[inline]
    fn publish(&self, order: &Order, markets: &[Market], context: &Context) {
        if let Some(market) = market_of(markets, order.instrument) {
            publish::order(&context.shared.memory, &market.instrument, order);
            publish::exposure(&context.shared.memory, &market.instrument, self.table.exposure(order.instrument));
        }
    }

    /// Counts a refusal that the gate did not see.
    #[cold]
    pub fn refuse_uncounted(&mut self, reason: RejectReason, context: &Context) -> RejectReason {
        self.gate.count(reason);
        refuse(reason, context)
    }
}

#[cold]
fn refuse(reason: RejectReason, context: &Context) -> RejectReason {
    context.shared.counters.risk_rejects.add(1);
    reason
}

#[cold]
fn tell_unknown(order: &Order, context: &mut Context) {
    let id = order.client_order_id.to_text();
    let text = format_args!("what became of order {} is not known; the venue is asked", id.escape_ascii());
    context.notify(NoticeKind::QueryOrder, order.instrument, 0, text);
}
