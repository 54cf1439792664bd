//! The engine against a venue whose every word is scripted, over real sockets.

mod bounds;
mod damage;
mod market_data;
mod orders;
mod reconciliation;
mod replacing;
mod risk;
mod secrets;
mod steady_state;
mod stopping;
mod support;
mod unknown_outcomes;

/// Counts what each thread allocates, for the tests of the steady state.
#[global_allocator]
static ALLOCATOR: tercel_engine::allocation::CountingAllocator = tercel_engine::allocation::CountingAllocator;
