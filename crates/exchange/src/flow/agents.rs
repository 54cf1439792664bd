//! The agents: what comes next, and when.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tercel_matching::{MatchSink, MatchingBook, NewOrder, OrderHandle, SelfTrade};
use tercel_types::{OrderKind, Price, Quantity, Side, TimeInForce};

use super::exponential::{FRACTION_BITS, exponential};
use super::parameters::{BUCKETS, FlowParameters, bucket_of};
use super::resting::{FlowOrder, Patience, RestingOrders};

/// Orders of the flow that rest at once; at this bound none is added.
const MAX_RESTING: usize = 16_384;
/// Orders placed in this bucket or farther away are cancelled at the slow buckets' rates.
const SLOW_BUCKET: usize = 9;
/// Draws before the flow rests for a moment instead of cancelling: the bound of the search for an order whose turn it is.
const MAX_DRAWS: u32 = 4_096;
/// A taker goes no further than this part of the price, so that one order cannot empty the book.
const TAKER_REACH_PER_MILLE: i64 = 2;
/// The reference price goes this part of the way at a step, and the rest at once when that is this part of the price.
const DRIFT_PART: i64 = 3;
const LAST_DRIFT_PART: i64 = 100_000;
/// Displacement of the reference price, in thousandths of the price, at which every jump would lead back.
const PULL_PER_MILLE: i64 = 100;

/// The instrument that the agents trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowMarket {
    /// Price step.
    pub tick: Price,
    /// Quantity step.
    pub lot: Quantity,
    /// Where the market opens and where the reference price is drawn to.
    pub initial_price: Price,
    /// Decimals of price and quantity together.
    pub notional_scale: u8,
    /// Owner that the flow's orders carry.
    pub owner: u32,
}

/// Something that the flow does to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowOperation {
    /// Places an order.
    Place(NewOrder),
    /// Cancels one of its own.
    Cancel(OrderHandle),
    /// Does nothing; only time passes.
    Rest,
}

/// What the flow does next, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowAction {
    /// Nanoseconds since the flow began.
    pub at_ns: i64,
    /// What it does.
    pub operation: FlowOperation,
}

/// Seeded agents for one book.
///
/// [`Self::next`] decides the next action from the book as it is, [`Self::act`] carries it out. Whoever drives the flow
/// calls `act` at [`Self::due_ns`]; orders of others may reach the book in between.
pub struct OrderFlow {
    parameters: FlowParameters,
    market: FlowMarket,
    random: ChaCha8Rng,
    /// Orders placed at or near the touch, whose turn comes soon, and the many others, whose turn comes late: a draw among
    /// all of them would nearly always meet one whose turn has not come.
    quick: RestingOrders,
    slow: RestingOrders,
    next: FlowAction,
    /// Why the next action's order is placed, if it is one that rests.
    patience: Patience,
    /// A taker of this side has just acted, and another follows at once.
    burst: Option<Side>,
    /// The reference price lies between the best bid and the best ask: bids below it, asks from it on.
    reference: i64,
    anchor: i64,
    /// What the reference price has still to go after its jumps.
    ahead: i64,
    /// A distance that it goes in one step.
    last_drift: i64,
    /// Next bucket to fill while the market opens, and how many orders of it are still to come, both sides together.
    opening: (usize, u32),
    next_id: u64,
    /// Sum of the rates that do not depend on the book.
    steady_rate: u64,
    max_quick_rate: u64,
    max_slow_rate: u64,
    rate_per_mille: u64,
}

/// The best prices in ticks; where a side is empty, far away.
#[derive(Clone, Copy)]
struct Touch {
    bid: i64,
    ask: i64,
}

/// Whose sizes an order is drawn from.
#[derive(Clone, Copy)]
enum OrderSize {
    Taker,
    Touch,
    Near,
    Far,
}

