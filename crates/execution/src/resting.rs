//! Which slots hold orders that can rest, by instrument and side, with their prices side by side: the next best own price
//! is found without touching the orders.

use tercel_types::{InstrumentId, Price, Side};

/// A bit a slot for each instrument and side, and a price a slot.
#[derive(Debug)]
pub(crate) struct RestingOrders {
    prices: Box<[Price]>,
    sets: Box<[u64]>,
    words: usize,
}

impl RestingOrders {
    /// `capacity` is a multiple of 64.
    pub fn new(capacity: usize, instruments: usize) -> Self {
        let words = capacity / 64;
        Self {
            prices: vec![Price(0); capacity].into_boxed_slice(),
            sets: vec![0; words * instruments * 2].into_boxed_slice(),
            words,
        }
    }

    pub fn insert(&mut self, instrument: InstrumentId, side: Side, slot: u32, price: Price) {
        self.prices[slot as usize] = price;
        self.set_mut(instrument, side)[slot as usize / 64] |= 1 << (slot % 64);
    }

    pub fn remove(&mut self, instrument: InstrumentId, side: Side, slot: u32) {
        self.set_mut(instrument, side)[slot as usize / 64] &= !(1 << (slot % 64));
    }

    /// The highest price of buys, the lowest of sells: at most one pass over the side's orders.
    pub fn best(&self, instrument: InstrumentId, side: Side) -> Option<Price> {
        let start = self.start(instrument, side);
        let set = &self.sets[start..start + self.words];
        match side {
            Side::Buy => self.prices_in(set).max(),
            Side::Sell => self.prices_in(set).min(),
        }
    }

    fn prices_in(&self, set: &[u64]) -> impl Iterator<Item = Price> {
        set.iter().enumerate().flat_map(move |(word, &bits)| {
            let mut rest = bits;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(self.prices[word * 64 + bit])
            })
        })
    }

    fn set_mut(&mut self, instrument: InstrumentId, side: Side) -> &mut [u64] {
        let start = self.start(instrument, side);
        &mut self.sets[start..start + self.words]
    }

    const fn start(&self, instrument: InstrumentId, side: Side) -> usize {
        (instrument.0 as usize * 2 + side as usize) * self.words
    }
}
