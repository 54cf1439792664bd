//! The engine with a strategy in Rust that answers every change of the book with an order.
//!
//! Usage: `wire-native --assignment FILE`; see `tercel_bench::contestant` for what is in it.

use crate::arguments::Arguments;
use crate::contestant::{Assignment, Failure, compete};
use crate::venue::ORDER_QUANTITY;
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

/// Runs the engine.
///
/// # Errors
/// What went wrong, in words.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    compete(&Assignment::read(&arguments.path("--assignment")?)?, Answer)
}