impl OrderFlow {
    /// Agents that open the market at once and then act at `rate_per_mille` thousandths of the fitted rates.
    #[must_use]
    pub fn new(parameters: FlowParameters, market: FlowMarket, rate_per_mille: u32, seed: u64) -> Self {
        let parameters = parameters.scaled_to(&market);
        let anchor = market.initial_price.0 / market.tick.0;
        let makers = parameters.touch_rate + parameters.passive_rates.iter().sum::<u64>();
        let max_of = |rates: &[u64]| rates.iter().copied().max().unwrap_or(0);
        let cancels = &parameters.passive_cancel_rates;
        Self {
            steady_rate: parameters.jump_rate + parameters.taker_rate + 2 * makers,
            max_quick_rate: max_of(cancels)
                .max(parameters.touch_cancel_rate)
                .max(parameters.left_behind_cancel_rate)
                .max(parameters.fleeting_cancel_rate),
            max_slow_rate: max_of(&cancels[SLOW_BUCKET..]),
            opening: (0, 2 * parameters.opening_orders[0]),
            parameters,
            market,
            random: ChaCha8Rng::seed_from_u64(seed),
            quick: RestingOrders::new(MAX_RESTING / 2),
            slow: RestingOrders::new(MAX_RESTING / 2),
            next: FlowAction { at_ns: 0, operation: FlowOperation::Rest },
            patience: Patience::Patient,
            burst: None,
            reference: anchor,
            anchor,
            ahead: 0,
            last_drift: (anchor / LAST_DRIFT_PART).max(1),
            next_id: 1,
            rate_per_mille: u64::from(rate_per_mille.max(1)),
        }
    }

    /// When the next action is due, in nanoseconds since the flow began.
    #[must_use]
    pub const fn due_ns(&self) -> i64 {
        self.next.at_ns
    }

    /// Carries out the action that is due and decides the next one.
    pub fn act<S: MatchSink>(&mut self, book: &mut MatchingBook, sink: &mut S) {
        match self.next.operation {
            FlowOperation::Place(order) => self.place(&order, book, sink),
            FlowOperation::Cancel(handle) => {
                // The order may have traded since it was chosen; then there is nothing to cancel.
                let _ = book.cancel(handle, sink);
            }
            FlowOperation::Rest => {}
        }
        self.next = self.next(book);
    }

    /// Decides what follows the last action, given the book as it is now.
    pub fn next(&mut self, book: &MatchingBook) -> FlowAction {
        let touch = self.touch(book);
        if let Some(operation) = self.open(&touch) {
            return FlowAction { at_ns: self.next.at_ns, operation };
        }
        if let Some(side) = self.burst.take() {
            return FlowAction { at_ns: self.next.at_ns, operation: self.take(side, &touch) };
        }
        let drift = if self.ahead == 0 { 0 } else { self.parameters.drift_rate };
        let chase =
            if touch.ask < self.reference || touch.bid >= self.reference { self.parameters.chase_rate } else { 0 };
        let improve = if touch.ask - touch.bid > 1 { self.parameters.improve_rate } else { 0 };
        let quick = self.quick.count() as u64 * self.max_quick_rate;
        let slow = self.slow.count() as u64 * self.max_slow_rate;
        let total = self.steady_rate + drift + chase + improve + quick + slow;
        let mut at_ns = self.next.at_ns;
        for _ in 0..MAX_DRAWS {
            at_ns += self.waiting_time(total);
            let mut share = ((u128::from(self.random.next_u64()) * u128::from(total)) >> 64) as u64;
            let mut falls_to = |rate: u64| {
                let chosen = share < rate;
                share = share.wrapping_sub(rate);
                chosen
            };
            let operation = if falls_to(quick) {
                self.cancel_quick(book, &touch)
            } else if falls_to(slow) {
                self.cancel_slow(book, &touch)
            } else if falls_to(drift) {
                Some(self.drift())
            } else if falls_to(chase) {
                Some(self.chase(book, &touch))
            } else if falls_to(improve) {
                Some(self.improve(&touch))
            } else if falls_to(self.parameters.jump_rate) {
                Some(self.jump())
            } else if falls_to(self.parameters.taker_rate) {
                let side = self.side();
                Some(self.take(side, &touch))
            } else if falls_to(2 * self.parameters.touch_rate) {
                Some(self.join_touch(&touch))
            } else {
                Some(self.add_behind(share / 2, book, &touch))
            };
            if let Some(operation) = operation {
                return FlowAction { at_ns, operation };
            }
        }
        FlowAction { at_ns, operation: FlowOperation::Rest }
    }

