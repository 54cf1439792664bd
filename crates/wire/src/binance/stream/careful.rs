//! The careful path: fields in any order. It decides what is wrong with a frame and where.

use tercel_types::{Level, Price, Quantity, Side, TradeId, UpdateId};

use super::{
    BookTicker, DepthDiff, MarketMessage, PartialDepth, PublicTrade, Refusal, Reply, is_partial_depth, symbol_of,
};
use crate::binance::Scales;
use crate::binance::error::{WireError, WireErrorKind};
use crate::binance::levels::{LevelScratch, careful_levels};
use crate::binance::scanner::Cursor;

/// Where the values of an object begin, by key.
struct Fields<'a> {
    bytes: &'a [u8],
    end: usize,
    starts: [Option<usize>; KEYS.len()],
}

const KEYS: [&[u8]; 26] = [
    b"stream",
    b"data",
    b"e",
    b"E",
    b"T",
    b"s",
    b"U",
    b"u",
    b"pu",
    b"b",
    b"a",
    b"B",
    b"A",
    b"t",
    b"p",
    b"q",
    b"m",
    b"lastUpdateId",
    b"bids",
    b"asks",
    b"id",
    b"result",
    b"error",
    b"code",
    b"msg",
    b"event",
];

pub(super) fn peek_symbol(bytes: &[u8]) -> Option<&[u8]> {
    let fields = Fields::read(Cursor::new(bytes, 0)).ok()?;
    if let Some(mut name) = fields.find("stream")
        && let Some(symbol) = symbol_of(name.plain_string().ok()?)
    {
        return Some(symbol);
    }
    let event = match fields.find("data") {
        Some(inner) => Fields::read(inner).ok()?,
        None => fields,
    };
    event.find("s")?.plain_string().ok()
}

pub(super) fn decode<'a>(
    bytes: &'a [u8],
    scratch: &mut LevelScratch,
    scales: Scales,
) -> Result<MarketMessage<'a>, WireError> {
    let fields = Fields::read(Cursor::new(bytes, 0))?;
    Cursor::new(bytes, fields.end).finish()?;
    let Some(inner) = fields.find("data") else {
        return event(&fields, b"", scratch, scales);
    };
    let stream = fields.get("stream")?.plain_string()?;
    event(&Fields::read(inner)?, stream, scratch, scales)
}

fn event<'a>(
    fields: &Fields<'a>,
    stream: &'a [u8],
    scratch: &mut LevelScratch,
    scales: Scales,
) -> Result<MarketMessage<'a>, WireError> {
    // The WebSocket API wraps its notice of a shutdown once more.
    if let Some(inner) = fields.find("event") {
        let name = Fields::read(inner)?.get("e")?.plain_string()?;
        return Ok(if name == b"serverShutdown" { MarketMessage::ServerShutdown } else { MarketMessage::Other });
    }
    let Some(mut name) = fields.find("e") else { return unnamed(fields, stream, scratch, scales) };
    match name.plain_string()? {
        b"depthUpdate" => depth(fields, stream, scratch, scales),
        b"trade" => trade(fields, scales).map(MarketMessage::Trade),
        b"bookTicker" => ticker(fields, scales).map(MarketMessage::BookTicker),
        b"serverShutdown" => Ok(MarketMessage::ServerShutdown),
        _ => Ok(MarketMessage::Other),
    }
}

/// A message that does not name itself is told by the fields that only it has.
fn unnamed<'a>(
    fields: &Fields<'a>,
    stream: &'a [u8],
    scratch: &mut LevelScratch,
    scales: Scales,
) -> Result<MarketMessage<'a>, WireError> {
    if fields.find("lastUpdateId").is_some() {
        let last = UpdateId(fields.get("lastUpdateId")?.unsigned()?);
        careful_levels(&mut fields.get("bids")?, scales, scratch.bid_slots())?;
        careful_levels(&mut fields.get("asks")?, scales, scratch.ask_slots())?;
        let symbol = symbol_of(stream).unwrap_or_default();
        return Ok(MarketMessage::PartialDepth(PartialDepth { symbol, last, bids: &[], asks: &[] }));
    }
    if fields.find("u").is_some() && fields.find("B").is_some() {
        return ticker(fields, scales).map(MarketMessage::BookTicker);
    }
    if fields.find("result").is_some() || fields.find("error").is_some() || fields.find("code").is_some() {
        return reply(fields).map(MarketMessage::Reply);
    }
    Ok(MarketMessage::Other)
}

