//! Public market streams: trades, best prices, depth.

mod careful;
mod quick;

use tercel_types::{Level, Price, Quantity, Side, TradeId, UpdateId, UtcNanos};

use super::Scales;
use super::error::WireError;
use super::levels::{LevelRule, LevelScratch};

/// A frame of a market stream. Texts point into the frame, levels into the scratch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MarketMessage<'a> {
    /// A trade.
    Trade(PublicTrade<'a>),
    /// New best prices.
    BookTicker(BookTicker<'a>),
    /// Changes of the book.
    DepthDiff(DepthDiff<'a>),
    /// The best levels of the book, whole.
    PartialDepth(PartialDepth<'a>),
    /// The answer to a SUBSCRIBE or another request on this connection.
    Reply(Reply<'a>),
    /// The venue is about to close the connection: open another one at once.
    ServerShutdown,
    /// An event that this engine does not use.
    Other,
}

/// A public trade (`<symbol>@trade`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicTrade<'a> {
    /// The instrument, upper case.
    pub symbol: &'a [u8],
    /// When the venue published it.
    pub event_time: UtcNanos,
    /// When it happened.
    pub trade_time: UtcNanos,
    /// Its id.
    pub id: TradeId,
    /// At which price.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
    /// Who took liquidity.
    pub aggressor: Side,
}

/// The best bid and ask (`<symbol>@bookTicker`). A side without orders has zero price and quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookTicker<'a> {
    /// The instrument, upper case.
    pub symbol: &'a [u8],
    /// The update of the book after which it holds.
    pub update_id: UpdateId,
    /// The best bid.
    pub bid: Level,
    /// The best ask.
    pub ask: Level,
    /// When the venue published it; spot does not say.
    pub event_time: Option<UtcNanos>,
}

/// Changes of the book between two updates (`<symbol>@depth`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthDiff<'a> {
    /// The instrument, upper case.
    pub symbol: &'a [u8],
    /// When the venue published it.
    pub event_time: UtcNanos,
    /// When the matching engine made the change; USD-M only.
    pub transaction_time: Option<UtcNanos>,
    /// The first update in it (`U`).
    pub first: UpdateId,
    /// The last update in it (`u`).
    pub last: UpdateId,
    /// The last update of the diff before (`pu`); USD-M only.
    pub previous: Option<UpdateId>,
    /// Bids that changed: quantities are absolute, zero removes the level.
    pub bids: &'a [Level],
    /// Asks that changed.
    pub asks: &'a [Level],
}

/// The best levels of the book (`<symbol>@depth5`, `10` or `20`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialDepth<'a> {
    /// The instrument, lower case, from the name of the stream; empty on a raw spot stream, which does not say.
    pub symbol: &'a [u8],
    /// The update of the book after which it holds.
    pub last: UpdateId,
    /// The best bids, best first.
    pub bids: &'a [Level],
    /// The best asks, best first.
    pub asks: &'a [Level],
}

/// The answer to a request on a market stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The request's id, where it was a number.
    pub id: Option<u64>,
    /// What the venue refused, if it did.
    pub refusal: Option<Refusal<'a>>,
}

/// Why a request on a market stream was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The venue's code.
    pub code: i64,
    /// Its message as it is written, JSON escapes included.
    pub message: &'a [u8],
}

/// The name of the instrument that a frame is about, without decoding the rest: lower case where it comes from the
/// name of a combined stream, upper case where it comes from the event. Compare with [`slice::eq_ignore_ascii_case`].
/// `None` for frames that are about no instrument, or that cannot be read.
#[must_use]
#[inline]
pub fn peek_symbol(bytes: &[u8]) -> Option<&[u8]> {
    match quick::stream_symbol(bytes) {
        Some(symbol) => Some(symbol),
        None => careful::peek_symbol(bytes),
    }
}

/// Decodes one frame of a raw (`/ws/<stream>`) or combined (`/stream?streams=`) connection. Nothing is allocated.
///
/// Known fields are checked; fields that are not known are skipped. Text is not checked to be UTF-8.
///
/// # Errors
/// [`WireError`] says what is wrong with the frame and at which byte.
#[inline]
pub fn decode<'a>(
    bytes: &'a [u8],
    scratch: &'a mut LevelScratch,
    scales: Scales,
) -> Result<MarketMessage<'a>, WireError> {
    let message = match quick::decode(bytes, scratch, LevelRule::new(scales)) {
        Some(message) => message,
        None => careful::decode(bytes, scratch, scales)?,
    };
    Ok(with_levels(message, scratch))
}

/// The message with the levels that were read into the scratch.
#[inline(always)]
fn with_levels<'a>(mut message: MarketMessage<'a>, scratch: &'a LevelScratch) -> MarketMessage<'a> {
    match &mut message {
        MarketMessage::DepthDiff(diff) => (diff.bids, diff.asks) = (scratch.bids(), scratch.asks()),
        MarketMessage::PartialDepth(partial) => (partial.bids, partial.asks) = (scratch.bids(), scratch.asks()),
        _ => {}
    }
    message
}

/// The instrument in the name of a stream such as `btcusdt@depth20@100ms`.
fn symbol_of(stream: &[u8]) -> Option<&[u8]> {
    let end = memchr::memchr(b'@', stream)?;
    (end > 0 && stream[0] != b'!').then(|| &stream[..end])
}

/// Whether a stream carries the best levels whole: `@depth5`, not `@depth` or `@depth@100ms`. On USD-M the events of
/// both look the same.
#[inline(always)]
fn is_partial_depth(stream: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', stream) else { return false };
    stream[at..].strip_prefix(b"@depth").and_then(|rest| rest.first()).is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
pub(super) mod oracle;
#[cfg(test)]
mod tests;
