//! The book: what can be asked of it, and how orders enter and leave.

use tercel_types::{Level, OrderKind, Price, Quantity, Side, TimeInForce};

use crate::arena::{NONE, Order, Orders, PriceLevels};
use crate::ladder::{Entry, Ladder};
use crate::shape::{BookShape, ShapeError};
use crate::sink::{MatchSink, Removal, Removed};
use crate::taking::{Appetite, BaseAppetite, QuoteAppetite, Stop};
use crate::{CancelError, NewOrder, OrderHandle, Placed, QuoteBudget, Refusal, RestingOrder, SelfTrade};

/// Ticks beyond which a price is refused, so that keys and window bounds cannot overflow.
const MAX_TICKS: u64 = 1 << 62;

/// The resting orders of one instrument in price-time priority.
pub struct MatchingBook {
    pub(crate) orders: Orders,
    pub(crate) levels: PriceLevels,
    pub(crate) ladders: [Ladder; 2],
    tick: Tick,
}

/// Levels of one side from the best price on.
pub struct Levels<'book> {
    book: &'book MatchingBook,
    side: Side,
    next: Option<Entry>,
}

/// Divides by the tick with a shift and a multiplication: for a multiple of an odd number, multiplying by the number's
/// inverse modulo 2^64 is the exact quotient, and for anything else it is larger than any quotient can be.
#[derive(Clone, Copy)]
struct Tick {
    size: i64,
    shift: u32,
    inverse: u64,
    max_quotient: u64,
}

impl MatchingBook {
    /// Makes an empty book; all its memory is allocated and touched here.
    ///
    /// # Errors
    /// A size out of the range that [`BookShape`] names.
    pub fn new(shape: BookShape) -> Result<Self, ShapeError> {
        shape.validate()?;
        let ladder = || Ladder::new(shape.window_levels, shape.level_capacity);
        Ok(Self {
            orders: Orders::new(shape.order_capacity),
            levels: PriceLevels::new(shape.level_capacity),
            ladders: [ladder(), ladder()],
            tick: Tick::new(shape.tick.0),
        })
    }

    /// Matches an order and rests, expires or kills what is left of it.
    ///
    /// # Errors
    /// A refused order has caused no event and no change.
    pub fn place<S: MatchSink>(&mut self, order: &NewOrder, sink: &mut S) -> Result<Placed, Refusal> {
        if order.quantity.0 <= 0 {
            return Err(Refusal::NoQuantity);
        }
        let limit = self.limit_key(order)?;
        let crosses = self.crosses(order.side, limit);
        let may_rest = order.kind != OrderKind::Market && order.time_in_force == TimeInForce::Gtc;
        if order.kind == OrderKind::PostOnly && crosses {
            return Err(Refusal::WouldCross);
        }
        if may_rest && (self.orders.is_full() || self.levels.is_full()) {
            return Err(Refusal::BookFull);
        }
        sink.accepted(order);
        if order.time_in_force == TimeInForce::Fok && !self.can_fill(order, limit) {
            self.expire(order, order.quantity, Removal::FillOrKill, sink);
            return Ok(Placed::default());
        }
        let mut appetite = BaseAppetite::new(order.quantity);
        let stop = if crosses { self.take(order, limit, &mut appetite, sink) } else { Stop::NothingLeft };
        let executed = appetite.executed();
        let leaves = Quantity(appetite.leaves());
        if leaves.is_zero() {
            return Ok(Placed { executed, ..Placed::default() });
        }
        if stop == Stop::OwnOrder || !may_rest {
            let reason = if stop == Stop::OwnOrder { Removal::SelfTrade } else { Removal::Immediate };
            self.expire(order, leaves, reason, sink);
            return Ok(Placed { executed, ..Placed::default() });
        }
        // A resting order's key in its own ladder is the negated limit in the other one.
        let handle = self.rest(order, -limit, leaves, sink);
        let resting = if handle.is_some() { leaves } else { Quantity::ZERO };
        Ok(Placed { executed, resting, handle })
    }

