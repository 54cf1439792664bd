//! Plays captures: to the subscribers as recorded, to the market for the clients' orders.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use tercel_fill::RecordedTrade;
use tercel_types::{Instrument, Level, Price, Quantity, Side, parse_decimal};

use crate::config::ReplaySpeed;
use crate::core::{AccountId, PublicTrade, SymbolId, SymbolRules, Venue};
use crate::engine::{Driver, Hub, Instants, Progress, Request, Served, Views, serve};
use crate::market_data::{FrameSink, PublishedBook, StreamFrame, TradeRecord, book_json};

use super::capture::{Capture, CaptureError, DiffFrame, Line, Recorded, Snapshot, TradeFrame};
use super::market::RecordedMarket;

/// Captures hold one symbol.
const SYMBOL: SymbolId = SymbolId(0);

/// How many frames are played before clients' requests get their turn.
const FRAMES_IN_A_ROW: usize = 512;

/// How soon to look again whether a full queue has room.
const LOOK_AGAIN_NS: i64 = 100_000;

/// How long a full queue holds the capture up before its subscriber is dropped.
const STALL_NS_MAX: i64 = 30_000_000_000;

/// The exchange that plays captures.
pub struct Player {
    venue: Venue<RecordedMarket>,
    rules: SymbolRules,
    files: VecDeque<PathBuf>,
    capture: Option<Capture>,
    speed: ReplaySpeed,
    waiting: Option<Frame>,
    pace: Option<Pace>,
    opening: OpeningBook,
    trades: TradeRecord,
    frames: u64,
    stalled_since_ns: Option<i64>,
    failure: Option<String>,
}

/// The book with which the capture begins, until it has been fetched.
struct OpeningBook {
    last_update_id: u64,
    is_fetched: bool,
    /// The changes that bracket it: published, and applied once the book was fetched.
    bracket: Option<Changes>,
}

/// Where exchange time and recorded time meet.
#[derive(Clone, Copy)]
struct Pace {
    exchange_ns: i64,
    recorded_ns: i64,
}

/// A frame read ahead.
struct Frame {
    received_ns: i64,
    published: StreamFrame,
    content: Content,
}

enum Content {
    Diff(Changes),
    Trade(PublicTrade),
    Other,
}

struct Changes {
    last: u64,
    levels: Vec<(Side, Level)>,
}

/// The recorded side of a request.
struct RecordedViews<'player> {
    trades: &'player TradeRecord,
    opening: &'player mut OpeningBook,
}

impl Player {
    /// A player at the beginning of the first of its captures.
    #[must_use]
    pub fn new(venue: Venue<RecordedMarket>, files: &[PathBuf], speed: ReplaySpeed) -> Self {
        let last_update_id = venue.market(SYMBOL).book.last_update_id;
        Self {
            rules: venue.listing().rules(SYMBOL).clone(),
            venue,
            files: files.iter().cloned().collect(),
            capture: None,
            speed,
            waiting: None,
            pace: None,
            opening: OpeningBook { last_update_id, is_fetched: false, bracket: None },
            trades: TradeRecord::default(),
            frames: 0,
            stalled_since_ns: None,
            failure: None,
        }
    }

    /// Plays what is due; says when to come again.
    fn play(&mut self, now: Instants, hub: &mut Hub) -> Result<i64, CaptureError> {
        for _ in 0..FRAMES_IN_A_ROW {
            if self.is_held(hub) {
                // Time that passes while the capture is held is no time of the capture. What ends the hold is a command,
                // and commands wake the thread.
                self.pace = None;
                return Ok(i64::MAX);
            }
            let Some(frame) = self.take_frame()? else { return Ok(i64::MAX) };
            let due_ns = self.due_ns(&frame, now);
            if due_ns > now.exchange_ns {
                self.waiting = Some(frame);
                return Ok(due_ns);
            }
            if self.must_wait(&frame, now, hub) {
                self.waiting = Some(frame);
                return Ok(now.exchange_ns + LOOK_AGAIN_NS);
            }
            self.publish(frame, now, hub);
        }
        Ok(now.exchange_ns)
    }

