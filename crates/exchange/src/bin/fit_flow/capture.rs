//! Reads recorded frames into a measurement.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use tercel_types::{Side, parse_decimal};

use crate::measure::{Change, Measurement};

/// Decimals of BTCUSDT's tick and of the quantities in messages.
const PRICE_SCALE: u8 = 2;
const QUANTITY_SCALE: u8 = 8;
/// Some orders are older than today's lot and finer than it; they are rounded up.
const LOT: i64 = 1_000;

/// A diff that came before the snapshot.
struct Early {
    at_ns: i64,
    last_update: u64,
    changes: Vec<Change>,
}

/// Measures captures that follow one another as one.
pub fn measure(paths: &[PathBuf]) -> Result<Measurement, String> {
    let mut reader = Reader { measurement: Measurement::default(), snapshot: None, early: Vec::new() };
    for path in paths {
        reader.read(path)?;
    }
    if reader.snapshot.is_none() {
        return Err("the captures hold no snapshot to start a book from".to_owned());
    }
    Ok(reader.measurement)
}

struct Reader {
    measurement: Measurement,
    snapshot: Option<u64>,
    early: Vec<Early>,
}

impl Reader {
    fn read(&mut self, path: &Path) -> Result<(), String> {
        let named = |problem: &str| format!("{}: {problem}", path.display());
        let file = File::open(path).map_err(|error| named(&error.to_string()))?;
        for (number, line) in BufReader::new(MultiGzDecoder::new(file)).lines().enumerate() {
            let line = line.map_err(|error| named(&error.to_string()))?;
            let wrong = || named(&format!("line {} is no recorded frame", number + 1));
            if !line.trim().is_empty() {
                self.frame(&line).ok_or_else(wrong)?;
            }
        }
        Ok(())
    }

    fn frame(&mut self, line: &str) -> Option<()> {
        let (received, json) = line.split_once(' ')?;
        let at_ns = received.parse().ok()?;
        let frame: Value = serde_json::from_str(json).ok()?;
        let Some(stream) = frame["stream"].as_str() else {
            return self.load(at_ns, &frame);
        };
        let payload = &frame["data"];
        match stream.split_once('@')?.1 {
            "trade" => {
                let aggressor = if payload["m"].as_bool()? { Side::Sell } else { Side::Buy };
                self.measurement.on_trade(payload["T"].as_i64()?, aggressor, quantity(&payload["q"])?);
            }
            "bookTicker" => {
                let bid = (price(&payload["b"])?, quantity(&payload["B"])?);
                let ask = (price(&payload["a"])?, quantity(&payload["A"])?);
                self.measurement.on_ticker(at_ns, bid, ask);
            }
            _ => self.diff(at_ns, payload)?,
        }
        Some(())
    }

    fn diff(&mut self, at_ns: i64, payload: &Value) -> Option<()> {
        let mut changes = Vec::new();
        levels(&payload["b"], Side::Buy, &mut changes)?;
        levels(&payload["a"], Side::Sell, &mut changes)?;
        let last_update = payload["u"].as_u64()?;
        match self.snapshot {
            None => self.early.push(Early { at_ns, last_update, changes }),
            Some(snapshot) if last_update > snapshot => self.measurement.on_diff(at_ns, &changes),
            Some(_) => {}
        }
        Some(())
    }

    fn load(&mut self, at_ns: i64, frame: &Value) -> Option<()> {
        let snapshot = frame["lastUpdateId"].as_u64()?;
        let mut changes = Vec::new();
        levels(&frame["bids"], Side::Buy, &mut changes)?;
        levels(&frame["asks"], Side::Sell, &mut changes)?;
        self.measurement.load(at_ns, &changes);
        for early in self.early.drain(..).filter(|early| early.last_update > snapshot) {
            self.measurement.on_diff(early.at_ns, &early.changes);
        }
        self.snapshot = Some(snapshot);
        Some(())
    }
}

fn levels(from: &Value, side: Side, into: &mut Vec<Change>) -> Option<()> {
    for level in from.as_array()? {
        into.push(Change { side, price: price(&level[0])?, quantity: quantity(&level[1])? });
    }
    Some(())
}

fn price(text: &Value) -> Option<i64> {
    parse_decimal(text.as_str()?.as_bytes(), PRICE_SCALE).ok()
}

fn quantity(text: &Value) -> Option<i64> {
    let quantity = parse_decimal(text.as_str()?.as_bytes(), QUANTITY_SCALE).ok()?;
    Some((quantity + LOT - 1) / LOT)
}
