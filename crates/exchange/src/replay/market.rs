//! A market in which clients' orders stand among recorded ones.

use std::collections::HashMap;

use tercel_fill::{Fill, FillModel, FillRefusal, Liquidity, OwnOrder, RecordedBook, RecordedTrade, RiskAverse};
use tercel_types::{Level, Price, Quantity, Side};

use crate::core::{EndReason, IncomingOrder, Market, MarketEvent, Owner, Party, Refusal};
use crate::market_data::PublishedBook;

/// How many orders of clients may rest.
const RESTING_ORDERS_MAX: usize = 4_096;

/// The recorded counterparty of every fill.
const RECORDED: Party = Party { owner: Owner::FLOW, order_id: 0 };

/// A recorded book, and clients' orders in its queues.
pub struct RecordedMarket {
    /// The book as recorded up to now.
    pub book: PublishedBook,
    model: FillModel<RiskAverse>,
    owners: HashMap<u64, Owner>,
}

impl RecordedMarket {
    /// A market that begins with a recorded book.
    #[must_use]
    pub fn new(book: PublishedBook) -> Self {
        Self { book, model: FillModel::new(RiskAverse, RESTING_ORDERS_MAX), owners: HashMap::new() }
    }

    /// Recorded levels changed.
    pub fn on_diff(&mut self, last_update_id: u64, levels: &[(Side, Level)], events: &mut Vec<MarketEvent>) {
        for &(side, level) in levels {
            let before = self.book.quantity_at(side, level.price);
            self.book.set(side, level);
            self.model.on_level(side, level.price, before, level.quantity);
        }
        self.book.last_update_id = last_update_id;
        let (bid, ask) = (self.book.best(Side::Buy), self.book.best(Side::Sell));
        let owners = &self.owners;
        self.model.on_top(bid, ask, &mut |fill: &Fill| write_fill(fill, owners, events));
    }

    /// A recorded trade.
    pub fn on_trade(&mut self, trade: &RecordedTrade, events: &mut Vec<MarketEvent>) {
        let owners = &self.owners;
        self.model.on_trade(trade, &mut |fill: &Fill| write_fill(fill, owners, events));
    }
}

impl Market for RecordedMarket {
    fn best(&self, side: Side) -> Option<Level> {
        self.book.best(side)
    }

    fn visit_levels(&self, side: Side, visitor: &mut dyn FnMut(Level) -> bool) {
        for level in self.book.levels(side) {
            let untaken = Level { quantity: self.model.untaken(side, level), ..level };
            if !visitor(untaken) {
                return;
            }
        }
    }

    fn displays_clients(&self) -> bool {
        false
    }

    fn place(&mut self, order: &IncomingOrder, events: &mut Vec<MarketEvent>) -> Result<(), Refusal> {
        let own = OwnOrder {
            id: order.party.order_id,
            side: order.side,
            kind: order.kind,
            time_in_force: order.time_in_force,
            price: order.price,
            quantity: order.quantity,
        };
        self.owners.insert(own.id, order.party.owner);
        let owners = &self.owners;
        let placed = self.model.place(&own, &self.book, &mut |fill: &Fill| write_fill(fill, owners, events));
        let placed = placed.map_err(|refusal| {
            self.owners.remove(&own.id);
            match refusal {
                FillRefusal::NoQuantity => Refusal::INVALID_QUANTITY,
                FillRefusal::WouldCross => Refusal::WOULD_TAKE,
                FillRefusal::Full => Refusal::OVERLOADED,
            }
        })?;
        if placed.resting.is_zero() && placed.executed < order.quantity {
            events.push(MarketEvent::Ended { party: order.party, reason: EndReason::Terms });
        }
        Ok(())
    }

    fn cancel(&mut self, order_id: u64, _events: &mut Vec<MarketEvent>) {
        self.model.cancel(order_id);
    }

    fn forget(&mut self, order_id: u64) {
        self.owners.remove(&order_id);
    }
}

impl RecordedBook for PublishedBook {
    fn best(&self, side: Side) -> Option<Level> {
        Self::best(self, side)
    }

    fn quantity_at(&self, side: Side, price: Price) -> Quantity {
        Self::quantity_at(self, side, price)
    }

    fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        Self::levels(self, side)
    }
}

fn write_fill(fill: &Fill, owners: &HashMap<u64, Owner>, events: &mut Vec<MarketEvent>) {
    let Some(&owner) = owners.get(&fill.id) else { return };
    let own = Party { owner, order_id: fill.id };
    let (maker, taker, taker_side) = match fill.liquidity {
        Liquidity::Maker => (own, RECORDED, fill.side.opposite()),
        Liquidity::Taker => (RECORDED, own, fill.side),
    };
    events.push(MarketEvent::Trade { maker, taker, taker_side, price: fill.price, quantity: fill.quantity });
}
