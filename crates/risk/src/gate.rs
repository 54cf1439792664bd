//! The checks before an order leaves, in their order. This is the hot path: no allocation, no lock, one byte as the answer.

use crate::kill_switch::KillSwitch;
use crate::limits::{LimitError, RateLimits, RiskLimits};
use crate::rate::{OrderWindow, WindowLimit};
use tercel_types::{Instrument, InstrumentId, Level, Nanos, OrderKind, Price, Quantity, RejectReason, Side};

/// What somebody wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderIntent {
    /// Which instrument.
    pub instrument: InstrumentId,
    /// Which side.
    pub side: Side,
    /// How it meets the book.
    pub kind: OrderKind,
    /// Its limit; ignored for a market order.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
    /// Whether it takes the place of a working order of the same side, so that the number of orders does not grow. The old
    /// order's quantity still counts: until its cancel is confirmed, both can be filled.
    pub replaces: bool,
}

/// The market as the engine knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketState {
    /// The best bid; `None` where there is none.
    pub bid: Option<Level>,
    /// The best ask; `None` where there is none.
    pub ask: Option<Level>,
    /// Whether the book is synchronised.
    pub synchronised: bool,
    /// When its newest data arrived.
    pub received: Nanos,
}

/// What the engine already holds and has out, in one instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// The position, negative if short.
    pub position: Quantity,
    /// What working buys may still add.
    pub open_buy: Quantity,
    /// What working sells may still take away.
    pub open_sell: Quantity,
    /// How many orders are open.
    pub open_orders: u32,
    /// The highest price of an own resting buy.
    pub best_own_buy: Option<Price>,
    /// The lowest price of an own resting sell.
    pub best_own_sell: Option<Price>,
}

/// All limits, and the counters of what they stopped.
#[derive(Debug)]
pub struct RiskGate {
    kill_switch: KillSwitch,
    orders_possible: bool,
    rules: Box<[Rules]>,
    windows: Box<[OrderWindow]>,
    counts: [u64; RejectReason::ALL.len()],
}

/// One instrument's rules and limits, the bounds already combined.
#[derive(Clone, Copy, Debug)]
struct Rules {
    tick: i64,
    min_price: i64,
    max_price: i64,
    lot: i64,
    min_quantity: i64,
    max_quantity: i64,
    min_notional: i128,
    max_notional: i128,
    collar_bps: i128,
    max_position: i64,
    max_open_orders: u32,
    max_data_age_ns: i64,
}

const BPS: i128 = 10_000;

impl RiskGate {
    /// A gate for these instruments, each at the place that its id says. Orders are not possible until
    /// [`Self::set_orders_possible`] says so.
    ///
    /// # Errors
    /// [`LimitError`] names the limit that is wrong.
    pub fn new(
        instruments: &[(Instrument, RiskLimits)],
        rates: &RateLimits,
        kill_switch: KillSwitch,
    ) -> Result<Self, LimitError> {
        rates.validate()?;
        let rules = instruments
            .iter()
            .enumerate()
            .map(|(index, (instrument, limits))| {
                if usize::from(instrument.id.0) != index {
                    return Err(LimitError::Order { symbol: instrument.symbol });
                }
                Rules::new(instrument, limits)
            })
            .collect::<Result<_, _>>()?;
        let own = WindowLimit::per_second(rates.max_orders_per_second);
        let windows = std::iter::once(own).chain(rates.venue.into_iter().flatten()).map(OrderWindow::new).collect();
        Ok(Self { kill_switch, orders_possible: false, rules, windows, counts: [0; RejectReason::ALL.len()] })
    }

    /// Says whether the order connection is up and reconciled.
    pub const fn set_orders_possible(&mut self, possible: bool) {
        self.orders_possible = possible;
    }

    /// Whether the order connection is up and reconciled.
    #[must_use]
    pub const fn orders_possible(&self) -> bool {
        self.orders_possible
    }

