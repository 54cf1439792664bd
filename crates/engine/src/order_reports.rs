//! The way back: what the venue says on the order connection moves orders and positions.

use tercel_execution::{
    Applied, ExecutionReport, Fill, LegOutcome, OrderHandle, ReplaceOutcome, ReportKind, Update, VenueState,
};
use tercel_position::{Execution, Fee};
use tercel_session::MessageKind;
use tercel_types::{
    Asset, ClientOrderId, Event, EventKind, InstrumentId, Nanos, OrderStatus, Quantity, Side, UtcNanos,
};
use tercel_wire::binance::ExecutionKind;
use tercel_wire::binance::Scales;
use tercel_wire::binance::stream::Refusal;
use tercel_wire::binance::user_events::{self, COMMISSION_SCALE, UserEvent};
use tercel_wire::binance::ws_api::{
    self, OrderAnswer, Reply, ReplyOutcome, RequestId, RequestKind, Step, WsApiMessage, is_outcome_unknown,
};

use crate::connection::{Arrival, Loss};
use crate::context::Context;
use crate::market_data::{Market, market_of};
use crate::notices::{NO_INSTRUMENT, NoticeKind};
use crate::order_desk::OrderDesk;
use crate::publish;

/// The venue has no such working order.
const UNKNOWN_ORDER: i64 = -2011;

/// The venue has no such order at all.
const NO_SUCH_ORDER: i64 = -2013;

/// What a refused leg of a cancel-replace means.
const fn leg_of_refusal(status: u16, refusal: &Refusal<'_>) -> LegOutcome {
    if is_outcome_unknown(status, refusal.code) {
        LegOutcome::Unknown
    } else {
        LegOutcome::Refused { order_unknown: refusal.code == UNKNOWN_ORDER }
    }
}

/// One trade of the account, however it was learned of.
pub(crate) struct Booking<'a> {
    pub instrument: InstrumentId,
    pub side: Side,
    pub fill: Fill,
    pub commission: i64,
    pub commission_asset: Option<&'a [u8]>,
    pub time: UtcNanos,
}

impl OrderDesk {
    /// Handles one message of the order connection: one that waits in the buffer, else one that the socket has. Returns
    /// whether there was any.
    #[inline]
    pub fn step(&mut self, now: Nanos, markets: &[Market], context: &mut Context) -> bool {
        if self.message(now, markets, context) {
            return true;
        }
        let Some(connection) = &mut self.connection else { return false };
        match connection.receive() {
            Arrival::Nothing => false,
            Arrival::Bytes { .. } => {
                self.message(now, markets, context);
                true
            }
            Arrival::Lost(loss) => {
                self.lose(loss, markets, context);
                true
            }
        }
    }

    #[inline]
    fn message(&mut self, now: Nanos, markets: &[Market], context: &mut Context) -> bool {
        // The message borrows from the connection, and handling it needs all the rest of the desk: the connection steps
        // aside meanwhile. That moves a pointer.
        let Some(mut connection) = self.connection.take() else { return false };
        let ended = match connection.session.next() {
            Ok(None) => {
                self.connection = Some(connection);
                return false;
            }
            Ok(Some(message)) => match message.kind {
                MessageKind::Text | MessageKind::Binary => self.handle(message.payload, now, markets, context),
                MessageKind::Ping | MessageKind::Pong | MessageKind::Close => connection.answer().err(),
            },
            Err(error) => Some(Loss::Protocol(error)),
        };
        self.connection = Some(connection);
        if let Some(loss) = ended {
            self.lose(loss, markets, context);
        }
        true
    }

