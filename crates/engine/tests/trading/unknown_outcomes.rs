//! Requests of which nobody knows what became: they are asked about, and never sent again.

use std::time::{Duration, Instant};

use tercel_engine::layout::I32_ORDERS_POSSIBLE;
use tercel_engine::notices::NoticeKind;
use tercel_execution::OrderHandle;
use tercel_types::{OrderStatus, RejectReason, Side};

use crate::support::{Execution, OpenOrderBody, Request, Rig, TradeBody, limit, list, refusal, status_answer};

fn buy(rig: &mut Rig) -> (OrderHandle, Request) {
    rig.place(&limit(Side::Buy, 6_000_000, 1_000))
}

fn orders_possible(rig: &Rig) -> bool {
    rig.engine.shared().memory.i32(I32_ORDERS_POSSIBLE) == 1
}

#[test]
fn an_error_that_says_nothing_about_the_outcome_leads_to_a_question_and_not_to_a_second_order() {
    for (status, code) in [(504, -1007), (503, -1000), (500, -1001), (400, -1006)] {
        let mut rig = Rig::trading();
        let (handle, placed) = buy(&mut rig);
        rig.orders.send(&refusal(&placed, status, code, "Timeout waiting for response from backend server."));
        rig.expect_status(handle, OrderStatus::Unknown);
        let told = rig.expect_notice(NoticeKind::QueryOrder);
        assert!(told.text().contains(placed.new_order()), "{}", told.text());
        let question = rig.next_request();
        assert_eq!((question.method(), question.old_order()), ("order.status", placed.new_order()));
        rig.orders.send(&status_answer(&question, 1, "NEW", "0.00000000"));
        rig.expect_status(handle, OrderStatus::New);
        let summary = rig.summary();
        assert_eq!((summary.orders, summary.venue_rejects), (1, 0));
    }
}

#[test]
fn an_order_that_is_found_executed_is_filled_from_the_list_of_trades() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    rig.orders.send(&refusal(&placed, 504, -1007, "Timeout."));
    let question = rig.next_request();
    rig.orders.send(&status_answer(&question, 9, "PARTIALLY_FILLED", "0.00400000"));
    rig.expect_status(handle, OrderStatus::PartiallyFilled);
    rig.expect_notice(NoticeKind::ReconcileNeeded);
    let trade = TradeBody {
        id: 71,
        order_id: 9,
        price: "60000.00000000",
        quantity: "0.00400000",
        commission: ("0.24000000", "USDT"),
    };
    let order = placed.new_order();
    let open = OpenOrderBody { order, order_id: 9, status: "PARTIALLY_FILLED", executed: "0.00400000" };
    rig.reconcile(&list(&[open.body()]), &list(&[trade.body()]));
    rig.until("the fill", |rig| (rig.engine.shared().counters.fills.get() == 1).then_some(()));
    assert_eq!(rig.summary().instruments[0].position, "0.004");
}

#[test]
fn an_order_that_is_not_found_counts_as_refused_once_it_is_too_old_to_arrive() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    rig.orders.send(&refusal(&placed, 504, -1007, "Timeout."));
    rig.expect_status(handle, OrderStatus::Unknown);
    let mut questions = 0;
    while rig.status(handle) == OrderStatus::Unknown {
        let question = rig.until("an end or another question", |rig| {
            let ended = rig.status(handle).is_terminal();
            (ended || rig.orders.has_request()).then(|| (!ended).then(|| rig.orders.request()))
        });
        let Some(question) = question else { break };
        assert_eq!(question.method(), "order.status", "nothing is sent again");
        questions += 1;
        rig.orders.send(&refusal(&question, 400, -2013, "Order does not exist."));
        rig.hear_orders();
    }
    assert_eq!(rig.status(handle), OrderStatus::Rejected);
    assert!(questions > 1, "one absence alone proves nothing while the order may be on its way");
    let summary = rig.summary();
    assert_eq!((summary.orders, summary.orders_left, summary.venue_rejects), (1, 0, 0));
}

#[test]
fn a_request_without_an_answer_is_asked_about_after_the_timeout() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    // The venue is there, it only forgot the order.
    let (sent, mut has_spoken) = (Instant::now(), false);
    rig.until("the timeout", |rig| {
        if sent.elapsed() > Duration::from_secs(1) && !has_spoken {
            has_spoken = true;
            rig.hear_orders();
        }
        (rig.status(handle) == OrderStatus::Unknown).then_some(())
    });
    assert!(!rig.has_notice(NoticeKind::OrdersLost));
    let question = rig.next_request();
    assert_eq!((question.method(), question.old_order()), ("order.status", placed.new_order()));
    rig.orders.send(&status_answer(&question, 1, "NEW", "0.00000000"));
    rig.expect_status(handle, OrderStatus::New);
}

