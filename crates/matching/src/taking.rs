//! An incoming order against the opposite side.

use tercel_types::{Price, Quantity};

use crate::arena::NONE;
use crate::book::MatchingBook;
use crate::sink::{MatchSink, Prevented, Removal, Removed, Trade};
use crate::{NewOrder, OrderHandle, QuoteBudget, RestingOrder, SelfTrade};

/// Why taking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The taker wants no more.
    Sated,
    /// No level at an acceptable price is left.
    NothingLeft,
    /// Self-trade prevention ended the taker.
    OwnOrder,
}

/// How much a taker still wants.
pub trait Appetite {
    /// Quantity wanted at a price; zero when sated.
    fn wanted(&mut self, price: i64) -> i64;
    /// Quantity was traded at a price.
    fn trade(&mut self, price: i64, quantity: i64);
    /// Quantity was taken away by self-trade prevention.
    fn prevent(&mut self, price: i64, quantity: i64);
    /// What is left, as far as it is known.
    fn leaves(&self) -> i64;
    /// What was traded.
    fn executed(&self) -> Quantity;
}

/// An order for a quantity.
pub struct BaseAppetite {
    leaves: i64,
    executed: i64,
}

/// An order for a quote amount.
pub struct QuoteAppetite {
    amount: i128,
    lot: i64,
    executed: i64,
    affordable: i64,
}

impl MatchingBook {
    /// Trades down to the worst acceptable key of the opposite ladder.
    pub(crate) fn take<A: Appetite, S: MatchSink>(
        &mut self,
        taker: &NewOrder,
        limit: i64,
        appetite: &mut A,
        sink: &mut S,
    ) -> Stop {
        let maker_side = taker.side.opposite();
        while let Some(best) = self.ladders[maker_side as usize].best().filter(|best| best.key <= limit) {
            let price = self.price_at(maker_side, best.key);
            let before = self.levels.levels[best.level as usize].quantity;
            let stop = self.take_level(taker, best.level, price, appetite, sink);
            if self.levels.levels[best.level as usize].quantity != before {
                self.settle_level(best.level, sink);
            }
            if let Some(stop) = stop {
                return stop;
            }
        }
        Stop::NothingLeft
    }

    /// Trades with one level's queue from its head; none when the level is used up and the taker may go on.
    fn take_level<A: Appetite, S: MatchSink>(
        &mut self,
        taker: &NewOrder,
        index: u32,
        price: Price,
        appetite: &mut A,
        sink: &mut S,
    ) -> Option<Stop> {
        let guarded = taker.self_trade != SelfTrade::Allow;
        loop {
            let wanted = appetite.wanted(price.0);
            if wanted == 0 {
                return Some(Stop::Sated);
            }
            let slot = self.levels.levels[index as usize].head;
            if slot == NONE {
                return None;
            }
            let maker = self.orders.slots[slot as usize];
            if guarded && maker.owner == taker.owner {
                if let Some(stop) = self.prevent(taker, slot, wanted, appetite, sink) {
                    return Some(stop);
                }
                continue;
            }
            let quantity = wanted.min(maker.leaves);
            appetite.trade(price.0, quantity);
            let handle = self.shrink_head(slot, quantity);
            sink.trade(&Trade {
                maker: handle,
                maker_id: maker.id,
                maker_owner: maker.owner,
                taker_owner: taker.owner,
                taker_id: taker.id,
                taker_side: taker.side,
                price,
                quantity: Quantity(quantity),
                maker_leaves: Quantity(maker.leaves - quantity),
                taker_leaves: Quantity(appetite.leaves()),
            });
        }
    }

    /// Takes quantity from the first order of a queue; an order without any left leaves the queue.
    #[inline]
    fn shrink_head(&mut self, slot: u32, quantity: i64) -> OrderHandle {
        let handle = self.orders.handle(slot);
        let order = &mut self.orders.slots[slot as usize];
        let level = &mut self.levels.levels[order.level as usize];
        level.quantity -= quantity;
        order.leaves -= quantity;
        if order.leaves > 0 {
            return handle;
        }
        let next = order.next;
        level.head = next;
        level.count -= 1;
        if next == NONE {
            level.tail = NONE;
        } else {
            self.orders.slots[next as usize].previous = NONE;
        }
        self.orders.release(slot);
        handle
    }

