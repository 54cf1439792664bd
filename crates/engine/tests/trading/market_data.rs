//! From frames to a book that is true, and what happens when frames are missing, late or no frames at all.

use tercel_engine::layout::{F64_ASK_PRICE, F64_BID_PRICE, F64_LAST_PRICE};
use tercel_engine::notices::NoticeKind;
use tercel_engine::rest_answers::snapshot_command;
use tercel_net::WaitStrategy;
use tercel_types::{EventKind, InstrumentId, Price, RejectReason, Side};

use crate::support::{Rig, diff, limit, snapshot, ticker, trade};

const BIDS: &[(&str, &str)] = &[("60000.00000000", "1.00000000")];
const ASKS: &[(&str, &str)] = &[("60000.10000000", "2.00000000")];

/// The best bid of the book in cents.
fn best_bid(rig: &mut Rig) -> Option<Price> {
    rig.drive().quote(InstrumentId(0)).and_then(|quote| quote.bid).map(|level| level.price)
}

#[test]
fn diffs_that_waited_are_applied_on_top_of_the_snapshot() {
    let mut rig = Rig::connected();
    rig.market.send(&diff(90, 100, &[("60001.00000000", "9.00000000")], &[]));
    rig.market.send(&diff(101, 110, &[("60000.05000000", "3.00000000")], &[]));
    rig.expect_notice(NoticeKind::SnapshotNeeded);
    rig.apply_snapshot(&snapshot(100, BIDS, ASKS));
    rig.expect_notice(NoticeKind::Synchronised);
    assert_eq!(best_bid(&mut rig), Some(Price(6_000_005)), "the first diff is in the snapshot, the second is not");
    rig.market.send(&diff(111, 111, &[("60000.06000000", "1.00000000")], &[]));
    let event = rig.expect_event("update 111", |event| event.kind == EventKind::Book && event.id == 111);
    assert_eq!(event.instrument, InstrumentId(0));
    assert!(
        (rig.number(F64_BID_PRICE) - 60_000.06).abs() < 1e-9 && (rig.number(F64_ASK_PRICE) - 60_000.1).abs() < 1e-9
    );
}

#[test]
fn a_snapshot_that_is_too_old_is_asked_for_again() {
    let mut rig = Rig::connected();
    rig.market.send(&diff(100, 110, &[], &[]));
    rig.expect_notice(NoticeKind::SnapshotNeeded);
    rig.apply_snapshot(&snapshot(50, BIDS, ASKS));
    rig.expect_notice(NoticeKind::SnapshotNeeded);
    assert!(!rig.has_notice(NoticeKind::Synchronised));
    rig.apply_snapshot(&snapshot(105, BIDS, ASKS));
    rig.expect_notice(NoticeKind::Synchronised);
    assert_eq!(best_bid(&mut rig), Some(Price(6_000_000)));
}

#[test]
fn after_a_gap_no_order_leaves_until_the_book_is_true_again() {
    let mut rig = Rig::trading();
    rig.market.send(&diff(105, 110, &[("59999.00000000", "1.00000000")], &[]));
    let gap = rig.expect_notice(NoticeKind::Gap);
    assert!(gap.text().contains("expected update 101, got 105"), "{}", gap.text());
    rig.expect_notice(NoticeKind::SnapshotNeeded);
    rig.expect_event("stale data", |event| event.kind == EventKind::Stale && event.detail == 1);
    assert_eq!(rig.drive().submit(&limit(Side::Buy, 5_999_900, 100)), Err(RejectReason::StaleBook));

    rig.apply_snapshot(&snapshot(107, &[("59998.00000000", "1.00000000")], ASKS));
    rig.expect_notice(NoticeKind::Synchronised);
    rig.expect_event("current data", |event| event.kind == EventKind::Stale && event.detail == 0);
    assert_eq!(best_bid(&mut rig), Some(Price(5_999_900)));
    let (_, request) = rig.place(&limit(Side::Buy, 5_999_800, 100));
    assert_eq!(request.text("price"), "59998.00", "nothing of the refused order was written");
    assert_eq!(rig.summary().gaps, 1);
}

#[test]
fn a_lost_market_connection_is_told_and_a_new_one_starts_from_nothing() {
    let mut rig = Rig::trading();
    rig.market.close();
    let lost = rig.expect_notice(NoticeKind::MarketLost);
    assert!(lost.text().contains("closed"), "{}", lost.text());
    rig.expect_event("stale data", |event| event.kind == EventKind::Stale && event.detail == 1);
    assert_eq!(best_bid(&mut rig), None);
    assert_eq!(rig.drive().submit(&limit(Side::Buy, 5_999_900, 100)), Err(RejectReason::StaleBook));

    rig.reconnect_market();
    // The ids of another life of the venue: nothing is compared with what was before.
    rig.market.send(&diff(7, 7, &[], &[]));
    rig.expect_notice(NoticeKind::SnapshotNeeded);
    rig.apply_snapshot(&snapshot(6, BIDS, ASKS));
    rig.expect_notice(NoticeKind::Synchronised);
    rig.place(&limit(Side::Buy, 5_999_900, 100));
}