#[test]
fn a_venue_that_says_nothing_at_all_any_more_counts_as_lost() {
    let mut rig = Rig::trading();
    let (handle, _) = buy(&mut rig);
    let lost = rig.expect_notice(NoticeKind::OrdersLost);
    assert!(lost.text().contains("says nothing"), "{}", lost.text());
    assert_eq!(rig.status(handle), OrderStatus::Unknown);
    assert!(!orders_possible(&rig));
}

#[test]
fn after_a_lost_connection_nothing_leaves_until_the_venue_was_asked() {
    let mut rig = Rig::trading();
    let (working, working_placed) = rig.place_working(&limit(Side::Buy, 5_999_000, 1_000), 1);
    let (pending, pending_placed) = buy(&mut rig);
    assert!(orders_possible(&rig));
    rig.orders.close();
    rig.expect_notice(NoticeKind::OrdersLost);
    assert!(!orders_possible(&rig));
    assert_eq!((rig.status(working), rig.status(pending)), (OrderStatus::New, OrderStatus::Unknown));
    let request = limit(Side::Buy, 5_998_000, 1_000);
    assert_eq!(rig.drive().submit(&request), Err(RejectReason::NotConnected));
    assert_eq!(rig.drive().cancel(working), Err(RejectReason::NotConnected));

    rig.reconnect_orders();
    let question = rig.next_request();
    assert_eq!((question.method(), question.old_order()), ("order.status", pending_placed.new_order()));
    assert_eq!(rig.drive().submit(&request), Err(RejectReason::NotConnected), "a connection alone is not enough");
    rig.orders.send(&status_answer(&question, 2, "NEW", "0.00000000"));
    rig.expect_status(pending, OrderStatus::New);
    assert!(!orders_possible(&rig));

    let open = [(working_placed.new_order(), 1), (pending_placed.new_order(), 2)]
        .map(|(order, order_id)| OpenOrderBody { order, order_id, status: "NEW", executed: "0.00000000" }.body());
    rig.reconcile(&list(&open), "[]");
    rig.expect_notice(NoticeKind::OrdersReady);
    assert!(orders_possible(&rig));
    // The policy of this rig is to cancel what it finds open.
    for _ in 0..2 {
        rig.orders.expect("order.cancel");
    }
    rig.place(&request);
}

#[test]
fn answers_that_were_asked_for_before_the_loss_do_not_make_orders_possible() {
    let mut rig = Rig::trading();
    let asked = rig.engine.shared().clock.now();
    rig.orders.close();
    rig.expect_notice(NoticeKind::OrdersLost);
    rig.reconcile("[]", "[]");
    rig.reconnect_orders();
    rig.reconcile_as_of(asked, "[]", "[]");
    rig.hear_orders();
    assert!(!orders_possible(&rig));
    rig.reconcile("[]", "[]");
    rig.expect_notice(NoticeKind::OrdersReady);
    assert!(orders_possible(&rig));
}

#[test]
fn a_session_that_the_venue_ends_counts_as_a_lost_connection() {
    let mut rig = Rig::trading();
    let (handle, _) = buy(&mut rig);
    rig.orders.send(r#"{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1728973001334}}"#);
    rig.expect_notice(NoticeKind::OrdersLost);
    assert_eq!(rig.status(handle), OrderStatus::Unknown);
    assert!(!orders_possible(&rig));
}

#[test]
fn a_message_of_the_order_connection_that_cannot_be_read_is_told_and_the_venue_is_asked() {
    let mut rig = Rig::trading();
    let (handle, placed) = buy(&mut rig);
    let report = Execution { order: placed.new_order(), ..Execution::default() }.frame();
    rig.orders.send(&report.replace("\"z\":\"0.00000000\"", "\"z\":\"0.0000x000\""));
    let notice = rig.expect_notice(NoticeKind::Malformed);
    assert!(notice.text().contains("byte"), "{}", notice.text());
    rig.expect_notice(NoticeKind::ReconcileNeeded);
    rig.orders.send(&report);
    rig.expect_status(handle, OrderStatus::New);
}

#[test]
fn a_venue_that_contradicts_itself_stops_all_trading() {
    let mut rig = Rig::trading();
    let (handle, placed) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    let order = placed.new_order();
    rig.orders.send(&Execution { order, order_id: 2, ..Execution::default() }.frame());
    let killed = rig.expect_notice(NoticeKind::Killed);
    assert!(killed.text().contains("Contradiction"), "{}", killed.text());
    assert_eq!(rig.orders.expect("order.cancel").old_order(), order);
    assert_eq!(rig.status(handle), OrderStatus::PendingCancel);
    assert_eq!(rig.drive().submit(&limit(Side::Buy, 5_999_000, 1_000)), Err(RejectReason::KillSwitch));
    assert!(!orders_possible(&rig));
}
