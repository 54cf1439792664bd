//! Everything around the strategy: the exchange, the engine, its connections, and what it asks of the cold side.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tercel_engine::commands::Command;
use tercel_engine::config::DEFAULT_BOOK_BYTES;
use tercel_engine::connect::{OpenRequest, open};
use tercel_engine::connection::Connection;
use tercel_engine::control::Driver;
use tercel_engine::logon::open_order_connection;
use tercel_engine::notices::NoticeKind;
use tercel_engine::rest_answers::{TradesAnswer, account_commands, snapshot_command};
use tercel_engine::strategy::run;
use tercel_engine::summary::Summary;
use tercel_engine::{ApiKey, Engine, EngineConfig, InstrumentConfig};
use tercel_exchange::{ExchangeConfig, RunningExchange, start};
use tercel_execution::OpenOrderPolicy;
use tercel_net::{Endpoint, SocketOptions, WaitStrategy};
use tercel_risk::{RateLimits, RiskLimits};
use tercel_session::SessionOptions;
use tercel_types::{Instrument, Quantity};
use tercel_wire::binance::rest::parse_exchange_info;

use crate::maker::{Maker, Settings};

/// What went wrong, in words.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is traded.
const SYMBOL: &str = "BTCUSDT";

/// How long connecting and each answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often notices are read.
const NOTICE_INTERVAL: Duration = Duration::from_millis(5);

/// Trades against an exchange of its own for a while.
pub fn trade(duration: Duration) -> Result<Summary, Failure> {
    let exchange = start(&ExchangeConfig::default())?;
    let info = get(&exchange, "/api/v3/exchangeInfo")?;
    let instrument = parse_exchange_info(&info, &[SYMBOL])?.into_iter().next().ok_or("the symbol is not listed")?;
    let state = std::env::temp_dir().join(format!("tercel-native-maker-{}", std::process::id()));
    let mut engine =
        Engine::new(EngineConfig { epoch_file: state.join("epoch"), ..configuration(instrument, &exchange) })?;
    let trading = start_trading(&engine, settings(&instrument));
    connect(&mut engine, &exchange)?;
    let looked_after = look_after(&mut engine, &exchange, Instant::now() + duration);
    engine.stop();
    trading.join().map_err(|_| "the strategy panicked")??;
    let drive = engine.cell().attach(Driver::Main).ok_or("the trading thread still holds the engine")?;
    let summary = engine.summary(&drive);
    // The restart epoch of an exchange that is gone is of no use to anybody.
    let _ = std::fs::remove_dir_all(state);
    looked_after.map(|()| summary)
}

/// A thousandth of a coin on each side, two units from the middle.
fn settings(instrument: &Instrument) -> Settings {
    let one = 10_i64.pow(u32::from(instrument.quantity_scale));
    let unit = 10_i64.pow(u32::from(instrument.price_scale));
    Settings {
        quantity: Quantity(one / 1_000),
        half_spread: 2 * unit,
        requote_distance: unit,
        requote_interval_ns: 500_000_000,
        max_position: Quantity(one / 100),
    }
}

fn configuration(instrument: Instrument, exchange: &RunningExchange) -> EngineConfig {
    let one = 10_i64.pow(u32::from(instrument.quantity_scale));
    let limits = RiskLimits {
        max_order_quantity: Quantity(one / 10),
        max_notional: 10_000 * 10_i128.pow(u32::from(instrument.notional_scale())),
        price_collar_bps: 100,
        max_position: Quantity(one / 10),
        max_open_orders: 16,
        max_data_age_ns: 1_000_000_000,
    };
    EngineConfig {
        instruments: vec![InstrumentConfig { instrument, partial_depth: false, limits }],
        rates: RateLimits { max_orders_per_second: 5, venue: [None; RateLimits::VENUE_WINDOWS] },
        key: ApiKey::ed25519(exchange.api_key.clone(), exchange.ed25519_private_key_pem.clone(), 5_000),
        wait: WaitStrategy::Backoff,
        cpu: None,
        epoch_file: "epoch".into(),
        open_orders: OpenOrderPolicy::Cancel,
        watchdog_ns: 1_000_000_000,
        drain_ns: 5_000_000_000,
        fee_rates: Vec::new(),
        socket: SocketOptions::default(),
        book_bytes: DEFAULT_BOOK_BYTES,
    }
}

