//! The engine with a strategy in Rust that answers every change of the book with an order.
//!
//! Usage: `wire_native ASSIGNMENT.json`; see `tercel_bench::contestant` for what is in it.

use std::path::PathBuf;

use tercel_bench::contestant::{Assignment, Failure, compete};
use tercel_bench::venue::ORDER_QUANTITY;
use tercel_engine::strategy::Strategy;
use tercel_engine::{OrderRequest, TradingThread};
use tercel_types::{Event, OrderKind, Side, TimeInForce};

/// Bids at the best bid, immediate or cancel.
struct Answer;

impl Strategy for Answer {
    fn on_book(&mut self, engine: &mut TradingThread, event: &Event) {
        let Some(bid) = engine.quote(event.instrument).and_then(|quote| quote.bid) else { return };
        // A refusal is counted by the engine, and the load misses the order.
        let _ = engine.submit(&OrderRequest {
            instrument: event.instrument,
            side: Side::Buy,
            kind: OrderKind::Limit,
            time_in_force: TimeInForce::Ioc,
            price: bid.price,
            quantity: ORDER_QUANTITY,
        });
    }
}

fn main() -> Result<(), Failure> {
    let file = std::env::args().nth(1).map(PathBuf::from).ok_or("usage: wire_native ASSIGNMENT.json")?;
    let assignment: Assignment = serde_json::from_slice(&std::fs::read(file)?)?;
    compete(&assignment, Answer)
}
