//! What a capture is, by its content: which market, how many decimals its numbers have, and its tick.
//!
//! A capture holds no description of its instrument, so that its beginning is read twice: first here.
//!
//! - **Market.** USD-M frames have fields that spot frames lack: `pu` in diffs, `e` in best quotes, `X` in trades, `E` in
//!   snapshots. Where a frame proves nothing (a wrapped reply, say), the next one decides.
//! - **Scales.** As many decimals as the texts have (eight on spot, whatever the tick), or, where the largest number
//!   would come near the end of an `i64` so, as many as are in use. A finer number later begins the replay again with a
//!   wider scale.
//! - **Tick.** The greatest common divisor of all prices seen. Should a later price lie between two ticks, the book keeps
//!   it in its overflow list, as exactly as the others.

use super::capture::CaptureReader;
use super::{CaptureKind, ReplayError};
use std::path::PathBuf;
use tercel_types::{MAX_SCALE, Price};
use tercel_wire::binance::Scales;

/// How many lines are looked at when no snapshot comes.
const LINES_MAX: usize = 10_000;
/// How many lines are looked at in any case.
const LINES_MIN: usize = 500;
/// The largest number of the beginning must have this much room to grow.
const ROOM_TO_GROW: u128 = 1_000;

/// What the beginning of a capture says about the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) kind: CaptureKind,
    pub(super) scales: Scales,
    /// The tick in units of 10^-18.
    tick_attos: u128,
}

/// What is known of one kind of number, prices or quantities.
#[derive(Default)]
struct Numbers {
    /// The most decimals that a text has.
    written: u8,
    /// The most decimals without zeros at the end.
    used: u8,
    /// The largest, in units of 10^-18.
    largest: u128,
    /// The greatest common divisor in units of 10^-18.
    divisor: u128,
}

impl Probe {
    pub(super) fn new(paths: &[PathBuf]) -> Result<Self, ReplayError> {
        let mut reader = CaptureReader::new(paths);
        let (mut kind, mut prices, mut quantities) = (None, Numbers::default(), Numbers::default());
        let mut has_snapshot = false;
        for lines in 0..LINES_MAX {
            let Some(line) = reader.next_line()? else { break };
            kind = kind.or_else(|| kind_of(line.json));
            for (price, quantity) in LevelTexts(line.json) {
                prices.see(price);
                quantities.see(quantity);
            }
            has_snapshot |= is_snapshot(line.json);
            if has_snapshot && kind.is_some() && lines >= LINES_MIN {
                break;
            }
        }
        Ok(Self {
            kind: kind.unwrap_or(CaptureKind::Spot),
            scales: Scales { price: prices.scale(), quantity: quantities.scale() },
            tick_attos: prices.divisor.max(1),
        })
    }

    /// The tick as a mantissa at the price scale.
    pub(super) fn tick(&self) -> Price {
        let attos = self.tick_attos / 10u128.pow(u32::from(MAX_SCALE - self.scales.price));
        Price(i64::try_from(attos).unwrap_or(1).max(1))
    }

    /// Makes room for the decimals of a number that had too many; whether that changed anything.
    pub(super) fn widen_for(&mut self, text: &[u8]) -> bool {
        let before = self.scales;
        let Some(number) = Number::read(text) else { return false };
        self.scales.price = before.price.max(number.used);
        self.scales.quantity = before.quantity.max(number.used);
        self.scales != before
    }
}

/// Whether a line is the answer of the REST request for the book, which captures hold among the frames. A raw frame of
/// spot's partial depth looks the same: streams of best levels must be recorded combined.
pub(super) fn is_snapshot(json: &[u8]) -> bool {
    json.starts_with(b"{\"lastUpdateId\"")
}

/// Which market a frame is from, if it shows.
fn kind_of(json: &[u8]) -> Option<CaptureKind> {
    let has = |field: &[u8]| json.windows(field.len()).any(|window| window == field);
    let either = |is_usd_m| Some(if is_usd_m { CaptureKind::UsdM } else { CaptureKind::Spot });
    if is_snapshot(json) {
        either(has(b"\"E\":"))
    } else if has(b"\"depthUpdate\"") {
        either(has(b"\"pu\":"))
    } else if has(b"\"trade\"") {
        either(has(b"\"X\":"))
    } else if has(b"\"B\":") && has(b"\"A\":") {
        either(has(b"\"e\":\"bookTicker\""))
    } else {
        None
    }
}

impl Numbers {
    fn see(&mut self, text: &[u8]) {
        let Some(number) = Number::read(text) else { return };
        self.written = self.written.max(number.written);
        self.used = self.used.max(number.used);
        self.largest = self.largest.max(number.attos);
        self.divisor = greatest_common_divisor(self.divisor, number.attos);
    }

