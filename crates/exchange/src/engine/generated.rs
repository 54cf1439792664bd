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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tercel_matching::BookShape;
    use tercel_types::{OrderKind, Price, Quantity, TimeInForce};
    use tokio::sync::{mpsc, oneshot};

    use super::*;
    use crate::config::{SymbolConfig, build_listing};
    use crate::core::{Amount, FeeRates, NewOrder, OrderLimits, OrderSize, Owner, SelfTradePrevention, VenueSetup};
    use crate::engine::command::{ResponseType, StreamCommand};
    use crate::flow::{FITTED, FlowMarket, OrderFlow};
    use crate::market_data::StreamFrame;

    const SECOND_NS: i64 = 1_000_000_000;

    fn exchange(seed: u64) -> Generated {
        let listing = Arc::new(build_listing(&[SymbolConfig::btcusdt()]).unwrap());
        let instrument = listing.symbols[0].instrument;
        let market = FlowMarket {
            tick: instrument.tick,
            lot: instrument.lot,
            initial_price: Price(6_183_763),
            notional_scale: instrument.notional_scale(),
            owner: Owner::FLOW.0,
        };
        let flow = OrderFlow::new(FITTED, market, 1_000, seed);
        let fee = Amount::parse("0.001").unwrap();
        Generated::new(Venue::new(VenueSetup {
            markets: vec![MatchedMarket::new(BookShape::default(), Some(flow)).unwrap()],
            accounts: vec![vec![(listing.symbols[0].quote, Amount::parse("1000000").unwrap())]],
            listing,
            fees: FeeRates { maker: fee, taker: fee },
            order_limits: OrderLimits::default(),
        }))
    }

    /// Two seconds of market with a client's order in the middle, seen by a subscriber, moved forward in steps.
    fn frames(seed: u64, step_ns: i64) -> Vec<String> {
        let (mut exchange, mut hub) = (exchange(seed), Hub::default());
        let (queue, mut received) = mpsc::channel::<StreamFrame>(100_000);
        let (reply, mut id) = oneshot::channel();
        hub.on_stream(StreamCommand::Open(queue, reply));
        let streams = ["btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth@100ms"].map(Arc::from).to_vec();
        hub.on_stream(StreamCommand::Subscribe(id.try_recv().unwrap(), streams));
        for half in 0..2 {
            for step in 1..=SECOND_NS / step_ns {
                let now = Instants { exchange_ns: half * SECOND_NS + step * step_ns, utc_ms: 0 };
                exchange.advance(now, &mut hub);
            }
            let now = Instants { exchange_ns: (half + 1) * SECOND_NS, utc_ms: 0 };
            exchange.serve(AccountId(0), Request::Place(order(), ResponseType::Ack), now, &mut hub);
        }
        let mut texts = Vec::new();
        while let Ok(frame) = received.try_recv() {
            // The wall time of an edge is the only thing in which two runs may differ.
            let payload = frame.payload.as_str();
            let start = payload.find("\"s\":").unwrap_or(0);
            texts.push(format!("{} {}", frame.stream, &payload[start..]));
        }
        texts
    }

    fn order() -> NewOrder {
        NewOrder {
            symbol: SymbolId(0),
            side: Side::Buy,
            kind: OrderKind::Market,
            time_in_force: TimeInForce::Gtc,
            price: Price(0),
            size: OrderSize::Base(Quantity(50_000)),
            client_order_id: None,
            self_trade_prevention: SelfTradePrevention::default(),
        }
    }

    #[test]
    fn the_seed_and_the_clients_decide_what_happens_and_not_how_often_the_thread_wakes() {
        let reference = frames(7, 1_000_000);
        assert!(reference.len() > 100, "{} frames", reference.len());
        assert_eq!(reference, frames(7, SECOND_NS));
        assert_ne!(reference, frames(8, 1_000_000));
    }
}