    /// Matches a market order that spends (or earns) at most a quote amount, in whole lots. `quantity`, `price`, `kind` and
    /// `time_in_force` of the order are not read. It is filled when the rest of the budget is less than another lot at the
    /// last price; when the book or self-trade prevention ends it before that, `removed` says so, with leaves of zero
    /// because what is left is not a quantity.
    ///
    /// # Errors
    /// A budget or lot that is not above zero.
    pub fn place_market_by_quote<S: MatchSink>(
        &mut self,
        order: &NewOrder,
        budget: QuoteBudget,
        sink: &mut S,
    ) -> Result<Placed, Refusal> {
        if budget.amount <= 0 || budget.lot.0 <= 0 {
            return Err(Refusal::NoQuantity);
        }
        let order = &NewOrder { kind: OrderKind::Market, time_in_force: TimeInForce::Ioc, price: Price(0), ..*order };
        sink.accepted(order);
        let mut appetite = QuoteAppetite::new(budget);
        let stop = self.take(order, i64::MAX, &mut appetite, sink);
        if stop != Stop::Sated {
            let reason = if stop == Stop::OwnOrder { Removal::SelfTrade } else { Removal::Immediate };
            self.expire(order, Quantity::ZERO, reason, sink);
        }
        Ok(Placed { executed: appetite.executed(), ..Placed::default() })
    }

    /// Takes a resting order out and returns what was left of it.
    ///
    /// # Errors
    /// [`CancelError::UnknownOrder`] when the handle names no resting order.
    #[inline]
    pub fn cancel<S: MatchSink>(&mut self, handle: OrderHandle, sink: &mut S) -> Result<RestingOrder, CancelError> {
        let &order = self.orders.get(handle).ok_or(CancelError::UnknownOrder)?;
        let resting = self.describe(&order);
        self.unlink(handle.slot, &order);
        sink.removed(&Removed::resting(handle, &resting, Removal::Cancelled));
        self.settle_level(order.level, sink);
        Ok(resting)
    }

    /// Lowers what is left of a resting order; it keeps its place in the queue.
    ///
    /// # Errors
    /// An unknown handle, or a quantity that is not above zero and below what is left.
    pub fn reduce_to<S: MatchSink>(
        &mut self,
        handle: OrderHandle,
        leaves: Quantity,
        sink: &mut S,
    ) -> Result<RestingOrder, CancelError> {
        let &order = self.orders.get(handle).ok_or(CancelError::UnknownOrder)?;
        if leaves.0 <= 0 || leaves.0 >= order.leaves {
            return Err(CancelError::NotAReduction);
        }
        self.orders.slots[handle.slot as usize].leaves = leaves.0;
        self.levels.levels[order.level as usize].quantity -= order.leaves - leaves.0;
        self.settle_level(order.level, sink);
        Ok(RestingOrder { leaves, ..self.describe(&order) })
    }

    /// The resting order that a handle names.
    #[must_use]
    pub fn order(&self, handle: OrderHandle) -> Option<RestingOrder> {
        self.orders.get(handle).map(|order| self.describe(order))
    }

    /// The highest bid.
    #[must_use]
    pub fn best_bid(&self) -> Option<Level> {
        self.best(Side::Buy)
    }

    /// The lowest ask.
    #[must_use]
    pub fn best_ask(&self) -> Option<Level> {
        self.best(Side::Sell)
    }

    /// The best level of a side.
    #[must_use]
    #[inline]
    pub fn best(&self, side: Side) -> Option<Level> {
        self.ladders[side as usize].best().map(|entry| self.level(entry.level))
    }

