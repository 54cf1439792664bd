//! Which trades were counted already: a bounded memory, the oldest forgotten first.

use crate::fixed_map::FixedMap;
use tercel_types::{InstrumentId, TradeId};

/// The trades counted last, by instrument and trade id (venues.md A8).
#[derive(Debug)]
pub(crate) struct RecentTrades {
    index: FixedMap,
    oldest_first: Box<[Option<u128>]>,
    next: usize,
}

impl RecentTrades {
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Self { index: FixedMap::new(capacity), oldest_first: vec![None; capacity].into_boxed_slice(), next: 0 }
    }

    pub fn contains(&self, instrument: InstrumentId, trade: TradeId) -> bool {
        self.index.get(key(instrument, trade)).is_some()
    }

    /// Remembers a trade; `false` if it was remembered already.
    pub fn insert(&mut self, instrument: InstrumentId, trade: TradeId) -> bool {
        let key = key(instrument, trade);
        if self.index.get(key).is_some() {
            return false;
        }
        if let Some(forgotten) = self.oldest_first[self.next].replace(key) {
            self.index.remove(forgotten);
        }
        self.index.insert(key, 0);
        self.next = if self.next + 1 == self.oldest_first.len() { 0 } else { self.next + 1 };
        true
    }
}

fn key(instrument: InstrumentId, trade: TradeId) -> u128 {
    (u128::from(instrument.0) << 64) | u128::from(trade.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_counts_once_until_it_is_forgotten_and_instruments_do_not_mix() {
        let mut trades = RecentTrades::new(2);
        assert!(trades.insert(InstrumentId(0), TradeId(7)));
        assert!(!trades.insert(InstrumentId(0), TradeId(7)));
        assert!(trades.insert(InstrumentId(1), TradeId(7)));
        assert!(trades.contains(InstrumentId(0), TradeId(7)));
        assert!(trades.insert(InstrumentId(0), TradeId(8)));
        assert!(!trades.contains(InstrumentId(0), TradeId(7)));
        assert!(trades.contains(InstrumentId(1), TradeId(7)));
    }
}
