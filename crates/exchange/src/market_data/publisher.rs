//! Turns what happens in one symbol's market into frames of its streams.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use tercel_types::{Level, Price, Quantity, Side};

use crate::core::{Market, PublicTrade, SymbolRules};

use super::frames::{
    Diff, StreamFrame, aggregate_trade_json, book_json, book_ticker_json, diff_json, mini_ticker_json, ticker_json,
    trade_json,
};
use super::published::PublishedBook;
use super::stream::StreamKind;
use super::trade_record::TradeRecord;

/// How long a batch of the fast streams is.
pub const BATCH_NS: i64 = 100_000_000;

/// How many fast batches one of the slow streams is.
const SLOW_BATCHES: i64 = 10;

/// Where frames go. A frame that nobody wants is never written.
pub trait FrameSink {
    /// Whether somebody subscribed to the stream.
    fn is_wanted(&self, stream: &str) -> bool;
    /// Delivers a frame to everybody who did.
    fn deliver(&mut self, frame: StreamFrame);
}

/// The streams of one symbol.
pub struct Publisher {
    rules: SymbolRules,
    names: Vec<(StreamKind, Arc<str>)>,
    /// The book at the last batch edge.
    pub book: PublishedBook,
    /// The public trades.
    pub trades: TradeRecord,
    update_id: u64,
    fast: Batch,
    slow: Batch,
    batches: i64,
    quoted: Option<(Level, Level)>,
    day_published: u64,
}

#[derive(Default)]
struct Batch {
    first: Option<u64>,
    bids: BTreeMap<Price, Quantity>,
    asks: BTreeMap<Price, Quantity>,
}

impl Publisher {
    /// The publisher of a symbol whose market already holds what it starts with.
    #[must_use]
    pub fn new<M: Market>(rules: &SymbolRules, market: &M) -> Self {
        let lower = rules.name().as_str().to_ascii_lowercase();
        let names = StreamKind::ALL.map(|kind| (kind, Arc::from(format!("{lower}@{}", kind.suffix()))));
        let mut book = PublishedBook::default();
        for side in [Side::Buy, Side::Sell] {
            market.visit_levels(side, &mut |level| {
                book.set(side, level);
                true
            });
        }
        book.last_update_id = 1;
        Self {
            rules: rules.clone(),
            names: names.to_vec(),
            book,
            trades: TradeRecord::default(),
            update_id: 1,
            fast: Batch::default(),
            slow: Batch::default(),
            batches: 0,
            quoted: None,
            day_published: 0,
        }
    }

    /// A level changed.
    pub fn on_level(&mut self, side: Side, level: Level) {
        self.update_id += 1;
        self.fast.add(self.update_id, side, level);
        self.slow.add(self.update_id, side, level);
    }

    /// A trade happened.
    pub fn on_trade(&mut self, trade: &PublicTrade, sink: &mut impl FrameSink) {
        self.trades.add(&self.rules, trade);
        self.send(StreamKind::Trade, sink, |publisher| trade_json(&publisher.rules.instrument, trade));
        self.send(StreamKind::AggregateTrade, sink, |publisher| {
            aggregate_trade_json(&publisher.rules.instrument, trade)
        });
    }

    /// The best prices after something happened.
    pub fn on_best(&mut self, bid: Option<Level>, ask: Option<Level>, sink: &mut impl FrameSink) {
        let (Some(bid), Some(ask)) = (bid, ask) else { return };
        if self.quoted == Some((bid, ask)) {
            return;
        }
        self.quoted = Some((bid, ask));
        let update_id = self.update_id;
        self.send(StreamKind::BookTicker, sink, |publisher| {
            book_ticker_json(&publisher.rules.instrument, update_id, bid, ask)
        });
    }

    /// A batch edge: publishes what changed since the last one, and says nothing if nothing did.
    pub fn on_edge(&mut self, event_time_ms: i64, sink: &mut impl FrameSink) {
        self.batches += 1;
        let changed = self.fast.first.is_some();
        if changed {
            for (side, levels) in [(Side::Buy, &self.fast.bids), (Side::Sell, &self.fast.asks)] {
                for (&price, &quantity) in levels {
                    self.book.set(side, Level { price, quantity });
                }
            }
            self.book.last_update_id = self.update_id;
            let diff = self.fast.take(self.update_id);
            self.send(StreamKind::DiffFast, sink, |publisher| {
                diff_json(&publisher.rules.instrument, &diff, event_time_ms)
            });
            self.send_partials(StreamKind::PartialFast, sink);
        }
        if self.batches % SLOW_BATCHES == 0 {
            self.on_slow_edge(event_time_ms, sink);
        }
    }

    fn on_slow_edge(&mut self, event_time_ms: i64, sink: &mut impl FrameSink) {
        if self.slow.first.is_some() {
            let diff = self.slow.take(self.update_id);
            self.send(StreamKind::DiffSlow, sink, |publisher| {
                diff_json(&publisher.rules.instrument, &diff, event_time_ms)
            });
            self.send_partials(StreamKind::PartialSlow, sink);
        }
        if self.trades.day.count != self.day_published {
            self.day_published = self.trades.day.count;
            self.send(StreamKind::MiniTicker, sink, |publisher| {
                mini_ticker_json(&publisher.rules, &publisher.trades.day, event_time_ms)
            });
            self.send(StreamKind::Ticker, sink, |publisher| {
                ticker_json(&publisher.rules, &publisher.trades.day, &publisher.book, event_time_ms)
            });
        }
    }

