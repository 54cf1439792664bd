//! Own orders in a recorded market.

use tercel_types::{Level, OrderKind, Price, Quantity, Side, TimeInForce};

use crate::order::{Fill, FillRefusal, FillSink, Liquidity, OwnOrder, Placed, RestingOwnOrder};
use crate::queue::{QueueModel, QueuePosition};
use crate::recorded::{RecordedBook, RecordedTrade};

/// Levels whose taken quantity is remembered; beyond that the oldest is forgotten, which only makes it available again.
const MAX_TAKEN_LEVELS: usize = 256;

/// Fills own orders from recorded levels and trades.
///
/// Feed it in the order of the recording: [`Self::on_trade`], [`Self::on_level`] for each level that a diff changes, and
/// [`Self::on_top`] once the diff is applied.
pub struct FillModel<Q> {
    queue: Q,
    /// In order of arrival, which is the order of own priority at a price.
    orders: Vec<Resting>,
    taken: Vec<Taken>,
}

#[derive(Clone, Copy)]
struct Resting {
    id: u64,
    side: Side,
    price: Price,
    leaves: i64,
    position: QueuePosition,
}

/// Quantity that own orders took from a recorded level which has not changed since.
#[derive(Clone, Copy)]
struct Taken {
    side: Side,
    price: Price,
    quantity: i64,
}

/// What an aggressive order may take: up to a quantity, or what a quote amount buys in whole lots.
enum Want {
    Base(i64),
    Quote { amount: i128, lot: i64 },
}

impl<Q: QueueModel> FillModel<Q> {
    /// A model for at most `capacity` resting own orders; nothing is allocated later.
    #[must_use]
    pub fn new(queue: Q, capacity: usize) -> Self {
        Self { queue, orders: Vec::with_capacity(capacity), taken: Vec::with_capacity(MAX_TAKEN_LEVELS) }
    }

    /// Enters an order: what crosses takes from the recorded book, the rest joins the queue at its price or expires.
    ///
    /// # Errors
    /// A refused order has caused no fill and no change.
    pub fn place(
        &mut self,
        order: &OwnOrder,
        book: &impl RecordedBook,
        sink: &mut impl FillSink,
    ) -> Result<Placed, FillRefusal> {
        if order.quantity.0 <= 0 {
            return Err(FillRefusal::NoQuantity);
        }
        let may_rest = order.kind != OrderKind::Market && order.time_in_force == TimeInForce::Gtc;
        let crosses = book.best(order.side.opposite()).is_some_and(|best| order.accepts(best.price));
        if order.kind == OrderKind::PostOnly && crosses {
            return Err(FillRefusal::WouldCross);
        }
        if may_rest && self.orders.len() == self.orders.capacity() {
            return Err(FillRefusal::Full);
        }
        if order.time_in_force == TimeInForce::Fok && self.takeable(order, book) < i128::from(order.quantity.0) {
            return Ok(Placed::default());
        }
        let executed = self.take(order, Want::Base(order.quantity.0), book, sink);
        let leaves = order.quantity.0 - executed;
        if leaves == 0 || !may_rest {
            return Ok(Placed { executed: Quantity(executed), resting: Quantity::ZERO });
        }
        let position = self.queue.join(book.quantity_at(order.side, order.price));
        self.orders.push(Resting { id: order.id, side: order.side, price: order.price, leaves, position });
        Ok(Placed { executed: Quantity(executed), resting: Quantity(leaves) })
    }

    /// Enters a market order that spends or earns at most a quote amount (mantissa at price scale plus quantity scale), in
    /// whole lots. The order's `quantity`, `price`, `kind` and `time_in_force` are not read.
    ///
    /// # Errors
    /// An amount or lot that is not above zero.
    pub fn place_market_by_quote(
        &mut self,
        order: &OwnOrder,
        amount: i128,
        lot: Quantity,
        book: &impl RecordedBook,
        sink: &mut impl FillSink,
    ) -> Result<Placed, FillRefusal> {
        if amount <= 0 || lot.0 <= 0 {
            return Err(FillRefusal::NoQuantity);
        }
        let order = OwnOrder { kind: OrderKind::Market, ..*order };
        let executed = self.take(&order, Want::Quote { amount, lot: lot.0 }, book, sink);
        Ok(Placed { executed: Quantity(executed), resting: Quantity::ZERO })
    }

    /// Takes a resting order out and returns what was left of it.
    pub fn cancel(&mut self, id: u64) -> Option<Quantity> {
        let position = self.orders.iter().position(|order| order.id == id)?;
        Some(Quantity(self.orders.remove(position).leaves))
    }

    /// Lowers what is left of a resting order, which keeps its place; false when there is no such order or when the new
    /// quantity is not above zero and below what is left.
    pub fn reduce_to(&mut self, id: u64, leaves: Quantity) -> bool {
        let order = self.orders.iter_mut().find(|order| order.id == id);
        let Some(order) = order.filter(|order| leaves.0 > 0 && leaves.0 < order.leaves) else { return false };
        order.leaves = leaves.0;
        true
    }

    /// A recorded trade: at an own price it moves the queue and fills what it reaches; through it, it fills all.
    pub fn on_trade(&mut self, trade: &RecordedTrade, sink: &mut impl FillSink) {
        let mut own = 0;
        for order in &mut self.orders {
            let beyond = (order.price.0 - trade.price.0) * order.side.sign();
            // At the own price only a taker from the other side meets this queue; a taker from the own side found the
            // opposite best at the own price, which is a cross.
            if beyond > 0 || (beyond == 0 && trade.aggressor == order.side) {
                order.fill(order.leaves, sink);
            } else if beyond == 0 {
                // Own orders in front have used up their part of the trade.
                let reaching = trade.quantity.0 - own;
                let quantity = (reaching - order.position.ahead.0).clamp(0, order.leaves);
                self.queue.traded(&mut order.position, Quantity(reaching));
                own += quantity;
                order.fill(quantity, sink);
            }
        }
        self.drop_filled();
    }

