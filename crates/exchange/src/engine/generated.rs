//! The exchange whose market is made by seeded agents and by its clients.

use crate::core::{AccountId, Market, SymbolId, TapeEntry, Venue};
use crate::market_data::{BATCH_NS, Publisher, TradeRecord, book_json};
use crate::matched::MatchedMarket;
use tercel_types::{Instrument, Side};

use super::command::{Request, Served};
use super::hub::Hub;
use super::serve::{Views, serve};
use super::thread::{Driver, Instants, Progress};

/// Core, books and publishers, moved forward in exchange time: nanoseconds since the exchange began.
pub struct Generated {
    venue: Venue<MatchedMarket>,
    publishers: Publishers,
    next_edge_ns: i64,
}

struct Publishers(Vec<Publisher>);

impl Generated {
    /// An exchange whose order flow has opened its markets.
    #[must_use]
    pub fn new(mut venue: Venue<MatchedMarket>) -> Self {
        for symbol in venue.listing().ids() {
            while venue.market(symbol).next_flow_ns().is_some_and(|due| due <= 0) {
                venue.with_market(symbol, 0, |market, events| market.step_flow(events));
            }
        }
        // What happened before the opening concerns nobody.
        venue.drain_tape();
        let publishers = venue
            .listing()
            .ids()
            .map(|symbol| Publisher::new(venue.listing().rules(symbol), venue.market(symbol)))
            .collect();
        Self { venue, publishers: Publishers(publishers), next_edge_ns: BATCH_NS }
    }

    /// Hands on what the last operation did, to everybody and to the owners of accounts.
    fn publish(&mut self, hub: &mut Hub) {
        let mut changed = None;
        for entry in self.venue.drain_tape() {
            match entry {
                TapeEntry::Level { symbol, side, level } => {
                    changed = Some(symbol);
                    self.publishers.0[usize::from(symbol.0)].on_level(side, level);
                }
                TapeEntry::Trade(trade) => self.publishers.0[usize::from(trade.symbol.0)].on_trade(&trade, hub),
            }
        }
        // One operation concerns one symbol.
        if let Some(symbol) = changed {
            let market = self.venue.market(symbol);
            let (bid, ask) = (market.best(Side::Buy), market.best(Side::Sell));
            self.publishers.0[usize::from(symbol.0)].on_best(bid, ask, hub);
        }
        for notice in self.venue.drain_notices() {
            hub.notify(&notice);
        }
    }

    /// Lets the order flow act until a point in exchange time.
    fn run_flow(&mut self, until_ns: i64, now: Instants, hub: &mut Hub) {
        for symbol in self.venue.listing().ids() {
            while self.venue.market(symbol).next_flow_ns().is_some_and(|due| due <= until_ns) {
                self.venue.with_market(symbol, now.utc_ms, |market, events| market.step_flow(events));
                self.publish(hub);
            }
        }
    }
}

impl Driver for Generated {
    fn advance(&mut self, now: Instants, hub: &mut Hub) -> i64 {
        while self.next_edge_ns <= now.exchange_ns {
            self.run_flow(self.next_edge_ns, now, hub);
            // A batch that is made up for keeps the wall time of its edge.
            let late_ms = (now.exchange_ns - self.next_edge_ns) / 1_000_000;
            for publisher in &mut self.publishers.0 {
                publisher.on_edge(now.utc_ms - late_ms, hub);
            }
            self.next_edge_ns += BATCH_NS;
        }
        self.run_flow(now.exchange_ns, now, hub);
        let symbols = self.venue.listing().ids();
        let flow = symbols.filter_map(|symbol| self.venue.market(symbol).next_flow_ns()).min();
        flow.map_or(self.next_edge_ns, |due| due.min(self.next_edge_ns))
    }

    fn serve(&mut self, account: AccountId, request: Request, now: Instants, hub: &mut Hub) -> Served {
        let served = serve(&mut self.venue, &mut self.publishers, account, request, now.utc_ms);
        self.publish(hub);
        served
    }

    fn progress(&self) -> Progress {
        Progress::Generated
    }
}

impl Views<MatchedMarket> for Publishers {
    fn trades(&self, symbol: SymbolId) -> &TradeRecord {
        &self.0[usize::from(symbol.0)].trades
    }

    fn book(&mut self, symbol: SymbolId, _market: &MatchedMarket, limit: usize, instrument: &Instrument) -> String {
        book_json(instrument, &self.0[usize::from(symbol.0)].book, limit)
    }
}
