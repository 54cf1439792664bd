//! After a feed was made, nothing that it does allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use tercel_book::{LadderConfig, WINDOW_LEVELS_MIN, top_of_book};
use tercel_feed::{BookSource, Continuity, Diff, FeedConfig, Snapshot, SymbolFeed, Ticker};
use tercel_types::{Level, Nanos, Price, UpdateId};

/// The system's allocator, counting what this thread asks of it.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call goes on to the system's allocator as it came; counting touches a `Cell` of this thread only, whose
// constant initialiser does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`, which is the same here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn level(random: &mut u64, market: i64) -> Level {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let far = (*random >> 60) == 0;
    let reach = if far { 4_000_000 } else { 400 };
    let off_tick = i64::from((*random >> 40).is_multiple_of(50));
    let quantity = ((*random >> 20) % 3) as i64;
    Level::new((market + (*random >> 33) as i64 % reach) * 10 + off_tick, quantity)
}

#[test]
fn a_million_levels_through_gaps_and_window_moves_allocate_nothing() {
    let ladder = LadderConfig::new(Price(10), WINDOW_LEVELS_MIN).unwrap().with_overflow_levels(2_000);
    let mut feed = SymbolFeed::new(FeedConfig { source: BookSource::Diffs(Continuity::Spot), ladder });
    let (writer, reader) = top_of_book();
    let (mut random, mut market, mut id) = (7u64, 6_000_000i64, 0u64);
    let (mut levels, mut snapshots) = ([Level::default(); 50], 0);
    let before = ALLOCATIONS.get();
    for step in 0..20_000u64 {
        market += (step % 4_000) as i64 - 2_000;
        for place in &mut levels {
            *place = level(&mut random, market);
        }
        let (bids, asks) = levels.split_at(25);
        // Every 997th diff is lost.
        let first = id + 1 + u64::from(step % 997 == 0);
        id += 10;
        let diff = Diff { first: UpdateId(first), last: UpdateId(id), previous: None, bids, asks };
        let _ = feed.on_diff(&diff, Nanos(step as i64));
        let ticker = Ticker { update_id: UpdateId(id + 1), bid: bids[0], ask: asks[0] };
        let _ = feed.on_ticker(&ticker, Nanos(step as i64));
        if feed.needs_snapshot() && step % 100 == 0 {
            snapshots += 1;
            let _ = feed.on_snapshot(&Snapshot { last: UpdateId(id), bids, asks }, Nanos(step as i64));
            while feed.catch_up().is_some() {}
        }
        writer.publish(feed.book(), UpdateId(id), Nanos(step as i64));
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(snapshots > 10 && feed.gaps() > 10, "{snapshots} snapshots, {} gaps", feed.gaps());
    assert!(feed.book().window_moves() > 10 && feed.book().dropped_levels() > 0);
    assert_eq!(reader.read().update_id, UpdateId(id));
}

#[test]
fn an_allocation_is_counted() {
    let before = ALLOCATIONS.get();
    std::hint::black_box(Box::new(1));
    assert_eq!(ALLOCATIONS.get() - before, 1);
}