#[test]
fn data_that_became_too_old_is_told_and_not_traded_on() {
    let mut rig = Rig::trading_with(|config| config.instruments[0].limits.max_data_age_ns = 50_000_000);
    rig.expect_event("stale data", |event| event.kind == EventKind::Stale && event.detail == 1);
    rig.expect_notice(NoticeKind::Stale);
    assert_eq!(rig.drive().submit(&limit(Side::Buy, 5_999_900, 100)), Err(RejectReason::StaleBook));
    rig.market.send(&trade(5, "60000.00000000", "0.10000000"));
    rig.expect_event("current data", |event| event.kind == EventKind::Stale && event.detail == 0);
    assert!((rig.number(F64_LAST_PRICE) - 60_000.0).abs() < 1e-9);
}

#[test]
fn frames_that_cannot_be_read_are_told_with_their_place_and_the_session_goes_on() {
    let mut rig = Rig::trading();
    let whole = diff(101, 101, &[("60000.05000000", "3.00000000")], &[]);
    for broken in [
        r#"{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":101,"u":101,"b":[["60000.0x000000","1.0"]],"a":[]}}"#,
        &whole[..whole.len() - 9],
        "no json at all",
    ] {
        rig.market.send(broken);
        let notice = rig.expect_notice(NoticeKind::Malformed);
        let text = notice.text();
        assert!(text.contains("byte") && text.contains(&format!("a frame of {} bytes", broken.len())), "{text}");
    }
    rig.market.send(&whole);
    rig.expect_event("the whole frame", |event| event.kind == EventKind::Book && event.id == 101);
    assert_eq!(best_bid(&mut rig), Some(Price(6_000_005)));
    assert_eq!(rig.engine.shared().counters.malformed.get(), 3);
}

#[test]
fn a_frame_that_comes_in_pieces_and_frames_that_come_together_are_all_read() {
    let mut rig = Rig::trading();
    let mut bytes = Vec::new();
    for update in 101..=140 {
        bytes.extend_from_slice(diff(update, update, &[("60000.00000000", "1.50000000")], &[]).as_bytes());
        bytes.push(b'\n');
    }
    let (first, second) = bytes.split_at(bytes.len() / 3);
    rig.market.send_raw(first);
    rig.step();
    rig.market.send_raw(second);
    for update in 101..=140 {
        rig.expect_event("every update", |event| event.kind == EventKind::Book && event.id == update);
    }
}

#[test]
fn a_thread_that_parks_does_not_sleep_while_frames_wait_in_its_buffer() {
    let mut rig = Rig::trading_with(|config| config.wait = WaitStrategy::Park);
    let count = 20_000;
    let mut bytes = Vec::new();
    for update in 101..=100 + count {
        bytes.extend_from_slice(diff(update, update, &[], &[("60000.10000000", "2.50000000")]).as_bytes());
        bytes.push(b'\n');
    }
    let mut venue = rig.market.for_another_thread();
    let writer = std::thread::spawn(move || venue.send_raw(&bytes));
    rig.expect_event("the last update", |event| event.kind == EventKind::Book && event.id == 100 + count);
    writer.join().unwrap();
    assert_eq!(rig.summary().gaps, 0);
}

#[test]
fn a_frame_that_the_end_of_the_connection_cut_is_dropped_with_the_connection() {
    let mut rig = Rig::trading();
    let frame = diff(101, 101, &[("60000.05000000", "3.00000000")], &[]);
    rig.market.send_raw(&frame.as_bytes()[..frame.len() / 2]);
    rig.step();
    rig.market.close();
    rig.expect_notice(NoticeKind::MarketLost);
    assert_eq!(rig.engine.shared().counters.malformed.get(), 0);
}

#[test]
fn a_book_of_whole_messages_needs_no_snapshot() {
    let mut rig = Rig::connected_with(|config| config.instruments[0].partial_depth = true);
    let levels = snapshot(100, BIDS, ASKS);
    rig.market.send(&format!(r#"{{"stream":"btcusdt@depth20@100ms","data":{levels}}}"#));
    let event = rig.expect_kind(EventKind::Book);
    assert_eq!((event.id, best_bid(&mut rig)), (100, Some(Price(6_000_000))));
    assert!(!rig.has_notice(NoticeKind::SnapshotNeeded));
}

#[test]
fn a_snapshot_that_cannot_be_read_is_told_with_its_place() {
    let rig = Rig::connected();
    let body = snapshot(100, &[("60000.0x", "1.0")], ASKS);
    let error = snapshot_command(&rig.engine.instruments()[0], body.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("byte"), "{error}");
}

#[test]
fn a_best_quote_that_runs_ahead_of_the_book_is_what_the_strategy_sees() {
    let mut rig = Rig::trading();
    rig.market.send(&ticker(150, ("60000.03000000", "0.50000000"), ("60000.04000000", "0.25000000")));
    rig.expect_event("the quote", |event| event.kind == EventKind::Book && event.id == 150);
    assert_eq!(best_bid(&mut rig), Some(Price(6_000_003)));
}

#[test]
fn the_venues_announcement_that_it_closes_is_passed_on() {
    let mut rig = Rig::trading();
    rig.market.send(r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#);
    rig.expect_notice(NoticeKind::VenueShutdown);
}
