//! Books made of the standard library's collections, to measure the ladder beside.

use std::collections::BTreeMap;
use tercel_types::{Level, Side};

/// What every book in the comparison can do.
pub trait Book {
    /// An empty book.
    fn empty() -> Self;
    /// Absolute quantities; zero removes.
    fn apply(&mut self, side: Side, levels: &[Level]);
    /// The best price of both sides, zero where there is none.
    fn best(&self) -> (i64, i64);
}

/// A tree a side.
pub struct TreeBook {
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
}

/// A sorted array a side, the best level last.
pub struct SortedBook {
    bids: Vec<(i64, i64)>,
    asks: Vec<(i64, i64)>,
}

impl Book for TreeBook {
    fn empty() -> Self {
        Self { bids: BTreeMap::new(), asks: BTreeMap::new() }
    }

    fn apply(&mut self, side: Side, levels: &[Level]) {
        let tree = if side == Side::Buy { &mut self.bids } else { &mut self.asks };
        for level in levels {
            if level.quantity.is_zero() {
                tree.remove(&level.price.0);
            } else {
                tree.insert(level.price.0, level.quantity.0);
            }
        }
    }

    fn best(&self) -> (i64, i64) {
        let bid = self.bids.last_key_value().map_or(0, |(&price, _)| price);
        (bid, self.asks.first_key_value().map_or(0, |(&price, _)| price))
    }
}

impl Book for SortedBook {
    fn empty() -> Self {
        Self { bids: Vec::with_capacity(1 << 14), asks: Vec::with_capacity(1 << 14) }
    }

    fn apply(&mut self, side: Side, levels: &[Level]) {
        let sorted = if side == Side::Buy { &mut self.bids } else { &mut self.asks };
        for level in levels {
            let rank = level.price.0 * side.sign();
            match (sorted.binary_search_by_key(&rank, |entry| entry.0), level.quantity.is_zero()) {
                (Ok(at), true) => {
                    sorted.remove(at);
                }
                (Ok(at), false) => sorted[at].1 = level.quantity.0,
                (Err(at), false) => sorted.insert(at, (rank, level.quantity.0)),
                (Err(_), true) => {}
            }
        }
    }

    fn best(&self) -> (i64, i64) {
        let price = |sorted: &[(i64, i64)]| sorted.last().map_or(0, |entry| entry.0.abs());
        (price(&self.bids), price(&self.asks))
    }
}