    /// Where the reference price is.
    #[must_use]
    pub const fn reference(&self) -> Price {
        Price(self.reference * self.market.tick.0)
    }

    fn place<S: MatchSink>(&mut self, order: &NewOrder, book: &mut MatchingBook, sink: &mut S) {
        // A post-only order whose price was taken meanwhile is refused, and the maker has simply come too late.
        let Ok(placed) = book.place(order, sink) else { return };
        if let Some(handle) = placed.handle {
            let ticks = order.price.0 / self.market.tick.0;
            let distance = book.best(order.side).map_or(0, |best| (best.price.0 - order.price.0) * order.side.sign());
            let far = bucket_of(distance / self.market.tick.0) >= SLOW_BUCKET;
            let slow = far && self.patience == Patience::Patient;
            let orders = if slow { &mut self.slow } else { &mut self.quick };
            orders.push(FlowOrder { handle, ticks, side: order.side, patience: self.patience });
        }
    }

    fn touch(&self, book: &MatchingBook) -> Touch {
        let ticks = |price: Price| price.0 / self.market.tick.0;
        let far = self.anchor / 2;
        Touch {
            bid: book.best_bid().map_or(self.reference - far, |level| ticks(level.price)),
            ask: book.best_ask().map_or(self.reference + far, |level| ticks(level.price)),
        }
    }

    /// The book with which the market opens, one order a call; none once it stands.
    fn open(&mut self, touch: &Touch) -> Option<FlowOperation> {
        while self.opening.1 == 0 {
            if self.opening.0 >= BUCKETS {
                return None;
            }
            self.opening.0 += 1;
            let orders = self.parameters.opening_orders.get(self.opening.0).copied().unwrap_or(0);
            self.opening.1 = 2 * orders;
        }
        self.opening.1 -= 1;
        let side = if self.opening.1 & 1 == 0 { Side::Buy } else { Side::Sell };
        if self.opening.0 == 0 {
            return Some(self.rest_order(side, self.inner_price(side), OrderSize::Touch, Patience::Touch));
        }
        Some(self.add_in_bucket(side, self.opening.0, touch, Patience::Patient))
    }

    fn waiting_time(&mut self, rate: u64) -> i64 {
        let exponential = u128::from(exponential(self.random.next_u32()));
        // Millionths of a second's event, thousandths of the rate, nanoseconds.
        let scale = 1_000_000_000u128 * 1_000_000 * 1_000;
        let rate = u128::from(rate.max(1)) * u128::from(self.rate_per_mille);
        ((exponential * scale / rate) >> FRACTION_BITS) as i64
    }

    /// Every order is as likely to be drawn; whether its turn has come depends on where it stands.
    fn cancel_quick(&mut self, book: &MatchingBook, touch: &Touch) -> Option<FlowOperation> {
        let order = self.quick.draw(book, self.random.next_u64())?;
        let distance = touch.distance(order.side, order.ticks);
        let rate = match (order.patience, distance) {
            (Patience::Fleeting, _) => self.parameters.fleeting_cancel_rate,
            (_, ..=0) => self.parameters.touch_cancel_rate,
            (Patience::Touch, _) => self.parameters.left_behind_cancel_rate,
            (Patience::Patient, _) => self.parameters.passive_cancel_rates[bucket_of(distance)],
        };
        self.turn_of(&order, rate, self.max_quick_rate)
    }

    /// An order that was placed far away keeps its patience when the touch comes near.
    fn cancel_slow(&mut self, book: &MatchingBook, touch: &Touch) -> Option<FlowOperation> {
        let order = self.slow.draw(book, self.random.next_u64())?;
        let bucket = bucket_of(touch.distance(order.side, order.ticks)).max(SLOW_BUCKET);
        self.turn_of(&order, self.parameters.passive_cancel_rates[bucket], self.max_slow_rate)
    }

