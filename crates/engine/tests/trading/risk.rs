//! What never leaves: every reason for which an order is refused, and that nothing of it reaches the socket.

use tercel_engine::layout::{
    F64_COMMAND_PRICE, F64_COMMAND_QUANTITY, I32_COMMAND_INSTRUMENT, I32_COMMAND_KIND, I32_COMMAND_SIDE,
    I32_COMMAND_TIME_IN_FORCE,
};
use tercel_engine::{EngineConfig, OrderRequest};
use tercel_risk::KillReason;
use tercel_types::{InstrumentId, OrderKind, OrderStatus, Quantity, RejectReason, Side};

use crate::support::{Execution, Rig, diff, limit};

/// An order that passes every check of the usual rig.
const GOOD: fn() -> OrderRequest = || limit(Side::Buy, 5_999_000, 100);

/// Expects a refusal for a reason, and that the next order is the first thing that the venue gets.
fn assert_refused(rig: &mut Rig, request: &OrderRequest, reason: RejectReason) {
    assert_eq!(rig.drive().submit(request), Err(reason));
    assert!(!rig.orders.has_request(), "{reason:?} left after all");
    let rejects = rig.summary().risk_rejects;
    assert_eq!(rejects, [(reason, 1)]);
    assert_eq!(rig.engine.shared().counters.risk_rejects.get(), 1);
}

/// The same, and then an order that leaves.
fn assert_refused_alone(rig: &mut Rig, request: &OrderRequest, reason: RejectReason) {
    assert_refused(rig, request, reason);
    let (_, placed) = rig.place(&GOOD());
    assert_eq!(placed.text("price"), "59990.00", "{reason:?}");
    assert_eq!(rig.summary().orders, 1);
}

fn trading_with(change: impl FnOnce(&mut EngineConfig)) -> Rig {
    Rig::trading_with(change)
}

#[test]
fn prices_and_quantities_that_the_venue_would_not_take_do_not_leave() {
    for (request, reason) in [
        (limit(Side::Buy, 0, 100), RejectReason::Tick),
        (limit(Side::Buy, 100_000_001, 100), RejectReason::Tick),
        (limit(Side::Buy, 5_999_000, 0), RejectReason::Lot),
        (OrderRequest { quantity: Quantity(100_001), ..GOOD() }, RejectReason::Lot),
        (limit(Side::Buy, 5_999_000, 1), RejectReason::Notional),
        (OrderRequest { instrument: InstrumentId(9), ..GOOD() }, RejectReason::NotANumber),
    ] {
        assert_refused_alone(&mut Rig::trading(), &request, reason);
    }
}

#[test]
fn numbers_that_are_none_do_not_leave() {
    for (price, quantity, reason) in [
        (f64::NAN, 0.001, RejectReason::NotANumber),
        (59_990.0, f64::INFINITY, RejectReason::NotANumber),
        (59_990.005, 0.001, RejectReason::Tick),
        (59_990.0, 0.000_000_001, RejectReason::Lot),
        (-1.0, 0.001, RejectReason::Tick),
    ] {
        let mut rig = Rig::trading();
        let memory = &rig.engine.shared().memory;
        memory.set_f64(F64_COMMAND_PRICE, price);
        memory.set_f64(F64_COMMAND_QUANTITY, quantity);
        for (field, value) in [
            (I32_COMMAND_INSTRUMENT, 0),
            (I32_COMMAND_SIDE, Side::Buy as i32),
            (I32_COMMAND_KIND, OrderKind::Limit as i32),
            (I32_COMMAND_TIME_IN_FORCE, 0),
        ] {
            memory.set_i32(field, value);
        }
        assert_eq!(rig.drive().submit_from_memory(), -(reason as i32), "{price} {quantity}");
        assert!(!rig.orders.has_request());
        assert_eq!(rig.summary().risk_rejects, [(reason, 1)]);
    }
}

#[test]
fn a_price_far_from_the_market_does_not_leave() {
    let mut rig = Rig::trading();
    assert_refused_alone(&mut rig, &limit(Side::Buy, 5_000_000, 100), RejectReason::PriceCollar);
}

