//! The order flow of the exchange in a box: seeded agents that keep a market alive.
//!
//! The same seed and the same answers of the book give the same orders on every machine: all arithmetic is integer, the
//! random numbers are ChaCha8. What the agents do, each at its own Poisson rate:
//!
//! - a *reference price* jumps now and then, in quick steps, as news would have it, and is drawn back to where it began;
//! - *takers* send immediate orders of either side, now and then several in the same instant;
//! - *makers at the touch* add to the best levels and cancel there;
//! - *makers behind it* add and cancel at distances from the touch, in buckets of doubling width, some for an instant only;
//! - *chasers* cancel or take what a jump has left on the wrong side of the reference;
//! - *improvers* close a spread wider than one tick, towards the reference.
//!
//! The rates and sizes in [`FITTED`] were fitted to a recording by `cargo run --release -p tercel-exchange --bin fit_flow`;
//! docs/order-flow.md compares the two. An instrument with another price or lot gets distances in proportion to its price
//! and sizes of equal value.

mod agents;
mod exponential;
mod fitted;
mod parameters;
mod quantiles;
mod resting;
mod scaling;

pub use agents::{FlowAction, FlowMarket, FlowOperation, OrderFlow};
pub use fitted::FITTED;
pub use parameters::{BUCKETS, FlowParameters, bucket_of};
pub use quantiles::QuantileTable;

#[cfg(test)]
mod tests;