    /// A recorded level changed from one displayed quantity to another.
    pub fn on_level(&mut self, side: Side, price: Price, before: Quantity, now: Quantity) {
        self.taken.retain(|taken| taken.side != side || taken.price != price);
        for order in self.orders.iter_mut().filter(|order| order.side == side && order.price == price) {
            self.queue.displayed(&mut order.position, before, now);
        }
    }

    /// The recorded best prices: an own order that the opposite best has reached is filled wholly.
    pub fn on_top(&mut self, best_bid: Option<Level>, best_ask: Option<Level>, sink: &mut impl FillSink) {
        for order in &mut self.orders {
            let opposite = if order.side == Side::Buy { best_ask } else { best_bid };
            if opposite.is_some_and(|best| order.accepts(best.price)) {
                order.fill(order.leaves, sink);
            }
        }
        self.drop_filled();
    }

    /// The book was loaded anew, after a gap: nobody stands in front beyond what is displayed, nothing counts as taken.
    pub fn on_snapshot(&mut self, book: &impl RecordedBook) {
        self.taken.clear();
        for order in &mut self.orders {
            let displayed = book.quantity_at(order.side, order.price);
            order.position.ahead = order.position.ahead.min(displayed);
            order.position.traded = Quantity::ZERO;
        }
    }

    /// The resting own orders, in order of arrival.
    pub fn orders(&self) -> impl Iterator<Item = RestingOwnOrder> {
        self.orders.iter().map(|order| RestingOwnOrder {
            id: order.id,
            side: order.side,
            price: order.price,
            leaves: Quantity(order.leaves),
            ahead: order.position.ahead,
        })
    }

    /// What own orders have left of a recorded level.
    #[must_use]
    pub fn untaken(&self, side: Side, level: Level) -> Quantity {
        Quantity(self.available(side, level))
    }

    fn drop_filled(&mut self) {
        self.orders.retain(|order| order.leaves > 0);
    }

    /// Walks the recorded book from its best level on and returns the executed quantity.
    fn take(&mut self, order: &OwnOrder, mut want: Want, book: &impl RecordedBook, sink: &mut impl FillSink) -> i64 {
        let side = order.side.opposite();
        let mut executed = 0;
        for level in book.levels(side).take_while(|level| order.accepts(level.price)) {
            let wanted = want.at(level.price);
            if wanted == 0 {
                break;
            }
            let quantity = wanted.min(self.available(side, level));
            if quantity == 0 {
                continue;
            }
            executed += quantity;
            want.spend(level.price, quantity);
            self.remember_taken(side, level.price, quantity);
            sink.filled(&Fill {
                id: order.id,
                side: order.side,
                price: level.price,
                quantity: Quantity(quantity),
                leaves: Quantity(want.at(level.price)),
                liquidity: Liquidity::Taker,
            });
        }
        executed
    }

    fn takeable(&self, order: &OwnOrder, book: &impl RecordedBook) -> i128 {
        let side = order.side.opposite();
        let acceptable = book.levels(side).take_while(|level| order.accepts(level.price));
        acceptable.map(|level| i128::from(self.available(side, level))).sum()
    }

    fn available(&self, side: Side, level: Level) -> i64 {
        let taken = self.taken.iter().find(|taken| taken.side == side && taken.price == level.price);
        (level.quantity.0 - taken.map_or(0, |taken| taken.quantity)).max(0)
    }

    fn remember_taken(&mut self, side: Side, price: Price, quantity: i64) {
        if let Some(taken) = self.taken.iter_mut().find(|taken| taken.side == side && taken.price == price) {
            taken.quantity += quantity;
            return;
        }
        if self.taken.len() == MAX_TAKEN_LEVELS {
            self.taken.remove(0);
        }
        self.taken.push(Taken { side, price, quantity });
    }
}

impl OwnOrder {
    fn accepts(&self, price: Price) -> bool {
        self.kind == OrderKind::Market || (self.price.0 - price.0) * self.side.sign() >= 0
    }
}

impl Resting {
    fn accepts(&self, price: Price) -> bool {
        (self.price.0 - price.0) * self.side.sign() >= 0
    }

    fn fill(&mut self, quantity: i64, sink: &mut impl FillSink) {
        if quantity == 0 {
            return;
        }
        self.leaves -= quantity;
        sink.filled(&Fill {
            id: self.id,
            side: self.side,
            price: self.price,
            quantity: Quantity(quantity),
            leaves: Quantity(self.leaves),
            liquidity: Liquidity::Maker,
        });
    }
}

impl Want {
    fn at(&self, price: Price) -> i64 {
        match self {
            Self::Base(leaves) => *leaves,
            Self::Quote { amount, lot } => {
                let lot = i128::from(*lot);
                let quantity = *amount / (i128::from(price.0) * lot) * lot;
                i64::try_from(quantity).unwrap_or(i64::MAX)
            }
        }
    }

    fn spend(&mut self, price: Price, quantity: i64) {
        match self {
            Self::Base(leaves) => *leaves -= quantity,
            Self::Quote { amount, .. } => *amount -= i128::from(price.0) * i128::from(quantity),
        }
    }
}