    /// The switch that stops all new orders.
    #[must_use]
    pub const fn kill_switch(&self) -> &KillSwitch {
        &self.kill_switch
    }

    /// Puts new limits in place of an instrument's old ones, or of its old definition.
    ///
    /// # Errors
    /// [`LimitError`]; the old ones stay then.
    pub fn set_limits(&mut self, instrument: &Instrument, limits: &RiskLimits) -> Result<(), LimitError> {
        let rules = Rules::new(instrument, limits)?;
        match self.rules.get_mut(usize::from(instrument.id.0)) {
            Some(place) => *place = rules,
            None => return Err(LimitError::Order { symbol: instrument.symbol }),
        }
        Ok(())
    }

    /// Checks an order or a replacement, counts the answer, and takes its place in the rate windows if it is accepted.
    /// Cancels are never checked: they can only make things safer.
    #[must_use]
    pub fn check(
        &mut self,
        intent: &OrderIntent,
        market: &MarketState,
        exposure: &Exposure,
        now: Nanos,
    ) -> RejectReason {
        let reason = match self.judge(intent, market, exposure, now) {
            // Last, so that an order refused for another reason takes no place in the windows.
            RejectReason::Accepted => self.take_place(now),
            reason => reason,
        };
        self.counts[reason as usize] += 1;
        reason
    }

    /// Counts orders that the venue counts and this engine did not send, such as those of the run before.
    pub fn count_orders_sent_elsewhere(&mut self, orders: u32, window_ns: i64, now: Nanos) {
        for window in self.windows.iter_mut().filter(|window| window.limit().window_ns == window_ns) {
            for _ in 0..orders.min(window.limit().orders) {
                window.count(now);
            }
        }
    }

    /// How often each reason was the answer, indexed by its code; `Accepted` included.
    #[must_use]
    pub const fn counts(&self) -> &[u64; RejectReason::ALL.len()] {
        &self.counts
    }

    /// Counts a refusal that was decided elsewhere, so that all refusals are found in one place.
    pub const fn count(&mut self, reason: RejectReason) {
        self.counts[reason as usize] += 1;
    }

    fn judge(&self, intent: &OrderIntent, market: &MarketState, exposure: &Exposure, now: Nanos) -> RejectReason {
        if self.kill_switch.is_engaged() {
            return RejectReason::KillSwitch;
        }
        if !self.orders_possible {
            return RejectReason::NotConnected;
        }
        let Some(rules) = self.rules.get(usize::from(intent.instrument.0)) else {
            return RejectReason::NotANumber;
        };
        let is_market = intent.kind == OrderKind::Market;
        if !is_market && !rules.allows_price(intent.price.0) {
            return RejectReason::Tick;
        }
        if !rules.allows_quantity(intent.quantity.0) {
            return RejectReason::Lot;
        }
        let touch = market.opposite(intent.side);
        // A market order is valued, and its price judged, at the price that it would meet first.
        let price = match (is_market, touch) {
            (false, _) => intent.price,
            (true, Some(level)) => level.price,
            (true, None) => return RejectReason::StaleBook,
        };
        if !rules.allows_notional(price, intent.quantity) {
            return RejectReason::Notional;
        }
        if !market.synchronised || now.since(market.received) > rules.max_data_age_ns {
            return RejectReason::StaleBook;
        }
        let collar = match market.twice_reference(intent) {
            Some(twice_reference) => rules.allows_distance(price, twice_reference),
            None => return RejectReason::StaleBook,
        };
        if !collar {
            return RejectReason::PriceCollar;
        }
        rules.judge_exposure(intent, exposure)
    }

    fn take_place(&mut self, now: Nanos) -> RejectReason {
        if !self.windows.iter_mut().all(|window| window.has_room(now)) {
            return RejectReason::OrderRate;
        }
        for window in &mut self.windows {
            window.count(now);
        }
        RejectReason::Accepted
    }
}

