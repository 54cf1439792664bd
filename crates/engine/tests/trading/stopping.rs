//! How trading ends: by request, by the kill switch, by a strategy that failed or hangs, and by a worker that is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tercel_engine::TradingThread;
use tercel_engine::control::Driver;
use tercel_engine::notices::NoticeKind;
use tercel_engine::strategy::{Strategy, run};
use tercel_execution::OrderHandle;
use tercel_risk::KillReason;
use tercel_types::{Event, EventKind, OrderStatus, RejectReason, Side};

use crate::support::{PATIENCE, Rig, ack, cancel_ack, diff, limit, refusal, status_answer};

/// A rig with two working buys.
fn with_two_orders() -> (Rig, [OrderHandle; 2]) {
    let mut rig = Rig::trading();
    let (first, _) = rig.place_working(&limit(Side::Buy, 5_999_000, 1_000), 1);
    let (second, _) = rig.place_working(&limit(Side::Buy, 5_998_000, 1_000), 2);
    (rig, [first, second])
}

/// Confirms the cancels of both orders.
fn confirm_both(rig: &mut Rig) {
    for order_id in 1..=2 {
        let cancel = rig.next_request();
        assert_eq!(cancel.method(), "order.cancel");
        rig.orders.send(&cancel_ack(&cancel, order_id, "0.00000000"));
    }
}

#[test]
fn a_stop_cancels_all_orders_and_ends_when_all_are_confirmed_gone() {
    let (mut rig, orders) = with_two_orders();
    rig.engine.stop();
    rig.expect_kind(EventKind::Stop);
    confirm_both(&mut rig);
    let drained = rig.expect_kind(EventKind::Drained);
    assert_eq!(drained.detail, 0);
    assert!(orders.iter().all(|&order| rig.status(order) == OrderStatus::Canceled));
    assert_eq!(rig.summary().orders_left, 0);
    assert_eq!(rig.drive().submit(&limit(Side::Buy, 5_999_000, 100)), Err(RejectReason::KillSwitch));
}

#[test]
fn a_stop_is_told_even_while_frames_never_cease() {
    let mut rig = Rig::trading();
    let mut venue = rig.market.for_another_thread();
    let ending = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&ending);
    let flood = std::thread::spawn(move || {
        let mut update = 101;
        while !flag.load(Ordering::Relaxed) {
            let mut bytes = Vec::new();
            for _ in 0..100 {
                bytes.extend_from_slice(diff(update, update, &[], &[("60000.10000000", "2.50000000")]).as_bytes());
                bytes.push(b'\n');
                update += 1;
            }
            if !venue.try_send(&bytes) {
                break;
            }
        }
    });
    rig.expect_kind(EventKind::Book);
    rig.engine.stop();
    rig.expect_kind(EventKind::Stop);
    assert_eq!(rig.expect_kind(EventKind::Drained).detail, 0);
    ending.store(true, Ordering::Relaxed);
    rig.market.close();
    flood.join().unwrap();
}

#[test]
fn a_venue_that_never_confirms_is_given_up_at_the_deadline() {
    let mut rig = Rig::trading_with(|config| config.drain_ns = 300_000_000);
    rig.place_working(&limit(Side::Buy, 5_999_000, 1_000), 1);
    rig.engine.stop();
    let drained = rig.expect_kind(EventKind::Drained);
    assert_eq!(drained.detail, 1);
    assert_eq!(rig.expect_notice(NoticeKind::Drained).text(), "1 orders left");
    rig.orders.expect("order.cancel");
    assert!(!rig.orders.has_request(), "one cancel is under way, so no other is sent");
    assert_eq!(rig.summary().orders_left, 1);
}

#[test]
fn a_cancel_that_is_refused_while_stopping_is_sent_again() {
    let mut rig = Rig::trading();
    let (handle, _) = rig.place_working(&limit(Side::Buy, 5_999_000, 1_000), 1);
    rig.engine.stop();
    let cancel = rig.next_request();
    rig.orders.send(&refusal(&cancel, 429, -1015, "Too many requests."));
    rig.expect_status(handle, OrderStatus::New);
    let again = rig.next_request();
    assert_eq!(again.method(), "order.cancel");
    rig.orders.send(&cancel_ack(&again, 1, "0.00000000"));
    assert_eq!(rig.expect_kind(EventKind::Drained).detail, 0);
}

