//! The way in: from the market-data socket to a book that is true and an event for the strategy.

use tercel_book::LadderConfig;
use tercel_clock::Stage;
use tercel_feed::{
    BestQuote, BookSource, CaughtUp, Continuity, Diff, DiffOutcome, FeedConfig, Partial, PartialOutcome, Snapshot,
    SnapshotOutcome, SymbolFeed, Ticker, TickerOutcome,
};
use tercel_session::MessageKind;
use tercel_types::{Event, EventKind, Instrument, InstrumentId, Nanos, UtcNanos};
use tercel_wire::binance::{self, LevelScratch, MarketMessage, SNAPSHOT_LEVELS_MAX, Scales, WireError};

use crate::commands::{Command, DepthSnapshot};
use crate::connection::{Arrival, Connection, Loss};
use crate::context::Context;
use crate::notices::{NO_INSTRUMENT, NoticeKind};
use crate::publish;

/// Streams by which a book event came, as [`Event::detail`] says it.
pub mod source {
    /// A diff was applied.
    pub const DIFF: u8 = 0;
    /// The best levels came whole.
    pub const PARTIAL: u8 = 1;
    /// The stream of best quotes.
    pub const TICKER: u8 = 2;
    /// A snapshot; what had waited for it follows diff by diff.
    pub const SNAPSHOT: u8 = 3;
}

/// One instrument's market data.
pub(crate) struct Market {
    pub instrument: Instrument,
    pub feed: SymbolFeed,
    scales: Scales,
    age_ns_max: i64,
    stale: bool,
    asked_for_snapshot: bool,
}

/// The market-data connection and the books that it feeds.
pub(crate) struct MarketData {
    pub markets: Vec<Market>,
    connection: Option<Box<Connection>>,
    scratch: LevelScratch,
    /// When the bytes that are being taken apart came in.
    arrival: Nanos,
    /// How long the kernel had them, until the first frame of them has claimed it.
    receive_ns: Option<i64>,
    /// Whether a book may have to be brought from its snapshot to the present.
    catching_up: bool,
}

impl Market {
    /// A market that knows nothing yet.
    pub fn new(instrument: Instrument, partial: bool, ladder: LadderConfig, age_ns_max: i64) -> Self {
        let source = if partial { BookSource::Partial } else { BookSource::Diffs(Continuity::Spot) };
        Self {
            feed: SymbolFeed::new(FeedConfig { source, ladder }),
            scales: Scales::of(&instrument),
            instrument,
            age_ns_max,
            stale: true,
            asked_for_snapshot: false,
        }
    }

    /// The best prices, if they may be traded on.
    #[inline]
    pub fn quote(&self) -> Option<BestQuote> {
        self.feed.top()
    }

    /// Whether a decision must not rely on it.
    #[inline]
    pub fn is_stale(&self, now: Nanos) -> bool {
        self.feed.is_stale(now, self.age_ns_max)
    }
}

impl MarketData {
    pub fn new(markets: Vec<Market>) -> Self {
        Self {
            markets,
            connection: None,
            scratch: LevelScratch::new(SNAPSHOT_LEVELS_MAX),
            arrival: Nanos(0),
            receive_ns: None,
            catching_up: false,
        }
    }

    /// Takes over a ready connection; whatever was known before it is forgotten.
    pub fn connect(&mut self, connection: Box<Connection>) -> Option<Box<Connection>> {
        for market in &mut self.markets {
            market.feed.reset();
            market.asked_for_snapshot = false;
        }
        self.connection.replace(connection)
    }

    /// Handles one frame: one that waits in the buffer, else one that the socket has. Returns whether there was any.
    #[inline]
    pub fn step(&mut self, now: Nanos, context: &mut Context) -> bool {
        if self.connection.is_none() {
            return false;
        }
        if self.catching_up && self.catch_up(now, context) {
            return true;
        }
        if self.frame(now, context) {
            return true;
        }
        self.receive(context) && {
            let received = self.arrival;
            self.frame(received, context);
            true
        }
    }

