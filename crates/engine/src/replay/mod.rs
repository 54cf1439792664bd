//! Recorded market data through the production decoders into a book, as fast as it goes.
//!
//! A capture is a text of lines `<receive nanoseconds> <json>`: frames of Binance's streams as they arrived, raw or
//! combined, and among them the answer of the REST request for the book. [`replay_files`] reads several as one, keeps the
//! book by the same rules as the trading thread does, and can write its best prices after each diff.

mod best_prices;
mod capture;
mod pipeline;
mod probe;

pub use capture::LINE_BYTES_MAX;
pub use pipeline::{PROGRESS_EVERY_MESSAGES, replay_files};

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use tercel_wire::binance::WireError;

/// Which market a capture is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureKind {
    /// Binance spot.
    Spot,
    /// Binance USD-M futures.
    UsdM,
}

/// What a replay has come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplaySummary {
    /// Which market the capture is from.
    pub kind: CaptureKind,
    /// Lines of all kinds.
    pub messages: u64,
    /// Diffs of the book among them.
    pub depth_diffs: u64,
    /// Diffs that changed the book: those before the snapshot did not.
    pub applied: u64,
    /// Levels in those.
    pub book_updates: u64,
    /// How often the diffs did not continue each other.
    pub gaps: u64,
    /// Public trades.
    pub trades: u64,
    /// Best quotes.
    pub tickers: u64,
    /// Levels that the book had no room for, the worst of their side.
    pub dropped_levels: u64,
    /// How long it took, reading and decompressing included.
    pub elapsed_ns: u64,
    /// Messages a second over that time.
    pub messages_per_second: f64,
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayProgress {
    /// Lines read so far.
    pub messages: u64,
    /// Diffs applied so far.
    pub applied: u64,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The capture.
    pub file: Arc<Path>,
    /// The number of the line, from one.
    pub line: u64,
}

/// Why a replay stopped. Every message names the file, and the line where there is one.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No capture was named.
    #[error("no capture to replay: name at least one file")]
    NoFiles,
    /// A capture cannot be opened.
    #[error("cannot open the capture {}: {source}", .file.display())]
    Open {
        /// The capture.
        file: Arc<Path>,
        /// Why.
        source: std::io::Error,
    },
    /// A capture cannot be read on.
    #[error("{place}: cannot read the capture: {source}")]
    Read {
        /// Where.
        place: Place,
        /// Why.
        source: std::io::Error,
    },
    /// Compressed data end in the middle.
    #[error("{place}: the compressed capture ends too early; it was cut off, copy or record it again")]
    Truncated {
        /// The line that is not whole.
        place: Place,
    },
    /// A line above [`LINE_BYTES_MAX`].
    #[error("{place}: the line is longer than {LINE_BYTES_MAX} bytes; is this a capture?")]
    LineTooLong {
        /// Where.
        place: Place,
    },
    /// A line that does not begin with a time and a space.
    #[error("{place}: expected `<receive nanoseconds> <json>`")]
    NoReceiveTime {
        /// Where.
        place: Place,
    },
    /// A frame that the decoder refuses.
    #[error("{place}: malformed frame: {source} of the JSON")]
    Malformed {
        /// Where.
        place: Place,
        /// What is wrong with it.
        source: WireError,
    },
    /// A capture with more than one instrument, whose snapshot could be of either.
    #[error("{place}: a frame of {found} in a capture of {expected}; replay one instrument at a time")]
    OtherInstrument {
        /// Where.
        place: Place,
        /// The first instrument.
        expected: String,
        /// The other one.
        found: String,
    },
    /// Spot and USD-M in one replay.
    #[error("{place}: spot and USD-M frames are mixed; replay one market at a time")]
    MixedMarkets {
        /// The first frame of the other market.
        place: Place,
    },
    /// The diffs cannot be turned into a book.
    #[error("{}: no snapshot of the book up to line {} (the last); record the answer of a depth request with the streams",
        .place.file.display(), .place.line)]
    NoSnapshot {
        /// The last line.
        place: Place,
    },
    /// There were snapshots, all of them older than the first diff that could follow.
    #[error("{place}: the snapshot ends at update {snapshot}, the diffs begin at {first}; record the streams first")]
    SnapshotTooOld {
        /// The last snapshot.
        place: Place,
        /// Its update id.
        snapshot: u64,
        /// The first update that was recorded.
        first: u64,
    },
    /// The best prices cannot be written.
    #[error("cannot write the best prices to {}: {source}", .file.display())]
    Write {
        /// Where to.
        file: Arc<Path>,
        /// Why.
        source: std::io::Error,
    },
}

impl CaptureKind {
    /// The name in summaries.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::UsdM => "usdm",
        }
    }
}

impl ReplaySummary {
    const fn new(kind: CaptureKind) -> Self {
        Self {
            kind,
            messages: 0,
            depth_diffs: 0,
            applied: 0,
            book_updates: 0,
            gaps: 0,
            trades: 0,
            tickers: 0,
            dropped_levels: 0,
            elapsed_ns: 0,
            messages_per_second: 0.0,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, line {}", self.file.display(), self.line)
    }
}
