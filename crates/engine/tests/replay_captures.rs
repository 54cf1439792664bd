//! Real captures must come out as their README says, judged by the venue's own best quotes, read here without the decoders
//! under test.

use flate2::read::MultiGzDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use tercel_engine::replay::{CaptureKind, ReplaySummary, replay_files};

/// Bid price, bid quantity, ask price, ask quantity.
type Quote = [String; 4];

/// The captures, or `None`, said visibly, where there are none.
fn captures(names: &[&str]) -> Option<Vec<PathBuf>> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/binance"));
    if !folder.exists() {
        writeln_visibly("skipped: shared/data is absent");
        return None;
    }
    Some(names.iter().map(|name| folder.join(name)).collect())
}

fn writeln_visibly(text: &str) {
    use std::io::Write;
    // Straight to the stream: the test harness swallows what `println!` says in a test that passes.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Replays and reads back what was written.
fn replay(paths: &[PathBuf], name: &str) -> (ReplaySummary, Vec<(u64, Quote)>) {
    let csv = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let summary = replay_files(paths, Some(&csv), |_| {}).unwrap();
    let text = std::fs::read_to_string(csv).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("update_id,bid_price,bid_quantity,ask_price,ask_quantity"));
    let row = |line: &str| {
        let mut fields = line.split(',').map(str::to_owned);
        let id = fields.next().unwrap().parse().unwrap();
        (id, fields.collect::<Vec<_>>().try_into().unwrap())
    };
    (summary, lines.map(row).collect())
}

/// Every best quote of the captures by its update id.
fn tickers(paths: &[PathBuf]) -> BTreeMap<u64, Quote> {
    let field = |line: &str, key: &str| {
        let from = line.find(key)? + key.len();
        Some(line[from..].trim_start_matches('"').split(['"', ',']).next()?.to_owned())
    };
    let mut quotes = BTreeMap::new();
    for path in paths {
        for line in BufReader::new(MultiGzDecoder::new(File::open(path).unwrap())).lines() {
            let line = line.unwrap();
            if line.contains("@bookTicker") {
                let text = |key| trimmed(&field(&line, key).unwrap());
                let quote = [text("\"b\":"), text("\"B\":"), text("\"a\":"), text("\"A\":")];
                quotes.insert(field(&line, "\"u\":").unwrap().parse().unwrap(), quote);
            }
        }
    }
    quotes
}

fn trimmed(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

fn assert_never_crossed(rows: &[(u64, Quote)]) {
    for (id, [bid, _, ask, _]) in rows {
        assert!(bid.parse::<f64>().unwrap() < ask.parse::<f64>().unwrap(), "crossed after update {id}");
    }
}

/// On how many rows the newest quote that is not newer than the row says the same.
fn rows_like_the_newest_ticker(rows: &[(u64, Quote)], tickers: &BTreeMap<u64, Quote>) -> usize {
    let agrees =
        |(id, quote): &&(u64, Quote)| tickers.range(..=id).next_back().is_some_and(|(_, ticker)| ticker == quote);
    rows.iter().filter(agrees).count()
}

#[test]
fn the_spot_capture_has_the_venues_best_prices_after_all_3449_diffs() {
    let Some(paths) = captures(&["spot_btcusdt_20240808.gz"]) else { return };
    let (summary, rows) = replay(&paths, "spot.csv");
    assert_eq!((summary.kind, summary.messages, summary.gaps), (CaptureKind::Spot, 41_249, 0));
    assert_eq!((summary.depth_diffs, summary.tickers, summary.trades), (3_451, 28_040, 9_757));
    assert_eq!((summary.applied, rows.len(), summary.dropped_levels), (3_449, 3_449, 0));
    assert_eq!(rows_like_the_newest_ticker(&rows, &tickers(&paths)), 3_449);
    assert_never_crossed(&rows);
}

#[test]
fn both_spot_captures_are_one_without_a_gap() {
    let Some(paths) = captures(&["spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"]) else { return };
    let (summary, rows) = replay(&paths, "spot_both.csv");
    assert_eq!((summary.messages, summary.gaps, summary.dropped_levels), (41_249 + 58_325, 0, 0));
    assert_eq!(summary.depth_diffs, 3_451 + 3_044);
    assert_eq!((summary.applied, rows.len()), (3_449 + 3_044, 3_449 + 3_044));
    let tickers = tickers(&paths);
    assert_eq!(rows_like_the_newest_ticker(&rows[..3_449], &tickers), 3_449);
    // Two quotes of the second capture were recorded out of step with the diffs.
    assert_eq!(rows_like_the_newest_ticker(&rows[3_449..], &tickers), 3_042);
    assert_never_crossed(&rows);
}

#[test]
fn the_usd_m_capture_has_the_venues_best_prices_at_all_629_equal_updates() {
    let Some(paths) = captures(&["usdm_btcusdt_20240808.gz"]) else { return };
    let (summary, rows) = replay(&paths, "usdm.csv");
    assert_eq!((summary.kind, summary.messages, summary.gaps), (CaptureKind::UsdM, 93_954, 0));
    assert_eq!((summary.applied as usize, summary.dropped_levels), (rows.len(), 0));
    let tickers = tickers(&paths);
    let both: Vec<_> = rows.iter().filter_map(|(id, quote)| Some((quote, tickers.get(id)?))).collect();
    assert_eq!(both.len(), 629);
    assert_eq!(both.iter().filter(|(quote, ticker)| quote == ticker).count(), 629);
    assert_never_crossed(&rows);
}

#[test]
fn the_second_spot_capture_alone_says_that_it_has_no_snapshot() {
    let Some(paths) = captures(&["spot_btcusdt_20240809.gz"]) else { return };
    let error = replay_files(&paths, None, |_| {}).unwrap_err().to_string();
    assert!(error.contains("no snapshot") && error.contains("spot_btcusdt_20240809.gz"), "{error}");
    assert!(error.contains("line 58325"), "{error}");
}
