//! An engine under load, as a program: production's own parts, driven by lines on standard input.
//!
//! It prints `{"ready":true}` once its book is synchronised and orders are possible. On `mark` it prints how far it is and
//! how much processor time it has used, on `stop` it stops in order and prints what came of it all.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tercel_clock::StrategyLanguage;
use tercel_engine::commands::Command;
use tercel_engine::config::DEFAULT_BOOK_BYTES;
use tercel_engine::connect::{OpenRequest, open};
use tercel_engine::connection::Connection;
use tercel_engine::control::Driver;
use tercel_engine::layout::MAX_ORDERS;
use tercel_engine::logon::open_order_connection;
use tercel_engine::notices::{Notice, NoticeKind};
use tercel_engine::rest_answers::{TradesAnswer, account_commands, snapshot_command};
use tercel_engine::strategy::{Strategy, run};
use tercel_engine::summary::Summary;
use tercel_engine::{ApiKey, Drive, Engine, EngineConfig, InstrumentConfig};
use tercel_execution::OpenOrderPolicy;
use tercel_net::{Endpoint, SocketOptions};
use tercel_risk::{RateLimits, RiskLimits};
use tercel_session::SessionOptions;
use tercel_types::{InstrumentId, Level, Quantity, Side};

use crate::reference_book::Digest;
use crate::session_phase::{standard_input, tell};
use crate::venue::instrument;

/// Why a contestant could not start or go on, in words.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Beyond any pause that SIGSTOP makes.
const FOREVER_NS: i64 = 1 << 50;

/// How often notices are read.
const NOTICE_INTERVAL: Duration = Duration::from_millis(5);

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a stop may take to have all orders confirmed gone.
const DRAIN_NS: i64 = 5_000_000_000;

/// More levels than any recorded book has.
const LEVELS_MAX: usize = 1 << 16;

/// What a contestant is told: a file of JSON, written by whoever starts it.
#[derive(Debug, Deserialize)]
pub struct Assignment {
    /// URL of the market data.
    pub market: String,
    /// URL of the order connection.
    pub orders: String,
    /// File with the body of `GET /api/v3/depth`.
    pub snapshot: PathBuf,
    /// File with an Ed25519 private key in PEM. The load does not check it.
    pub key: PathBuf,
    /// Directory for the restart epoch.
    pub state_directory: PathBuf,
    /// The waiting strategy.
    pub wait: String,
    /// The core of the trading thread.
    pub cpu: Option<usize>,
}

impl Assignment {
    /// Reads the file.
    ///
    /// # Errors
    /// Where it is not there or not right.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        Ok(serde_json::from_slice(&std::fs::read(file)?)?)
    }
}

/// Runs an engine with this strategy until it is told to stop.
///
/// # Errors
/// What went wrong, in words.
pub fn compete<S: Strategy + Send + 'static>(assignment: &Assignment, strategy: S) -> Result<(), Failure> {
    let mut engine = Engine::new(configuration(assignment)?)?;
    let trading = start_trading(&engine, assignment.cpu, strategy);
    // One after the other, so that the first order answers the first frame.
    connect_market(&mut engine, assignment)?;
    wait_for(&mut engine, NoticeKind::Synchronised)?;
    connect_orders(&mut engine, assignment)?;
    wait_for(&mut engine, NoticeKind::OrdersReady)?;
    tell(&json!({"ready": true}))?;
    let lines = standard_input();
    loop {
        while let Some(notice) = engine.notice() {
            show(&notice);
        }
        match lines.recv_timeout(NOTICE_INTERVAL).as_deref() {
            Ok("mark") => tell(&mark(&engine))?,
            Ok(_) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    engine.stop();
    trading.join().map_err(|_| "the trading thread panicked")??;
    let drive = engine.cell().attach(Driver::Main).ok_or("the trading thread still holds the engine")?;
    let summary = engine.summary(&drive);
    Ok(tell(&report(&summary, &drive))?)
}

fn configuration(assignment: &Assignment) -> Result<EngineConfig, Failure> {
    let unlimited = Quantity(i64::MAX / 4);
    let limits = RiskLimits {
        max_order_quantity: unlimited,
        max_notional: i128::MAX / 4,
        price_collar_bps: 1_000,
        max_position: unlimited,
        max_open_orders: MAX_ORDERS as u32,
        max_data_age_ns: FOREVER_NS,
    };
    std::fs::create_dir_all(&assignment.state_directory)?;
    Ok(EngineConfig {
        instruments: vec![InstrumentConfig { instrument: instrument()?, partial_depth: false, limits }],
        rates: RateLimits { max_orders_per_second: 1_000_000, venue: [None; RateLimits::VENUE_WINDOWS] },
        key: ApiKey::ed25519("bench".to_owned(), std::fs::read_to_string(&assignment.key)?, 5_000),
        wait: assignment.wait.parse()?,
        cpu: assignment.cpu,
        epoch_file: assignment.state_directory.join("epoch"),
        open_orders: OpenOrderPolicy::Cancel,
        watchdog_ns: FOREVER_NS,
        drain_ns: DRAIN_NS,
        socket: SocketOptions::default(),
        fee_rates: Vec::new(),
        book_bytes: DEFAULT_BOOK_BYTES,
    })
}

fn start_trading<S: Strategy + Send + 'static>(
    engine: &Engine,
    cpu: Option<usize>,
    mut strategy: S,
) -> JoinHandle<Result<(), Failure>> {
    let cell = Arc::clone(engine.cell());
    std::thread::spawn(move || {
        if let Some(cpu) = cpu {
            tercel_host::pin_current_thread(cpu)?;
        }
        let mut drive = cell.attach(Driver::Worker).ok_or("another thread drives this engine already")?;
        if run(&mut drive, &mut strategy) { Ok(()) } else { Err("orders were left at the end".into()) }
    })
}