#[test]
fn orders_under_way_and_orders_of_unknown_outcome_are_followed_to_their_end_while_stopping() {
    let mut rig = Rig::trading();
    let (unknown, lost) = rig.place(&limit(Side::Buy, 5_999_000, 1_000));
    rig.orders.send(&refusal(&lost, 504, -1007, "Timeout."));
    rig.expect_status(unknown, OrderStatus::Unknown);
    let question = rig.next_request();
    let (pending, placed) = rig.place(&limit(Side::Buy, 5_998_000, 1_000));
    rig.engine.stop();
    let cancel = rig.next_request();
    assert_eq!(cancel.old_order(), placed.new_order(), "an order without an answer can be cancelled");
    rig.orders.send(&ack(&placed, 2));
    rig.orders.send(&cancel_ack(&cancel, 2, "0.00000000"));
    rig.expect_status(pending, OrderStatus::Canceled);
    rig.orders.send(&status_answer(&question, 1, "NEW", "0.00000000"));
    rig.expect_status(unknown, OrderStatus::New);
    let cancel = rig.next_request();
    assert_eq!(cancel.old_order(), lost.new_order());
    rig.orders.send(&cancel_ack(&cancel, 1, "0.00000000"));
    assert_eq!(rig.expect_kind(EventKind::Drained).detail, 0);
}

#[test]
fn the_kill_switch_works_from_another_thread() {
    let (mut rig, orders) = with_two_orders();
    let kill = rig.engine.shared().kill.clone();
    assert!(std::thread::spawn(move || kill.engage(KillReason::Operator)).join().unwrap());
    let killed = rig.expect_notice(NoticeKind::Killed);
    assert!(killed.text().contains("2 orders are being cancelled"), "{}", killed.text());
    confirm_both(&mut rig);
    rig.until("both to be gone", |rig| {
        orders.iter().all(|&order| rig.status(order) == OrderStatus::Canceled).then_some(())
    });
    assert_eq!(rig.engine.shared().memory.i32(tercel_engine::layout::I32_ORDERS_POSSIBLE), 0);
}

#[test]
fn orders_that_come_to_light_after_the_kill_switch_are_cancelled_too() {
    let mut rig = Rig::trading();
    rig.place_working(&limit(Side::Buy, 5_999_000, 1_000), 1);
    rig.orders.close();
    rig.expect_notice(NoticeKind::OrdersLost);
    rig.engine.kill(KillReason::Operator);
    rig.expect_notice(NoticeKind::Killed);
    rig.reconnect_orders();
    assert_eq!(rig.next_request().method(), "order.cancel");
}

#[test]
fn a_connection_that_is_lost_while_stopping_is_used_again_as_soon_as_it_is_back() {
    let (mut rig, orders) = with_two_orders();
    rig.engine.stop();
    rig.expect_kind(EventKind::Stop);
    rig.orders.close();
    rig.expect_notice(NoticeKind::OrdersLost);
    rig.reconnect_orders();
    let mut confirmed = 0;
    while confirmed < orders.len() {
        let request = rig.next_request();
        let order = orders.map(|order| rig.drive().order(order).copied().unwrap());
        let at = order.iter().position(|order| order.client_order_id.to_text() == *request.old_order().as_bytes());
        let order_id = at.unwrap() as u64 + 1;
        if request.method() == "order.status" {
            rig.orders.send(&status_answer(&request, order_id, "NEW", "0.00000000"));
        } else {
            rig.orders.send(&cancel_ack(&request, order_id, "0.00000000"));
            confirmed += 1;
        }
    }
    assert_eq!(rig.expect_kind(EventKind::Drained).detail, 0);
}

