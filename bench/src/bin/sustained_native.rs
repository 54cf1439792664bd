//! The engine with a strategy in Rust that only watches: what it costs to keep a book true.
//!
//! Usage: `sustained_native ASSIGNMENT.json`; see `tercel_bench::contestant` for what is in it.

use std::hint::black_box;
use std::path::PathBuf;

use tercel_bench::contestant::{Assignment, Failure, compete};
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

fn main() -> Result<(), Failure> {
    let file = std::env::args().nth(1).map(PathBuf::from).ok_or("usage: sustained_native ASSIGNMENT.json")?;
    let assignment: Assignment = serde_json::from_slice(&std::fs::read(file)?)?;
    compete(&assignment, Watch)
}
