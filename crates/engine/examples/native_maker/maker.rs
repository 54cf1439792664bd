//! The strategy: a post-only quote on each side of the market, moved after it and against the position.

use tercel_engine::strategy::Strategy;
use tercel_engine::{OrderRequest, TradingThread};
use tercel_execution::OrderHandle;
use tercel_types::{Event, InstrumentId, Nanos, OrderKind, OrderStatus, Price, Quantity, Side, TimeInForce};

/// The instrument that is traded.
const INSTRUMENT: InstrumentId = InstrumentId(0);

/// Settings, as mantissas at the instrument's scales.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Size of a quote.
    pub quantity: Quantity,
    /// Distance of a quote from the middle of the market.
    pub half_spread: i64,
    /// By how much the target must have moved before the quote does.
    pub requote_distance: i64,
    /// Least time between two changes of a side, in nanoseconds.
    pub requote_interval_ns: i64,
    /// The position at which a side stops quoting.
    pub max_position: Quantity,
}

/// One side's quote.
struct Quote {
    side: Side,
    order: Option<OrderHandle>,
    /// What `order` was to replace. Where the venue refuses that, this one works on and is the quote again.
    replaced: Option<OrderHandle>,
    changed: Nanos,
}

/// The maker.
pub struct Maker {
    settings: Settings,
    quotes: [Quote; 2],
}

impl Maker {
    /// A maker without quotes.
    pub fn new(settings: Settings) -> Self {
        let quote = |side| Quote { side, order: None, replaced: None, changed: Nanos(i64::MIN / 2) };
        Self { settings, quotes: [quote(Side::Buy), quote(Side::Sell)] }
    }
}

impl Strategy for Maker {
    fn on_book(&mut self, engine: &mut TradingThread, event: &Event) {
        if event.instrument != INSTRUMENT || !engine.orders_possible() || engine.is_stale(INSTRUMENT) {
            return;
        }
        let Some(quote) = engine.quote(INSTRUMENT) else { return };
        let (Some(bid), Some(ask)) = (quote.bid, quote.ask) else { return };
        for quote in &mut self.quotes {
            if event.received.since(quote.changed) >= self.settings.requote_interval_ns {
                let target = self.settings.target(quote.side, bid.price, ask.price);
                quote.follow(target, event.received, &self.settings, engine);
            }
        }
    }

    fn on_stale(&mut self, engine: &mut TradingThread, event: &Event) {
        if event.detail == 1 {
            engine.cancel_all(Some(event.instrument));
        }
    }

    fn on_stop(&mut self, engine: &mut TradingThread) {
        engine.log(1, "stopping");
    }
}

impl Settings {
    /// Where a quote should stand: half a spread from the middle, never across the market.
    fn target(&self, side: Side, bid: Price, ask: Price) -> Price {
        let middle = i64::midpoint(bid.0, ask.0);
        match side {
            Side::Buy => Price((middle - self.half_spread).min(ask.0 - 1)),
            Side::Sell => Price((middle + self.half_spread).max(bid.0 + 1)),
        }
    }

    /// Whether a fill on this side keeps the position inside its limit.
    fn has_room(&self, side: Side, position: Quantity) -> bool {
        side.sign() * position.0 + self.quantity.0 <= self.max_position.0
    }
}

impl Quote {
    /// Brings the quote to its target: a new one, a moved one, or none where the position is at its limit.
    fn follow(&mut self, target: Price, now: Nanos, settings: &Settings, engine: &mut TradingThread) {
        if self.status(engine).is_none_or(OrderStatus::is_terminal) {
            self.order = self.replaced.take();
        }
        let position = engine.position(INSTRUMENT).map(tercel_position::Position::quantity).unwrap_or_default();
        let has_room = settings.has_room(self.side, position);
        let request = self.request(target, settings);
        // Refusals are counted by the engine, and the next change of the book is another occasion.
        match (self.order, self.status(engine)) {
            (Some(order), Some(OrderStatus::New | OrderStatus::PartiallyFilled)) if !has_room => {
                let _ = engine.cancel(order);
            }
            (Some(order), Some(OrderStatus::New | OrderStatus::PartiallyFilled)) => {
                self.follow_market(order, &request, now, settings, engine);
            }
            (_, Some(status)) if !status.is_terminal() => {}
            _ if has_room => {
                self.order = engine.submit(&request).ok();
                self.changed = now;
            }
            _ => {}
        }
    }

    fn follow_market(
        &mut self,
        order: OrderHandle,
        request: &OrderRequest,
        now: Nanos,
        settings: &Settings,
        engine: &mut TradingThread,
    ) {
        let distance = engine.order(order).map_or(0, |order| (order.price.0 - request.price.0).abs());
        if distance >= settings.requote_distance
            && let Ok(new) = engine.replace(order, request)
        {
            (self.order, self.replaced, self.changed) = (Some(new), Some(order), now);
        }
    }

    fn status(&self, engine: &TradingThread) -> Option<OrderStatus> {
        engine.order(self.order?).map(|order| order.status)
    }

    fn request(&self, price: Price, settings: &Settings) -> OrderRequest {
        OrderRequest {
            instrument: INSTRUMENT,
            side: self.side,
            kind: OrderKind::PostOnly,
            time_in_force: TimeInForce::Gtc,
            price,
            quantity: settings.quantity,
        }
    }
}