    /// Nothing is played before somebody listens to the book, nor past the opening book before it was fetched.
    fn is_held(&self, hub: &Hub) -> bool {
        if self.opening.bracket.is_some() {
            return true;
        }
        self.frames == 0 && !hub.is_wanted(&self.depth_stream())
    }

    fn depth_stream(&self) -> String {
        let recorded = self.waiting.as_ref().filter(|frame| matches!(frame.content, Content::Diff(_)));
        match recorded {
            Some(frame) => frame.published.stream.to_string(),
            None => format!("{}@depth@100ms", self.rules.name().as_str().to_ascii_lowercase()),
        }
    }

    fn due_ns(&mut self, frame: &Frame, now: Instants) -> i64 {
        let ReplaySpeed::Times(speed) = self.speed else { return now.exchange_ns };
        let start = Pace { exchange_ns: now.exchange_ns, recorded_ns: frame.received_ns };
        let pace = *self.pace.get_or_insert(start);
        let recorded_ns = frame.received_ns - pace.recorded_ns;
        pace.exchange_ns + (recorded_ns as f64 / speed) as i64
    }

    /// At full speed the subscribers set the pace, but none of them for ever.
    fn must_wait(&mut self, frame: &Frame, now: Instants, hub: &Hub) -> bool {
        if self.speed != ReplaySpeed::Max || hub.has_room(&frame.published.stream) {
            self.stalled_since_ns = None;
            return false;
        }
        let since = *self.stalled_since_ns.get_or_insert(now.exchange_ns);
        now.exchange_ns - since < STALL_NS_MAX
    }

    fn publish(&mut self, frame: Frame, now: Instants, hub: &mut Hub) {
        self.frames += 1;
        if hub.is_wanted(&frame.published.stream) {
            hub.deliver(frame.published);
        }
        match frame.content {
            Content::Diff(changes) => self.on_diff(changes, now),
            Content::Trade(trade) => self.on_trade(&trade, now),
            Content::Other => {}
        }
        self.tell(hub);
    }

    fn on_diff(&mut self, changes: Changes, now: Instants) {
        if changes.last <= self.opening.last_update_id {
            return;
        }
        if self.opening.is_fetched {
            self.apply(&changes, now);
        } else {
            self.opening.bracket = Some(changes);
        }
    }

    fn apply(&mut self, changes: &Changes, now: Instants) {
        self.venue.with_market(SYMBOL, now.utc_ms, |market, events| {
            market.on_diff(changes.last, &changes.levels, events);
        });
    }

    fn on_trade(&mut self, trade: &PublicTrade, now: Instants) {
        self.trades.add(&self.rules, trade);
        let recorded = RecordedTrade { price: trade.price, quantity: trade.quantity, aggressor: trade.taker_side };
        self.venue.with_market(SYMBOL, now.utc_ms, |market, events| market.on_trade(&recorded, events));
    }

    /// Tells owners what happened. What everybody may see is what was recorded, so the tape is dropped.
    fn tell(&mut self, hub: &mut Hub) {
        self.venue.drain_tape();
        for notice in self.venue.drain_notices() {
            hub.notify(&notice);
        }
    }

    /// The next frame of the captures; `None` at the end of the last.
    fn take_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        if let Some(frame) = self.waiting.take() {
            return Ok(Some(frame));
        }
        loop {
            let capture = match &mut self.capture {
                Some(capture) => capture,
                None => {
                    let Some(path) = self.files.pop_front() else { return Ok(None) };
                    // However long after the last one it was recorded, it follows at once.
                    self.pace = None;
                    self.capture.insert(Capture::open(&path)?)
                }
            };
            match capture.next()? {
                None => self.capture = None,
                Some(line) => {
                    if let Some(frame) = read_frame(&line, &self.rules.instrument) {
                        return Ok(Some(frame));
                    }
                }
            }
        }
    }
}

