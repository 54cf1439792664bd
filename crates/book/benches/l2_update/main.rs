//! What an update of one level costs: the ladder beside a `BTreeMap` and a sorted `Vec`, and the ladder's worst cases.

mod peers;
mod workload;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use peers::{Book, SortedBook, TreeBook};
use std::hint::black_box;
use std::time::{Duration, Instant};
use tercel_book::{L2Book, LadderConfig, OVERFLOW_LEVELS_DEFAULT, WINDOW_LEVELS_MAX, WINDOW_LEVELS_MIN, top_of_book};
use tercel_types::{Level, Nanos, Price, Side, UpdateId};
use workload::{TICK, Workload};

/// The ladder with a window of two to the power of `SHIFT` ticks.
struct Ladder<const SHIFT: u32>(L2Book);

impl<const SHIFT: u32> Book for Ladder<SHIFT> {
    fn empty() -> Self {
        Self(L2Book::new(LadderConfig::new(Price(TICK), 1 << SHIFT).expect("a window within the bounds")))
    }

    fn apply(&mut self, side: Side, levels: &[Level]) {
        let _ = black_box(self.0.apply(side, levels));
    }

    fn best(&self) -> (i64, i64) {
        let price = |level: Option<Level>| level.map_or(0, |level| level.price.0);
        (price(self.0.best_bid()), price(self.0.best_ask()))
    }
}

/// One pass over the workload, the best prices read after each frame as a strategy would; their sum proves equality.
fn pass<B: Book>(workload: &Workload) -> (Duration, i64) {
    let mut book = B::empty();
    book.apply(Side::Buy, &workload.bids);
    book.apply(Side::Sell, &workload.asks);
    let mut sum = 0i64;
    let start = Instant::now();
    for frame in &workload.frames {
        book.apply(Side::Buy, &frame.bids);
        book.apply(Side::Sell, &frame.asks);
        let (bid, ask) = book.best();
        sum = sum.wrapping_mul(31).wrapping_add(bid ^ ask);
    }
    (start.elapsed(), black_box(sum))
}

fn updates(criterion: &mut Criterion) {
    let workload = workload::generate();
    let expected = pass::<TreeBook>(&workload).1;
    let mut group = criterion.benchmark_group("l2_update");
    group.throughput(Throughput::Elements(workload::updates())).sample_size(10);
    let mut row = |name: &str, pass: fn(&Workload) -> (Duration, i64)| {
        assert_eq!(pass(&workload).1, expected, "{name} disagrees with the tree about the best prices");
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|passes| (0..passes).map(|_| pass(&workload).0).sum());
        });
    };
    row("ladder_2_16", pass::<Ladder<16>>);
    row("ladder_2_20", pass::<Ladder<20>>);
    row("btree_map", pass::<TreeBook>);
    row("sorted_vec", pass::<SortedBook>);
    group.finish();
}

/// A side with its list full of levels far below a window at `market`.
fn full_overflow(market: i64) -> L2Book {
    let mut book = L2Book::new(LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).expect("the smallest window"));
    let _ = black_box(book.apply(Side::Buy, &[Level::new(market, 1)]));
    for index in 0..OVERFLOW_LEVELS_DEFAULT as i64 - 1 {
        let _ = black_box(book.apply(Side::Buy, &[Level::new(2 + 2 * index, 1)]));
    }
    book
}

fn worst_cases(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("l2_worst_case");
    let mut book = full_overflow(10_000_000);
    group.bench_function("overflow_add_and_remove_at_the_far_end", |bencher| {
        bencher.iter(|| {
            let _ = black_box(book.apply(Side::Buy, &[Level::new(1, 1)]));
            let _ = black_box(book.apply(Side::Buy, &[Level::new(1, 0)]));
        });
    });
    let levels: Vec<_> = (0..workload::LEVELS as i64).map(|index| Level::new(1_000_000 - 5 * index, 1)).collect();
    group.bench_function("window_moves_away_from_5000_levels_and_back", |bencher| {
        let mut book = L2Book::new(LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).expect("the smallest window"));
        let _ = black_box(book.apply(Side::Buy, &levels));
        let beyond: Vec<_> = (0..17).map(|index| Level::new(9_000_000 + index, 1)).collect();
        let gone: Vec<_> = beyond.iter().map(|level| Level::new(level.price.0, 0)).collect();
        bencher.iter(|| {
            let _ = black_box(book.apply(Side::Buy, &beyond));
            let _ = black_box(book.apply(Side::Buy, &gone));
        });
    });
    group.bench_function("snapshot_of_5000_levels_a_side", |bencher| {
        let workload = workload::generate();
        let mut book = L2Book::new(LadderConfig::new(Price(TICK), WINDOW_LEVELS_MAX).expect("the largest window"));
        bencher.iter(|| black_box(book.load_snapshot(&workload.bids, &workload.asks)));
    });
    group.bench_function("publish_twenty_levels_a_side", |bencher| {
        let mut book = L2Book::new(LadderConfig::new(Price(TICK), WINDOW_LEVELS_MAX).expect("the largest window"));
        let workload = workload::generate();
        let _ = black_box(book.load_snapshot(&workload.bids, &workload.asks));
        let (writer, reader) = top_of_book();
        bencher.iter(|| writer.publish(&book, UpdateId(1), Nanos(1)));
        black_box(reader.read());
    });
    group.finish();
}

criterion_group!(benches, updates, worst_cases);
criterion_main!(benches);