fn depth<'a>(
    fields: &Fields<'a>,
    stream: &'a [u8],
    scratch: &mut LevelScratch,
    scales: Scales,
) -> Result<MarketMessage<'a>, WireError> {
    let event_time = fields.get("E")?.time()?;
    let transaction_time = fields.find("T").map(|mut value| value.time()).transpose()?;
    let symbol = fields.get("s")?.plain_string()?;
    let first = UpdateId(fields.get("U")?.unsigned()?);
    let last = UpdateId(fields.get("u")?.unsigned()?);
    let previous = fields.find("pu").map(|mut value| value.unsigned().map(UpdateId)).transpose()?;
    careful_levels(&mut fields.get("b")?, scales, scratch.bid_slots())?;
    careful_levels(&mut fields.get("a")?, scales, scratch.ask_slots())?;
    let (bids, asks): (&[Level], &[Level]) = (&[], &[]);
    if is_partial_depth(stream) {
        let symbol = symbol_of(stream).unwrap_or(symbol);
        return Ok(MarketMessage::PartialDepth(PartialDepth { symbol, last, bids, asks }));
    }
    Ok(MarketMessage::DepthDiff(DepthDiff { symbol, event_time, transaction_time, first, last, previous, bids, asks }))
}

fn trade<'a>(fields: &Fields<'a>, scales: Scales) -> Result<PublicTrade<'a>, WireError> {
    Ok(PublicTrade {
        symbol: fields.get("s")?.plain_string()?,
        event_time: fields.get("E")?.time()?,
        trade_time: fields.get("T")?.time()?,
        id: TradeId(fields.get("t")?.unsigned()?),
        price: Price(fields.get("p")?.decimal(scales.price)?),
        quantity: Quantity(fields.get("q")?.decimal(scales.quantity)?),
        aggressor: if fields.get("m")?.boolean()? { Side::Sell } else { Side::Buy },
    })
}

fn ticker<'a>(fields: &Fields<'a>, scales: Scales) -> Result<BookTicker<'a>, WireError> {
    let level = |price: &'static str, quantity: &'static str| -> Result<Level, WireError> {
        let price = fields.get(price)?.decimal(scales.price)?;
        Ok(Level::new(price, fields.get(quantity)?.decimal(scales.quantity)?))
    };
    Ok(BookTicker {
        symbol: fields.get("s")?.plain_string()?,
        update_id: UpdateId(fields.get("u")?.unsigned()?),
        bid: level("b", "B")?,
        ask: level("a", "A")?,
        event_time: fields.find("E").map(|mut value| value.time()).transpose()?,
    })
}

fn reply<'a>(fields: &Fields<'a>) -> Result<Reply<'a>, WireError> {
    let mut id = None;
    if let Some(mut value) = fields.find("id")
        && value.peek()?.is_ascii_digit()
    {
        id = Some(value.unsigned()?);
    }
    let refusal = match fields.find("error") {
        Some(inner) => Some(refusal(&Fields::read(inner)?)?),
        None if fields.find("code").is_some() => Some(refusal(fields)?),
        None => None,
    };
    Ok(Reply { id, refusal })
}

fn refusal<'a>(fields: &Fields<'a>) -> Result<Refusal<'a>, WireError> {
    Ok(Refusal { code: fields.get("code")?.signed()?, message: fields.get("msg")?.raw_string()? })
}

impl<'a> Fields<'a> {
    /// Reads an object once; of a key that is there twice the last value counts.
    fn read(mut cursor: Cursor<'a>) -> Result<Self, WireError> {
        let bytes = cursor.bytes();
        let mut starts = [None; KEYS.len()];
        cursor.object(|cursor, key| {
            if let Some(index) = KEYS.iter().position(|known| *known == key) {
                starts[index] = Some(cursor.offset());
            }
            cursor.skip()
        })?;
        Ok(Self { bytes, end: cursor.offset(), starts })
    }

    fn find(&self, key: &str) -> Option<Cursor<'a>> {
        let index = KEYS.iter().position(|known| *known == key.as_bytes())?;
        self.starts[index].map(|start| Cursor::new(self.bytes, start))
    }

    fn get(&self, key: &'static str) -> Result<Cursor<'a>, WireError> {
        self.find(key).ok_or(WireError::new(WireErrorKind::MissingField(key), self.end))
    }
}