#[test]
fn an_order_beyond_the_position_limit_does_not_leave() {
    let mut rig = trading_with(|config| config.instruments[0].limits.max_position = Quantity(1_000_000));
    assert_refused_alone(&mut rig, &limit(Side::Buy, 5_999_000, 1_001), RejectReason::PositionLimit);
    // What works counts as if it were filled: 900 lots of the thousand are still free.
    assert!(rig.drive().submit(&limit(Side::Buy, 5_999_000, 900)).is_ok());
    assert_eq!(rig.drive().submit(&limit(Side::Buy, 5_999_000, 100)), Err(RejectReason::PositionLimit));
}

#[test]
fn orders_beyond_the_rate_do_not_leave() {
    let mut rig = trading_with(|config| {
        let forever = tercel_risk::WindowLimit { orders: 2, window_ns: 3_600_000_000_000 };
        config.rates.venue[0] = Some(forever);
    });
    rig.place(&GOOD());
    rig.place(&GOOD());
    assert_refused(&mut rig, &GOOD(), RejectReason::OrderRate);
}

#[test]
fn an_order_that_would_meet_ones_own_does_not_leave() {
    let mut rig = Rig::trading();
    rig.place(&limit(Side::Buy, 6_000_000, 100));
    assert_refused(&mut rig, &limit(Side::Sell, 6_000_000, 100), RejectReason::SelfCross);
    rig.place(&limit(Side::Sell, 6_000_001, 100));
}

#[test]
fn more_orders_than_allowed_do_not_leave() {
    let mut rig = trading_with(|config| config.instruments[0].limits.max_open_orders = 2);
    rig.place(&GOOD());
    rig.place(&GOOD());
    assert_refused(&mut rig, &GOOD(), RejectReason::TooManyOrders);
}

#[test]
fn without_a_book_no_order_leaves() {
    let mut rig = Rig::connected();
    rig.reconcile("[]", "[]");
    rig.expect_notice(tercel_engine::notices::NoticeKind::OrdersReady);
    assert_refused(&mut rig, &GOOD(), RejectReason::StaleBook);
}

#[test]
fn before_the_venue_was_asked_no_order_leaves() {
    let mut rig = Rig::connected();
    rig.synchronise();
    assert_refused(&mut rig, &GOOD(), RejectReason::NotConnected);
}

#[test]
fn after_the_kill_switch_no_order_leaves() {
    let mut rig = Rig::trading();
    rig.engine.kill(KillReason::Operator);
    assert_refused(&mut rig, &GOOD(), RejectReason::KillSwitch);
}

#[test]
fn a_venue_that_does_not_read_is_back_pressure_and_what_was_refused_never_arrives() {
    let mut rig = trading_with(|config| config.socket.send_buffer = Some(1 << 16));
    let mut sent = 0;
    let reason = loop {
        match rig.drive().submit(&GOOD()) {
            Ok(order) => {
                sent += 1;
                // The order ends at once, so that the number of open orders is not what ends this.
                let id = rig.drive().order(order).unwrap().client_order_id.to_text();
                let order_id = u64::from(order.code());
                let ended = Execution { order_id, kind: "EXPIRED", status: "EXPIRED", ..Execution::default() };
                rig.orders.send(&Execution { order: std::str::from_utf8(&id).unwrap(), ..ended }.frame());
                rig.expect_status(order, OrderStatus::Expired);
            }
            Err(reason) => break reason,
        }
        assert!(sent < 1_000_000, "the socket takes anything");
    };
    assert_eq!(reason, RejectReason::BackPressure);
    let mut venue = rig.orders.for_another_thread();
    let reader = std::thread::spawn(move || {
        let placed = (0..sent).filter(|_| venue.request().method() == "order.place").count();
        (placed, venue.request())
    });
    // What the kernel did not take leaves as soon as the venue reads, and orders after it.
    let last = limit(Side::Buy, 5_998_000, 100);
    rig.until("room for another order", |rig| rig.drive().submit(&last).ok());
    rig.until("the venue to have read all", |_| reader.is_finished().then_some(()));
    let (placed, next) = reader.join().unwrap();
    assert_eq!((placed, next.text("price")), (sent, "59980.00"));
}

#[test]
fn a_market_that_moves_takes_the_collar_along() {
    let mut rig = Rig::trading();
    let request = limit(Side::Buy, 6_400_000, 100);
    assert_refused(&mut rig, &request, RejectReason::PriceCollar);
    let gone: &[(&str, &str)] = &[("60000.10000000", "0.00000000"), ("64500.00000000", "1.00000000")];
    rig.market.send(&diff(101, 101, &[], gone));
    rig.expect_event("the move", |event| event.id == 101);
    rig.place(&request);
}
