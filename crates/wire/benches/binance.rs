//! Decoding and encoding Binance's messages, beside general JSON parsers.
//!
//! Every iteration takes the next of many different frames, so that neither caches nor branch predictors learn one
//! frame by heart. The parsers beside read into typed structures and turn every price and quantity into the same
//! mantissas: that is the same work.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{BufRead, BufReader};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;
use tercel_types::{
    Asset, ClientOrderId, Instrument, InstrumentId, OrderKind, Price, Quantity, Side, Symbol, TimeInForce, UtcNanos,
    parse_decimal,
};
use tercel_wire::binance::ws_api::{self, Authority, OrderEncoder, PlaceOrder, ResponseKind};
use tercel_wire::binance::{Credentials, LevelScratch, Scales, Signer, decode};

const SCALES: Scales = Scales { price: 2, quantity: 8 };

/// How many different frames are gone through.
const FRAMES: usize = 2_000;

#[derive(Deserialize)]
struct Combined<'a> {
    #[serde(borrow)]
    data: Depth<'a>,
}

#[derive(Deserialize)]
struct Depth<'a> {
    #[serde(rename = "E")]
    event_time: u64,
    s: &'a str,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    #[serde(borrow)]
    b: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    a: Vec<(&'a str, &'a str)>,
}

/// The levels as mantissas, summed so that none of the work can be left out.
fn digest(depth: &Depth<'_>) -> i64 {
    let side = |levels: &[(&str, &str)]| {
        levels.iter().fold(0i64, |sum, (price, quantity)| {
            let price = parse_decimal(price.as_bytes(), SCALES.price).unwrap_or_default();
            let quantity = parse_decimal(quantity.as_bytes(), SCALES.quantity).unwrap_or_default();
            sum.wrapping_add(price ^ quantity)
        })
    };
    side(&depth.b) ^ side(&depth.a) ^ (depth.event_time ^ depth.first ^ depth.u) as i64 ^ depth.s.len() as i64
}

/// Frames of about 1 kB with twenty levels a side, different in every one, in the proportions of the recorded market:
/// half of the levels are deletions, one quantity in twenty has two integer digits.
fn twenty_levels() -> Vec<Vec<u8>> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut side = |sign: i64| {
        let mut text = String::new();
        for level in 0..20 {
            let cents = 6_183_763 + sign * (level * 700 + random(700) as i64);
            let quantity = match random(40) {
                0..20 => 0,
                20..22 => random(9_000_000) + 1_000_000,
                _ => random(200_000) + 1,
            };
            let comma = if level == 0 { "" } else { "," };
            let (units, rest) = (quantity / 100_000, quantity % 100_000);
            let _ = write!(text, "{comma}[\"{}.{:02}000000\",\"{units}.{rest:05}000\"]", cents / 100, cents % 100);
        }
        text
    };
    let frame = |index: usize| {
        let (first, time) = (50_093_239_189 + 37 * index, 1_723_161_255_208 + 100 * index);
        let (bids, asks) = (side(-1), side(1));
        format!(
            r#"{{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":{time},"s":"BTCUSDT","U":{first},"u":{},"b":[{bids}],"a":[{asks}]}}}}"#,
            first + 36
        )
        .into_bytes()
    };
    (0..FRAMES).map(frame).collect()
}

/// Recorded frames of one kind, or a line that says why they are left out.
#[expect(clippy::print_stderr, reason = "a skipped row must be seen")]
fn recorded(kind: &str) -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/binance/spot_btcusdt_20240808.gz");
    let Ok(file) = std::fs::File::open(path) else {
        eprintln!("skipped: shared/data is absent ({path})");
        return Vec::new();
    };
    let lines = BufReader::new(flate2::read::GzDecoder::new(file)).lines();
    let frames = lines.map_while(Result::ok).filter(|line| line.contains(kind));
    frames.filter_map(|line| Some(line.split_once(' ')?.1.as_bytes().to_vec())).take(FRAMES).collect()
}

/// Calls `work` with one frame after the other.
fn round_robin(criterion: &mut Criterion, name: &str, frames: &[Vec<u8>], mut work: impl FnMut(&[u8])) {
    if frames.is_empty() {
        return;
    }
    let mut next = 0;
    let mut group = criterion.benchmark_group("binance");
    let bytes = frames.iter().map(Vec::len).sum::<usize>() / frames.len();
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            work(black_box(&frames[next]));
            next = (next + 1) % frames.len();
        });
    });
    group.finish();
}

