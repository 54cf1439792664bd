//! What happens at the bounds of the rings between the threads, and that every waiting strategy serves everything.

use tercel_engine::commands::{self, Command};
use tercel_engine::notices::{self, NoticeKind};
use tercel_net::WaitStrategy;
use tercel_types::{EventKind, OrderStatus, Side};

use crate::support::{Rig, ack, cancel_ack, limit};

#[test]
fn commands_beyond_the_ring_are_refused_in_words_and_taken_again_later() {
    let mut rig = Rig::trading();
    for _ in 0..commands::CAPACITY {
        rig.engine.command(Command::ClockOffset(0)).unwrap();
    }
    let full = rig.engine.command(Command::ClockOffset(0)).unwrap_err();
    assert!(full.to_string().contains("is it hanging?"), "{full}");
    rig.until("room again", |rig| rig.engine.command(Command::ClockOffset(0)).ok());
}

#[test]
fn notices_beyond_the_ring_are_counted_and_leave_room_for_those_that_are_acted_on() {
    let mut rig = Rig::trading();
    let room = notices::CAPACITY - notices::RESERVED;
    for _ in 0..room + 10 {
        rig.drive().log(1, "a line");
    }
    assert_eq!(rig.engine.shared().counters.notices_dropped.get(), 10);
    rig.drive().strategy_failed("for a reason");
    let notices: Vec<_> = std::iter::from_fn(|| rig.engine.notice()).collect();
    assert_eq!(notices.len(), room + 1);
    assert_eq!(notices[room].kind, NoticeKind::StrategyFailed);
}

#[test]
fn timers_fire_once_and_in_their_order() {
    let mut rig = Rig::trading();
    rig.drive().set_timer(3, 40_000_000);
    rig.drive().set_timer(7, 10_000_000);
    rig.drive().set_timer(9, 20_000_000);
    rig.drive().set_timer(9, -1);
    rig.drive().set_timer(11, i64::MAX);
    for id in [7, 3] {
        assert_eq!(rig.expect_kind(EventKind::Timer).id, id);
    }
}

#[test]
fn every_waiting_strategy_serves_frames_answers_commands_and_timers() {
    for wait in WaitStrategy::ALL {
        let mut rig = Rig::trading_with(|config| config.wait = wait);
        rig.drive().set_timer(0, 5_000_000);
        rig.expect_kind(EventKind::Timer);
        let (order, placed) = rig.place(&limit(Side::Buy, 5_999_000, 100));
        rig.orders.send(&ack(&placed, 1));
        rig.expect_status(order, OrderStatus::New);
        rig.engine.stop();
        let cancel = rig.next_request();
        rig.orders.send(&cancel_ack(&cancel, 1, "0.00000000"));
        assert_eq!(rig.expect_kind(EventKind::Drained).detail, 0, "{wait:?}");
        assert_eq!(rig.summary().waiting, wait.key());
    }
}
