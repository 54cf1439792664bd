//! Starting and stopping the exchange.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tercel_matching::{BookShape, ShapeError};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::auth::{Keys, NoRandomness};
use crate::config::{ConfigError, ExchangeConfig, ReplayConfig, build_listing};
use crate::core::{Amount, AssetId, FeeRates, Listing, Owner, Venue, VenueSetup};
use crate::doors::{Doors, WeightMeter, loopback, router};
use crate::engine::{Driver, EngineHandle, Generated, Progress, spawn};
use crate::flow::{FITTED, FlowMarket, OrderFlow};
use crate::matched::MatchedMarket;
use crate::replay::{CaptureError, Player, RecordedMarket, examine, opening_book};

/// How long open connections may take to end when the exchange stops.
const SHUTDOWN_WITHIN: Duration = Duration::from_millis(200);

/// The doors' threads.
const DOOR_THREADS: usize = 2;

/// Why an exchange does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else has the port.
    #[error("port {port} on 127.0.0.1 is in use: give another, or 0 for a free one")]
    PortInUse {
        /// Which.
        port: u16,
    },
    /// The port cannot be had for another reason.
    #[error("cannot listen on 127.0.0.1:{port}: {reason}")]
    Listen {
        /// Which.
        port: u16,
        /// What the operating system says.
        reason: std::io::Error,
    },
    /// The configuration makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A capture cannot be played.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A book cannot be made.
    #[error("the book of {symbol} cannot be made: {reason}")]
    Book {
        /// Of which symbol.
        symbol: String,
        /// Why.
        reason: ShapeError,
    },
    /// No keys can be made.
    #[error(transparent)]
    Keys(#[from] NoRandomness),
    /// No threads can be had.
    #[error("the exchange's threads cannot be started: {0}")]
    Threads(std::io::Error),
}

/// How an exchange is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeStatus {
    /// What makes the market, and how far it is.
    pub progress: Progress,
    /// Connections that were dropped because they did not keep up.
    pub slow_consumers: u64,
    /// Requests served.
    pub requests: u64,
}

/// An exchange that runs until it is stopped or dropped.
pub struct RunningExchange {
    /// The base of REST, such as `http://127.0.0.1:4000`.
    pub rest_url: String,
    /// The market streams, such as `ws://127.0.0.1:4000/stream`: as it stands for wrapped messages, with `/ws` and a
    /// stream's name appended for raw ones.
    pub streams_url: String,
    /// The WebSocket API, such as `ws://127.0.0.1:4000/ws-api/v3`.
    pub ws_api_url: String,
    /// The client's API key.
    pub api_key: String,
    /// The secret for HMAC signatures with that key.
    pub api_secret: String,
    /// The private key for Ed25519 signatures with that key, PKCS#8 in PEM.
    pub ed25519_private_key_pem: String,
    /// What is listed.
    pub symbols: Vec<String>,
    engine: EngineHandle,
    engine_thread: Option<JoinHandle<()>>,
    runtime: Option<Runtime>,
}

/// Starts an exchange in threads of its own, listening on the loopback address only.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub fn start(config: &ExchangeConfig) -> Result<RunningExchange, StartError> {
    let keys = Keys::generate()?;
    let fees = config.fees()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(DOOR_THREADS)
        .thread_name("exchange-doors")
        .enable_all()
        .build()
        .map_err(StartError::Threads)?;
    let listener = listen(&runtime, config.port)?;
    let port = listener.local_addr().map_err(|reason| StartError::Listen { port: config.port, reason })?.port();

    let (listing, driver) = match &config.replay {
        None => generated(config, fees)?,
        Some(replay) => recorded(config, replay, fees)?,
    };
    let (engine, engine_thread) = spawn(driver).map_err(StartError::Threads)?;
    let doors = Arc::new(Doors {
        engine: engine.clone(),
        listing: Arc::clone(&listing),
        keys,
        weight: WeightMeter::new(config.request_weight_per_minute),
        fees,
        order_limits: config.order_limits,
        next_user_key: AtomicU64::new(0),
    });
    let routes = router(Arc::clone(&doors));
    runtime.spawn(async move {
        let listener = listener.tap_io(|socket| {
            // Without it small answers wait for the client's acknowledgement; a socket that refuses it still works.
            let _ = socket.set_nodelay(true);
        });
        // The server runs until the runtime ends.
        let _ = axum::serve(listener, routes).await;
    });
    Ok(RunningExchange {
        rest_url: format!("http://127.0.0.1:{port}"),
        streams_url: format!("ws://127.0.0.1:{port}/stream"),
        ws_api_url: format!("ws://127.0.0.1:{port}/ws-api/v3"),
        api_key: doors.keys.api_key().to_owned(),
        api_secret: doors.keys.api_secret().to_owned(),
        ed25519_private_key_pem: doors.keys.private_key_pem().to_owned(),
        symbols: listing.symbols.iter().map(|rules| rules.name().to_string()).collect(),
        engine,
        engine_thread: Some(engine_thread),
        runtime: Some(runtime),
    })
}

