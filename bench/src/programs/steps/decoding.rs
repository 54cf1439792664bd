//! Decoding depth diffs beside general JSON parsers.
//!
//! The parsers beside read into typed structures, and all turn every price and quantity into the same mantissas and sum
//! them up: that is the same work, and none of it can be left out. A burst goes through hundreds of different frames, so
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

/// The row of the decoder.
pub fn depth(effort: Effort, texts: &[Vec<u8>]) -> Result<Row, Failure> {
    let names = ["simd-json", "sonic-rs", "serde_json"];
    let mut scratch = LevelScratch::new(SNAPSHOT_LEVELS_MAX);
    // simd-json writes into its input: the copy is part of using it on a buffer that is kept.
    let mut copy = Vec::with_capacity(1 << 14);
    let mut buffers = simd_json::Buffers::new(1 << 14);
    let mut parsers: [Parser<'_>; 4] = [
        Box::new(move |text| match decode(text, &mut scratch, SCALES) {
            Ok(MarketMessage::DepthDiff(diff)) => {
                sum(diff.bids) ^ sum(diff.asks) ^ diff.event_time.0 / 1_000_000 ^ (diff.first.0 ^ diff.last.0) as i64
            }
            _ => 0,
        }),
        Box::new(move |text| {
            copy.clear();
            copy.extend_from_slice(text);
            let read = simd_json::serde::from_slice_with_buffers::<Combined<'_>>(&mut copy, &mut buffers);
            read.map_or(0, |combined| digest(&combined.data))
        }),
        Box::new(|text| sonic_rs::from_slice::<Combined<'_>>(text).map_or(0, |combined| digest(&combined.data))),
        Box::new(|text| serde_json::from_slice::<Combined<'_>>(text).map_or(0, |combined| digest(&combined.data))),
    ];
    let answers: Vec<Vec<i64>> =
        parsers.iter_mut().map(|parser| texts.iter().map(|text| parser(text)).collect()).collect();
    if answers.iter().any(|answer| *answer != answers[0] || answer.contains(&0)) {
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
    Ok(Row::new("binance_depth_decode", "ns a message", &best_of(effort, &mut contenders), &names))
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