    fn handle(&mut self, payload: &[u8], now: Nanos, markets: &[Market], context: &mut Context) -> Option<Loss> {
        let scales_of = |symbol: &[u8]| find(markets, symbol).map(|market| Scales::of(&market.instrument));
        match ws_api::decode(payload, scales_of) {
            Ok(WsApiMessage::Event(event)) => return self.on_event(&event, now, markets, context),
            Ok(WsApiMessage::Reply(reply)) => self.on_reply(&reply, now, markets, context),
            Ok(WsApiMessage::Other) => {}
            Err(error) => {
                context.shared.counters.malformed.add(1);
                let start = &payload[..payload.len().min(80)];
                let text = format_args!("{error}, in a message of the order connection: {}", start.escape_ascii());
                context.notify(NoticeKind::Malformed, NO_INSTRUMENT, 0, text);
                // It may have been a fill. The venue's list of trades has it.
                let text = format_args!("a message of the order connection could not be read");
                context.notify(NoticeKind::ReconcileNeeded, NO_INSTRUMENT, 0, text);
            }
        }
        None
    }

    fn on_event(
        &mut self,
        event: &UserEvent<'_>,
        now: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) -> Option<Loss> {
        match event {
            UserEvent::Execution(report) => self.on_execution(report, now, markets, context),
            UserEvent::StreamTerminated => return Some(Loss::Session),
            UserEvent::ServerShutdown => {
                let text = format_args!("the venue is about to close the order connection");
                context.notify(NoticeKind::VenueShutdown, NO_INSTRUMENT, 1, text);
            }
            UserEvent::AccountPosition(_) | UserEvent::UnknownSymbol(_) | UserEvent::Other => {}
        }
        None
    }

    fn on_execution(
        &mut self,
        report: &user_events::ExecutionReport<'_>,
        now: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) {
        // Orders of other programs on the same account are none of ours.
        let Some(id) = ClientOrderId::from_text(report.placed_as()) else { return };
        let Some(handle) = self.table.find(id) else { return };
        let Some(market) = find(markets, report.symbol) else { return };
        let fill = report.trade_id.filter(|_| report.last_quantity > Quantity::ZERO).map(|trade_id| Fill {
            trade_id,
            price: report.last_price,
            quantity: report.last_quantity,
            maker: report.is_maker,
        });
        let Some(kind) = report_kind(report, fill) else { return };
        let state =
            VenueState { venue_order_id: report.order_id, status: report.status, executed: report.executed_quantity };
        let update = Update::Report(ExecutionReport { kind, state });
        let applied = self.update(handle, &update, now, markets, context);
        if let Some(fill) = applied.and_then(|applied| applied.fill) {
            let booking = Booking {
                instrument: market.instrument.id,
                side: report.side,
                fill,
                commission: report.commission,
                commission_asset: report.commission_asset,
                time: report.transaction_time,
            };
            self.book(handle, &booking, now, markets, context);
        }
    }

    /// Brings a fill into the position and tells the strategy.
    pub(crate) fn book(
        &mut self,
        handle: OrderHandle,
        booking: &Booking<'_>,
        now: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) {
        let Some(market) = market_of(markets, booking.instrument) else { return };
        let asset = booking.commission_asset.and_then(|asset| Asset::new(std::str::from_utf8(asset).ok()?).ok());
        let fee = asset.map(|asset| {
            let rate = self.fee_rates.iter().find(|(known, _)| *known == asset).map(|(_, rate)| *rate);
            Fee { asset, amount: booking.commission, scale: COMMISSION_SCALE, rate }
        });
        let execution =
            Execution { side: booking.side, price: booking.fill.price, quantity: booking.fill.quantity, fee };
        let position = &mut self.positions[usize::from(booking.instrument.0)];
        let fee = match position.book(&execution) {
            Ok(booked) => booked.fee,
            Err(error) => {
                context.shared.kill.engage(tercel_risk::KillReason::Contradiction);
                context.notify(
                    NoticeKind::Warning,
                    booking.instrument,
                    0,
                    format_args!("a fill cannot be booked: {error}"),
                );
                0
            }
        };
        publish::position(&context.shared.memory, &market.instrument, position);
        context.shared.counters.fills.add(1);
        context.push_event(Event {
            venue_time: booking.time,
            price: booking.fill.price.0,
            quantity: booking.fill.quantity.0,
            id: booking.fill.trade_id.0,
            fee,
            order: handle.code(),
            detail: booking.side as u8 | u8::from(booking.fill.maker) << 1,
            ..Event::new(EventKind::Fill, booking.instrument, now)
        });
    }

