//! The pre-trade check.

#[path = "../../../../crates/risk/benches/risk_check/workload.rs"]
mod workload;

use std::hint::black_box;

use crate::beside::{Effort, best_of, timed};
use tercel_types::Nanos;
use workload::{BATCH, CASES, cases, check_batch, gate};

use super::Row;

/// The row of the check, about nine in ten of which accept.
pub fn check(effort: Effort) -> Row {
    let cases = cases();
    let (mut gate, mut now) = (gate(), Nanos(0));
    let best = best_of(
        effort,
        &mut [Box::new(|| {
            timed(CASES, || {
                for batch in cases.chunks_exact(BATCH) {
                    black_box(check_batch(&mut gate, batch, &mut now));
                }
            })
        })],
    );
    Row::new("risk_check", "ns an order", &best, &[])
}