impl Driver for Player {
    fn advance(&mut self, now: Instants, hub: &mut Hub) -> i64 {
        if self.failure.is_some() {
            return i64::MAX;
        }
        self.play(now, hub).unwrap_or_else(|error| {
            self.failure = Some(error.to_string());
            i64::MAX
        })
    }

    fn serve(&mut self, account: AccountId, request: Request, now: Instants, hub: &mut Hub) -> Served {
        let mut views = RecordedViews { trades: &self.trades, opening: &mut self.opening };
        let served = serve(&mut self.venue, &mut views, account, request, now.utc_ms);
        if self.opening.is_fetched
            && let Some(bracket) = self.opening.bracket.take()
        {
            self.apply(&bracket, now);
        }
        self.tell(hub);
        served
    }

    fn progress(&self) -> Progress {
        let frames = self.frames;
        if let Some(reason) = &self.failure {
            return Progress::Failed { frames, reason: reason.clone() };
        }
        if self.files.is_empty() && self.capture.is_none() && self.waiting.is_none() {
            return Progress::Finished { frames };
        }
        Progress::Playing { frames, waiting: self.opening.bracket.is_some() || frames == 0 }
    }
}

impl Views<RecordedMarket> for RecordedViews<'_> {
    fn trades(&self, _symbol: SymbolId) -> &TradeRecord {
        self.trades
    }

    fn book(&mut self, _symbol: SymbolId, market: &RecordedMarket, limit: usize, instrument: &Instrument) -> String {
        self.opening.is_fetched = true;
        book_json(instrument, &market.book, limit)
    }
}

/// The recorded book at an instrument's scales. Levels that do not fit them are left out.
#[must_use]
pub fn opening_book(snapshot: &Snapshot, instrument: &Instrument) -> PublishedBook {
    let mut book = PublishedBook::default();
    book.last_update_id = snapshot.last_update_id;
    for (side, levels) in [(Side::Buy, &snapshot.bids), (Side::Sell, &snapshot.asks)] {
        for [price, quantity] in levels {
            if let Some(level) = read_level(price, quantity, instrument) {
                book.set(side, level);
            }
        }
    }
    book
}

fn read_frame(line: &Line<'_>, instrument: &Instrument) -> Option<Frame> {
    let content = match &line.recorded {
        // The book is served by REST; streams never carried it.
        Recorded::Snapshot(_) => return None,
        Recorded::Diff(diff) => Content::Diff(read_changes(diff, instrument)),
        Recorded::Trade(trade) => read_trade(trade, instrument).map_or(Content::Other, Content::Trade),
        Recorded::Other => Content::Other,
    };
    let published = StreamFrame { stream: Arc::from(line.stream), payload: Utf8Bytes::from(line.payload.to_owned()) };
    Some(Frame { received_ns: line.received_ns, published, content })
}

fn read_changes(diff: &DiffFrame<'_>, instrument: &Instrument) -> Changes {
    let mut levels = Vec::with_capacity(diff.bids.len() + diff.asks.len());
    for (side, changed) in [(Side::Buy, &diff.bids), (Side::Sell, &diff.asks)] {
        let read = changed.iter().filter_map(|[price, quantity]| read_level(price, quantity, instrument));
        levels.extend(read.map(|level| (side, level)));
    }
    Changes { last: diff.last, levels }
}

fn read_trade(trade: &TradeFrame<'_>, instrument: &Instrument) -> Option<PublicTrade> {
    let Level { price, quantity } = read_level(trade.price, trade.quantity, instrument)?;
    let taker_side = if trade.buyer_is_maker { Side::Sell } else { Side::Buy };
    Some(PublicTrade { symbol: SYMBOL, trade_id: trade.id, price, quantity, taker_side, time_ms: trade.time_ms })
}

fn read_level(price: &str, quantity: &str, instrument: &Instrument) -> Option<Level> {
    let price = parse_decimal(price.as_bytes(), instrument.price_scale).ok()?;
    let quantity = parse_decimal(quantity.as_bytes(), instrument.quantity_scale).ok()?;
    Some(Level { price: Price(price), quantity: Quantity(quantity) })
}
