//! Cancel-replace in one request: both halves succeed, either fails, or nobody knows.

use tercel_engine::notices::NoticeKind;
use tercel_execution::OrderHandle;
use tercel_types::{OrderStatus, Price, RejectReason, Side};

use crate::support::{Request, Rig, limit, refusal, status_answer};

/// A working buy and the replacement that was asked for it.
struct Replacement {
    rig: Rig,
    old: OrderHandle,
    new: OrderHandle,
    request: Request,
}

fn replacement() -> Replacement {
    let mut rig = Rig::trading();
    let (old, placed) = rig.place_working(&limit(Side::Buy, 5_999_900, 1_000), 1);
    let new = rig.drive().replace(old, &limit(Side::Buy, 6_000_000, 1_000)).unwrap();
    let request = rig.orders.expect("order.cancelReplace");
    assert_eq!(request.text("cancelOrigClientOrderId"), placed.new_order());
    assert_eq!((request.text("cancelReplaceMode"), request.text("price")), ("STOP_ON_FAILURE", "60000.00"));
    assert_eq!(rig.status(old), OrderStatus::PendingReplace);
    Replacement { rig, old, new, request }
}

fn canceled(order: &str) -> String {
    format!(
        r#"{{"symbol":"BTCUSDT","origClientOrderId":"{order}","orderId":1,"clientOrderId":"x","price":"59999.00000000","origQty":"0.01000000","executedQty":"0.00000000","status":"CANCELED"}}"#
    )
}

/// An answer whose two halves are these.
fn answer(request: &Request, error: Option<i32>, cancel: &str, new: &str) -> String {
    let id = request.id();
    let results = format!(r#""cancelResponse":{cancel},"newOrderResponse":{new}"#);
    match error {
        None => format!(
            r#"{{"id":"{id}","status":200,"result":{{"cancelResult":"SUCCESS","newOrderResult":"SUCCESS",{results}}}}}"#
        ),
        Some(code) => format!(
            r#"{{"id":"{id}","status":409,"error":{{"code":{code},"msg":"Order cancel-replace failed.","data":{{"cancelResult":"X","newOrderResult":"X",{results}}}}}}}"#
        ),
    }
}

#[test]
fn a_replacement_ends_the_old_order_and_the_new_one_works() {
    let Replacement { mut rig, old, new, request } = replacement();
    let order = request.new_order();
    let placed =
        format!(r#"{{"symbol":"BTCUSDT","orderId":2,"clientOrderId":"{order}","transactTime":1723161255300}}"#);
    let old_id = request.text("cancelOrigClientOrderId");
    rig.orders.send(&answer(&request, None, &canceled(old_id), &placed));
    rig.expect_status(new, OrderStatus::New);
    rig.expect_status(old, OrderStatus::Canceled);
    assert_eq!(rig.drive().order(new).unwrap().price, Price(6_000_000));
    assert_eq!(rig.summary().orders_left, 1);
}

#[test]
fn a_cancel_that_is_refused_leaves_the_old_order_and_makes_no_new_one() {
    let Replacement { mut rig, old, new, request } = replacement();
    let refused = r#"{"code":-1015,"msg":"Too many requests."}"#;
    rig.orders.send(&answer(&request, Some(-2022), refused, "null"));
    assert_eq!(rig.expect_status(new, OrderStatus::Rejected).code, -1015);
    rig.expect_status(old, OrderStatus::New);
    assert_eq!(rig.expect_notice(NoticeKind::VenueReject).code, -1015);
    let summary = rig.summary();
    assert_eq!((summary.venue_rejects, summary.orders_left), (1, 1));
    assert_eq!(rig.drive().cancel(old), Ok(()), "the old order can be cancelled again");
}

#[test]
fn a_cancel_of_an_order_that_is_gone_leads_to_a_question_about_it() {
    let Replacement { mut rig, old, new, request } = replacement();
    let refused = r#"{"code":-2011,"msg":"Unknown order sent."}"#;
    rig.orders.send(&answer(&request, Some(-2022), refused, "null"));
    rig.expect_status(new, OrderStatus::Rejected);
    rig.expect_status(old, OrderStatus::Unknown);
    let question = rig.next_request();
    assert_eq!(question.old_order(), request.text("cancelOrigClientOrderId"));
    rig.orders.send(&status_answer(&question, 1, "CANCELED", "0.00000000"));
    rig.expect_status(old, OrderStatus::Canceled);
}

#[test]
fn a_new_order_that_is_refused_leaves_none() {
    let Replacement { mut rig, old, new, request } = replacement();
    let refused = r#"{"code":-2010,"msg":"Order would immediately match and take."}"#;
    rig.orders.send(&answer(&request, Some(-2021), &canceled(request.text("cancelOrigClientOrderId")), refused));
    assert_eq!(rig.expect_status(new, OrderStatus::Rejected).code, -2010);
    rig.expect_status(old, OrderStatus::Canceled);
    assert_eq!(rig.expect_notice(NoticeKind::VenueReject).code, -2010);
    assert_eq!(rig.summary().orders_left, 0);
}

#[test]
fn a_replacement_whose_outcome_is_unknown_is_asked_about_on_both_sides() {
    let Replacement { mut rig, old, new, request } = replacement();
    rig.orders.send(&refusal(&request, 504, -1007, "Timeout waiting for response from backend server."));
    rig.expect_status(new, OrderStatus::Unknown);
    rig.expect_status(old, OrderStatus::Unknown);
    for _ in 0..2 {
        let question = rig.next_request();
        assert_eq!(question.method(), "order.status");
        let is_new = question.old_order() == request.new_order();
        let (order_id, status) = if is_new { (2, "NEW") } else { (1, "CANCELED") };
        rig.orders.send(&status_answer(&question, order_id, status, "0.00000000"));
    }
    rig.until("both answers", |rig| {
        let (old, new) = (rig.status(old), rig.status(new));
        (old == OrderStatus::Canceled && new == OrderStatus::New).then_some(())
    });
    assert_eq!(rig.summary().venue_rejects, 0, "an unknown outcome is no refusal");
}

#[test]
fn only_an_order_that_works_can_be_replaced() {
    let Replacement { mut rig, old, .. } = replacement();
    let request = limit(Side::Buy, 5_999_800, 1_000);
    assert_eq!(rig.drive().replace(old, &request), Err(RejectReason::PendingRequest));
    assert_eq!(rig.drive().replace(OrderHandle::from_code(7), &request), Err(RejectReason::UnknownOrder));
}
