//! The exchange whose market is made by seeded agents and by its clients.

use crate::core::{AccountId, Market, SymbolId, TapeEntry, Venue};
use crate::market_data::{BATCH_NS, Publisher, TradeRecord, book_json};
use crate::matched::MatchedMarket;
use tercel_types::{Instrument, Side};

use super::command::{Request, Served};
use super::hub::Hub;
use super::serve::{Views, serve};
use super::thread::{Driver, Instants, Progress};

/// How often the order flow acts before clients get their turn.
const FLOW_ACTIONS_IN_A_ROW: usize = 2_048;

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

    /// Lets the order flow act until a point in exchange time; `false` if it has acted often enough for one turn.
    fn run_flow(&mut self, until_ns: i64, actions: &mut usize, now: Instants, hub: &mut Hub) -> bool {
        for symbol in self.venue.listing().ids() {
            while self.venue.market(symbol).next_flow_ns().is_some_and(|due| due <= until_ns) {
                if *actions == 0 {
                    return false;
                }
                *actions -= 1;
                self.venue.with_market(symbol, now.utc_ms, |market, events| market.step_flow(events));
                self.publish(hub);
            }
        }
        true
    }
}

impl Driver for Generated {
    /// A flow faster than the machine makes exchange time fall behind; clients are served all the same.
    fn advance(&mut self, now: Instants, hub: &mut Hub) -> i64 {
        let mut actions = FLOW_ACTIONS_IN_A_ROW;
        while self.next_edge_ns <= now.exchange_ns {
            if !self.run_flow(self.next_edge_ns, &mut actions, now, hub) {
                return now.exchange_ns;
            }
            // A batch that is made up for keeps the wall time of its edge.
            let late_ms = (now.exchange_ns - self.next_edge_ns) / 1_000_000;
            for publisher in &mut self.publishers.0 {
                publisher.on_edge(now.utc_ms - late_ms, hub);
            }
            self.next_edge_ns += BATCH_NS;
        }
        if !self.run_flow(now.exchange_ns, &mut actions, now, hub) {
            return now.exchange_ns;
        }
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
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde_json::Value;
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

    /// A hub with one subscriber to everything that the tests look at.
    fn subscriber() -> (Hub, mpsc::Receiver<StreamFrame>) {
        let mut hub = Hub::default();
        let (queue, received) = mpsc::channel::<StreamFrame>(100_000);
        let (reply, mut id) = oneshot::channel();
        hub.on_stream(StreamCommand::Open(queue, reply));
        let streams = ["btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth@100ms"].map(Arc::from).to_vec();
        hub.on_stream(StreamCommand::Subscribe(id.try_recv().unwrap(), streams));
        (hub, received)
    }

    /// Two seconds of market with a client's order in the middle, seen by a subscriber, moved forward in steps.
    fn frames(seed: u64, step_ns: i64) -> Vec<String> {
        let mut exchange = exchange(seed);
        let (mut hub, mut received) = subscriber();
        for half in 0..2 {
            for step in 1..=SECOND_NS / step_ns {
                let now = Instants { exchange_ns: half * SECOND_NS + step * step_ns, utc_ms: 0 };
                while exchange.advance(now, &mut hub) <= now.exchange_ns {}
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

    fn set(side: &mut BTreeMap<i64, i64>, levels: &Value) {
        let number = |text: &Value| Amount::parse(text.as_str().unwrap()).unwrap().0 as i64;
        for level in levels.as_array().unwrap() {
            match number(&level[1]) {
                0 => side.remove(&number(&level[0])),
                quantity => side.insert(number(&level[0]), quantity),
            };
        }
    }

    #[test]
    fn a_book_kept_from_the_diffs_agrees_with_the_best_price_stream_at_every_edge() {
        let mut exchange = exchange(3);
        let (mut hub, mut received) = subscriber();
        let instrument = exchange.venue.instrument(SymbolId(0));
        let market = exchange.venue.market(SymbolId(0));
        let opening: Value =
            serde_json::from_str(&exchange.publishers.book(SymbolId(0), market, 5_000, &instrument)).unwrap();
        let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
        set(&mut bids, &opening["bids"]);
        set(&mut asks, &opening["asks"]);
        let mut last = opening["lastUpdateId"].as_u64().unwrap();
        let mut tickers: Vec<Value> = Vec::new();
        let mut compared = 0;
        let now = Instants { exchange_ns: 20 * SECOND_NS, utc_ms: 0 };
        while exchange.advance(now, &mut hub) <= now.exchange_ns {}
        while let Ok(frame) = received.try_recv() {
            let payload: Value = serde_json::from_str(frame.payload.as_str()).unwrap();
            match frame.stream.as_ref() {
                "btcusdt@bookTicker" => tickers.push(payload),
                "btcusdt@depth@100ms" => {
                    assert_eq!(payload["U"].as_u64(), Some(last + 1));
                    last = payload["u"].as_u64().unwrap();
                    set(&mut bids, &payload["b"]);
                    set(&mut asks, &payload["a"]);
                    let Some(ticker) = tickers.iter().rfind(|ticker| ticker["u"].as_u64() <= Some(last)) else {
                        continue;
                    };
                    let mut told = (BTreeMap::new(), BTreeMap::new());
                    set(&mut told.0, &serde_json::json!([[ticker["b"], ticker["B"]]]));
                    set(&mut told.1, &serde_json::json!([[ticker["a"], ticker["A"]]]));
                    assert_eq!(
                        (bids.last_key_value(), asks.first_key_value()),
                        (told.0.last_key_value(), told.1.first_key_value())
                    );
                    compared += 1;
                }
                _ => {}
            }
        }
        assert!(compared > 150, "{compared}");
    }
}