    /// Receives what the socket has; `false` if it has nothing.
    #[inline]
    fn receive(&mut self, context: &mut Context) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        match connection.receive() {
            Arrival::Nothing => false,
            Arrival::Bytes { kernel_time } => {
                let now = context.clock.now();
                self.receive_ns = kernel_time.map(|stamp| context.clock.utc(now).0 - stamp.0);
                self.arrival = now;
                true
            }
            Arrival::Lost(loss) => {
                self.lose(loss, context);
                false
            }
        }
    }

    /// Takes one message out of the buffer and handles it; `false` if there is no whole one.
    #[inline]
    fn frame(&mut self, started: Nanos, context: &mut Context) -> bool {
        let Some(connection) = &mut self.connection else { return false };
        let message = match connection.session.next() {
            Ok(Some(message)) => message,
            Ok(None) => return false,
            Err(error) => {
                self.lose(Loss::Protocol(error), context);
                return false;
            }
        };
        match message.kind {
            MessageKind::Text | MessageKind::Binary => {
                let receive_ns = self.receive_ns.take();
                context.packet.begin(Nanos(self.arrival.0 - receive_ns.unwrap_or(0)), receive_ns);
                let outcome =
                    handle(message.payload, started, self.arrival, &mut self.markets, &mut self.scratch, context);
                if context.events.is_empty() {
                    context.packet.pass_unseen();
                }
                if let Err(error) = outcome {
                    report_malformed(&error, message.payload, context);
                }
            }
            MessageKind::Ping | MessageKind::Close | MessageKind::Pong => {
                for market in &mut self.markets {
                    market.feed.on_heartbeat(started);
                }
                if let Err(loss) = connection.answer() {
                    self.lose(loss, context);
                }
            }
        }
        true
    }

    #[cold]
    fn lose(&mut self, loss: Loss, context: &mut Context) {
        context.notify(NoticeKind::MarketLost, NO_INSTRUMENT, 0, format_args!("{loss}"));
        if let Some(connection) = self.connection.take() {
            context.discard(Command::Market(Some(connection)));
        }
        for market in &mut self.markets {
            market.feed.reset();
            market.asked_for_snapshot = false;
        }
    }

    /// Applies a snapshot that REST fetched.
    pub fn apply_snapshot(&mut self, snapshot: &DepthSnapshot, now: Nanos, context: &mut Context) {
        let Some(market) = self.markets.get_mut(usize::from(snapshot.instrument.0)) else { return };
        market.asked_for_snapshot = false;
        let levels = Snapshot { last: snapshot.last, bids: &snapshot.bids, asks: &snapshot.asks };
        match market.feed.on_snapshot(&levels, now) {
            SnapshotOutcome::Loaded { waiting, dropped } => {
                context.shared.counters.book_updates.add((snapshot.bids.len() + snapshot.asks.len()) as u64);
                market.warn_of_dropped(dropped, context);
                market.changed(source::SNAPSHOT, UtcNanos(0), now, context);
                market.tell_if_synchronised(context);
                self.catching_up |= waiting > 0;
            }
            // The next look at staleness asks for another one.
            SnapshotOutcome::TooOld { .. } | SnapshotOutcome::NotNeeded => {}
        }
    }

    /// Applies one diff that had waited for a snapshot, so that the strategy sees the book after each. Until the last of
    /// them the book says that it is stale: it is behind the venue's. Returns whether there was any.
    #[cold]
    fn catch_up(&mut self, now: Nanos, context: &mut Context) -> bool {
        for market in &mut self.markets {
            if let Some(CaughtUp { levels, dropped, .. }) = market.feed.catch_up() {
                context.shared.counters.book_updates.add(levels as u64);
                market.warn_of_dropped(dropped, context);
                market.changed(source::DIFF, UtcNanos(0), now, context);
                market.tell_if_synchronised(context);
                return true;
            }
        }
        self.catching_up = false;
        false
    }

    /// Looks for data that became too old or current again, and for books that need a snapshot. Called once in a while.
    pub fn housekeep(&mut self, now: Nanos, context: &mut Context) {
        if let Some(Err(loss)) = self.connection.as_mut().map(|connection| connection.look_after(now)) {
            self.lose(loss, context);
        }
        let connected = self.connection.is_some();
        for market in &mut self.markets {
            market.watch_age(now, context);
            if connected
                && market.feed.needs_snapshot()
                && market.feed.buffered_diffs() > 0
                && !market.asked_for_snapshot
            {
                market.asked_for_snapshot = true;
                context.notify(NoticeKind::SnapshotNeeded, market.instrument.id, 0, format_args!(""));
            }
        }
    }
}

