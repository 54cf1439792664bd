//! A market in which orders really meet: the core's view of a matching book.

use std::collections::HashMap;

use tercel_matching::{
    BookShape, MatchSink, MatchingBook, NewOrder, OrderHandle, Removal, Removed, SelfTrade, ShapeError, Trade,
};
use tercel_types::{Level, Quantity, Side};

use crate::core::{EndReason, IncomingOrder, Market, MarketEvent, Owner, Party, Refusal, SelfTradePrevention};
use crate::flow::OrderFlow;

/// One symbol's matching book.
pub struct MatchedMarket {
    book: MatchingBook,
    /// Handles of the clients' resting orders. The flow keeps its own.
    handles: HashMap<u64, OrderHandle>,
    flow: Option<OrderFlow>,
}

/// Writes the book's events down for the core.
struct EventSink<'events> {
    events: &'events mut Vec<MarketEvent>,
}

impl MatchedMarket {
    /// An empty market, in which a flow will act or only clients do.
    ///
    /// # Errors
    /// A shape out of its limits.
    pub fn new(shape: BookShape, flow: Option<OrderFlow>) -> Result<Self, ShapeError> {
        Ok(Self { book: MatchingBook::new(shape)?, handles: HashMap::new(), flow })
    }

    /// When the order flow acts next, in nanoseconds since the exchange began.
    #[must_use]
    pub fn next_flow_ns(&self) -> Option<i64> {
        self.flow.as_ref().map(OrderFlow::due_ns)
    }

    /// Lets the order flow do what is due.
    pub fn step_flow(&mut self, events: &mut Vec<MarketEvent>) {
        if let Some(flow) = &mut self.flow {
            flow.act(&mut self.book, &mut EventSink { events });
        }
    }
}

impl Market for MatchedMarket {
    fn best(&self, side: Side) -> Option<Level> {
        self.book.best(side)
    }

    fn visit_levels(&self, side: Side, visitor: &mut dyn FnMut(Level) -> bool) {
        for level in self.book.levels(side) {
            if !visitor(level) {
                return;
            }
        }
    }

    fn displays_clients(&self) -> bool {
        true
    }

    fn place(&mut self, order: &IncomingOrder, events: &mut Vec<MarketEvent>) -> Result<(), Refusal> {
        let new = NewOrder {
            id: order.party.order_id,
            owner: order.party.owner.0,
            side: order.side,
            kind: order.kind,
            time_in_force: order.time_in_force,
            self_trade: match order.self_trade_prevention {
                SelfTradePrevention::None => SelfTrade::Allow,
                SelfTradePrevention::ExpireTaker => SelfTrade::ExpireTaker,
                SelfTradePrevention::ExpireMaker => SelfTrade::ExpireMaker,
                SelfTradePrevention::ExpireBoth => SelfTrade::ExpireBoth,
            },
            price: order.price,
            quantity: order.quantity,
        };
        let placed = self.book.place(&new, &mut EventSink { events }).map_err(|refusal| match refusal {
            tercel_matching::Refusal::OffTick => Refusal::filter("PRICE_FILTER"),
            tercel_matching::Refusal::NoQuantity => Refusal::INVALID_QUANTITY,
            tercel_matching::Refusal::WouldCross => Refusal::WOULD_TAKE,
            tercel_matching::Refusal::BookFull => Refusal::OVERLOADED,
        })?;
        if let Some(handle) = placed.handle {
            self.handles.insert(order.party.order_id, handle);
        }
        Ok(())
    }

    fn cancel(&mut self, order_id: u64, events: &mut Vec<MarketEvent>) {
        let Some(handle) = self.handles.remove(&order_id) else { return };
        // A handle of an order that has ended since names nothing; the core has seen that end already.
        let _ = self.book.cancel(handle, &mut EventSink { events });
    }

    fn forget(&mut self, order_id: u64) {
        self.handles.remove(&order_id);
    }
}

impl MatchSink for EventSink<'_> {
    fn trade(&mut self, trade: &Trade) {
        self.events.push(MarketEvent::Trade {
            maker: Party { owner: Owner(trade.maker_owner), order_id: trade.maker_id },
            taker: Party { owner: Owner(trade.taker_owner), order_id: trade.taker_id },
            taker_side: trade.taker_side,
            price: trade.price,
            quantity: trade.quantity,
        });
    }

    fn removed(&mut self, removed: &Removed) {
        let reason = match removed.reason {
            Removal::Cancelled => return,
            Removal::Immediate | Removal::FillOrKill | Removal::LevelFull => EndReason::Terms,
            Removal::SelfTrade => EndReason::SelfTrade,
        };
        if removed.leaves == Quantity::ZERO {
            return;
        }
        let party = Party { owner: Owner(removed.owner), order_id: removed.id };
        self.events.push(MarketEvent::Ended { party, reason });
    }

    fn level_changed(&mut self, side: Side, level: Level) {
        self.events.push(MarketEvent::Level { side, level });
    }
}