    /// The levels of a side, best first.
    #[must_use]
    pub fn levels(&self, side: Side) -> Levels<'_> {
        Levels { book: self, side, next: self.ladders[side as usize].best() }
    }

    /// Copies the best levels of a side and returns how many there were to copy.
    pub fn depth(&self, side: Side, into: &mut [Level]) -> usize {
        let mut copied = 0;
        for (place, level) in into.iter_mut().zip(self.levels(side)) {
            *place = level;
            copied += 1;
        }
        copied
    }

    /// What stands at a price on a side; zero when nothing does or when the price is off tick.
    #[must_use]
    pub fn quantity_at(&self, side: Side, price: Price) -> Quantity {
        let Some(ticks) = self.tick.ticks(price) else { return Quantity::ZERO };
        let key = if side == Side::Buy { -ticks } else { ticks };
        let level = self.ladders[side as usize].find(key);
        level.map_or(Quantity::ZERO, |level| Quantity(self.levels.levels[level as usize].quantity))
    }

    /// Orders that rest.
    #[must_use]
    pub const fn order_count(&self) -> u32 {
        self.orders.live()
    }

    /// Price levels of a side.
    #[must_use]
    pub const fn level_count(&self, side: Side) -> u32 {
        self.ladders[side as usize].count()
    }

    /// The price at a key of a side's ladder.
    #[inline]
    pub(crate) const fn price_at(&self, side: Side, key: i64) -> Price {
        Price(key * self.tick.size * -side.sign())
    }

    /// Tells the new total of a level, and drops the level when its queue is empty.
    #[inline]
    pub(crate) fn settle_level<S: MatchSink>(&mut self, index: u32, sink: &mut S) {
        let level = self.levels.levels[index as usize];
        let price = self.price_at(level.side, level.key);
        if level.head == NONE {
            self.ladders[level.side as usize].remove(level.key);
            self.levels.release(index);
        }
        sink.level_changed(level.side, Level { price, quantity: Quantity(level.quantity) });
    }

    /// The worst key of the opposite ladder that an order accepts.
    #[inline]
    fn limit_key(&self, order: &NewOrder) -> Result<i64, Refusal> {
        if order.kind == OrderKind::Market {
            return Ok(i64::MAX);
        }
        let ticks = self.tick.ticks(order.price).ok_or(Refusal::OffTick)?;
        Ok(ticks * order.side.sign())
    }

    #[inline]
    fn crosses(&self, side: Side, limit: i64) -> bool {
        self.ladders[side.opposite() as usize].best().is_some_and(|best| best.key <= limit)
    }

    #[inline]
    fn rest<S: MatchSink>(
        &mut self,
        order: &NewOrder,
        key: i64,
        leaves: Quantity,
        sink: &mut S,
    ) -> Option<OrderHandle> {
        let ladder = &mut self.ladders[order.side as usize];
        let index = ladder.find(key).unwrap_or_else(|| {
            let level = self.levels.insert(order.side, key);
            ladder.insert(Entry { key, level });
            level
        });
        let level = &mut self.levels.levels[index as usize];
        let Some(quantity) = level.quantity.checked_add(leaves.0) else {
            self.expire(order, leaves, Removal::LevelFull, sink);
            return None;
        };
        level.quantity = quantity;
        level.count += 1;
        let previous = level.tail;
        let slot = self.orders.insert(Order {
            leaves: leaves.0,
            id: order.id,
            next: NONE,
            previous,
            level: index,
            owner: order.owner,
        });
        level.tail = slot;
        if previous == NONE {
            level.head = slot;
        } else {
            self.orders.slots[previous as usize].next = slot;
        }
        let handle = self.orders.handle(slot);
        sink.rested(handle, order, leaves);
        sink.level_changed(order.side, Level { price: order.price, quantity: Quantity(quantity) });
        Some(handle)
    }

    /// Takes an order out of its queue and frees its slot; the caller settles the level.
    #[inline]
    pub(crate) fn unlink(&mut self, slot: u32, order: &Order) {
        let level = &mut self.levels.levels[order.level as usize];
        level.quantity -= order.leaves;
        level.count -= 1;
        if order.previous == NONE {
            level.head = order.next;
        } else {
            self.orders.slots[order.previous as usize].next = order.next;
        }
        if order.next == NONE {
            level.tail = order.previous;
        } else {
            self.orders.slots[order.next as usize].previous = order.previous;
        }
        self.orders.release(slot);
    }

    fn expire<S: MatchSink>(&self, order: &NewOrder, leaves: Quantity, reason: Removal, sink: &mut S) {
        let price = if order.kind == OrderKind::Market { Price(0) } else { order.price };
        let NewOrder { id, owner, side, .. } = *order;
        sink.removed(&Removed { handle: None, id, owner, side, price, leaves, reason });
    }

    /// Whether an order would fill completely, own orders in the way considered.
    fn can_fill(&self, order: &NewOrder, limit: i64) -> bool {
        let ladder = &self.ladders[order.side.opposite() as usize];
        let mut missing = order.quantity.0;
        let mut next = ladder.best();
        while let Some(entry) = next.filter(|entry| entry.key <= limit) {
            let available = if order.self_trade == SelfTrade::Allow {
                self.levels.levels[entry.level as usize].quantity
            } else {
                match self.fillable_beside_own(order, entry.level, missing) {
                    Ok(available) => available,
                    Err(available) => return available >= missing,
                }
            };
            if available >= missing {
                return true;
            }
            missing -= available;
            next = ladder.first_from(entry.key + 1);
        }
        false
    }

    /// What a level offers up to `wanted`; an error holds what it offers before an own order ends the taker.
    fn fillable_beside_own(&self, taker: &NewOrder, level: u32, wanted: i64) -> Result<i64, i64> {
        let mut available = 0;
        let mut slot = self.levels.levels[level as usize].head;
        while slot != NONE && available < wanted {
            let maker = &self.orders.slots[slot as usize];
            if maker.owner != taker.owner {
                available += maker.leaves;
            } else if taker.self_trade != SelfTrade::ExpireMaker {
                return Err(available);
            }
            slot = maker.next;
        }
        Ok(available)
    }

    fn level(&self, index: u32) -> Level {
        let level = &self.levels.levels[index as usize];
        Level { price: self.price_at(level.side, level.key), quantity: Quantity(level.quantity) }
    }

    pub(crate) fn describe(&self, order: &Order) -> RestingOrder {
        let level = &self.levels.levels[order.level as usize];
        RestingOrder {
            id: order.id,
            owner: order.owner,
            side: level.side,
            price: self.price_at(level.side, level.key),
            leaves: Quantity(order.leaves),
        }
    }
}