    fn turn_of(&mut self, order: &FlowOrder, rate: u64, max_rate: u64) -> Option<FlowOperation> {
        let turn = (u128::from(self.random.next_u64()) * u128::from(max_rate)) >> 64;
        (turn < u128::from(rate)).then_some(FlowOperation::Cancel(order.handle))
    }

    /// What stands on the wrong side of the reference is cancelled by its maker or taken from him.
    fn chase(&mut self, book: &MatchingBook, touch: &Touch) -> FlowOperation {
        let reference = self.reference;
        let taker = if touch.ask < reference { Side::Buy } else { Side::Sell };
        let stale = |order: &FlowOrder| match taker {
            Side::Buy => order.side == Side::Sell && order.ticks < reference,
            Side::Sell => order.side == Side::Buy && order.ticks >= reference,
        };
        let takes = self.random.next_u32() % 1_000 < self.parameters.chase_take_share;
        let uniform = self.random.next_u64();
        let mut found = || self.quick.find(book, uniform, stale).or_else(|| self.slow.find(book, uniform, stale));
        let order = if takes { None } else { found() };
        order
            .map_or_else(|| self.take_up_to(taker, self.last_stale(taker)), |order| FlowOperation::Cancel(order.handle))
    }

    /// The side whose best price is farther from the reference quotes nearer, as near as the other side lets it.
    fn improve(&mut self, touch: &Touch) -> FlowOperation {
        let (behind_bid, behind_ask) = (self.reference - 1 - touch.bid, touch.ask - self.reference);
        let side = match behind_bid.cmp(&behind_ask) {
            std::cmp::Ordering::Greater => Side::Buy,
            std::cmp::Ordering::Less => Side::Sell,
            std::cmp::Ordering::Equal => self.side(),
        };
        let ticks = match side {
            Side::Buy => self.inner_price(side).min(touch.ask - 1),
            Side::Sell => self.inner_price(side).max(touch.bid + 1),
        };
        self.rest_order(side, ticks, OrderSize::Touch, Patience::Touch)
    }

    /// The farther the reference is from where it began, the likelier a jump leads back.
    fn jump(&mut self) -> FlowOperation {
        let size = self.parameters.jump_ticks.draw(self.random.next_u64()).max(1);
        let pull = (self.reference + self.ahead - self.anchor) * 1_000 / PULL_PER_MILLE;
        let draw = (i128::from(self.random.next_u32()) * i128::from(2 * self.anchor)) >> 32;
        let up = draw < i128::from(self.anchor - pull.clamp(-self.anchor, self.anchor));
        self.ahead += if up { size } else { -size };
        FlowOperation::Rest
    }

    /// News sinks in step by step, each step a part of what is still ahead.
    fn drift(&mut self) -> FlowOperation {
        let step = if self.ahead.abs() < self.last_drift { self.ahead } else { self.ahead / DRIFT_PART };
        self.ahead -= step;
        self.reference = (self.reference + step).clamp(self.anchor / 2, self.anchor * 2);
        FlowOperation::Rest
    }

    /// A taker; those who act on the same news follow in the same instant.
    fn take(&mut self, side: Side, touch: &Touch) -> FlowOperation {
        if self.random.next_u32() % 1_000 < self.parameters.burst_share {
            self.burst = Some(side);
        }
        let reach = self.anchor * TAKER_REACH_PER_MILLE / 1_000;
        let limit = touch.best(side.opposite()) + side.sign() * reach;
        self.take_up_to(side, limit)
    }

    fn take_up_to(&mut self, side: Side, ticks: i64) -> FlowOperation {
        let mut order = self.order(side, ticks, OrderSize::Taker);
        order.kind = OrderKind::Limit;
        order.time_in_force = TimeInForce::Ioc;
        FlowOperation::Place(order)
    }

    fn join_touch(&mut self, touch: &Touch) -> FlowOperation {
        let side = self.side();
        // Nobody joins a price that the reference has passed.
        let ticks = match side {
            Side::Buy => touch.bid.min(self.reference - 1),
            Side::Sell => touch.ask.max(self.reference),
        };
        self.rest_order(side, ticks, OrderSize::Touch, Patience::Touch)
    }