impl MarketState {
    /// The best level that an order of this side would trade with.
    const fn opposite(&self, side: Side) -> Option<Level> {
        match side {
            Side::Buy => self.ask,
            Side::Sell => self.bid,
        }
    }

    /// Twice the price from which the collar is measured: for a limit the opposite best, or its own side's best where
    /// there is no opposite; for a market order the middle, which tells whether the opposite best is itself far off.
    fn twice_reference(&self, intent: &OrderIntent) -> Option<i128> {
        let opposite = self.opposite(intent.side);
        let own = self.opposite(intent.side.opposite());
        let price = |level: Level| i128::from(level.price.0);
        if intent.kind == OrderKind::Market {
            return Some(price(opposite?) + price(own?));
        }
        opposite.or(own).map(|level| 2 * price(level))
    }
}

impl Rules {
    fn new(instrument: &Instrument, limits: &RiskLimits) -> Result<Self, LimitError> {
        limits.validate(instrument)?;
        let unlimited = |limit: i64| if limit == 0 { i64::MAX } else { limit };
        let venue_max_notional = if instrument.max_notional == 0 { i128::MAX } else { instrument.max_notional };
        if instrument.tick.0 <= 0 || instrument.lot.0 <= 0 {
            return Err(LimitError::NotPositive { symbol: instrument.symbol, limit: "tick and lot" });
        }
        Ok(Self {
            tick: instrument.tick.0,
            min_price: instrument.min_price.0.max(1),
            max_price: unlimited(instrument.max_price.0),
            lot: instrument.lot.0,
            min_quantity: instrument.min_quantity.0.max(1),
            max_quantity: unlimited(instrument.max_quantity.0).min(limits.max_order_quantity.0),
            min_notional: instrument.min_notional,
            max_notional: venue_max_notional.min(limits.max_notional),
            collar_bps: i128::from(limits.price_collar_bps),
            max_position: limits.max_position.0,
            max_open_orders: limits.max_open_orders,
            max_data_age_ns: limits.max_data_age_ns,
        })
    }

    const fn allows_price(&self, price: i64) -> bool {
        price >= self.min_price && price <= self.max_price && price % self.tick == 0
    }

    const fn allows_quantity(&self, quantity: i64) -> bool {
        quantity >= self.min_quantity && quantity <= self.max_quantity && quantity % self.lot == 0
    }

    fn allows_notional(&self, price: Price, quantity: Quantity) -> bool {
        let notional = i128::from(price.0) * i128::from(quantity.0);
        notional >= self.min_notional && notional <= self.max_notional
    }

    fn allows_distance(&self, price: Price, twice_reference: i128) -> bool {
        let twice_distance = (2 * i128::from(price.0) - twice_reference).abs();
        twice_distance * BPS <= self.collar_bps * twice_reference
    }

    fn judge_exposure(&self, intent: &OrderIntent, exposure: &Exposure) -> RejectReason {
        // The worst case, if all that works on this side were filled. A sum that does not fit is beyond any limit.
        let (held, open, own_opposite) = match intent.side {
            Side::Buy => (exposure.position.0, exposure.open_buy.0, exposure.best_own_sell),
            Side::Sell => (exposure.position.0.saturating_neg(), exposure.open_sell.0, exposure.best_own_buy),
        };
        if open.saturating_add(intent.quantity.0).saturating_add(held) > self.max_position {
            return RejectReason::PositionLimit;
        }
        if exposure.open_orders.saturating_sub(u32::from(intent.replaces)) >= self.max_open_orders {
            return RejectReason::TooManyOrders;
        }
        let crosses = own_opposite.is_some_and(|own| match (intent.kind, intent.side) {
            // A market order may walk the book as far as an own order stands.
            (OrderKind::Market, _) => true,
            (_, Side::Buy) => intent.price >= own,
            (_, Side::Sell) => intent.price <= own,
        });
        if crosses { RejectReason::SelfCross } else { RejectReason::Accepted }
    }
}