    /// An own order heads the queue: does what the taker's mode says, and returns a stop if that ends the taker.
    #[cold]
    fn prevent<A: Appetite, S: MatchSink>(
        &mut self,
        taker: &NewOrder,
        slot: u32,
        wanted: i64,
        appetite: &mut A,
        sink: &mut S,
    ) -> Option<Stop> {
        let resting = self.describe(&self.orders.slots[slot as usize]);
        match taker.self_trade {
            SelfTrade::ExpireTaker => return Some(Stop::OwnOrder),
            SelfTrade::ExpireBoth => {
                self.expire_maker(slot, &resting, sink);
                return Some(Stop::OwnOrder);
            }
            SelfTrade::ExpireMaker => self.expire_maker(slot, &resting, sink),
            SelfTrade::Decrement | SelfTrade::Allow => {
                let quantity = wanted.min(resting.leaves.0);
                appetite.prevent(resting.price.0, quantity);
                let maker = self.shrink_head(slot, quantity);
                sink.prevented(&Prevented {
                    maker,
                    maker_id: resting.id,
                    taker_id: taker.id,
                    owner: taker.owner,
                    price: resting.price,
                    quantity: Quantity(quantity),
                    maker_leaves: Quantity(resting.leaves.0 - quantity),
                    taker_leaves: Quantity(appetite.leaves()),
                });
            }
        }
        None
    }

    fn expire_maker<S: MatchSink>(&mut self, slot: u32, resting: &RestingOrder, sink: &mut S) {
        let handle = self.shrink_head(slot, resting.leaves.0);
        sink.removed(&Removed::resting(handle, resting, Removal::SelfTrade));
    }
}

impl Removed {
    /// The end of an order that rested.
    pub(crate) const fn resting(handle: OrderHandle, order: &RestingOrder, reason: Removal) -> Self {
        let RestingOrder { id, owner, side, price, leaves } = *order;
        Self { handle: Some(handle), id, owner, side, price, leaves, reason }
    }
}

impl BaseAppetite {
    pub const fn new(quantity: Quantity) -> Self {
        Self { leaves: quantity.0, executed: 0 }
    }
}

impl Appetite for BaseAppetite {
    #[inline]
    fn wanted(&mut self, _price: i64) -> i64 {
        self.leaves
    }

    #[inline]
    fn trade(&mut self, _price: i64, quantity: i64) {
        self.leaves -= quantity;
        self.executed += quantity;
    }

    fn prevent(&mut self, _price: i64, quantity: i64) {
        self.leaves -= quantity;
    }

    #[inline]
    fn leaves(&self) -> i64 {
        self.leaves
    }

    fn executed(&self) -> Quantity {
        Quantity(self.executed)
    }
}

impl QuoteAppetite {
    pub const fn new(budget: QuoteBudget) -> Self {
        Self { amount: budget.amount, lot: budget.lot.0, executed: 0, affordable: 0 }
    }

    fn spend(&mut self, price: i64, quantity: i64) {
        self.amount -= i128::from(price) * i128::from(quantity);
        self.affordable -= quantity;
    }
}

impl Appetite for QuoteAppetite {
    fn wanted(&mut self, price: i64) -> i64 {
        let lots = self.amount / (i128::from(price) * i128::from(self.lot));
        let quantity = lots.saturating_mul(i128::from(self.lot));
        self.affordable = i64::try_from(quantity).unwrap_or(i64::MAX - i64::MAX % self.lot);
        self.affordable
    }

    fn trade(&mut self, price: i64, quantity: i64) {
        self.spend(price, quantity);
        self.executed += quantity;
    }

    fn prevent(&mut self, price: i64, quantity: i64) {
        self.spend(price, quantity);
    }

    fn leaves(&self) -> i64 {
        self.affordable
    }

    fn executed(&self) -> Quantity {
        Quantity(self.executed)
    }
}