    fn on_reply(&mut self, reply: &Reply<'_>, now: Nanos, markets: &[Market], context: &mut Context) {
        if let ReplyOutcome::Refused(refusal) = &reply.outcome {
            report_refusal(reply.id, reply.status, refusal, context);
        }
        let Some(id) = reply.id else { return };
        let Some(handle) = self.table.find(id.order) else { return };
        if id.kind == RequestKind::Replace {
            self.on_replace_reply(handle, reply, now, markets, context);
            return;
        }
        let update = match &reply.outcome {
            ReplyOutcome::Order(answer) => answer_update(id.kind, answer),
            ReplyOutcome::Refused(refusal) => refusal_update(id.kind, reply.status, refusal),
            ReplyOutcome::Done | ReplyOutcome::Subscribed(_) | ReplyOutcome::Replace(_) => None,
        };
        let Some(update) = update else { return };
        let code = match &reply.outcome {
            ReplyOutcome::Refused(refusal) => code_of(refusal),
            _ => 0,
        };
        self.update_with_code(handle, &update, code, now, markets, context);
    }

    fn on_replace_reply(
        &mut self,
        new: OrderHandle,
        reply: &Reply<'_>,
        now: Nanos,
        markets: &[Market],
        context: &mut Context,
    ) {
        let (outcome, refusal) = match &reply.outcome {
            ReplyOutcome::Replace(answer) => {
                let outcome = ReplaceOutcome {
                    cancel: leg(&answer.cancel, OrderStatus::Canceled, reply.status),
                    place: leg(&answer.new_order, OrderStatus::New, reply.status),
                };
                let refusal = refusal_of(&answer.cancel).or_else(|| refusal_of(&answer.new_order));
                if let Some(refusal) = refusal {
                    report_refusal(reply.id, reply.status, refusal, context);
                }
                (outcome, refusal)
            }
            ReplyOutcome::Refused(refusal) if is_outcome_unknown(reply.status, refusal.code) => {
                (ReplaceOutcome { cancel: LegOutcome::Unknown, place: LegOutcome::Unknown }, Some(refusal))
            }
            ReplyOutcome::Refused(refusal) => {
                let cancel = leg_of_refusal(reply.status, refusal);
                (ReplaceOutcome { cancel, place: LegOutcome::NotAttempted }, Some(refusal))
            }
            ReplyOutcome::Order(_) | ReplyOutcome::Done | ReplyOutcome::Subscribed(_) => return,
        };
        let old = self.table.get(new).and_then(|order| order.replaces).unwrap_or(new);
        let replaced = self.table.apply_replace(new, &outcome, now);
        let code = refusal.map_or(0, code_of);
        for (order, applied) in [(new, replaced.new), (old, replaced.old)] {
            match applied {
                Ok(Applied { before, .. }) => self.show(order, before, code, now, markets, context),
                Err(error) => self.contradict(order, error, context),
            }
        }
    }
}

fn find<'a>(markets: &'a [Market], symbol: &[u8]) -> Option<&'a Market> {
    markets.iter().find(|market| market.instrument.symbol.as_bytes() == symbol)
}

fn report_kind(report: &user_events::ExecutionReport<'_>, fill: Option<Fill>) -> Option<ReportKind> {
    Some(match report.execution {
        ExecutionKind::New => ReportKind::New,
        ExecutionKind::Trade => ReportKind::Trade(fill?),
        ExecutionKind::Canceled => ReportKind::Canceled,
        ExecutionKind::Expired => ReportKind::Expired,
        ExecutionKind::Rejected => ReportKind::Rejected,
        ExecutionKind::Replaced => ReportKind::Replaced { quantity: report.quantity },
        ExecutionKind::TradePrevention => {
            ReportKind::TradePrevention { prevented: Quantity(report.quantity.0 - report.executed_quantity.0) }
        }
    })
}