/// The trading thread: from here on the strategy is called in it.
fn start_trading(engine: &Engine, settings: Settings) -> JoinHandle<Result<(), Failure>> {
    let cell = Arc::clone(engine.cell());
    std::thread::spawn(move || {
        let mut drive = cell.attach(Driver::Worker).ok_or("another thread drives this engine already")?;
        if run(&mut drive, &mut Maker::new(settings)) { Ok(()) } else { Err("orders were left at the end".into()) }
    })
}

fn connect(engine: &mut Engine, exchange: &RunningExchange) -> Result<(), Failure> {
    let (socket, session) = (engine.socket().clone(), SessionOptions::default());
    let deadline = Instant::now() + PATIENCE;
    let name = SYMBOL.to_lowercase();
    let streams = format!("{}?streams={name}@depth@100ms/{name}@bookTicker/{name}@trade", exchange.streams_url);
    let (market, orders) = (Endpoint::parse(&streams)?, Endpoint::parse(&exchange.ws_api_url)?);
    let request = |endpoint| OpenRequest { endpoint, socket: &socket, session: &session, headers: &[], deadline };
    let (stream, framing) = open(&request(&market))?;
    engine.command(Command::Market(Some(Box::new(Connection::new(stream, framing)))))?;
    let clock = Arc::clone(&engine.shared().clock);
    let key = engine.key().clone();
    let connection = open_order_connection(&request(&orders), &key, || clock.utc(clock.now()))?;
    engine.command(Command::Orders(Some(Box::new(connection))))?;
    // An exchange that has just started has no orders and no trades of ours; of any other they would be asked for here.
    let nothing = [TradesAnswer { instrument: 0, body: b"[]" }];
    for command in account_commands(engine.instruments(), clock.now(), b"[]", &nothing)? {
        engine.command(command)?;
    }
    Ok(())
}

/// Answers what the trading thread asks, until it is time or something went wrong.
fn look_after(engine: &mut Engine, exchange: &RunningExchange, end: Instant) -> Result<(), Failure> {
    while Instant::now() < end {
        while let Some(notice) = engine.notice() {
            match notice.kind {
                NoticeKind::SnapshotNeeded => {
                    let body = get(exchange, &format!("/api/v3/depth?symbol={SYMBOL}&limit=5000"))?;
                    let instrument = engine.instruments()[usize::from(notice.instrument.0)];
                    engine.command(snapshot_command(&instrument, &body)?)?;
                }
                NoticeKind::MarketLost | NoticeKind::OrdersLost | NoticeKind::Killed => {
                    return Err(format!("{}: {}", notice.kind.key(), notice.text()).into());
                }
                NoticeKind::Synchronised | NoticeKind::OrdersReady => {}
                kind => writeln!(std::io::stderr(), "{}: {}", kind.key(), notice.text())?,
            }
        }
        std::thread::sleep(NOTICE_INTERVAL);
    }
    Ok(())
}

/// The body of a public request: a plain GET, as much of HTTP as an exchange on the loopback address needs.
fn get(exchange: &RunningExchange, path: &str) -> Result<Vec<u8>, Failure> {
    let host = exchange.rest_url.strip_prefix("http://").ok_or("the exchange has no plain REST address")?;
    let mut socket = TcpStream::connect(host)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    write!(socket, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer)?;
    let head =
        answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or("an answer without an end of its head")?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err(format!("{path}: {}", String::from_utf8_lossy(&answer)).into());
    }
    Ok(answer.split_off(head + 4))
}