type Prepared = (Arc<Listing>, Box<dyn Driver>);

/// An exchange whose market agents make.
fn generated(config: &ExchangeConfig, fees: FeeRates) -> Result<Prepared, StartError> {
    let mut listing = build_listing(&config.symbols)?;
    let balances = config.starting_balances(&mut listing)?;
    let markets = build_markets(config, &listing)?;
    let setup = setup(config, fees, listing, balances, markets);
    Ok((Arc::clone(&setup.listing), Box::new(Generated::new(Venue::new(setup)))))
}

/// An exchange that plays captures.
fn recorded(config: &ExchangeConfig, replay: &ReplayConfig, fees: FeeRates) -> Result<Prepared, StartError> {
    replay.check()?;
    let opening = examine(&replay.files)?;
    let listed = config.symbols.iter().find(|symbol| symbol.name == opening.symbol).cloned();
    let mut listing = build_listing(&[listed.unwrap_or_else(|| opening.symbol_config())])?;
    let balances = config.starting_balances(&mut listing)?;
    let book = opening_book(&opening.snapshot, &listing.symbols[0].instrument);
    let setup = setup(config, fees, listing, balances, vec![RecordedMarket::new(book)]);
    let listing = Arc::clone(&setup.listing);
    Ok((listing, Box::new(Player::new(Venue::new(setup), &replay.files, replay.speed))))
}

fn setup<M>(
    config: &ExchangeConfig,
    fees: FeeRates,
    listing: Listing,
    balances: Vec<(AssetId, Amount)>,
    markets: Vec<M>,
) -> VenueSetup<M> {
    let order_limits = config.order_limits;
    VenueSetup { listing: Arc::new(listing), markets, accounts: vec![balances], fees, order_limits }
}

/// One book a symbol, each with its own agents, which the exchange's seed and the symbol's place decide.
fn build_markets(config: &ExchangeConfig, listing: &Listing) -> Result<Vec<MatchedMarket>, StartError> {
    let rate_per_mille = config.flow_rate_per_mille()?;
    let mut markets = Vec::with_capacity(listing.symbols.len());
    for (index, (rules, symbol)) in listing.symbols.iter().zip(&config.symbols).enumerate() {
        let instrument = &rules.instrument;
        let flow_market = FlowMarket {
            tick: instrument.tick,
            lot: instrument.lot,
            initial_price: symbol.initial_price(instrument)?,
            notional_scale: instrument.notional_scale(),
            owner: Owner::FLOW.0,
        };
        let seed = config.seed.wrapping_add(index as u64);
        let flow = (rate_per_mille > 0).then(|| OrderFlow::new(FITTED, flow_market, rate_per_mille, seed));
        let shape = BookShape { tick: instrument.tick, ..BookShape::default() };
        let market = MatchedMarket::new(shape, flow)
            .map_err(|reason| StartError::Book { symbol: rules.name().to_string(), reason })?;
        markets.push(market);
    }
    Ok(markets)
}

fn listen(runtime: &Runtime, port: u16) -> Result<TcpListener, StartError> {
    runtime.block_on(TcpListener::bind(loopback(port))).map_err(|reason| match reason.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse { port },
        _ => StartError::Listen { port, reason },
    })
}

impl RunningExchange {
    /// How it is doing.
    #[must_use]
    pub fn status(&self) -> ExchangeStatus {
        let status = self.engine.status();
        ExchangeStatus { progress: status.progress, slow_consumers: status.slow_consumers, requests: status.requests }
    }

    /// Ends the exchange and waits until its threads are gone. Does nothing the second time.
    pub fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(SHUTDOWN_WITHIN);
        }
        self.engine.stop();
        if let Some(thread) = self.engine_thread.take() {
            // A panic of the engine thread has been printed by the runtime; there is nothing to add.
            let _ = thread.join();
        }
    }
}

impl Drop for RunningExchange {
    fn drop(&mut self) {
        self.stop();
    }
}