/// The state in an answer; a bare acknowledgement says only that the order is there.
fn state_of(answer: &OrderAnswer<'_>, bare: OrderStatus) -> VenueState {
    let (status, executed) = match answer.details {
        Some(details) => (details.status, details.executed_quantity),
        None => (bare, Quantity::ZERO),
    };
    VenueState { venue_order_id: answer.order_id, status, executed }
}

fn answer_update(kind: RequestKind, answer: &OrderAnswer<'_>) -> Option<Update> {
    match kind {
        RequestKind::Place => Some(Update::Acknowledged(state_of(answer, OrderStatus::New))),
        RequestKind::Cancel => Some(Update::CancelAcknowledged(state_of(answer, OrderStatus::Canceled))),
        RequestKind::Status => Some(Update::Found(state_of(answer, OrderStatus::New))),
        RequestKind::Replace | RequestKind::Logon | RequestKind::Subscribe | RequestKind::Ping => None,
    }
}

fn refusal_update(kind: RequestKind, status: u16, refusal: &Refusal<'_>) -> Option<Update> {
    let unknown = is_outcome_unknown(status, refusal.code);
    match kind {
        RequestKind::Place | RequestKind::Cancel if unknown => Some(Update::OutcomeUnknown),
        RequestKind::Place => Some(Update::Refused),
        RequestKind::Cancel => Some(Update::CancelRefused { order_unknown: refusal.code == UNKNOWN_ORDER }),
        RequestKind::Status if refusal.code == NO_SUCH_ORDER => Some(Update::NotFound),
        // A question that failed otherwise is asked again.
        RequestKind::Status => None,
        RequestKind::Replace | RequestKind::Logon | RequestKind::Subscribe | RequestKind::Ping => None,
    }
}

fn leg(step: &Step<'_>, bare: OrderStatus, status: u16) -> LegOutcome {
    match step {
        Step::Done(answer) => LegOutcome::Accepted(state_of(answer, bare)),
        Step::Refused(refusal) => leg_of_refusal(status, refusal),
        Step::NotTried => LegOutcome::NotAttempted,
    }
}

const fn refusal_of<'a, 'frame>(step: &'a Step<'frame>) -> Option<&'a Refusal<'frame>> {
    match step {
        Step::Refused(refusal) => Some(refusal),
        Step::Done(_) | Step::NotTried => None,
    }
}

fn code_of(refusal: &Refusal<'_>) -> i32 {
    i32::try_from(refusal.code).unwrap_or(i32::MIN)
}

/// Tells of a refusal and counts it. An outcome that is not known is no refusal, nor is the answer that an order does not
/// exist to the question whether it does.
#[cold]
fn report_refusal(id: Option<RequestId>, status: u16, refusal: &Refusal<'_>, context: &mut Context) {
    let kind = id.map(|id| id.kind);
    let code = code_of(refusal);
    if is_outcome_unknown(status, refusal.code) {
        let text = format_args!("the venue does not know an outcome: {} ({code})", refusal.message.escape_ascii());
        context.notify(NoticeKind::Warning, NO_INSTRUMENT, code, text);
        return;
    }
    if kind == Some(RequestKind::Status) && refusal.code == NO_SUCH_ORDER {
        return;
    }
    context.shared.counters.venue_rejects.add(1);
    let request = match kind {
        Some(RequestKind::Place) => "order",
        Some(RequestKind::Cancel) => "cancel",
        Some(RequestKind::Replace) => "replace",
        Some(RequestKind::Status) => "query",
        _ => "request",
    };
    let text = format_args!("{request} refused: {} ({code})", refusal.message.escape_ascii());
    context.notify(NoticeKind::VenueReject, NO_INSTRUMENT, code, text);
}
