//! The simplest book that can be right: a list of orders in the order of their arrival.

use tercel_matching::{
    CancelError, MatchSink, NewOrder, OrderHandle, Prevented, QuoteBudget, Refusal, Removed, SelfTrade, Trade,
};
use tercel_types::{Level, OrderKind, Quantity, Side, TimeInForce};

/// An event without handles, which a model has no use for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Accepted(u64),
    /// Maker, taker, price, quantity, maker's and taker's leaves.
    Trade(u64, u64, i64, i64, i64, i64),
    Prevented(u64, u64, i64, i64, i64, i64),
    Rested(u64, i64),
    Removed(u64, i64, String),
    LevelChanged(Side, Level),
}

/// Records the book's events and every handle it issued.
#[derive(Default)]
pub struct Recorder {
    pub events: Vec<Event>,
    pub handles: Vec<(OrderHandle, u64)>,
}

impl MatchSink for Recorder {
    fn accepted(&mut self, order: &NewOrder) {
        self.events.push(Event::Accepted(order.id));
    }

    fn trade(&mut self, trade: &Trade) {
        let Trade { maker_id, taker_id, price, quantity, maker_leaves, taker_leaves, .. } = *trade;
        self.events.push(Event::Trade(maker_id, taker_id, price.0, quantity.0, maker_leaves.0, taker_leaves.0));
    }

    fn prevented(&mut self, prevented: &Prevented) {
        let Prevented { maker_id, taker_id, price, quantity, maker_leaves, taker_leaves, .. } = *prevented;
        self.events.push(Event::Prevented(maker_id, taker_id, price.0, quantity.0, maker_leaves.0, taker_leaves.0));
    }

    fn rested(&mut self, handle: OrderHandle, order: &NewOrder, leaves: Quantity) {
        self.handles.push((handle, order.id));
        self.events.push(Event::Rested(order.id, leaves.0));
    }

    fn removed(&mut self, removed: &Removed) {
        self.events.push(Event::Removed(removed.id, removed.leaves.0, format!("{:?}", removed.reason)));
    }

    fn level_changed(&mut self, side: Side, level: Level) {
        self.events.push(Event::LevelChanged(side, level));
    }
}

pub struct Model {
    pub orders: Vec<NewOrder>,
    pub events: Vec<Event>,
    tick: i64,
    order_capacity: usize,
    level_capacity: usize,
}

/// What a taker still wants: a quantity, or a quote amount in lots.
enum Want {
    Base(i64),
    Quote(QuoteBudget),
}

/// Why taking ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Sated,
    NothingLeft,
    OwnOrder,
}

impl Want {
    fn at(&self, price: i64) -> i64 {
        match self {
            Self::Base(leaves) => *leaves,
            Self::Quote(budget) => {
                let lot = i128::from(budget.lot.0);
                (budget.amount / (i128::from(price) * lot) * lot) as i64
            }
        }
    }

    fn lose(&mut self, price: i64, quantity: i64) {
        match self {
            Self::Base(leaves) => *leaves -= quantity,
            Self::Quote(budget) => budget.amount -= i128::from(price) * i128::from(quantity),
        }
    }
}

impl Model {
    pub fn new(tick: i64, order_capacity: usize, level_capacity: usize) -> Self {
        Self { orders: Vec::new(), events: Vec::new(), tick, order_capacity, level_capacity }
    }

    pub fn place(&mut self, order: &NewOrder) -> Result<(i64, i64), Refusal> {
        if order.quantity.0 <= 0 {
            return Err(Refusal::NoQuantity);
        }
        let market = order.kind == OrderKind::Market;
        if !market && (order.price.0 <= 0 || order.price.0 % self.tick != 0) {
            return Err(Refusal::OffTick);
        }
        if order.kind == OrderKind::PostOnly && self.first_maker(order).is_some() {
            return Err(Refusal::WouldCross);
        }
        let may_rest = !market && order.time_in_force == TimeInForce::Gtc;
        let level_count = self.levels(Side::Buy).len() + self.levels(Side::Sell).len();
        if may_rest && (self.orders.len() == self.order_capacity || level_count == self.level_capacity) {
            return Err(Refusal::BookFull);
        }
        self.events.push(Event::Accepted(order.id));
        if order.time_in_force == TimeInForce::Fok && !self.fills_wholly(order) {
            self.events.push(Event::Removed(order.id, order.quantity.0, "FillOrKill".into()));
            return Ok((0, 0));
        }
        let mut want = Want::Base(order.quantity.0);
        let (executed, end) = self.take(order, &mut want);
        let leaves = want.at(0);
        if leaves == 0 {
            return Ok((executed, 0));
        }
        if end == End::OwnOrder || !may_rest {
            let reason = if end == End::OwnOrder { "SelfTrade" } else { "Immediate" };
            self.events.push(Event::Removed(order.id, leaves, reason.into()));
            return Ok((executed, 0));
        }
        self.orders.push(NewOrder { quantity: Quantity(leaves), ..*order });
        self.events.push(Event::Rested(order.id, leaves));
        self.tell_level(order.side, order.price.0);
        Ok((executed, leaves))
    }

