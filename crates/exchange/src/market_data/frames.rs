//! The JSON of the market streams.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use tercel_types::{Instrument, Level, Side};

use crate::core::{Amount, PublicTrade, SymbolRules};

use super::published::PublishedBook;
use super::statistics::DayStatistics;

/// One message of one stream, shared by all its subscribers.
#[derive(Clone, Debug)]
pub struct StreamFrame {
    /// The stream's name.
    pub stream: Arc<str>,
    /// The message as `/ws` carries it.
    pub payload: Utf8Bytes,
}

/// A price and a quantity as the venue writes a level: two texts.
#[derive(Serialize)]
pub struct LevelJson(Amount, Amount);

#[derive(Serialize)]
struct DiffJson<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: i64,
    s: &'a str,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    b: Vec<LevelJson>,
    a: Vec<LevelJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartialJson {
    last_update_id: u64,
    bids: Vec<LevelJson>,
    asks: Vec<LevelJson>,
}

#[derive(Serialize)]
struct BookTickerJson<'a> {
    u: u64,
    s: &'a str,
    b: Amount,
    #[serde(rename = "B")]
    bid_quantity: Amount,
    a: Amount,
    #[serde(rename = "A")]
    ask_quantity: Amount,
}

#[derive(Serialize)]
struct TradeJson<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: i64,
    s: &'a str,
    t: u64,
    p: Amount,
    q: Amount,
    #[serde(rename = "T")]
    trade_time: i64,
    m: bool,
    #[serde(rename = "M")]
    ignore: bool,
}

#[derive(Serialize)]
struct AggregateTradeJson<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: i64,
    s: &'a str,
    a: u64,
    p: Amount,
    q: Amount,
    f: u64,
    l: u64,
    #[serde(rename = "T")]
    trade_time: i64,
    m: bool,
    #[serde(rename = "M")]
    ignore: bool,
}

#[derive(Serialize)]
struct MiniTickerJson<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: i64,
    s: &'a str,
    c: Amount,
    o: Amount,
    h: Amount,
    l: Amount,
    v: Amount,
    q: Amount,
}

#[derive(Serialize)]
struct TickerJson<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: i64,
    s: &'a str,
    p: Amount,
    #[serde(rename = "P")]
    change_percent: String,
    w: Amount,
    x: Amount,
    c: Amount,
    #[serde(rename = "Q")]
    last_quantity: Amount,
    b: Amount,
    #[serde(rename = "B")]
    bid_quantity: Amount,
    a: Amount,
    #[serde(rename = "A")]
    ask_quantity: Amount,
    o: Amount,
    h: Amount,
    l: Amount,
    v: Amount,
    q: Amount,
    #[serde(rename = "O")]
    open_time: i64,
    #[serde(rename = "C")]
    close_time: i64,
    #[serde(rename = "F")]
    first_trade_id: u64,
    #[serde(rename = "L")]
    last_trade_id: u64,
    n: u64,
}

/// A range of changes and the levels they left behind.
pub(super) struct Diff {
    pub first: u64,
    pub last: u64,
    pub bids: Vec<Level>,
    pub asks: Vec<Level>,
}

/// A level as the venue writes it.
#[must_use]
pub fn level_json(instrument: &Instrument, level: Level) -> LevelJson {
    LevelJson(Amount::of_price(instrument, level.price), Amount::of_quantity(instrument, level.quantity))
}

/// The best `limit` levels of both sides with their update id, as REST and the partial streams show them.
#[must_use]
pub fn book_json(instrument: &Instrument, book: &PublishedBook, limit: usize) -> String {
    let side = |side| book.levels(side).take(limit).map(|level| level_json(instrument, level)).collect();
    to_json(&PartialJson { last_update_id: book.last_update_id, bids: side(Side::Buy), asks: side(Side::Sell) })
}

pub(super) fn diff_json(instrument: &Instrument, diff: &Diff, event_time: i64) -> String {
    let side = |levels: &[Level]| levels.iter().map(|level| level_json(instrument, *level)).collect();
    to_json(&DiffJson {
        e: "depthUpdate",
        event_time,
        s: instrument.symbol.as_str(),
        first: diff.first,
        u: diff.last,
        b: side(&diff.bids),
        a: side(&diff.asks),
    })
}

pub(super) fn book_ticker_json(instrument: &Instrument, update_id: u64, bid: Level, ask: Level) -> String {
    let (LevelJson(b, bid_quantity), LevelJson(a, ask_quantity)) =
        (level_json(instrument, bid), level_json(instrument, ask));
    to_json(&BookTickerJson { u: update_id, s: instrument.symbol.as_str(), b, bid_quantity, a, ask_quantity })
}

pub(super) fn trade_json(instrument: &Instrument, trade: &PublicTrade) -> String {
    to_json(&TradeJson {
        e: "trade",
        event_time: trade.time_ms,
        s: instrument.symbol.as_str(),
        t: trade.trade_id,
        p: Amount::of_price(instrument, trade.price),
        q: Amount::of_quantity(instrument, trade.quantity),
        trade_time: trade.time_ms,
        m: trade.taker_side == Side::Sell,
        ignore: true,
    })
}

pub(super) fn aggregate_trade_json(instrument: &Instrument, trade: &PublicTrade) -> String {
    to_json(&AggregateTradeJson {
        e: "aggTrade",
        event_time: trade.time_ms,
        s: instrument.symbol.as_str(),
        a: trade.trade_id,
        p: Amount::of_price(instrument, trade.price),
        q: Amount::of_quantity(instrument, trade.quantity),
        f: trade.trade_id,
        l: trade.trade_id,
        trade_time: trade.time_ms,
        m: trade.taker_side == Side::Sell,
        ignore: true,
    })
}

pub(super) fn mini_ticker_json(rules: &SymbolRules, day: &DayStatistics, event_time: i64) -> String {
    to_json(&MiniTickerJson {
        e: "24hrMiniTicker",
        event_time,
        s: rules.instrument.symbol.as_str(),
        c: day.last,
        o: day.open,
        h: day.high,
        l: day.low,
        v: day.volume,
        q: day.quote_volume,
    })
}

pub(super) fn ticker_json(rules: &SymbolRules, day: &DayStatistics, book: &PublishedBook, event_time: i64) -> String {
    let best = |side| level_json(&rules.instrument, book.best(side).unwrap_or_default());
    let (LevelJson(b, bid_quantity), LevelJson(a, ask_quantity)) = (best(Side::Buy), best(Side::Sell));
    to_json(&TickerJson {
        e: "24hrTicker",
        event_time,
        s: rules.instrument.symbol.as_str(),
        p: day.change(),
        change_percent: day.change_percent(),
        w: day.weighted_average(),
        x: day.open,
        c: day.last,
        last_quantity: day.last_quantity,
        b,
        bid_quantity,
        a,
        ask_quantity,
        o: day.open,
        h: day.high,
        l: day.low,
        v: day.volume,
        q: day.quote_volume,
        open_time: day.open_time_ms,
        close_time: day.close_time_ms,
        first_trade_id: day.first_trade_id,
        last_trade_id: day.last_trade_id,
        n: day.count,
    })
}

fn to_json(frame: &impl Serialize) -> String {
    // Plain structs of texts and integers have nothing that could fail to be written.
    serde_json::to_string(frame).unwrap_or_default()
}
