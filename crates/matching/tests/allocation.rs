//! No operation of a book allocates once the book is made.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting what the calling thread asks of it.
struct Counting;

// SAFETY: every call is handed on to the system's allocator unchanged; counting touches only a thread-local cell that has
// neither a destructor nor an allocation of its own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps `alloc`'s contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System` through `alloc` above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tercel_matching::{BookShape, MatchSink, MatchingBook, NewOrder, OrderHandle, SelfTrade};
use tercel_types::{OrderKind, Price, Quantity, Side, TimeInForce};

/// Keeps the newest handle.
#[derive(Default)]
struct Newest(Option<OrderHandle>);

impl MatchSink for Newest {
    fn rested(&mut self, handle: OrderHandle, _: &NewOrder, _: Quantity) {
        self.0 = Some(handle);
    }
}

fn order(random: &mut ChaCha8Rng, id: u64) -> NewOrder {
    let side = if random.next_u32() & 1 == 0 { Side::Buy } else { Side::Sell };
    // Wide enough that the window moves and far levels come and go.
    let price = 1_000 + i64::from(random.next_u32() % 600) * i64::from(1 + random.next_u32() % 5);
    NewOrder {
        id,
        owner: random.next_u32() % 5,
        side,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        self_trade: SelfTrade::ExpireMaker,
        price: Price(price),
        quantity: Quantity(1 + i64::from(random.next_u32() % 100)),
    }
}

#[test]
fn two_hundred_thousand_operations_allocate_nothing() {
    let shape = BookShape { order_capacity: 4_096, level_capacity: 1_024, window_levels: 64, ..BookShape::default() };
    let mut book = MatchingBook::new(shape).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut newest = Newest::default();
    let before = ALLOCATIONS.get();
    for id in 0..200_000 {
        let _ = book.place(&order(&mut random, id), &mut newest);
        if id % 3 == 0
            && let Some(handle) = newest.0.take()
        {
            let _ = book.cancel(handle, &mut newest);
        }
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(book.order_count() > 0);
}

#[test]
fn the_counter_sees_an_allocation() {
    let before = ALLOCATIONS.get();
    std::hint::black_box(Box::new(1));
    assert_eq!(ALLOCATIONS.get() - before, 1);
}
