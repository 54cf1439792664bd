//! The life of an order, from the strategy's call to its end, with position and profit exact.

use tercel_engine::OrderRequest;
use tercel_engine::layout::{F64_OPEN_BUY, F64_POSITION};
use tercel_engine::notices::NoticeKind;
use tercel_execution::OrderHandle;
use tercel_types::{EventKind, OrderKind, OrderStatus, Quantity, RejectReason, Side, TimeInForce};

use crate::support::{Execution, Request, Rig, ack, cancel_ack, limit, refusal, status_answer};

/// A buy of 0.01 BTC at 60,000, sent.
fn buy(rig: &mut Rig) -> (OrderHandle, Request) {
    rig.place(&limit(Side::Buy, 6_000_000, 1_000))
}

/// A fill of the buy: quantity, cumulative quantity, trade id and commission.
fn fill<'a>(
    order: &'a str,
    quantity: &'a str,
    executed: &'a str,
    trade: u64,
    fee: (&'a str, &'a str),
) -> Execution<'a> {
    let status = if executed == "0.01000000" { "FILLED" } else { "PARTIALLY_FILLED" };
    let fill = Some((quantity, "60000.00000000", trade));
    Execution { order, kind: "TRADE", status, executed, fill, commission: Some(fee), ..Execution::default() }
}

#[test]
fn an_order_goes_from_its_acknowledgement_over_partial_fills_to_its_end() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    assert_eq!((placed.method(), placed.text("side"), placed.text("type")), ("order.place", "BUY", "LIMIT"));
    assert_eq!((placed.text("price"), placed.text("quantity")), ("60000.00", "0.01000000"));
    assert!((rig.number(F64_OPEN_BUY) - 0.01).abs() < 1e-12);
    let id = placed.new_order();
    rig.orders.send(&ack(&placed, 1));
    rig.expect_status(handle, OrderStatus::New);
    rig.orders.send(&Execution { order: id, ..Execution::default() }.frame());
    rig.orders.send(&fill(id, "0.00400000", "0.00400000", 71, ("0.24000000", "USDT")).frame());
    rig.expect_status(handle, OrderStatus::PartiallyFilled);
    let event = rig.expect_kind(EventKind::Fill);
    assert_eq!((event.order, event.id, event.detail), (handle.code(), 71, 0b10), "a buy, as maker");
    assert_eq!((event.price, event.quantity, event.fee), (6_000_000, 400_000, 2_400_000_000));
    rig.orders.send(&fill(id, "0.00600000", "0.01000000", 72, ("0.36000000", "USDT")).frame());
    rig.expect_status(handle, OrderStatus::Filled);
    rig.expect_kind(EventKind::Fill);
    assert!((rig.number(F64_POSITION) - 0.01).abs() < 1e-12 && rig.number(F64_OPEN_BUY) == 0.0);

    // 0.01 bought at 60,000 and marked at 60,000.05, less 0.6 of fees.
    let summary = rig.summary();
    assert_eq!((summary.orders, summary.fills, summary.orders_left), (1, 2, 0));
    let result = &summary.instruments[0];
    assert_eq!((result.position.as_str(), result.pnl.as_str(), result.fees.as_str()), ("0.01", "-0.5995", "0.6"));
}

#[test]
fn a_fee_in_the_base_asset_makes_the_position_smaller() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    rig.orders.send(&ack(&placed, 1));
    rig.orders.send(&fill(placed.new_order(), "0.01000000", "0.01000000", 71, ("0.00001000", "BTC")).frame());
    rig.expect_status(handle, OrderStatus::Filled);
    let summary = rig.summary();
    let result = &summary.instruments[0];
    // 0.00999 at a profit of 0.05 each, less a fee that is worth 0.6.
    assert_eq!((result.position.as_str(), result.pnl.as_str()), ("0.00999", "-0.5995005"));
}

#[test]
fn a_fee_in_a_third_asset_is_kept_apart_unless_its_rate_is_known() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    rig.orders.send(&ack(&placed, 1));
    rig.orders.send(&fill(placed.new_order(), "0.01000000", "0.01000000", 71, ("0.00100000", "BNB")).frame());
    rig.expect_status(handle, OrderStatus::Filled);
    let summary = rig.summary();
    let result = &summary.instruments[0];
    assert_eq!((result.position.as_str(), result.pnl.as_str(), result.fees.as_str()), ("0.01", "0.0005", "0"));
    assert_eq!(result.other_fees, [("BNB".to_owned(), "0.001".to_owned())]);
}