fn decoding(criterion: &mut Criterion) {
    let mut scratch = LevelScratch::default();
    let twenty = twenty_levels();
    for (name, frames) in [
        ("depth_20_20", twenty.clone()),
        ("depth_recorded", recorded("@depth")),
        ("book_ticker_recorded", recorded("@bookTicker")),
        ("trade_recorded", recorded("@trade")),
    ] {
        round_robin(criterion, name, &frames, |frame| {
            black_box(decode(frame, &mut scratch, SCALES).is_ok());
            black_box(scratch.bids());
        });
    }
    round_robin(criterion, "depth_20_20/serde_json", &twenty, |frame| {
        black_box(serde_json::from_slice::<Combined<'_>>(frame).map_or(0, |combined| digest(&combined.data)));
    });
    round_robin(criterion, "depth_20_20/sonic-rs", &twenty, |frame| {
        black_box(sonic_rs::from_slice::<Combined<'_>>(frame).map_or(0, |combined| digest(&combined.data)));
    });
    // simd-json writes into its input: the copy of 1 kB is part of using it on a buffer that is kept.
    let mut copy = Vec::with_capacity(4_096);
    let mut buffers = simd_json::Buffers::new(4_096);
    round_robin(criterion, "depth_20_20/simd-json", &twenty, |frame| {
        copy.clear();
        copy.extend_from_slice(frame);
        let combined = simd_json::serde::from_slice_with_buffers::<Combined<'_>>(&mut copy, &mut buffers);
        black_box(combined.map_or(0, |combined| digest(&combined.data)));
    });
}

fn execution_reports(criterion: &mut Criterion) {
    let report = |index: u64| {
        let (price, filled, id) = (6_183_763 + index % 977, index % 89 + 1, 4_293_153 + index);
        format!(
            r#"{{"subscriptionId":0,"event":{{"e":"executionReport","E":{},"s":"BTCUSDT","c":"tc00000001{index:08x}","S":"{}","o":"LIMIT_MAKER","f":"GTC","q":"1.00000000","p":"{}.{:02}000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":{id},"l":"0.{filled:05}000","z":"0.{filled:05}000","L":"{}.{:02}000000","n":"0.000{filled:05}","N":"BNB","T":1499405658657,"t":{id},"I":{id},"w":true,"m":true,"M":false,"O":1499405658657,"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","W":1499405658657,"V":"NONE"}}}}"#,
            1_499_405_658_658 + index,
            if index.is_multiple_of(2) { "BUY" } else { "SELL" },
            price / 100,
            price % 100,
            price / 100,
            price % 100,
        )
        .into_bytes()
    };
    let frames: Vec<Vec<u8>> = (0..FRAMES as u64).map(report).collect();
    round_robin(criterion, "execution_report", &frames, |frame| {
        let _ = black_box(ws_api::decode(frame, |_| Some(SCALES)));
    });
}

fn encoding(criterion: &mut Criterion) {
    let asset = |text| Asset::new(text).unwrap_or_default();
    let instrument = Instrument {
        id: InstrumentId(0),
        symbol: Symbol::new("BTCUSDT").unwrap_or_default(),
        base: asset("BTC"),
        quote: asset("USDT"),
        price_scale: SCALES.price,
        quantity_scale: SCALES.quantity,
        tick: Price(1),
        lot: Quantity(1_000),
        min_price: Price(1),
        max_price: Price(0),
        min_quantity: Quantity(1_000),
        max_quantity: Quantity(0),
        min_notional: 0,
        max_notional: 0,
    };
    let encoder = OrderEncoder::new(&instrument, ResponseKind::Ack);
    let key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ja91duEh8A";
    let Ok(credentials) = Signer::hmac(key).and_then(|signer| Credentials::new(key, signer, 5_000)) else { return };
    let authorities =
        [("order_encode", Authority::LoggedOn), ("order_encode_hmac", Authority::Signed(Box::new(credentials)))];
    for (name, authority) in authorities {
        let mut out = [0; OrderEncoder::REQUEST_LENGTH_MAX];
        let mut sequence: u32 = 0;
        criterion.bench_function(&format!("binance/{name}"), |bencher| {
            bencher.iter(|| {
                sequence = sequence.wrapping_add(1);
                let order = PlaceOrder {
                    client_order_id: ClientOrderId::new(7, sequence),
                    side: if sequence.is_multiple_of(2) { Side::Buy } else { Side::Sell },
                    kind: OrderKind::Limit,
                    time_in_force: TimeInForce::Gtc,
                    price: Price(6_183_763 + i64::from(sequence % 1_009)),
                    quantity: Quantity(1_000 * i64::from(sequence % 4_001 + 1)),
                };
                let now = UtcNanos(1_723_161_255_208_000_000 + i64::from(sequence) * 1_000_000);
                let length = encoder.place(black_box(&authority), black_box(&order), now, &mut out);
                let _ = black_box(length);
                black_box(&out);
            });
        });
    }
}

criterion_group!(benches, decoding, execution_reports, encoding);
criterion_main!(benches);