    /// The bucket is the one that a share of the sum of all buckets' rates falls to.
    fn add_behind(&mut self, mut share: u64, book: &MatchingBook, touch: &Touch) -> FlowOperation {
        let rates = &self.parameters.passive_rates;
        let mut bucket = 0;
        while bucket + 1 < BUCKETS && share >= rates[bucket] {
            share -= rates[bucket];
            bucket += 1;
        }
        let side = self.side();
        if self.random.next_u32() % 1_000 < self.parameters.fleeting_share {
            return self.add_in_bucket(side, bucket, touch, Patience::Fleeting);
        }
        if self.random.next_u32() % 1_000 < self.parameters.join_share {
            let there =
                |order: &FlowOrder| order.side == side && bucket_of(touch.distance(side, order.ticks)) == bucket;
            let orders = if bucket < SLOW_BUCKET { &mut self.quick } else { &mut self.slow };
            if let Some(order) = orders.find(book, self.random.next_u64(), there) {
                return self.rest_order(side, order.ticks, OrderSize::in_bucket(bucket), Patience::Patient);
            }
        }
        self.add_in_bucket(side, bucket, touch, Patience::Patient)
    }

    fn add_in_bucket(&mut self, side: Side, bucket: usize, touch: &Touch, patience: Patience) -> FlowOperation {
        let width = 1i64 << bucket.saturating_sub(1);
        let distance = if bucket == 0 { 0 } else { width + self.below(width) };
        let ticks = (touch.best(side) - side.sign() * distance).max(1);
        self.rest_order(side, ticks, OrderSize::in_bucket(bucket), patience)
    }

    /// Best price that a maker quotes: the bid just below the reference, the ask at it.
    const fn inner_price(&self, side: Side) -> i64 {
        match side {
            Side::Buy => self.reference - 1,
            Side::Sell => self.reference,
        }
    }

    /// Farthest price that is still on the wrong side of the reference for its maker.
    const fn last_stale(&self, taker: Side) -> i64 {
        self.inner_price(taker)
    }

    fn rest_order(&mut self, side: Side, ticks: i64, size: OrderSize, patience: Patience) -> FlowOperation {
        if self.quick.is_full() || self.slow.is_full() {
            return FlowOperation::Rest;
        }
        self.patience = patience;
        FlowOperation::Place(self.order(side, ticks, size))
    }

    fn order(&mut self, side: Side, ticks: i64, size: OrderSize) -> NewOrder {
        let table = match size {
            OrderSize::Taker => &self.parameters.taker_size,
            OrderSize::Touch => &self.parameters.touch_size,
            OrderSize::Near => &self.parameters.near_size,
            OrderSize::Far => &self.parameters.far_size,
        };
        let lots = table.draw(self.random.next_u64()).max(1);
        let id = self.next_id;
        self.next_id += 1;
        NewOrder {
            id,
            owner: self.market.owner,
            side,
            kind: OrderKind::PostOnly,
            time_in_force: TimeInForce::Gtc,
            self_trade: SelfTrade::Allow,
            price: Price(ticks.max(1) * self.market.tick.0),
            quantity: Quantity(lots * self.market.lot.0),
        }
    }

    fn side(&mut self) -> Side {
        if self.random.next_u32() & 1 == 0 { Side::Buy } else { Side::Sell }
    }

    fn below(&mut self, bound: i64) -> i64 {
        ((u128::from(self.random.next_u64()) * bound as u128) >> 64) as i64
    }
}

impl Touch {
    const fn best(&self, side: Side) -> i64 {
        match side {
            Side::Buy => self.bid,
            Side::Sell => self.ask,
        }
    }

    const fn distance(&self, side: Side, ticks: i64) -> i64 {
        (self.best(side) - ticks) * side.sign()
    }
}

impl OrderSize {
    const fn in_bucket(bucket: usize) -> Self {
        match bucket {
            0 => Self::Touch,
            1..FlowParameters::FAR_BUCKET => Self::Near,
            _ => Self::Far,
        }
    }
}
