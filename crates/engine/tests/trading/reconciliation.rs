//! What the engine does about orders and fills that it learns of by asking.

use tercel_engine::notices::NoticeKind;
use tercel_execution::{OpenOrderPolicy, OrderHandle};
use tercel_types::{EventKind, OrderStatus, Quantity, Side};

use crate::support::{Execution, OpenOrderBody, Rig, TradeBody, cancel_ack, limit, list, status_answer};

/// An order that an earlier run of this engine left behind.
const LEFT_BEHIND: OpenOrderBody<'_> =
    OpenOrderBody { order: "tc0000000000000401", order_id: 5, status: "NEW", executed: "0.00000000" };

/// An order of somebody else on the same account.
const FOREIGN: OpenOrderBody<'_> =
    OpenOrderBody { order: "web_77", order_id: 6, status: "NEW", executed: "0.00000000" };

const FILL: TradeBody<'_> = TradeBody {
    id: 71,
    order_id: 1,
    price: "60000.00000000",
    quantity: "0.01000000",
    commission: ("0.60000000", "USDT"),
};

#[test]
fn own_orders_of_an_earlier_run_are_cancelled_and_those_of_others_left_alone() {
    let mut rig = Rig::connected();
    rig.synchronise();
    rig.reconcile(&list(&[FOREIGN.body(), LEFT_BEHIND.body()]), "[]");
    rig.expect_notice(NoticeKind::OrdersReady);
    assert!(rig.expect_notice(NoticeKind::Warning).text().contains("1 open orders of other programs"));
    let cancel = rig.orders.expect("order.cancel");
    assert_eq!(cancel.old_order(), LEFT_BEHIND.order);
    rig.orders.send(&cancel_ack(&cancel, 5, "0.00000000"));
    rig.expect_event("its end", |event| event.kind == EventKind::Order && event.detail == OrderStatus::Canceled as u8);
    let (_, next) = rig.place(&limit(Side::Buy, 5_999_000, 1_000));
    assert_eq!(next.method(), "order.place", "nothing was sent about the other order");
    assert_eq!(rig.summary().orders_left, 1);
}

#[test]
fn own_orders_of_an_earlier_run_are_adopted_where_the_configuration_says_so() {
    let mut rig = Rig::connected_with(|config| config.open_orders = OpenOrderPolicy::Adopt);
    rig.synchronise();
    let half = OpenOrderBody { status: "PARTIALLY_FILLED", executed: "0.00400000", ..LEFT_BEHIND };
    let earlier = TradeBody { order_id: 5, quantity: "0.00400000", ..FILL };
    rig.reconcile(&list(&[half.body()]), &list(&[earlier.body()]));
    let event = rig.expect_kind(EventKind::Order);
    let handle = OrderHandle::from_code(event.order);
    assert_eq!(rig.status(handle), OrderStatus::PartiallyFilled);
    rig.expect_notice(NoticeKind::OrdersReady);
    assert_eq!(rig.summary().fills, 0, "what it had executed before is no fill of this run");

    let report = Execution {
        order: LEFT_BEHIND.order,
        order_id: 5,
        kind: "TRADE",
        status: "FILLED",
        executed: "0.01000000",
        fill: Some(("0.00600000", "59000.00000000", 72)),
        commission: Some(("0.00000000", "USDT")),
        ..Execution::default()
    };
    rig.orders.send(&report.frame());
    rig.expect_status(handle, OrderStatus::Filled);
    let summary = rig.summary();
    assert_eq!((summary.fills, summary.instruments[0].position.as_str()), (1, "0.006"));
}

#[test]
fn a_fill_that_was_missed_is_booked_once_from_the_list_of_trades() {
    let mut rig = Rig::trading();
    let (handle, placed) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    rig.orders.close();
    rig.expect_notice(NoticeKind::OrdersLost);
    rig.reconnect_orders();
    let trades = list(&[FILL.body()]);
    rig.reconcile("[]", &trades);
    rig.expect_status(handle, OrderStatus::Filled);
    let event = rig.expect_kind(EventKind::Fill);
    assert_eq!((event.id, event.quantity, event.order), (71, Quantity(1_000_000).0, handle.code()));

    // The same fill by the stream, and the same list again.
    let report = Execution {
        order: placed.new_order(),
        kind: "TRADE",
        status: "FILLED",
        executed: "0.01000000",
        fill: Some(("0.01000000", "60000.00000000", 71)),
        commission: Some(("0.60000000", "USDT")),
        ..Execution::default()
    };
    rig.orders.send(&report.frame());
    rig.reconcile("[]", &trades);
    rig.hear_orders();
    let summary = rig.summary();
    let result = &summary.instruments[0];
    assert_eq!((summary.fills, result.position.as_str(), result.fees.as_str()), (1, "0.01", "0.6"));
}

#[test]
fn an_order_that_ended_unseen_is_asked_about() {
    let mut rig = Rig::trading();
    let (handle, placed) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    rig.orders.close();
    rig.expect_notice(NoticeKind::OrdersLost);
    rig.reconnect_orders();
    rig.reconcile("[]", "[]");
    rig.expect_status(handle, OrderStatus::Unknown);
    let question = rig.next_request();
    assert_eq!(question.old_order(), placed.new_order());
    rig.orders.send(&status_answer(&question, 1, "EXPIRED", "0.00000000"));
    rig.expect_status(handle, OrderStatus::Expired);
}

#[test]
fn an_order_that_left_after_the_question_is_not_missed_in_its_answer() {
    let mut rig = Rig::trading();
    let asked = rig.engine.shared().clock.now();
    let (handle, _) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    rig.reconcile_as_of(asked, "[]", "[]");
    rig.expect_notice(NoticeKind::OrdersReady);
    assert_eq!(rig.status(handle), OrderStatus::New);
}

#[test]
fn a_fill_that_no_list_of_trades_holds_is_told_as_missing_from_the_position() {
    let mut rig = Rig::trading();
    let (handle, _) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    rig.orders.close();
    rig.expect_notice(NoticeKind::OrdersLost);
    rig.reconnect_orders();
    rig.reconcile("[]", "[]");
    let question = rig.next_request();
    let asked_before = rig.engine.shared().clock.now();
    rig.orders.send(&status_answer(&question, 1, "FILLED", "0.01000000"));
    rig.expect_status(handle, OrderStatus::Filled);
    rig.reconcile_as_of(asked_before, "[]", "[]");
    rig.expect_notice(NoticeKind::ReconcileNeeded);
    assert!(!rig.has_notice(NoticeKind::Warning), "a list from before the fill proves nothing");
    rig.reconcile("[]", "[]");
    let warning = rig.expect_notice(NoticeKind::Warning);
    assert!(warning.text().contains("the venue executed 0.01 BTC"), "{}", warning.text());
}