    pub fn place_by_quote(&mut self, order: &NewOrder, budget: QuoteBudget) -> Result<i64, Refusal> {
        if budget.amount <= 0 || budget.lot.0 <= 0 {
            return Err(Refusal::NoQuantity);
        }
        let order = NewOrder { kind: OrderKind::Market, ..*order };
        self.events.push(Event::Accepted(order.id));
        let (executed, end) = self.take(&order, &mut Want::Quote(budget));
        if end != End::Sated {
            let reason = if end == End::OwnOrder { "SelfTrade" } else { "Immediate" };
            self.events.push(Event::Removed(order.id, 0, reason.into()));
        }
        Ok(executed)
    }

    pub fn cancel(&mut self, id: u64) -> Result<i64, CancelError> {
        let position = self.orders.iter().position(|order| order.id == id).ok_or(CancelError::UnknownOrder)?;
        let order = self.orders.remove(position);
        self.events.push(Event::Removed(id, order.quantity.0, "Cancelled".into()));
        self.tell_level(order.side, order.price.0);
        Ok(order.quantity.0)
    }

    pub fn reduce_to(&mut self, id: u64, leaves: i64) -> Result<i64, CancelError> {
        let order = self.orders.iter_mut().find(|order| order.id == id).ok_or(CancelError::UnknownOrder)?;
        if leaves <= 0 || leaves >= order.quantity.0 {
            return Err(CancelError::NotAReduction);
        }
        order.quantity = Quantity(leaves);
        let (side, price) = (order.side, order.price.0);
        self.tell_level(side, price);
        Ok(leaves)
    }

    pub fn levels(&self, side: Side) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::new();
        for order in self.orders.iter().filter(|order| order.side == side) {
            match levels.iter_mut().find(|level| level.price == order.price) {
                Some(level) => level.quantity.0 += order.quantity.0,
                None => levels.push(Level { price: order.price, quantity: order.quantity }),
            }
        }
        levels.sort_by_key(|level| -level.price.0 * side.sign());
        levels
    }

    fn tell_level(&mut self, side: Side, price: i64) {
        let quantity =
            self.orders.iter().filter(|order| order.side == side && order.price.0 == price).map(|o| o.quantity.0).sum();
        self.events.push(Event::LevelChanged(side, Level::new(price, quantity)));
    }

    /// The acceptable resting order with the best price and, among those, the earliest arrival.
    fn first_maker(&self, taker: &NewOrder) -> Option<usize> {
        let sign = taker.side.sign();
        (0..self.orders.len())
            .filter(|&index| {
                let maker = &self.orders[index];
                let acceptable = taker.kind == OrderKind::Market || maker.price.0 * sign <= taker.price.0 * sign;
                maker.side != taker.side && acceptable
            })
            .min_by_key(|&index| (self.orders[index].price.0 * sign, index))
    }

    /// Tried out on a copy: fill-or-kill is all right when nothing would be left and nothing was prevented.
    fn fills_wholly(&self, order: &NewOrder) -> bool {
        let mut copy = Self { orders: self.orders.clone(), events: Vec::new(), ..*self };
        let (executed, _) = copy.take(order, &mut Want::Base(order.quantity.0));
        executed == order.quantity.0
    }

    fn take(&mut self, taker: &NewOrder, want: &mut Want) -> (i64, End) {
        let mut executed = 0;
        let mut touched: Option<i64> = None;
        let mut end = End::NothingLeft;
        while let Some(index) = self.first_maker(taker) {
            let maker = self.orders[index];
            let price = maker.price.0;
            if touched.is_some_and(|touched| touched != price) {
                self.tell_level(maker.side, touched.unwrap());
                touched = None;
            }
            let wanted = want.at(price);
            if wanted == 0 {
                end = End::Sated;
                break;
            }
            let own = maker.owner == taker.owner && taker.self_trade != SelfTrade::Allow;
            if own && taker.self_trade != SelfTrade::Decrement {
                if taker.self_trade != SelfTrade::ExpireTaker {
                    self.orders.remove(index);
                    self.events.push(Event::Removed(maker.id, maker.quantity.0, "SelfTrade".into()));
                    touched = Some(price);
                }
                if taker.self_trade != SelfTrade::ExpireMaker {
                    end = End::OwnOrder;
                    break;
                }
                continue;
            }
            let quantity = wanted.min(maker.quantity.0);
            let maker_leaves = maker.quantity.0 - quantity;
            want.lose(price, quantity);
            let leaves = wanted - quantity;
            if own {
                self.events.push(Event::Prevented(maker.id, taker.id, price, quantity, maker_leaves, leaves));
            } else {
                executed += quantity;
                self.events.push(Event::Trade(maker.id, taker.id, price, quantity, maker_leaves, leaves));
            }
            self.orders[index].quantity = Quantity(maker_leaves);
            if maker_leaves == 0 {
                self.orders.remove(index);
            }
            touched = Some(price);
            if want.at(price) == 0 {
                end = End::Sated;
                break;
            }
        }
        if let Some(price) = touched {
            self.tell_level(taker.side.opposite(), price);
        }
        (executed, end)
    }
}