#[test]
fn a_strategy_that_failed_has_its_orders_cancelled_and_the_engine_stops() {
    let (mut rig, _) = with_two_orders();
    rig.drive().strategy_failed("TypeError: price is undefined");
    let notice = rig.expect_notice(NoticeKind::StrategyFailed);
    assert_eq!(notice.text(), "TypeError: price is undefined");
    assert_eq!(rig.drive().submit(&limit(Side::Buy, 5_999_000, 100)), Err(RejectReason::KillSwitch));
    confirm_both(&mut rig);
    assert_eq!(rig.expect_kind(EventKind::Drained).detail, 0);
}

#[test]
fn the_main_thread_takes_over_from_a_worker_that_is_gone() {
    let (mut rig, _) = with_two_orders();
    assert!(rig.engine.cell().attach(Driver::Main).is_none(), "the worker still drives");
    rig.drive = None;
    rig.engine.kill(KillReason::StrategyHung);
    rig.engine.stop();
    rig.drive = rig.engine.cell().attach(Driver::Main);
    confirm_both(&mut rig);
    let deadline = Instant::now() + PATIENCE;
    while rig.drive().drain(1) != Some(true) {
        assert!(Instant::now() < deadline, "the orders are never gone");
    }
    let summary = rig.summary();
    assert_eq!((summary.orders, summary.orders_left), (2, 0));
}

#[test]
fn the_watchdog_finds_a_worker_that_does_not_come_back() {
    let mut rig = Rig::trading_with(|config| config.watchdog_ns = 200_000_000);
    assert!(!rig.engine.shared().control.is_hung());
    let deadline = Instant::now() + PATIENCE;
    while !rig.engine.shared().control.is_hung() {
        assert!(Instant::now() < deadline, "the watchdog sleeps");
        std::thread::yield_now();
    }
    rig.step();
}

#[test]
fn nobody_hangs_while_nobody_drives() {
    let mut rig = Rig::trading_with(|config| config.watchdog_ns = 200_000_000);
    rig.drive = None;
    let hung_before = rig.engine.shared().control.is_hung();
    std::thread::sleep(std::time::Duration::from_millis(400));
    assert_eq!(rig.engine.shared().control.is_hung(), hung_before);
}

/// Counts what it is told, and sends one order when the book is there.
#[derive(Default)]
struct Recorder {
    order: Option<OrderHandle>,
    books: u32,
    started: bool,
    stopped: bool,
    ended: bool,
}

impl Strategy for Recorder {
    fn on_start(&mut self, _engine: &mut TradingThread) {
        self.started = true;
    }

    fn on_book(&mut self, engine: &mut TradingThread, _event: &Event) {
        self.books += 1;
        if self.order.is_none() {
            self.order = engine.submit(&limit(Side::Buy, 5_999_000, 1_000)).ok();
        }
    }

    fn on_order(&mut self, _engine: &mut TradingThread, event: &Event) {
        self.ended |= event.detail == OrderStatus::Canceled as u8;
    }

    fn on_stop(&mut self, _engine: &mut TradingThread) {
        self.stopped = true;
    }
}

#[test]
fn a_strategy_in_rust_has_the_same_callbacks_and_runs_until_its_orders_are_gone() {
    let mut rig = Rig::trading();
    rig.drive = None;
    let cell = Arc::clone(rig.engine.cell());
    let trading = std::thread::spawn(move || {
        let mut drive = cell.attach(Driver::Worker).unwrap();
        let mut strategy = Recorder::default();
        let clean = run(&mut drive, &mut strategy);
        (clean, strategy)
    });
    rig.market.send(&diff(101, 101, &[("60000.05000000", "3.00000000")], &[]));
    let placed = rig.orders.expect("order.place");
    rig.orders.send(&ack(&placed, 1));
    rig.engine.stop();
    let cancel = rig.orders.expect("order.cancel");
    rig.orders.send(&cancel_ack(&cancel, 1, "0.00000000"));
    let (clean, strategy) = trading.join().unwrap();
    assert!(clean && strategy.started && strategy.stopped && strategy.ended && strategy.books > 0);
}