/// Decodes one message and brings it into its market.
#[inline]
fn handle(
    payload: &[u8],
    started: Nanos,
    received: Nanos,
    markets: &mut [Market],
    scratch: &mut LevelScratch,
    context: &mut Context,
) -> Result<(), WireError> {
    let market = binance::peek_symbol(payload).and_then(|symbol| find(markets, symbol));
    let Some(market) = market else { return handle_general(payload, scratch, context) };
    let message = binance::decode(payload, scratch, market.scales)?;
    context.shared.counters.messages.add(1);
    let decoded = context.clock.now();
    context.packet.note(Stage::Decode, decoded.since(started));
    match message {
        MarketMessage::DepthDiff(diff) => market.on_diff(&diff, decoded, received, context),
        MarketMessage::BookTicker(ticker) => market.on_ticker(&ticker, received, context),
        MarketMessage::Trade(trade) => market.on_trade(&trade, received, context),
        MarketMessage::PartialDepth(partial) => market.on_partial(&partial, decoded, received, context),
        MarketMessage::ServerShutdown => announce_shutdown(context),
        MarketMessage::Reply(_) | MarketMessage::Other => {}
    }
    Ok(())
}

/// Messages about no instrument of ours.
#[cold]
fn handle_general(payload: &[u8], scratch: &mut LevelScratch, context: &mut Context) -> Result<(), WireError> {
    let message = binance::decode(payload, scratch, Scales { price: 18, quantity: 18 })?;
    context.shared.counters.messages.add(1);
    match message {
        MarketMessage::ServerShutdown => announce_shutdown(context),
        MarketMessage::Reply(reply) => {
            if let Some(refusal) = reply.refusal {
                let code = i32::try_from(refusal.code).unwrap_or(i32::MIN);
                context.notify_bytes(NoticeKind::Warning, NO_INSTRUMENT, code, refusal.message);
            }
        }
        _ => {}
    }
    Ok(())
}

#[inline]
fn find<'a>(markets: &'a mut [Market], symbol: &[u8]) -> Option<&'a mut Market> {
    markets.iter_mut().find(|market| market.instrument.symbol.as_bytes().eq_ignore_ascii_case(symbol))
}

impl Market {
    #[inline]
    fn on_diff(&mut self, message: &binance::DepthDiff<'_>, decoded: Nanos, received: Nanos, context: &mut Context) {
        let diff = Diff {
            first: message.first,
            last: message.last,
            previous: message.previous,
            bids: message.bids,
            asks: message.asks,
        };
        match self.feed.on_diff(&diff, received) {
            DiffOutcome::Applied { levels, dropped } => {
                let applied = context.clock.now();
                // The budget is a level's, so the stage is the time a level took.
                context.packet.note(Stage::Book, applied.since(decoded) / (levels.max(1) as i64));
                context.shared.counters.book_updates.add(levels as u64);
                self.warn_of_dropped(dropped, context);
                self.changed(source::DIFF, message.event_time, received, context);
            }
            DiffOutcome::Gap { expected, got } => {
                context.shared.counters.gaps.add(1);
                let text = format_args!("expected update {}, got {}; fetching a new snapshot", expected.0, got.0);
                context.notify(NoticeKind::Gap, self.instrument.id, 0, text);
                self.asked_for_snapshot = false;
            }
            DiffOutcome::BufferOverflow => self.asked_for_snapshot = false,
            DiffOutcome::Buffered | DiffOutcome::Ignored => {}
        }
    }

    #[inline]
    fn on_partial(
        &mut self,
        message: &binance::PartialDepth<'_>,
        decoded: Nanos,
        received: Nanos,
        context: &mut Context,
    ) {
        let partial = Partial { last: message.last, bids: message.bids, asks: message.asks };
        if let PartialOutcome::Applied { levels } = self.feed.on_partial(&partial, received) {
            let applied = context.clock.now();
            context.packet.note(Stage::Book, applied.since(decoded) / (levels.max(1) as i64));
            context.shared.counters.book_updates.add(levels as u64);
            self.changed(source::PARTIAL, UtcNanos(0), received, context);
        }
    }