impl Iterator for Levels<'_> {
    type Item = Level;

    fn next(&mut self) -> Option<Level> {
        let entry = self.next?;
        self.next = self.book.ladders[self.side as usize].first_from(entry.key + 1);
        Some(self.book.level(entry.level))
    }
}

impl Tick {
    fn new(size: i64) -> Self {
        let shift = size.trailing_zeros();
        let odd = (size >> shift) as u64;
        // Newton's iteration doubles the correct low bits: 3, 6, 12, 24, 48, 96.
        let mut inverse = odd;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        }
        Self { size, shift, inverse, max_quotient: (i64::MAX as u64 >> shift) / odd }
    }

    /// The number of ticks in a price, if it is a positive multiple and not beyond the range of keys.
    #[inline]
    fn ticks(self, price: Price) -> Option<i64> {
        let mantissa = price.0 as u64;
        if price.0 <= 0 || mantissa.trailing_zeros() < self.shift {
            return None;
        }
        let quotient = (mantissa >> self.shift).wrapping_mul(self.inverse);
        (quotient <= self.max_quotient && quotient < MAX_TICKS).then_some(quotient as i64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_multiplied_inverse_divides_like_division(
            size in prop_oneof![1i64..1_000, Just(1_000_000_007), Just(1i64 << 40), 1i64..i64::MAX],
            count in 0i64..1_000_000,
            off in -2i64..3,
        ) {
            let tick = Tick::new(size);
            for price in [size.wrapping_mul(count).wrapping_add(off), count, i64::MAX - count] {
                let expected = (price > 0 && price % size == 0 && price / size < 1 << 62).then(|| price / size);
                prop_assert_eq!(tick.ticks(Price(price)), expected);
            }
        }
    }
}
