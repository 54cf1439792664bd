//! The 64-byte record in which everything that a strategy can see travels.

use crate::{InstrumentId, Nanos, UtcNanos};

/// What an [`Event`] says. The codes are what `poll()` returns to TypeScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EventKind {
    /// Nothing to tell.
    None = 0,
    /// The book or its best prices changed: `id` is the update id, `detail` says by which stream
    /// (0 diff, 1 partial, 2 best price, 3 snapshot).
    Book = 1,
    /// A public trade: `price`, `quantity`, `id` the trade id, `detail` the aggressor's side.
    Trade = 2,
    /// One of the strategy's orders changed its state: `order` is its handle, `detail` the `OrderStatus`,
    /// `price` and `quantity` those of the order, `code` a venue's error code.
    Order = 3,
    /// One of the strategy's orders was filled: `price` and `quantity` of the fill, `id` the trade id,
    /// `detail` is bit 0 side, bit 1 maker; `fee` in the quote asset.
    Fill = 4,
    /// A timer is due: `id` is the timer.
    Timer = 5,
    /// An instrument's data is no longer current (`detail` 1) or current again (`detail` 0).
    Stale = 6,
    /// Stop was asked for: the strategy may say its last words.
    Stop = 7,
    /// All orders are confirmed gone (`detail` 0) or the deadline passed with some left (`detail` 1).
    Drained = 8,
}

/// One event. Numbers are mantissas at the instrument's scales; 64 bytes, one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Event {
    /// When the engine learned of it.
    pub received: Nanos,
    /// When the venue says it happened; zero where it does not say.
    pub venue_time: UtcNanos,
    /// A price mantissa.
    pub price: i64,
    /// A quantity mantissa.
    pub quantity: i64,
    /// An update, trade or timer id.
    pub id: u64,
    /// A fee mantissa in the quote asset at the instrument's notional scale, rounded up to a whole unit of it.
    pub fee: i64,
    /// The handle of the order concerned.
    pub order: u32,
    /// A venue's error code.
    pub code: i32,
    /// Which instrument.
    pub instrument: InstrumentId,
    /// What happened.
    pub kind: EventKind,
    /// A small code whose meaning depends on `kind`.
    pub detail: u8,
}

const _: () = assert!(size_of::<Event>() == 64);

impl Event {
    /// An event of this kind with every field empty.
    #[must_use]
    pub const fn new(kind: EventKind, instrument: InstrumentId, received: Nanos) -> Self {
        Self {
            received,
            venue_time: UtcNanos(0),
            price: 0,
            quantity: 0,
            id: 0,
            fee: 0,
            order: 0,
            code: 0,
            instrument,
            kind,
            detail: 0,
        }
    }
}
