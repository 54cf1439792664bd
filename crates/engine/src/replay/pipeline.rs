//! The way of a line: capture, decoder, feed, best prices.

use super::best_prices::BestPrices;
use super::capture::{CaptureLine, CaptureReader};
use super::probe::{Probe, is_snapshot};
use super::{CaptureKind, ReplayError, ReplayProgress, ReplaySummary};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tercel_book::LadderConfig;
use tercel_feed::{
    BookSource, CaughtUp, Continuity, Diff, DiffOutcome, FeedConfig, Snapshot, SnapshotOutcome, SymbolFeed, Ticker,
};
use tercel_types::{Level, UpdateId};
use tercel_wire::binance::{
    BookTicker, DepthDiff, LevelScratch, MarketMessage, SNAPSHOT_LEVELS_MAX, WireError, WireErrorKind, decode,
    parse_depth_snapshot, peek_symbol,
};

/// How often `progress` is called.
pub const PROGRESS_EVERY_MESSAGES: u64 = 10_000;

/// Memory for the book: enough for the largest window.
const BOOK_BYTES: usize = 32 << 20;
/// Room outside the window: no capture is expected to fill it, and the summary counts what it does not hold.
const OVERFLOW_LEVELS: usize = 65_536;

/// Replays captures as one, in the order given. With `bbo`, writes the best prices after each applied diff to that file:
/// a header, then `update_id,bid_price,bid_quantity,ask_price,ask_quantity`, the diff that brackets the snapshot first.
///
/// `progress` is called every [`PROGRESS_EVERY_MESSAGES`] lines; it begins again in the rare case that a number turns up
/// with more decimals than those at the beginning of the capture.
///
/// # Errors
/// [`ReplayError`] names the file, the line and what to do. What was written until then stays.
pub fn replay_files(
    paths: &[PathBuf],
    bbo: Option<&Path>,
    mut progress: impl FnMut(ReplayProgress),
) -> Result<ReplaySummary, ReplayError> {
    if paths.is_empty() {
        return Err(ReplayError::NoFiles);
    }
    let mut probe = Probe::new(paths)?;
    loop {
        match one_pass(paths, bbo, probe, &mut progress) {
            Ok(summary) => return Ok(summary),
            // Each turn adds decimals, of which there are at most eighteen.
            Err(Stop::TooPrecise { number, error }) => {
                if !probe.widen_for(&number) {
                    return Err(error);
                }
            }
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
}

/// Why one pass ended early.
enum Stop {
    /// A number has more decimals than the scales of this pass.
    TooPrecise {
        number: Vec<u8>,
        error: ReplayError,
    },
    Failed(ReplayError),
}

/// The book of one pass and what is counted.
struct Replay {
    probe: Probe,
    feed: SymbolFeed,
    best_prices: Option<BestPrices>,
    symbol: Vec<u8>,
    bids: Vec<Level>,
    asks: Vec<Level>,
    summary: ReplaySummary,
    /// The last snapshot, if it was too old for the diffs.
    too_old: Option<ReplayError>,
    synchronised_once: bool,
}

fn one_pass(
    paths: &[PathBuf],
    bbo: Option<&Path>,
    probe: Probe,
    progress: &mut impl FnMut(ReplayProgress),
) -> Result<ReplaySummary, Stop> {
    let mut reader = CaptureReader::new(paths);
    let mut scratch = LevelScratch::new(LevelScratch::LEVELS_MAX);
    let mut replay = Replay::new(bbo, probe)?;
    let start = Instant::now();
    while let Some(line) = reader.next_line()? {
        replay.on_line(&line, &mut scratch)?;
        let ReplaySummary { messages, applied, .. } = replay.summary;
        if messages.is_multiple_of(PROGRESS_EVERY_MESSAGES) {
            progress(ReplayProgress { messages, applied });
        }
    }
    match (replay.too_old.take(), reader.place()) {
        (Some(error), _) => Err(Stop::Failed(error)),
        (None, Some(place)) if !replay.synchronised_once => Err(Stop::Failed(ReplayError::NoSnapshot { place })),
        _ => replay.finish(start.elapsed().as_nanos() as u64),
    }
}

impl Replay {
    fn new(bbo: Option<&Path>, probe: Probe) -> Result<Self, ReplayError> {
        let continuity = match probe.kind {
            CaptureKind::Spot => Continuity::Spot,
            CaptureKind::UsdM => Continuity::UsdM,
        };
        let ladder = LadderConfig::for_budget(probe.tick(), BOOK_BYTES)
            .expect("the probe's tick is at least one")
            .with_overflow_levels(OVERFLOW_LEVELS);
        Ok(Self {
            probe,
            feed: SymbolFeed::new(FeedConfig { source: BookSource::Diffs(continuity), ladder }),
            best_prices: bbo.map(|path| BestPrices::create(path, probe.scales)).transpose()?,
            symbol: Vec::new(),
            bids: Vec::with_capacity(SNAPSHOT_LEVELS_MAX),
            asks: Vec::with_capacity(SNAPSHOT_LEVELS_MAX),
            summary: ReplaySummary::new(probe.kind),
            too_old: None,
            synchronised_once: false,
        })
    }

    fn on_line(&mut self, line: &CaptureLine<'_>, scratch: &mut LevelScratch) -> Result<(), Stop> {
        self.summary.messages += 1;
        if is_snapshot(line.json) {
            return self.on_snapshot(line);
        }
        self.check_symbol(line)?;
        let message = decode(line.json, scratch, self.probe.scales).map_err(|error| Stop::from_wire(error, line))?;
        match message {
            MarketMessage::DepthDiff(diff) => self.on_diff(&diff, line)?,
            MarketMessage::BookTicker(ticker) => {
                self.summary.tickers += 1;
                let BookTicker { update_id, bid, ask, .. } = ticker;
                // An older quote between newer ones is the recording's, and changes nothing.
                let _ = self.feed.on_ticker(&Ticker { update_id, bid, ask }, line.received);
            }
            MarketMessage::Trade(_) => {
                self.summary.trades += 1;
                self.feed.on_heartbeat(line.received);
            }
            MarketMessage::PartialDepth(_)
            | MarketMessage::Reply(_)
            | MarketMessage::ServerShutdown
            | MarketMessage::Other => self.feed.on_heartbeat(line.received),
        }
        Ok(())
    }

    fn on_diff(&mut self, diff: &DepthDiff<'_>, line: &CaptureLine<'_>) -> Result<(), ReplayError> {
        if diff.previous.is_some() != (self.probe.kind == CaptureKind::UsdM) {
            return Err(ReplayError::MixedMarkets { place: line.place() });
        }
        self.summary.depth_diffs += 1;
        let &DepthDiff { first, last, previous, bids, asks, .. } = diff;
        match self.feed.on_diff(&Diff { first, last, previous, bids, asks }, line.received) {
            DiffOutcome::Applied { levels, dropped } => self.applied(last, levels, dropped)?,
            DiffOutcome::Gap { .. } => self.summary.gaps += 1,
            DiffOutcome::Buffered | DiffOutcome::Ignored | DiffOutcome::BufferOverflow => {}
        }
        Ok(())
    }

    fn on_snapshot(&mut self, line: &CaptureLine<'_>) -> Result<(), Stop> {
        let last = parse_depth_snapshot(line.json, &mut self.bids, &mut self.asks, self.probe.scales)
            .map_err(|error| Stop::from_wire(error, line))?;
        let snapshot = Snapshot { last, bids: &self.bids, asks: &self.asks };
        match self.feed.on_snapshot(&snapshot, line.received) {
            SnapshotOutcome::Loaded { dropped, .. } => {
                self.summary.dropped_levels += dropped;
                self.synchronised_once = true;
                self.too_old = None;
            }
            SnapshotOutcome::TooOld { snapshot, first } if !self.synchronised_once => {
                let (snapshot, first) = (snapshot.0, first.0);
                self.too_old = Some(ReplayError::SnapshotTooOld { place: line.place(), snapshot, first });
            }
            SnapshotOutcome::TooOld { .. } | SnapshotOutcome::NotNeeded => {}
        }
        while let Some(CaughtUp { last, levels, dropped }) = self.feed.catch_up() {
            self.applied(last, levels, dropped)?;
        }
        Ok(())
    }

    /// A diff is in the book.
    fn applied(&mut self, last: UpdateId, levels: usize, dropped: u64) -> Result<(), ReplayError> {
        self.summary.applied += 1;
        self.summary.book_updates += levels as u64;
        self.summary.dropped_levels += dropped;
        match &mut self.best_prices {
            Some(best_prices) => best_prices.write(last, self.feed.book()),
            None => Ok(()),
        }
    }

    /// A snapshot does not say whose it is, so that a capture must be of one instrument.
    fn check_symbol(&mut self, line: &CaptureLine<'_>) -> Result<(), ReplayError> {
        let Some(symbol) = peek_symbol(line.json) else { return Ok(()) };
        if self.symbol.is_empty() {
            self.symbol.extend_from_slice(symbol);
        }
        if self.symbol.eq_ignore_ascii_case(symbol) {
            return Ok(());
        }
        let text = |symbol| String::from_utf8_lossy(symbol).to_ascii_uppercase();
        let (expected, found) = (text(&self.symbol), text(symbol));
        Err(ReplayError::OtherInstrument { place: line.place(), expected, found })
    }

    fn finish(self, elapsed_ns: u64) -> Result<ReplaySummary, Stop> {
        if let Some(best_prices) = self.best_prices {
            best_prices.finish()?;
        }
        let messages_per_second = self.summary.messages as f64 * 1e9 / elapsed_ns.max(1) as f64;
        Ok(ReplaySummary { elapsed_ns, messages_per_second, ..self.summary })
    }
}

impl Stop {
    #[cold]
    fn from_wire(error: WireError, line: &CaptureLine<'_>) -> Self {
        let malformed = ReplayError::Malformed { place: line.place(), source: error };
        match (error.kind, line.json.get(error.offset..)) {
            (WireErrorKind::TooPrecise, Some(number)) => Self::TooPrecise { number: number.to_vec(), error: malformed },
            _ => Self::Failed(malformed),
        }
    }
}

impl From<ReplayError> for Stop {
    fn from(error: ReplayError) -> Self {
        Self::Failed(error)
    }
}
