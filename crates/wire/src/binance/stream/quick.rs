//! The fast path: fields in the order in which Binance sends them, compared as literal bytes. `None` at the first
//! surprise; the careful path then reads the frame from the start and finds out whether it is wrong or only unusual.

use tercel_types::{Level, Price, Quantity, Side, TradeId, UpdateId};

use super::{BookTicker, DepthDiff, MarketMessage, PartialDepth, PublicTrade, is_partial_depth, symbol_of};
use crate::binance::levels::{LevelRule, LevelScratch, quick_levels};
use crate::binance::reader::Reader;

const COMBINED: &[u8] = b"{\"stream\":\"";

/// The instrument in the name of a combined stream.
#[inline]
pub(super) fn stream_symbol(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(COMBINED)?;
    let name = &rest[..memchr::memchr(b'"', rest)?];
    if name.contains(&b'\\') { None } else { symbol_of(name) }
}

#[inline]
pub(super) fn decode<'a>(bytes: &'a [u8], scratch: &mut LevelScratch, rule: LevelRule) -> Option<MarketMessage<'a>> {
    let mut reader = Reader { bytes, at: 0 };
    if !reader.eat(COMBINED) {
        let message = event(&mut reader, b"", scratch, rule)?;
        return (reader.at == bytes.len()).then_some(message);
    }
    let stream = reader.text()?;
    reader.literal(b",\"data\":")?;
    let message = event(&mut reader, stream, scratch, rule)?;
    reader.literal(b"}")?;
    (reader.at == bytes.len()).then_some(message)
}

#[inline(always)]
fn event<'a>(
    reader: &mut Reader<'a>,
    stream: &'a [u8],
    scratch: &mut LevelScratch,
    rule: LevelRule,
) -> Option<MarketMessage<'a>> {
    if reader.eat(b"{\"e\":\"depthUpdate\",\"E\":") {
        return depth(reader, stream, scratch, rule);
    }
    if reader.eat(b"{\"e\":\"trade\",\"E\":") {
        return trade(reader, rule).map(MarketMessage::Trade);
    }
    if reader.eat(b"{\"u\":") {
        return spot_ticker(reader, rule).map(MarketMessage::BookTicker);
    }
    if reader.eat(b"{\"e\":\"bookTicker\",\"u\":") {
        return usd_m_ticker(reader, rule).map(MarketMessage::BookTicker);
    }
    if reader.eat(b"{\"lastUpdateId\":") {
        return partial_depth(reader, stream, scratch, rule);
    }
    None
}

#[inline(always)]
fn depth<'a>(
    reader: &mut Reader<'a>,
    stream: &'a [u8],
    scratch: &mut LevelScratch,
    rule: LevelRule,
) -> Option<MarketMessage<'a>> {
    let event_time = reader.time()?;
    let mut transaction_time = None;
    if reader.eat(b",\"T\":") {
        transaction_time = Some(reader.time()?);
    }
    reader.literal(b",\"s\":\"")?;
    let symbol = reader.text()?;
    reader.literal(b",\"U\":")?;
    let first = UpdateId(reader.unsigned()?);
    reader.literal(b",\"u\":")?;
    let last = UpdateId(reader.unsigned()?);
    let mut previous = None;
    if reader.eat(b",\"pu\":") {
        previous = Some(UpdateId(reader.unsigned()?));
    }
    reader.literal(b",\"b\":")?;
    reader.at = quick_levels(reader.bytes, reader.at, rule, scratch.bid_slots())?;
    reader.literal(b",\"a\":")?;
    reader.at = quick_levels(reader.bytes, reader.at, rule, scratch.ask_slots())?;
    reader.literal(b"}")?;
    let (bids, asks): (&[Level], &[Level]) = (&[], &[]);
    if is_partial_depth(stream) {
        return Some(MarketMessage::PartialDepth(PartialDepth { symbol: symbol_of(stream)?, last, bids, asks }));
    }
    Some(MarketMessage::DepthDiff(DepthDiff {
        symbol,
        event_time,
        transaction_time,
        first,
        last,
        previous,
        bids,
        asks,
    }))
}

