//! The exchange plays recorded captures.

mod client;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use client::{Client, call, next};
use serde_json::Value;
use tercel_exchange::{CaptureError, ExchangeConfig, Progress, ReplayConfig, ReplaySpeed, StartError, start};

const FIRST: &str = "spot_btcusdt_20240808.gz";
const SECOND: &str = "spot_btcusdt_20240809.gz";
const FUTURES: &str = "usdm_btcusdt_20240808.gz";

/// The captures of that name, or `None` (said visibly) where the recorded data is absent.
fn captures(names: &[&str]) -> Option<Vec<PathBuf>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/binance"));
    if folder.is_dir() {
        return Some(names.iter().map(|name| folder.join(name)).collect());
    }
    #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
    {
        eprintln!("skipped: shared/data is absent");
    }
    None
}

fn config(files: Vec<PathBuf>, speed: ReplaySpeed) -> ExchangeConfig {
    ExchangeConfig { replay: Some(ReplayConfig { files, speed }), ..ExchangeConfig::default() }
}

fn error_of(names: &[&str]) -> Option<CaptureError> {
    match start(&config(captures(names)?, ReplaySpeed::Max)) {
        Err(StartError::Capture(error)) => Some(error),
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it started"),
    }
}

#[test]
fn a_capture_without_a_book_says_so_and_does_not_start() {
    let Some(error) = error_of(&[SECOND]) else { return };
    assert!(matches!(error, CaptureError::NoSnapshot { .. }), "{error}");
}

#[test]
fn a_capture_of_futures_is_refused() {
    let Some(error) = error_of(&[FUTURES]) else { return };
    assert!(matches!(error, CaptureError::UsdM { .. }), "{error}");
}

#[test]
fn a_capture_that_is_not_there_is_named() {
    let Some(error) = error_of(&["nothing.gz"]) else { return };
    assert!(error.to_string().contains("nothing.gz"), "{error}");
}

#[test]
fn every_frame_arrives_as_recorded_and_the_book_can_be_followed_from_the_recorded_one() {
    let Some(files) = captures(&[FIRST]) else { return };
    let expected = recorded_depth_frames(&files[0]);
    let client = Client::start(&config(files, ReplaySpeed::Max));
    let mut socket = client.open("/stream?streams=btcusdt@depth@100ms/btcusdt@trade");
    let first = next(&mut socket);
    let book = client.get("/api/v3/depth?symbol=BTCUSDT&limit=5000").body;
    assert_eq!(book["lastUpdateId"], 50_093_239_218u64);
    assert_eq!(book["bids"].as_array().unwrap().len(), 1_000);
    let mut depth = vec![first["data"].clone()];
    let mut trades = 0;
    while depth.len() < expected.len() {
        let frame = next(&mut socket);
        match frame["stream"].as_str() {
            Some("btcusdt@depth@100ms") => depth.push(frame["data"].clone()),
            Some("btcusdt@trade") => trades += 1,
            other => panic!("not subscribed to {other:?}"),
        }
    }
    assert_eq!(depth, expected);
    assert!(trades > 9_000, "{trades}");
    wait_for_end(&client);
    let last = client.get("/api/v3/depth?symbol=BTCUSDT&limit=5").body;
    assert_eq!(last["lastUpdateId"], expected.last().unwrap()["u"]);
}

#[test]
fn captures_follow_one_another_and_own_orders_fill_from_recorded_trades() {
    let Some(files) = captures(&[FIRST, SECOND]) else { return };
    let client = Client::start(&config(files, ReplaySpeed::Max));
    let mut socket = client.open("/ws/btcusdt@depth@100ms");
    let mut user = client.logged_on();
    call(&mut user, r#"{"id":1,"method":"userDataStream.subscribe"}"#);
    // The capture stands still until the book is fetched: the best bid is 61,837.63.
    let maker = "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&price=61837.62&quantity=0.001&newOrderRespType=FULL";
    next(&mut socket);
    assert_eq!(client.signed("POST", "/api/v3/order", maker).body["status"], "NEW");
    let taker = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01";
    let taken = client.signed("POST", "/api/v3/order", taker).body;
    assert_eq!(taken["fills"][0]["price"], "61837.64000000", "{taken}");
    let crossing = maker.replace("61837.62", "61837.64");
    assert_eq!(client.signed("POST", "/api/v3/order", &crossing).body["code"], -2010);
    client.get("/api/v3/depth?symbol=BTCUSDT&limit=100");
    let mut last: Value = Value::Null;
    let mut continuous = true;
    for _ in 1..6_495 {
        let diff = next(&mut socket);
        continuous &= last.is_null() || diff["U"].as_u64() == last.as_u64().map(|id| id + 1);
        last = diff["u"].clone();
    }
    assert!(continuous, "the second capture continues the first");
    wait_for_end(&client);
    let trades = client.signed("GET", "/api/v3/myTrades", "symbol=BTCUSDT").body;
    let filled = trades.as_array().unwrap().iter().find(|trade| trade["isMaker"] == true).expect("a maker fill");
    assert_eq!(filled["price"], "61837.62000000");
}

fn recorded_depth_frames(path: &PathBuf) -> Vec<Value> {
    let file = flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap());
    let lines = BufReader::new(file).lines().map(Result::unwrap).filter(|line| line.contains("@depth@100ms"));
    lines.map(|line| serde_json::from_str::<Value>(line.split_once(' ').unwrap().1).unwrap()["data"].clone()).collect()
}

fn wait_for_end(client: &Client) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !matches!(client.exchange.status().progress, Progress::Finished { .. }) {
        assert!(Instant::now() < deadline, "{:?}", client.exchange.status());
        std::thread::sleep(Duration::from_millis(20));
    }
}
