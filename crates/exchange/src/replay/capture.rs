//! Captures: lines of `<receive ns> <json>`, plain or gzip, where the JSON is a combined-stream frame or a REST book.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::config::SymbolConfig;

/// The longest line that is read: a book of 5,000 levels a side has about 350 kB.
const LINE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// What is wrong with a capture.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// Nothing to play.
    #[error("replay: no capture was given")]
    None,
    /// It cannot be opened or read.
    #[error("{path}: {reason}")]
    Read {
        /// Which.
        path: PathBuf,
        /// What the operating system or the decompressor says.
        reason: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}, line {line}: not a recorded frame: {reason}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where.
        line: u64,
        /// Why.
        reason: String,
    },
    /// There is no book to begin with.
    #[error(
        "{path}: no recorded book in the first capture; play it after the capture that it continues, \
         which holds one"
    )]
    NoSnapshot {
        /// Which.
        path: PathBuf,
    },
    /// It was recorded on the futures exchange.
    #[error("{path}: a capture of USD-M futures; the exchange in a box plays spot captures")]
    UsdM {
        /// Which.
        path: PathBuf,
    },
    /// It is about another symbol than the first.
    #[error("{path}: a capture of {found}, after one of {expected}; captures that follow one another share a symbol")]
    OtherSymbol {
        /// Which.
        path: PathBuf,
        /// Its symbol.
        found: String,
        /// The first capture's symbol.
        expected: String,
    },
    /// It says nothing about any symbol.
    #[error("{path}: no depth frame, so its symbol is not known")]
    NoDepth {
        /// Which.
        path: PathBuf,
    },
}

/// A level as recorded: price and quantity text.
pub type LevelText = [String; 2];

/// A recorded book.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The id of the last change in it.
    pub last_update_id: u64,
    /// The bids, best first.
    pub bids: Vec<LevelText>,
    /// The asks, best first.
    pub asks: Vec<LevelText>,
}

/// What the player needs to know before it starts.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The symbol of every capture.
    pub symbol: String,
    /// The first capture's book.
    pub snapshot: Snapshot,
}

/// Changed levels.
#[derive(Debug, Deserialize)]
pub struct DiffFrame<'line> {
    /// The last change in it.
    #[serde(rename = "u")]
    pub last: u64,
    /// Only futures have it.
    pub pu: Option<u64>,
    /// The symbol.
    #[serde(rename = "s", borrow)]
    pub symbol: &'line str,
    /// Bids.
    #[serde(rename = "b", borrow)]
    pub bids: Vec<[&'line str; 2]>,
    /// Asks.
    #[serde(rename = "a", borrow)]
    pub asks: Vec<[&'line str; 2]>,
}

/// A trade.
#[derive(Debug, Deserialize)]
pub struct TradeFrame<'line> {
    /// Its id.
    #[serde(rename = "t")]
    pub id: u64,
    /// Its price.
    #[serde(rename = "p")]
    pub price: &'line str,
    /// Its quantity.
    #[serde(rename = "q")]
    pub quantity: &'line str,
    /// When it was.
    #[serde(rename = "T")]
    pub time_ms: i64,
    /// Whether the seller was the taker.
    #[serde(rename = "m")]
    pub buyer_is_maker: bool,
}

/// What a line holds.
#[derive(Debug)]
pub enum Recorded<'line> {
    /// Changed levels.
    Diff(DiffFrame<'line>),
    /// A trade.
    Trade(TradeFrame<'line>),
    /// A REST book.
    Snapshot(Snapshot),
    /// A frame that only its subscribers are interested in.
    Other,
}

/// One line.
#[derive(Debug)]
pub struct Line<'line> {
    /// When it was received, nanoseconds since 1970.
    pub received_ns: i64,
    /// The stream's name; empty for a REST book.
    pub stream: &'line str,
    /// The message as a raw stream carries it.
    pub payload: &'line str,
    /// What it holds.
    pub recorded: Recorded<'line>,
}

#[derive(Deserialize)]
struct Combined<'line> {
    #[serde(borrow, default)]
    stream: Option<&'line str>,
    #[serde(borrow, default)]
    data: Option<&'line RawValue>,
}

/// Reads a capture line by line.
pub struct Capture {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    text: String,
    line: u64,
}