    fn send_partials(&self, kind: impl Fn(usize) -> StreamKind, sink: &mut impl FrameSink) {
        for depth in [5, 10, 20] {
            self.send(kind(depth), sink, |publisher| book_json(&publisher.rules.instrument, &publisher.book, depth));
        }
    }

    fn send(&self, kind: StreamKind, sink: &mut impl FrameSink, write: impl FnOnce(&Self) -> String) {
        let Some((_, stream)) = self.names.iter().find(|(known, _)| *known == kind) else { return };
        if sink.is_wanted(stream) {
            let payload = Utf8Bytes::from(write(self));
            sink.deliver(StreamFrame { stream: Arc::clone(stream), payload });
        }
    }
}

impl Batch {
    fn add(&mut self, update_id: u64, side: Side, level: Level) {
        self.first.get_or_insert(update_id);
        let levels = if side == Side::Buy { &mut self.bids } else { &mut self.asks };
        levels.insert(level.price, level.quantity);
    }

    /// The batch as a diff, best levels first, leaving it empty.
    fn take(&mut self, last: u64) -> Diff {
        let level = |(price, quantity)| Level { price, quantity };
        Diff {
            first: self.first.take().unwrap_or(last),
            last,
            bids: std::mem::take(&mut self.bids).into_iter().rev().map(level).collect(),
            asks: std::mem::take(&mut self.asks).into_iter().map(level).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SymbolConfig, build_listing};
    use crate::core::SymbolId;
    use crate::matched::MatchedMarket;
    use serde_json::Value;
    use tercel_matching::BookShape;

    #[derive(Default)]
    struct Everything(Vec<(String, Value)>);

    impl FrameSink for Everything {
        fn is_wanted(&self, _stream: &str) -> bool {
            true
        }
        fn deliver(&mut self, frame: StreamFrame) {
            self.0.push((frame.stream.to_string(), serde_json::from_str(frame.payload.as_str()).unwrap()));
        }
    }

    impl Everything {
        fn of(&self, stream: &str) -> Vec<&Value> {
            self.0.iter().filter(|(name, _)| name == stream).map(|(_, frame)| frame).collect()
        }
    }

    fn publisher() -> Publisher {
        let listing = build_listing(&[SymbolConfig::btcusdt()]).unwrap();
        let market = MatchedMarket::new(BookShape::default(), None).unwrap();
        Publisher::new(listing.rules(SymbolId(0)), &market)
    }

    #[test]
    fn diffs_and_partial_books_are_cut_at_the_same_edge() {
        let (mut publisher, mut sink) = (publisher(), Everything::default());
        publisher.on_level(Side::Buy, Level::new(6_000_000, 100_000));
        publisher.on_level(Side::Sell, Level::new(6_000_001, 200_000));
        publisher.on_edge(100, &mut sink);
        publisher.on_level(Side::Buy, Level::new(6_000_000, 0));
        publisher.on_edge(200, &mut sink);
        let diffs = sink.of("btcusdt@depth@100ms");
        assert_eq!((&diffs[0]["U"], &diffs[0]["u"]), (&Value::from(2), &Value::from(3)));
        assert_eq!((&diffs[1]["U"], &diffs[1]["u"]), (&Value::from(4), &Value::from(4)));
        assert_eq!(diffs[1]["b"][0][1], "0.00000000");
        let partial = sink.of("btcusdt@depth5@100ms");
        assert_eq!(partial[0]["lastUpdateId"], diffs[0]["u"]);
        assert_eq!(partial[0]["bids"][0], serde_json::json!(["60000.00000000", "1.00000000"]));
    }

    #[test]
    fn nothing_is_said_when_nothing_changed() {
        let (mut publisher, mut sink) = (publisher(), Everything::default());
        for edge in 0..20 {
            publisher.on_edge(edge, &mut sink);
        }
        assert!(sink.0.is_empty());
    }

    #[test]
    fn the_slow_stream_carries_the_same_changes_in_one_batch() {
        let (mut publisher, mut sink) = (publisher(), Everything::default());
        for edge in 0..10 {
            publisher.on_level(Side::Buy, Level::new(6_000_000 + edge, 100_000));
            publisher.on_edge(edge, &mut sink);
        }
        let slow = sink.of("btcusdt@depth");
        assert_eq!(slow.len(), 1);
        assert_eq!((&slow[0]["U"], &slow[0]["u"]), (&Value::from(2), &Value::from(11)));
    }

    #[test]
    fn the_best_prices_are_told_once_for_each_change() {
        let (mut publisher, mut sink) = (publisher(), Everything::default());
        let (bid, ask) = (Some(Level::new(6_000_000, 1)), Some(Level::new(6_000_001, 1)));
        publisher.on_best(bid, ask, &mut sink);
        publisher.on_best(bid, ask, &mut sink);
        publisher.on_best(bid, None, &mut sink);
        assert_eq!(sink.of("btcusdt@bookTicker").len(), 1);
    }
}
