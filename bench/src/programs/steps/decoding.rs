//! Decoding depth diffs beside general JSON parsers.
//!
//! The parsers beside read into typed structures, and all turn every price and quantity into the same mantissas and sum
//! them up: that is the same work, and none of it can be left out. The fastest two run once more in a lighter class, where
//! they leave prices and quantities as the text that they found. A burst goes through thousands of different frames, so
//! that neither caches nor branch predictors learn one by heart.

use std::hint::black_box;

use crate::beside::{Contender, Effort, best_of, timed};
use crate::contestant::Failure;
use crate::venue::{PRICE_SCALE, QUANTITY_SCALE};
use serde::Deserialize;
use tercel_types::{Level, parse_decimal};
use tercel_wire::binance::{LevelScratch, MarketMessage, SNAPSHOT_LEVELS_MAX, Scales, decode};

use super::Row;

/// The scales of everything that is decoded here.
pub const SCALES: Scales = Scales { price: PRICE_SCALE, quantity: QUANTITY_SCALE };

#[derive(Deserialize)]
struct Combined<'a> {
    #[serde(borrow)]
    data: Depth<'a>,
}

#[derive(Deserialize)]
struct Depth<'a> {
    #[serde(rename = "E")]
    event_time: i64,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    #[serde(borrow)]
    b: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    a: Vec<(&'a str, &'a str)>,
}

/// A parser's answer to one frame, as a number that only the right answer has.
type Parser<'a> = Box<dyn FnMut(&[u8]) -> i64 + 'a>;

/// The names of the parsers beside, those that do the same work first.
const PEERS: [&str; 5] =
    ["simd-json", "sonic-rs", "serde_json", "simd-json, numbers left as text", "sonic-rs, numbers left as text"];

/// How many of the parsers come to the same answer: ours and the peers that do the same work.
const ALIKE: usize = 4;

/// The row of the decoder.
pub fn depth(effort: Effort, texts: &[Vec<u8>]) -> Result<Row, Failure> {
    let sonic = |read: fn(&Depth<'_>) -> i64| -> Parser<'static> {
        Box::new(move |text| sonic_rs::from_slice::<Combined<'_>>(text).map_or(0, |combined| read(&combined.data)))
    };
    let mut parsers: [Parser<'static>; 6] = [
        ours(),
        simd(digest),
        sonic(digest),
        Box::new(|text| serde_json::from_slice::<Combined<'_>>(text).map_or(0, |combined| digest(&combined.data))),
        simd(text_lengths),
        sonic(text_lengths),
    ];
    let answers: Vec<Vec<i64>> =
        parsers.iter_mut().map(|parser| texts.iter().map(|text| parser(text)).collect()).collect();
    let right = &answers[0];
    if answers[..ALIKE].iter().any(|answer| answer != right || answer.contains(&0)) {
        return Err("the parsers do not agree about the frames".into());
    }
    let burst = |mut parser: Parser<'static>| -> Contender<'_> {
        Box::new(move || {
            timed(texts.len(), || {
                for text in texts {
                    black_box(parser(black_box(text)));
                }
            })
        })
    };
    let mut contenders: Vec<Contender<'_>> = parsers.into_iter().map(burst).collect();
    Ok(Row::new("binance_depth_decode", "ns a message", &best_of(effort, &mut contenders), &PEERS))
}

fn ours() -> Parser<'static> {
    let mut scratch = LevelScratch::new(SNAPSHOT_LEVELS_MAX);
    Box::new(move |text| match decode(text, &mut scratch, SCALES) {
        Ok(MarketMessage::DepthDiff(diff)) => {
            let event_time_ms = diff.event_time.0 / 1_000_000;
            sum(diff.bids) ^ sum(diff.asks) ^ event_time_ms ^ (diff.first.0 ^ diff.last.0) as i64
        }
        _ => 0,
    })
}

/// simd-json writes into its input: the copy is part of using it on a buffer that is kept.
fn simd(read: fn(&Depth<'_>) -> i64) -> Parser<'static> {
    let mut copy = Vec::with_capacity(1 << 14);
    let mut buffers = simd_json::Buffers::new(1 << 14);
    Box::new(move |text| {
        copy.clear();
        copy.extend_from_slice(text);
        let parsed = simd_json::serde::from_slice_with_buffers::<Combined<'_>>(&mut copy, &mut buffers);
        parsed.map_or(0, |combined| read(&combined.data))
    })
}

/// What is left of [`digest`] where nothing is turned into numbers.
fn text_lengths(depth: &Depth<'_>) -> i64 {
    let side =
        |levels: &[(&str, &str)]| levels.iter().map(|(price, quantity)| price.len() + quantity.len()).sum::<usize>();
    (side(&depth.b) + side(&depth.a)) as i64 ^ depth.event_time ^ (depth.first ^ depth.u) as i64
}

fn sum(levels: &[Level]) -> i64 {
    levels.iter().fold(0, |sum: i64, level| sum.wrapping_add(level.price.0 ^ level.quantity.0))
}

fn digest(depth: &Depth<'_>) -> i64 {
    let side = |levels: &[(&str, &str)]| {
        levels.iter().fold(0i64, |sum, (price, quantity)| {
            let price = parse_decimal(price.as_bytes(), SCALES.price).unwrap_or_default();
            let quantity = parse_decimal(quantity.as_bytes(), SCALES.quantity).unwrap_or_default();
            sum.wrapping_add(price ^ quantity)
        })
    };
    side(&depth.b) ^ side(&depth.a) ^ depth.event_time ^ (depth.first ^ depth.u) as i64
}
