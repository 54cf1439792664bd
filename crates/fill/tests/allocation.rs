//! No own order and no recorded event allocates once the model is made.

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

use tercel_book::{L2Book, LadderConfig};
use tercel_fill::{Fill, FillModel, OwnOrder, Proportional, RecordedTrade};
use tercel_types::{Level, OrderKind, Price, Quantity, Side, TimeInForce};

#[test]
fn a_hundred_thousand_rounds_allocate_nothing() {
    let mut book = L2Book::new(LadderConfig::new(Price(1), 1 << 16).unwrap());
    let _ = book.apply(Side::Buy, &[Level::new(99, 10), Level::new(98, 20)]);
    let _ = book.apply(Side::Sell, &[Level::new(101, 10), Level::new(102, 20)]);
    let mut model = FillModel::new(Proportional::default(), 64);
    let mut filled = 0;
    let mut sink = |fill: &Fill| filled += fill.quantity.0;
    let before = ALLOCATIONS.get();
    for id in 0..100_000u64 {
        let price = Price(if id % 7 == 0 { 101 } else { 99 });
        let (kind, time_in_force) = (OrderKind::Limit, TimeInForce::Gtc);
        let order = OwnOrder { id, side: Side::Buy, kind, time_in_force, price, quantity: Quantity(3) };
        let _ = model.place(&order, &book, &mut sink);
        let now = 5 + (id % 11) as i64;
        model.on_level(Side::Buy, Price(99), book.quantity_at(Side::Buy, Price(99)), Quantity(now));
        model.on_level(Side::Sell, Price(101), Quantity(10), Quantity(10));
        let _ = book.apply(Side::Buy, &[Level::new(99, now)]);
        let trade = RecordedTrade { price: Price(99), quantity: Quantity(2), aggressor: Side::Sell };
        model.on_trade(&trade, &mut sink);
        model.on_top(book.best_bid(), book.best_ask(), &mut sink);
        model.cancel(id - id % 5);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(filled > 1_000);
}