impl Capture {
    /// Opens a capture.
    ///
    /// # Errors
    /// [`CaptureError::Read`].
    pub fn open(path: &Path) -> Result<Self, CaptureError> {
        let read_error = |reason| CaptureError::Read { path: path.to_owned(), reason };
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(read_error)?);
        let is_gzip = file.fill_buf().map_err(read_error)?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead + Send> =
            if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
        Ok(Self { path: path.to_owned(), reader, text: String::new(), line: 0 })
    }

    /// The next line, or `None` at the end.
    ///
    /// # Errors
    /// [`CaptureError`] names the file and the line.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, CaptureError> {
        loop {
            self.text.clear();
            let read = self.reader.by_ref().take(LINE_BYTES_MAX).read_line(&mut self.text);
            let length = read.map_err(|reason| CaptureError::Read { path: self.path.clone(), reason })?;
            self.line += 1;
            if length == 0 {
                return Ok(None);
            }
            if !self.text.trim_ascii().is_empty() {
                break;
            }
        }
        match parse(self.text.trim_ascii_end()) {
            Ok(line) => Ok(Some(line)),
            Err(reason) => Err(CaptureError::Malformed { path: self.path.clone(), line: self.line, reason }),
        }
    }
}

fn parse(text: &str) -> Result<Line<'_>, String> {
    let (received, json) = text.split_once(' ').ok_or("no receive time")?;
    let received_ns = received.parse().map_err(|_| "no receive time")?;
    let combined: Combined<'_> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let (Some(stream), Some(data)) = (combined.stream, combined.data) else {
        let snapshot = serde_json::from_str(json).map_err(|error| error.to_string())?;
        return Ok(Line { received_ns, stream: "", payload: json, recorded: Recorded::Snapshot(snapshot) });
    };
    let payload = data.get();
    let kind = stream.split_once('@').map_or("", |(_, kind)| kind);
    let recorded = match kind {
        "trade" => Recorded::Trade(serde_json::from_str(payload).map_err(|error| error.to_string())?),
        _ if kind == "depth" || kind.starts_with("depth@") => {
            Recorded::Diff(serde_json::from_str(payload).map_err(|error| error.to_string())?)
        }
        _ => Recorded::Other,
    };
    Ok(Line { received_ns, stream, payload, recorded })
}

impl Opening {
    /// The symbol as the recorded texts suggest it: increments as fine as the finest price and quantity of the book.
    #[must_use]
    pub fn symbol_config(&self) -> SymbolConfig {
        const QUOTES: [&str; 8] = ["USDT", "USDC", "FDUSD", "TUSD", "BTC", "ETH", "BNB", "EUR"];
        let name = self.symbol.as_str();
        let quote =
            QUOTES.into_iter().find(|quote| name.len() > quote.len() && name.ends_with(quote)).unwrap_or("USDT");
        let levels = || self.snapshot.bids.iter().chain(&self.snapshot.asks);
        SymbolConfig {
            name: name.to_owned(),
            base: name.strip_suffix(quote).unwrap_or(name).to_owned(),
            quote: quote.to_owned(),
            tick: finest_increment(levels().map(|[price, _]| price.as_str())),
            lot: finest_increment(levels().map(|[_, quantity]| quantity.as_str())),
            min_notional: "5".to_owned(),
            initial_price: self.snapshot.bids.first().map_or_else(|| "1".to_owned(), |[price, _]| price.clone()),
        }
    }
}

fn finest_increment<'text>(numbers: impl Iterator<Item = &'text str>) -> String {
    let decimals =
        numbers.filter_map(|number| number.split_once('.')).map(|(_, decimals)| decimals.trim_end_matches('0').len());
    match decimals.max().unwrap_or(0) {
        0 => "1".to_owned(),
        count => format!("0.{}1", "0".repeat(count - 1)),
    }
}

/// Looks through captures for what must be known before they are played.
///
/// # Errors
/// [`CaptureError`] if one cannot be played.
pub fn examine(paths: &[PathBuf]) -> Result<Opening, CaptureError> {
    let (first, following) = paths.split_first().ok_or(CaptureError::None)?;
    let symbol = symbol_of(first)?;
    let snapshot = snapshot_of(first)?;
    for path in following {
        let found = symbol_of(path)?;
        if found != symbol {
            return Err(CaptureError::OtherSymbol { path: path.clone(), found, expected: symbol });
        }
    }
    Ok(Opening { symbol, snapshot })
}

/// The symbol of a capture's first depth frame, which also tells spot from futures.
fn symbol_of(path: &Path) -> Result<String, CaptureError> {
    let mut capture = Capture::open(path)?;
    while let Some(line) = capture.next()? {
        if let Recorded::Diff(diff) = line.recorded {
            if diff.pu.is_some() {
                return Err(CaptureError::UsdM { path: path.to_owned() });
            }
            return Ok(diff.symbol.to_owned());
        }
    }
    Err(CaptureError::NoDepth { path: path.to_owned() })
}

fn snapshot_of(path: &Path) -> Result<Snapshot, CaptureError> {
    let mut capture = Capture::open(path)?;
    while let Some(line) = capture.next()? {
        if let Recorded::Snapshot(snapshot) = line.recorded {
            return Ok(snapshot);
        }
    }
    Err(CaptureError::NoSnapshot { path: path.to_owned() })
}
