//! The engine against the exchange in a box: WebSocket, Ed25519 logon, and the example of a strategy in Rust.

#[path = "../examples/native_maker/maker.rs"]
mod maker;
#[path = "../examples/native_maker/session.rs"]
mod session;

use std::time::Duration;

#[test]
fn the_native_maker_quotes_on_the_exchange_and_leaves_no_order_behind() {
    let summary = session::trade(Duration::from_secs(3)).unwrap();
    assert!(summary.messages > 0 && summary.book_updates > 0, "{summary:?}");
    assert!(summary.orders >= 2, "both sides are quoted: {summary:?}");
    assert_eq!((summary.gaps, summary.orders_left), (0, 0));
}