    fn scale(&self) -> u8 {
        let units = 10u128.pow(u32::from(MAX_SCALE - self.written));
        let fits = self.largest / units < i64::MAX as u128 / ROOM_TO_GROW;
        if fits { self.written } else { self.used }
    }
}

/// A decimal number as it is written.
struct Number {
    written: u8,
    used: u8,
    attos: u128,
}

impl Number {
    /// The number at the beginning of a text; `None` if there is none, or none that an `i64` could hold at any scale.
    fn read(text: &[u8]) -> Option<Self> {
        let mut digits = 0u128;
        let mut decimals: Option<u8> = None;
        let mut used = 0;
        for &byte in text {
            match (byte, &mut decimals) {
                (b'0'..=b'9', decimals) => {
                    digits = digits.checked_mul(10)?.checked_add(u128::from(byte - b'0'))?;
                    if let Some(decimals) = decimals {
                        *decimals += 1;
                        used = if byte == b'0' { used } else { *decimals };
                    }
                }
                (b'.', None) => decimals = Some(0),
                _ => break,
            }
            if decimals.is_some_and(|decimals| decimals > MAX_SCALE) {
                return None;
            }
        }
        let written = decimals.unwrap_or(0);
        let attos = digits.checked_mul(10u128.pow(u32::from(MAX_SCALE - written)))?;
        Some(Self { written, used, attos })
    }
}

/// The texts of all `["price","quantity"]` in a frame.
struct LevelTexts<'a>(&'a [u8]);

impl<'a> Iterator for LevelTexts<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let from = 2 + self.0.windows(2).position(|window| window == b"[\"")?;
        let mut texts = self.0[from..].split(|&byte| byte == b'"');
        let (price, _comma, quantity) = (texts.next()?, texts.next()?, texts.next()?);
        self.0 = &self.0[from + price.len()..];
        Some((price, quantity))
    }
}

fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_found_wherever_they_are_in_a_frame() {
        let frame = br#"{"stream":"x@depth","data":{"b":[["1.50","2.00"],["1.25","0.10"]],"a":[]}}"#;
        let texts: Vec<_> = LevelTexts(frame).collect();
        assert_eq!(texts, [(&b"1.50"[..], &b"2.00"[..]), (&b"1.25"[..], &b"0.10"[..])]);
    }

    #[test]
    fn numbers_that_would_not_fit_are_kept_at_the_decimals_in_use() {
        let mut numbers = Numbers::default();
        for text in ["123456789012.00000000", "0.50000000"] {
            numbers.see(text.as_bytes());
        }
        assert_eq!((numbers.written, numbers.used, numbers.scale()), (8, 1, 1));
    }

    #[test]
    fn the_market_shows_in_the_fields() {
        let spot = br#"{"stream":"b@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"B","U":1,"u":2,"b":[],"a":[]}}"#;
        let usd_m = br#"{"stream":"b@depth@0ms","data":{"e":"depthUpdate","E":1,"T":1,"s":"B","U":1,"u":2,"pu":0,"b":[],"a":[]}}"#;
        let spot_ticker = br#"{"u":1,"s":"B","b":"1","B":"1","a":"2","A":"1"}"#;
        let usd_m_ticker = br#"{"e":"bookTicker","u":1,"s":"B","b":"1","B":"1","a":"2","A":"1","T":1,"E":1}"#;
        assert_eq!(kind_of(spot), Some(CaptureKind::Spot));
        assert_eq!(kind_of(usd_m), Some(CaptureKind::UsdM));
        assert_eq!(kind_of(spot_ticker), Some(CaptureKind::Spot));
        assert_eq!(kind_of(usd_m_ticker), Some(CaptureKind::UsdM));
        assert_eq!(kind_of(br#"{"lastUpdateId":1,"bids":[],"asks":[]}"#), Some(CaptureKind::Spot));
        assert_eq!(kind_of(br#"{"lastUpdateId":1,"E":1,"T":1,"bids":[],"asks":[]}"#), Some(CaptureKind::UsdM));
        assert_eq!(kind_of(br#"{"result":null,"id":1}"#), None);
    }

    #[test]
    fn a_finer_number_widens_the_scales_once() {
        let scales = Scales { price: 2, quantity: 3 };
        let mut probe = Probe { kind: CaptureKind::UsdM, scales, tick_attos: 100_000_000_000_000_000 };
        assert_eq!(probe.tick(), Price(10));
        assert!(probe.widen_for(b"1.00125\",\"7\""));
        assert_eq!(probe.scales, Scales { price: 5, quantity: 5 });
        assert_eq!(probe.tick(), Price(10_000));
        assert!(!probe.widen_for(b"1.00125"));
    }
}
