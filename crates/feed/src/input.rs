//! What a feed is told, free of any venue's format.

use tercel_types::{Level, UpdateId};

/// Changes of the book. Quantities are absolute; zero removes a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diff<'a> {
    /// The first update in it.
    pub first: UpdateId,
    /// The last update in it.
    pub last: UpdateId,
    /// The last update of the diff before, where the venue says it (USD-M).
    pub previous: Option<UpdateId>,
    /// Bids that changed.
    pub bids: &'a [Level],
    /// Asks that changed.
    pub asks: &'a [Level],
}

/// The book as it was after one update, as deep as the venue gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// The last update in it.
    pub last: UpdateId,
    /// Bids, best first.
    pub bids: &'a [Level],
    /// Asks, best first.
    pub asks: &'a [Level],
}

/// The best levels of the book, whole, from a stream of such messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partial<'a> {
    /// The last update in it.
    pub last: UpdateId,
    /// The best bids, best first.
    pub bids: &'a [Level],
    /// The best asks, best first.
    pub asks: &'a [Level],
}

/// The best bid and ask from a stream of their own, which runs ahead of the diffs. A side without orders has a quantity
/// of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticker {
    /// The update after which it holds.
    pub update_id: UpdateId,
    /// The best bid.
    pub bid: Level,
    /// The best ask.
    pub ask: Level,
}