fn connect_market(engine: &mut Engine, assignment: &Assignment) -> Result<(), Failure> {
    let (endpoint, socket) = (Endpoint::parse(&assignment.market)?, engine.socket().clone());
    let options = SessionOptions::default();
    let (stream, session) = open(&request(&endpoint, &socket, &options))?;
    engine.command(Command::Market(Some(Box::new(Connection::new(stream, session)))))?;
    let known = *engine.instruments().first().ok_or("no instrument")?;
    Ok(engine.command(snapshot_command(&known, &std::fs::read(&assignment.snapshot)?)?)?)
}

fn connect_orders(engine: &mut Engine, assignment: &Assignment) -> Result<(), Failure> {
    let (endpoint, socket) = (Endpoint::parse(&assignment.orders)?, engine.socket().clone());
    let (clock, key) = (Arc::clone(&engine.shared().clock), engine.key().clone());
    let options = SessionOptions::default();
    let connection = open_order_connection(&request(&endpoint, &socket, &options), &key, || clock.utc(clock.now()))?;
    engine.command(Command::Orders(Some(Box::new(connection))))?;
    let nothing = [TradesAnswer { instrument: 0, body: b"[]" }];
    let commands = account_commands(engine.instruments(), clock.now(), b"[]", &nothing)?;
    commands.into_iter().try_for_each(|command| Ok(engine.command(command)?))
}

fn request<'a>(endpoint: &'a Endpoint, socket: &'a SocketOptions, session: &'a SessionOptions) -> OpenRequest<'a> {
    OpenRequest { endpoint, socket, session, headers: &[], deadline: Instant::now() + CONNECT_TIMEOUT }
}

/// Waits until the trading thread says so.
fn wait_for(engine: &mut Engine, wanted: NoticeKind) -> Result<(), Failure> {
    let deadline = Instant::now() + CONNECT_TIMEOUT;
    while Instant::now() < deadline {
        while let Some(notice) = engine.notice() {
            if notice.kind == wanted {
                return Ok(());
            }
            show(&notice);
        }
        std::thread::sleep(NOTICE_INTERVAL);
    }
    Err(format!("the engine did not say `{}` in time", wanted.key()).into())
}

/// What is not routine goes to standard error.
fn show(notice: &Notice) {
    if !matches!(notice.kind, NoticeKind::Drained | NoticeKind::ReconcileNeeded) {
        eprintln!("{}: {}", notice.kind.key(), notice.text());
    }
}

fn mark(engine: &Engine) -> Value {
    let counters = &engine.shared().counters;
    json!({
        "messages": counters.messages.get(),
        "gaps": counters.gaps.get(),
        "malformed": counters.malformed.get(),
        "cpu_us": processor_time().as_micros() as u64,
    })
}

/// Time that this process has spent on processors, in the kernel's part and in its own.
fn processor_time() -> Duration {
    // SAFETY: `rusage` is a C struct of integers, for which all zeroes is a valid value; the call writes into it alone.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let duration =
        |time: libc::timeval| Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64);
    duration(usage.ru_utime) + duration(usage.ru_stime)
}

fn report(summary: &Summary, drive: &Drive) -> Value {
    let stages = summary.stages.iter().filter_map(|(stage, figures)| {
        let figures = figures.as_ref()?;
        Some(json!({
            "stage": stage.key(),
            "p50": figures.p50,
            "p99": figures.p99,
            "p999": figures.p999,
            "max": figures.max,
            "count": figures.count,
            "budget": stage.budget_ns(StrategyLanguage::Native),
        }))
    });
    let rejects = summary.risk_rejects.iter().map(|(reason, count)| (reason.key().to_owned(), json!(count)));
    json!({
        "messages": summary.messages,
        "book_updates": summary.book_updates,
        "gaps": summary.gaps,
        "orders": summary.orders,
        "venue_rejects": summary.venue_rejects,
        "risk_rejects": rejects.collect::<serde_json::Map<_, _>>(),
        "allocations": summary.allocations,
        "telemetry_dropped": summary.telemetry_dropped,
        "clock_read_ns": summary.clock_read_ns,
        "waiting": summary.waiting,
        "stages": stages.collect::<Vec<_>>(),
        "book": digest(drive).to_text(),
        "best": best(drive),
    })
}

/// Prices of the best bid and ask.
fn best(drive: &Drive) -> [Option<i64>; 2] {
    let quote = drive.quote(InstrumentId(0));
    [quote.and_then(|quote| quote.bid), quote.and_then(|quote| quote.ask)].map(|level| level.map(|level| level.price.0))
}

fn digest(drive: &Drive) -> Digest {
    let side = |side| {
        let mut levels = vec![Level::default(); LEVELS_MAX];
        let count = drive.depth(InstrumentId(0), side, &mut levels);
        levels.truncate(count);
        levels.into_iter()
    };
    Digest::of(side(Side::Buy), side(Side::Sell))
}
