//! The same messages read by a general parser, to compare with.

use std::fs::File;
use std::io::{BufRead, BufReader};

use serde_json::Value;
use tercel_types::parse_decimal;

use super::*;
use crate::binance::snapshot::parse_depth_snapshot;

fn text<'v>(value: &'v Value, key: &str) -> &'v [u8] {
    value[key].as_str().map_or(b"<absent>", str::as_bytes)
}

fn mantissa(value: &Value, scale: u8) -> Option<i64> {
    value.as_str().and_then(|text| parse_decimal(text.as_bytes(), scale).ok())
}

fn time(value: &Value) -> Option<UtcNanos> {
    value.as_u64().and_then(crate::binance::numbers::venue_time)
}

fn levels(value: &Value, scales: Scales) -> Vec<Level> {
    let level =
        |pair: &Value| Some(Level::new(mantissa(&pair[0], scales.price)?, mantissa(&pair[1], scales.quantity)?));
    value.as_array().into_iter().flatten().filter_map(level).collect()
}

/// Compares a message with the frame it was decoded from.
pub(super) fn assert_same(message: &MarketMessage<'_>, frame: &Value, scales: Scales) {
    let event = frame.get("data").unwrap_or(frame);
    match message {
        MarketMessage::Trade(trade) => {
            assert_eq!(trade.symbol, text(event, "s"));
            assert_eq!((Some(trade.event_time), Some(trade.trade_time)), (time(&event["E"]), time(&event["T"])));
            assert_eq!(Some(trade.id.0), event["t"].as_u64());
            assert_eq!(Some(trade.price.0), mantissa(&event["p"], scales.price));
            assert_eq!(Some(trade.quantity.0), mantissa(&event["q"], scales.quantity));
            assert_eq!(Some(trade.aggressor == Side::Sell), event["m"].as_bool());
        }
        MarketMessage::BookTicker(ticker) => {
            assert_eq!(ticker.symbol, text(event, "s"));
            assert_eq!((Some(ticker.update_id.0), ticker.event_time), (event["u"].as_u64(), time(&event["E"])));
            assert_eq!(Some(ticker.bid.price.0), mantissa(&event["b"], scales.price));
            assert_eq!(Some(ticker.bid.quantity.0), mantissa(&event["B"], scales.quantity));
            assert_eq!(Some(ticker.ask.price.0), mantissa(&event["a"], scales.price));
            assert_eq!(Some(ticker.ask.quantity.0), mantissa(&event["A"], scales.quantity));
        }
        MarketMessage::DepthDiff(diff) => {
            assert_eq!(diff.symbol, text(event, "s"));
            assert_eq!((Some(diff.event_time), diff.transaction_time), (time(&event["E"]), time(&event["T"])));
            assert_eq!((Some(diff.first.0), Some(diff.last.0)), (event["U"].as_u64(), event["u"].as_u64()));
            assert_eq!(diff.previous.map(|id| id.0), event["pu"].as_u64());
            assert_eq!(diff.bids, levels(&event["b"], scales));
            assert_eq!(diff.asks, levels(&event["a"], scales));
        }
        MarketMessage::PartialDepth(partial) => {
            let (id, bids, asks) =
                if event.get("e").is_some() { ("u", "b", "a") } else { ("lastUpdateId", "bids", "asks") };
            assert_eq!(Some(partial.last.0), event[id].as_u64());
            assert_eq!(partial.bids, levels(&event[bids], scales));
            assert_eq!(partial.asks, levels(&event[asks], scales));
        }
        MarketMessage::Reply(_) | MarketMessage::ServerShutdown | MarketMessage::Other => {}
    }
}

/// A recorded file, or a line that says why the test is skipped.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn recorded(name: &str) -> Option<BufReader<File>> {
    let path = format!("{}/../../../shared/data/binance/{name}", env!("CARGO_MANIFEST_DIR"));
    match File::open(&path) {
        Ok(file) => Some(BufReader::new(file)),
        Err(_) => {
            eprintln!("skipped: shared/data is absent ({path})");
            None
        }
    }
}

/// Decodes every frame of a capture and compares; returns how many went through the fast path and how many did not.
fn compare_capture(name: &str, scales: Scales) -> Option<(u64, u64)> {
    let lines = BufReader::new(flate2::bufread::GzDecoder::new(recorded(name)?)).lines();
    let mut scratch = LevelScratch::default();
    let (mut quick, mut careful) = (0, 0);
    for line in lines {
        let line = line.unwrap();
        let (_, frame) = line.split_once(' ').unwrap();
        let value: Value = serde_json::from_str(frame).unwrap();
        let message = decode(frame.as_bytes(), &mut scratch, scales).unwrap();
        assert!(!matches!(message, MarketMessage::Other | MarketMessage::Reply(_)), "{frame}");
        assert_same(&message, &value, scales);
        if let MarketMessage::PartialDepth(_) = message {
            let (mut bids, mut asks) = (Vec::new(), Vec::new());
            parse_depth_snapshot(frame.as_bytes(), &mut bids, &mut asks, scales).unwrap();
            assert_eq!((bids, asks), (levels(&value["bids"], scales), levels(&value["asks"], scales)));
        }
        match quick::decode(frame.as_bytes(), &mut scratch, LevelRule::new(scales)) {
            Some(_) => quick += 1,
            None => careful += 1,
        }
    }
    Some((quick, careful))
}

#[test]
fn every_recorded_spot_frame_decodes_like_a_general_parser_says() {
    // Some recorded quantities are finer than the lot of 0.00001: orders older than the lot rest on.
    let scales = Scales { price: 2, quantity: 8 };
    let counts = compare_capture("spot_btcusdt_20240808.gz", scales);
    assert!(counts.is_none_or(|counts| counts == (41_249, 0)), "{counts:?}");
}

#[test]
fn every_recorded_usd_m_frame_decodes_like_a_general_parser_says() {
    let scales = Scales { price: 1, quantity: 3 };
    let counts = compare_capture("usdm_btcusdt_20240808.gz", scales);
    // The snapshot has two fields that a partial book of spot does not have.
    assert!(counts.is_none_or(|counts| counts == (93_953, 1)), "{counts:?}");
}

#[test]
fn every_recorded_snapshot_parses_whole() {
    let Some(file) = recorded("spot_rest_20211012.txt") else { return };
    let scales = Scales { price: 8, quantity: 8 };
    let mut count = 0;
    for line in file.lines() {
        let line = line.unwrap();
        let Some((_, body)) = line.split_once(": ") else { continue };
        let value: Value = serde_json::from_str(body).unwrap();
        let (mut bids, mut asks) = (Vec::new(), Vec::new());
        let update_id = parse_depth_snapshot(body.as_bytes(), &mut bids, &mut asks, scales).unwrap();
        assert_eq!(Some(update_id.0), value["lastUpdateId"].as_u64());
        assert_eq!((bids, asks), (levels(&value["bids"], scales), levels(&value["asks"], scales)));
        count += 1;
    }
    assert_eq!(count, 4);
}
