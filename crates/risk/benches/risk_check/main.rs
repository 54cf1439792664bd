//! The pre-trade check (DESIGN section 5: p99 below 100 ns), in batches, over 4,096 different orders, markets and exposures
//! of 16 instruments, so that neither caches nor branch predictors see one order again and again.
#![allow(missing_docs, reason = "criterion generates undocumented items")]

mod workload;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Instant;
use tercel_types::Nanos;
use workload::{BATCH, CASES, Case, cases, check_batch, gate};

fn risk_check(criterion: &mut Criterion) {
    let cases = cases();
    print_tail(&cases);
    let mut gate = gate();
    let mut now = Nanos(0);
    let mut batches = cases.chunks_exact(BATCH).cycle();
    let mut group = criterion.benchmark_group("risk_check");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("batch_of_64", |bencher| {
        bencher.iter_batched(
            || batches.next().unwrap_or_default(),
            |batch| black_box(check_batch(&mut gate, batch, &mut now)),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// The distribution over batches, as the mean says nothing of the tail; one check alone is shorter than reading the clock.
#[allow(clippy::print_stdout, reason = "a benchmark's output is its purpose")]
fn print_tail(cases: &[Case]) {
    const ROUNDS: usize = 4_000;
    let mut gate = gate();
    let mut now = Nanos(0);
    let mut times: Vec<u64> = Vec::with_capacity(ROUNDS * CASES / BATCH);
    let mut accepted = 0u64;
    for _ in 0..ROUNDS {
        for batch in cases.chunks_exact(BATCH) {
            let start = Instant::now();
            accepted += u64::from(black_box(check_batch(&mut gate, batch, &mut now)));
            times.push(start.elapsed().as_nanos() as u64);
        }
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize] as f64 / BATCH as f64;
    println!(
        "risk_check, ns a check in batches of {BATCH}: p50 {:.1}, p99 {:.1}, p999 {:.1}; {:.1} % accepted",
        at(0.5),
        at(0.99),
        at(0.999),
        accepted as f64 * 100.0 / (ROUNDS * CASES) as f64,
    );
}

criterion_group!(benches, risk_check);
criterion_main!(benches);