    #[inline]
    fn on_ticker(&mut self, message: &binance::BookTicker<'_>, received: Nanos, context: &mut Context) {
        let ticker = Ticker { update_id: message.update_id, bid: message.bid, ask: message.ask };
        if self.feed.on_ticker(&ticker, received) == TickerOutcome::Newer && self.feed.is_synchronised() {
            self.changed(source::TICKER, message.event_time.unwrap_or_default(), received, context);
        }
    }

    #[inline]
    fn on_trade(&mut self, trade: &binance::PublicTrade<'_>, received: Nanos, context: &mut Context) {
        self.feed.on_heartbeat(received);
        publish::last_trade(&context.shared.memory, &self.instrument, trade.price);
        context.push_event(Event {
            venue_time: trade.trade_time,
            price: trade.price.0,
            quantity: trade.quantity.0,
            id: trade.id.0,
            detail: trade.aggressor as u8,
            ..Event::new(EventKind::Trade, self.instrument.id, received)
        });
    }

    /// The best prices may have changed: shows them and tells the strategy.
    #[inline]
    fn changed(&mut self, source: u8, venue_time: UtcNanos, received: Nanos, context: &mut Context) {
        let Some(quote) = self.feed.top() else { return };
        publish::quote(&context.shared.memory, &self.instrument, &quote, received);
        if self.stale && self.feed.is_synchronised() {
            self.set_stale(false, received, context);
        }
        context.push_event(Event {
            venue_time,
            id: quote.update_id.0,
            detail: source,
            ..Event::new(EventKind::Book, self.instrument.id, received)
        });
    }

    #[cold]
    fn tell_if_synchronised(&self, context: &mut Context) {
        if let (true, Some(last)) = (self.feed.is_synchronised(), self.feed.update_id()) {
            let text = format_args!("book synchronised at update {}", last.0);
            context.notify(NoticeKind::Synchronised, self.instrument.id, 0, text);
        }
    }

    fn watch_age(&mut self, now: Nanos, context: &mut Context) {
        if !self.stale && self.is_stale(now) {
            let age_ms = self.feed.age_ns(now).map_or(-1, |age_ns| age_ns / 1_000_000);
            let text = format_args!("no current data (the newest is {age_ms} ms old)");
            context.notify(NoticeKind::Stale, self.instrument.id, 0, text);
            self.set_stale(true, now, context);
        } else if self.stale && !self.is_stale(now) {
            self.set_stale(false, now, context);
        }
    }

    #[cold]
    fn set_stale(&mut self, stale: bool, now: Nanos, context: &mut Context) {
        self.stale = stale;
        publish::stale(&context.shared.memory, self.instrument.id, stale);
        let event = Event { detail: u8::from(stale), ..Event::new(EventKind::Stale, self.instrument.id, now) };
        context.push_event(event);
    }

    #[cold]
    fn warn_of_dropped(&self, dropped: u64, context: &mut Context) {
        if dropped > 0 {
            let text = format_args!("the book was full: {dropped} levels far from the market were forgotten");
            context.notify(NoticeKind::Warning, self.instrument.id, 0, text);
        }
    }
}

#[cold]
fn announce_shutdown(context: &mut Context) {
    context.notify(
        NoticeKind::VenueShutdown,
        NO_INSTRUMENT,
        0,
        format_args!("the venue is about to close the connection"),
    );
}

#[cold]
fn report_malformed(error: &WireError, payload: &[u8], context: &mut Context) {
    context.shared.counters.malformed.add(1);
    let start = &payload[..payload.len().min(80)];
    let text = format_args!("{error}, in a frame of {} bytes that begins {}", payload.len(), start.escape_ascii());
    context.notify(NoticeKind::Malformed, NO_INSTRUMENT, 0, text);
}

/// The instrument with this index.
pub(crate) fn market_of(markets: &[Market], id: InstrumentId) -> Option<&Market> {
    markets.get(usize::from(id.0))
}
