//! The engine with a strategy in Rust that only watches: what it costs to keep a book true.
//!
//! Usage: `sustained-native --assignment FILE`; see `tercel_bench::contestant` for what is in it.

use crate::arguments::Arguments;
use crate::contestant::{Assignment, Failure, compete};
use std::hint::black_box;
use tercel_engine::TradingThread;
use tercel_engine::strategy::Strategy;
use tercel_types::Event;

/// Reads the best prices after every change and every trade.
struct Watch;

impl Strategy for Watch {
    fn on_book(&mut self, engine: &mut TradingThread, event: &Event) {
        black_box(engine.quote(event.instrument));
    }

    fn on_trade(&mut self, _engine: &mut TradingThread, event: &Event) {
        black_box(event.price);
    }
}

/// Runs the engine.
///
/// # Errors
/// What went wrong, in words.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    compete(&Assignment::read(&arguments.path("--assignment")?)?, Watch)
}
