//! The book as it stood at the last batch edge.

use std::collections::BTreeMap;

use tercel_types::{Level, Price, Quantity, Side};

/// Both sides of a book and the update id they are true for.
#[derive(Clone, Debug, Default)]
pub struct PublishedBook {
    bids: BTreeMap<Price, Quantity>,
    asks: BTreeMap<Price, Quantity>,
    /// The id of the last change that is in it.
    pub last_update_id: u64,
}

impl PublishedBook {
    /// Sets a level; a quantity of zero removes it.
    pub fn set(&mut self, side: Side, level: Level) {
        let levels = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        if level.quantity.is_zero() {
            levels.remove(&level.price);
        } else {
            levels.insert(level.price, level.quantity);
        }
    }

    /// The best level of a side.
    #[must_use]
    pub fn best(&self, side: Side) -> Option<Level> {
        self.levels(side).next()
    }

    /// What stands at a price.
    #[must_use]
    pub fn quantity_at(&self, side: Side, price: Price) -> Quantity {
        let levels = if side == Side::Buy { &self.bids } else { &self.asks };
        levels.get(&price).copied().unwrap_or(Quantity::ZERO)
    }

    /// The levels of a side, best first.
    pub fn levels(&self, side: Side) -> Box<dyn Iterator<Item = Level> + '_> {
        let level = |(&price, &quantity): (&Price, &Quantity)| Level { price, quantity };
        match side {
            Side::Buy => Box::new(self.bids.iter().rev().map(level)),
            Side::Sell => Box::new(self.asks.iter().map(level)),
        }
    }
}
