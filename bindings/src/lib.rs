//! The N-API addon: the engine, the exchange in a box and capture replay as Node sees them.
//!
//! Thin on purpose: it turns JavaScript values into the crates' types and back and decides nothing. Expected failures
//! become JavaScript errors with the crates' own sentences; a panic becomes an error too and never crosses into Node.

#![expect(clippy::needless_pass_by_value, reason = "what JavaScript passes is owned by the call")]

mod account;
mod engine;
mod exchange;
mod notice;
mod replay;
mod summary;
mod trading;

use tercel_engine::allocation::CountingAllocator;

/// Counts allocations a thread, so that the trading thread's are known.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// An error with a sentence for its reader.
fn failure(error: impl std::fmt::Display) -> napi::Error {
    napi::Error::from_reason(error.to_string())
}