fn partial_depth<'a>(
    reader: &mut Reader<'a>,
    stream: &'a [u8],
    scratch: &mut LevelScratch,
    rule: LevelRule,
) -> Option<MarketMessage<'a>> {
    let last = UpdateId(reader.unsigned()?);
    reader.literal(b",\"bids\":")?;
    reader.at = quick_levels(reader.bytes, reader.at, rule, scratch.bid_slots())?;
    reader.literal(b",\"asks\":")?;
    reader.at = quick_levels(reader.bytes, reader.at, rule, scratch.ask_slots())?;
    reader.literal(b"}")?;
    let symbol = symbol_of(stream).unwrap_or_default();
    Some(MarketMessage::PartialDepth(PartialDepth { symbol, last, bids: &[], asks: &[] }))
}

#[inline(always)]
fn trade<'a>(reader: &mut Reader<'a>, rule: LevelRule) -> Option<PublicTrade<'a>> {
    let event_time = reader.time()?;
    let mut trade_time = None;
    // USD-M puts the time of the trade here, spot behind the quantity.
    if reader.eat(b",\"T\":") {
        trade_time = Some(reader.time()?);
    }
    reader.literal(b",\"s\":\"")?;
    let symbol = reader.text()?;
    reader.literal(b",\"t\":")?;
    let id = TradeId(reader.unsigned()?);
    reader.literal(b",\"p\":\"")?;
    let price = Price(reader.decimal(rule.price)?);
    reader.literal(b",\"q\":\"")?;
    let quantity = Quantity(reader.decimal(rule.quantity)?);
    if trade_time.is_none() {
        reader.literal(b",\"T\":")?;
        trade_time = Some(reader.time()?);
    } else if reader.eat(b",\"X\":\"") {
        reader.text()?;
    }
    let buyer_is_maker = reader.boolean(b",\"m\":true", b",\"m\":false")?;
    if !reader.eat(b",\"M\":true}") && !reader.eat(b"}") {
        return None;
    }
    let aggressor = if buyer_is_maker { Side::Sell } else { Side::Buy };
    Some(PublicTrade { symbol, event_time, trade_time: trade_time?, id, price, quantity, aggressor })
}

#[inline(always)]
fn spot_ticker<'a>(reader: &mut Reader<'a>, rule: LevelRule) -> Option<BookTicker<'a>> {
    let ticker = best_prices(reader, rule)?;
    reader.literal(b"}")?;
    Some(ticker)
}

#[inline(always)]
fn usd_m_ticker<'a>(reader: &mut Reader<'a>, rule: LevelRule) -> Option<BookTicker<'a>> {
    let ticker = best_prices(reader, rule)?;
    reader.literal(b",\"T\":")?;
    reader.time()?;
    reader.literal(b",\"E\":")?;
    let event_time = Some(reader.time()?);
    reader.literal(b"}")?;
    Some(BookTicker { event_time, ..ticker })
}

#[inline(always)]
fn best_prices<'a>(reader: &mut Reader<'a>, rule: LevelRule) -> Option<BookTicker<'a>> {
    let update_id = UpdateId(reader.unsigned()?);
    reader.literal(b",\"s\":\"")?;
    let symbol = reader.text()?;
    reader.literal(b",\"b\":\"")?;
    let bid_price = reader.decimal(rule.price)?;
    reader.literal(b",\"B\":\"")?;
    let bid_quantity = reader.decimal(rule.quantity)?;
    reader.literal(b",\"a\":\"")?;
    let ask_price = reader.decimal(rule.price)?;
    reader.literal(b",\"A\":\"")?;
    let ask_quantity = reader.decimal(rule.quantity)?;
    let (bid, ask) = (Level::new(bid_price, bid_quantity), Level::new(ask_price, ask_quantity));
    Some(BookTicker { symbol, update_id, bid, ask, event_time: None })
}