#[test]
fn a_round_trip_realises_its_profit_to_the_last_digit() {
    let mut rig = Rig::trading();
    let (bought, placed) = buy(&mut rig);
    rig.orders.send(&fill(placed.new_order(), "0.01000000", "0.01000000", 71, ("0.60000000", "USDT")).frame());
    rig.expect_status(bought, OrderStatus::Filled);
    let (sold, placed) = rig.place(&limit(Side::Sell, 6_000_300, 1_000));
    let report = Execution {
        order: placed.new_order(),
        order_id: 2,
        side: "SELL",
        kind: "TRADE",
        status: "FILLED",
        executed: "0.01000000",
        fill: Some(("0.01000000", "60003.00000000", 72)),
        commission: Some(("0.60003000", "USDT")),
        ..Execution::default()
    };
    rig.orders.send(&report.frame());
    rig.expect_status(sold, OrderStatus::Filled);
    let summary = rig.summary();
    let result = &summary.instruments[0];
    assert_eq!((result.position.as_str(), result.pnl.as_str()), ("0", "-1.17003"));
}

#[test]
fn a_fill_may_come_before_the_acknowledgement() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    rig.orders.send(&fill(placed.new_order(), "0.01000000", "0.01000000", 71, ("0", "USDT")).frame());
    rig.expect_status(handle, OrderStatus::Filled);
    rig.orders.send(&ack(&placed, 1));
    rig.hear_orders();
    assert_eq!(rig.status(handle), OrderStatus::Filled);
    assert!(!rig.engine.shared().kill.is_engaged(), "an old acknowledgement is no contradiction");
}

#[test]
fn a_report_that_comes_twice_counts_once() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    rig.orders.send(&ack(&placed, 1));
    let report = fill(placed.new_order(), "0.00400000", "0.00400000", 71, ("0.24000000", "USDT")).frame();
    for _ in 0..3 {
        rig.orders.send(&report);
    }
    rig.hear_orders();
    assert_eq!(rig.status(handle), OrderStatus::PartiallyFilled);
    let summary = rig.summary();
    assert_eq!((summary.fills, summary.instruments[0].position.as_str()), (1, "0.004"));
}

#[test]
fn reports_of_orders_that_are_not_ours_are_ignored() {
    let mut rig = Rig::trading();
    for order in ["web_0123456789", "tcffffffff00000401", "tc"] {
        rig.orders.send(&fill(order, "0.01000000", "0.01000000", 71, ("0", "USDT")).frame());
    }
    let (_, placed) = buy(&mut rig);
    let elsewhere = fill(placed.new_order(), "0.01000000", "0.01000000", 71, ("0", "USDT"));
    rig.orders.send(&elsewhere.frame().replace("BTCUSDT", "ETHUSDT"));
    rig.hear_orders();
    assert_eq!(rig.summary().fills, 0);
    assert!(!rig.engine.shared().kill.is_engaged());
}

#[test]
fn an_order_that_the_venue_refuses_is_rejected_with_its_code_and_counted() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    rig.orders.send(&refusal(&placed, 400, -2010, "Account has insufficient balance for requested action."));
    let event = rig.expect_status(handle, OrderStatus::Rejected);
    assert_eq!(event.code, -2010);
    let notice = rig.expect_notice(NoticeKind::VenueReject);
    assert_eq!(notice.code, -2010);
    assert!(notice.text().contains("insufficient balance"), "{}", notice.text());
    let summary = rig.summary();
    assert_eq!((summary.venue_rejects, summary.orders, summary.orders_left), (1, 1, 0));
    assert!(rig.number(F64_OPEN_BUY) == 0.0, "a refused order is no exposure");
}

#[test]
fn a_post_only_order_that_would_trade_is_refused_by_the_venue() {
    let mut rig = Rig::trading();
    let request = OrderRequest { kind: OrderKind::PostOnly, ..limit(Side::Buy, 6_000_010, 1_000) };
    let (handle, placed) = rig.place(&request);
    assert_eq!(placed.text("type"), "LIMIT_MAKER");
    assert!(!placed.has("timeInForce"));
    rig.orders.send(&refusal(&placed, 400, -2010, "Order would immediately match and take."));
    assert_eq!(rig.expect_status(handle, OrderStatus::Rejected).code, -2010);
}

#[test]
fn orders_that_do_not_rest_expire() {
    let mut rig = Rig::trading();
    for (time_in_force, text) in [(TimeInForce::Ioc, "IOC"), (TimeInForce::Fok, "FOK")] {
        let request = OrderRequest { time_in_force, ..limit(Side::Buy, 6_000_000, 1_000) };
        let (handle, placed) = rig.place(&request);
        assert_eq!(placed.text("timeInForce"), text);
        let order = placed.new_order();
        rig.orders.send(&ack(&placed, 1));
        rig.orders.send(&Execution { order, kind: "EXPIRED", status: "EXPIRED", ..Execution::default() }.frame());
        rig.expect_status(handle, OrderStatus::Expired);
    }
    assert_eq!(rig.summary().orders_left, 0);
}

#[test]
fn a_market_order_has_no_price() {
    let mut rig = Rig::trading();
    let request = OrderRequest { kind: OrderKind::Market, ..limit(Side::Buy, 0, 1_000) };
    let (_, placed) = rig.place(&request);
    assert!(placed.text("type") == "MARKET" && !placed.has("price") && !placed.has("timeInForce"));
}

#[test]
fn a_cancel_is_confirmed_by_its_answer_and_by_the_report() {
    let mut rig = Rig::trading();
    let (handle, placed) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    assert_eq!(rig.drive().cancel(handle), Ok(()));
    assert_eq!(rig.status(handle), OrderStatus::PendingCancel);
    assert_eq!(rig.drive().cancel(handle), Err(RejectReason::PendingRequest), "one request at a time");
    let request = rig.orders.expect("order.cancel");
    assert_eq!(request.old_order(), placed.new_order());
    rig.orders.send(&cancel_ack(&request, 1, "0.00000000"));
    rig.expect_status(handle, OrderStatus::Canceled);
    let original = placed.new_order();
    let report = Execution { order: "x", original, kind: "CANCELED", status: "CANCELED", ..Execution::default() };
    rig.orders.send(&report.frame());
    rig.hear_orders();
    assert_eq!(rig.drive().cancel(handle), Err(RejectReason::UnknownOrder), "an order ends once");
    assert!(!rig.engine.shared().kill.is_engaged());
}

#[test]
fn an_order_can_be_cancelled_before_its_acknowledgement() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    assert_eq!(rig.drive().cancel(handle), Ok(()));
    let cancel = rig.orders.expect("order.cancel");
    rig.orders.send(&ack(&placed, 1));
    rig.orders.send(&cancel_ack(&cancel, 1, "0.00000000"));
    rig.expect_status(handle, OrderStatus::Canceled);
}

#[test]
fn a_cancel_of_an_order_that_the_venue_does_not_know_leads_to_a_question() {
    let mut rig = Rig::trading();
    let (handle, placed) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    assert_eq!(rig.drive().cancel(handle), Ok(()));
    let cancel = rig.orders.expect("order.cancel");
    rig.orders.send(&refusal(&cancel, 400, -2011, "Unknown order sent."));
    assert_eq!(rig.expect_status(handle, OrderStatus::Unknown).code, -2011);
    let question = rig.next_request();
    assert_eq!((question.method(), question.old_order()), ("order.status", placed.new_order()));
    rig.orders.send(&status_answer(&question, 1, "CANCELED", "0.00000000"));
    rig.expect_status(handle, OrderStatus::Canceled);
}

#[test]
fn a_cancel_that_crossed_a_fill_finds_the_fill_again_in_the_list_of_trades() {
    let mut rig = Rig::trading();
    let (handle, _) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    assert_eq!(rig.drive().cancel(handle), Ok(()));
    let cancel = rig.orders.expect("order.cancel");
    rig.orders.send(&refusal(&cancel, 400, -2011, "Unknown order sent."));
    let question = rig.next_request();
    rig.orders.send(&status_answer(&question, 1, "FILLED", "0.01000000"));
    rig.expect_status(handle, OrderStatus::Filled);
    assert_eq!(rig.summary().fills, 0, "the fill itself is still missing");
    rig.expect_notice(NoticeKind::ReconcileNeeded);
    let trade = crate::support::TradeBody {
        id: 71,
        order_id: 1,
        price: "60000.00000000",
        quantity: "0.01000000",
        commission: ("0.60000000", "USDT"),
    };
    let trades = crate::support::list(&[trade.body()]);
    rig.reconcile("[]", &trades);
    let event = rig.expect_kind(EventKind::Fill);
    assert_eq!((event.id, event.quantity), (71, Quantity(1_000_000).0));
    rig.reconcile("[]", &trades);
    rig.expect_notice(NoticeKind::OrdersReady);
    rig.expect_notice(NoticeKind::OrdersReady);
    let summary = rig.summary();
    assert_eq!((summary.fills, summary.instruments[0].position.as_str()), (1, "0.01"));
}
