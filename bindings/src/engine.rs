//! The engine as the main thread sees it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use napi::bindgen_prelude::{AsyncTask, Env, Result, Task, Uint8Array};
use napi_derive::napi;
use tercel_engine::commands::Command;
use tercel_engine::connect::{OpenRequest, open};
use tercel_engine::connection::Connection;
use tercel_engine::control::Driver;
use tercel_engine::logon::open_order_connection;
use tercel_engine::rest_answers::{TradesAnswer, account_commands, snapshot_command};
use tercel_engine::{ApiKey, Drive, Engine as Native, TradingCell};
use tercel_net::{Endpoint, SocketOptions};
use tercel_risk::KillReason;
use tercel_session::SessionOptions;
use tercel_types::{Nanos, UtcNanos};

use crate::account::NativeConfig;
use crate::failure;
use crate::notice::Notice;
use crate::summary::{Status, Summary};

/// How many steps one call of `drainStep` may take between two looks at the clock.
const DRAIN_STEPS: u32 = 16;

/// Where workers find the engine that they are to attach to.
static CELLS: LazyLock<Mutex<HashMap<u32, Arc<TradingCell>>>> = LazyLock::new(Mutex::default);

/// Counts engines of this process.
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

fn cells() -> MutexGuard<'static, HashMap<u32, Arc<TradingCell>>> {
    // The map is whole after every call, so one that a panic left behind is still good.
    CELLS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The engine with this id.
pub fn cell_of(id: u32) -> Result<Arc<TradingCell>> {
    cells().get(&id).cloned().ok_or_else(|| failure(format_args!("there is no engine {id} in this process")))
}

/// The main thread's end of an engine.
///
/// Every method takes `&self`: a connection under way keeps the object borrowed until its promise settles, and the engine
/// has to be looked after meanwhile. Only the main thread has it, and no method calls back into JavaScript.
#[napi]
pub struct Engine {
    id: u32,
    state: RefCell<State>,
}

/// What changes in an engine's life.
struct State {
    native: Option<Native>,
    drive: Option<Drive>,
    clock_offset_ns: i64,
    hung_was_told: bool,
}

/// Body of `GET /api/v3/myTrades` for one instrument.
#[napi(object)]
pub struct TradesBody {
    /// Index of the instrument.
    pub instrument: u32,
    /// The body.
    pub body: Uint8Array,
}

#[napi]
impl Engine {
    /// Makes an engine. Nothing trades until a worker attaches.
    #[napi(constructor)]
    pub fn new(config: NativeConfig) -> Result<Self> {
        let native = Native::new(config.into_engine_config()?).map_err(failure)?;
        // Relaxed: only the number matters.
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        cells().insert(id, Arc::clone(native.cell()));
        let state = State { native: Some(native), drive: None, clock_offset_ns: 0, hung_was_told: false };
        Ok(Self { id, state: RefCell::new(state) })
    }

    /// What a worker attaches to.
    #[napi(getter)]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Nanoseconds since the engine started.
    #[napi]
    pub fn now(&self) -> Result<f64> {
        Ok(self.state.borrow().native()?.shared().clock.now().0 as f64)
    }

    /// Connects in a pool thread. The URL carries the subscriptions (`/stream?streams=a/b`). Rejects with the reason.
    /// Hand the result to `useMarket`.
    #[napi(ts_return_type = "Promise<ReadyConnection>")]
    pub fn connect_market(&self, url: String, timeout_ms: u32) -> Result<AsyncTask<ConnectTask>> {
        self.connect(&url, timeout_ms, None)
    }

    /// Connects in a pool thread, logs on and subscribes to the account's events. Rejects with the reason. Hand the result
    /// to `useOrders`.
    #[napi(ts_return_type = "Promise<ReadyConnection>")]
    pub fn connect_orders(&self, url: String, timeout_ms: u32) -> Result<AsyncTask<ConnectTask>> {
        let logon = {
            let state = self.state.borrow();
            let native = state.native()?;
            let clock = Arc::clone(&native.shared().clock);
            let offset_ns = state.clock_offset_ns;
            Logon { key: native.key().clone(), utc: Box::new(move || UtcNanos(clock.utc(clock.now()).0 + offset_ns)) }
        };
        self.connect(&url, timeout_ms, Some(logon))
    }

    /// Hands a market-data connection to the trading thread.
    #[napi]
    pub fn use_market(&self, connection: &mut ReadyConnection) -> Result<()> {
        let connection = connection.take()?;
        self.state.borrow_mut().native_mut()?.command(Command::Market(Some(connection))).map_err(failure)
    }

    /// Hands an order connection to the trading thread. Orders are possible after `reconcile`.
    #[napi]
    pub fn use_orders(&self, connection: &mut ReadyConnection) -> Result<()> {
        let connection = connection.take()?;
        self.state.borrow_mut().native_mut()?.command(Command::Orders(Some(connection))).map_err(failure)
    }

    /// Takes what the trading thread had to say since the last call.
    #[napi]
    pub fn notices(&self) -> Result<Vec<Notice>> {
        let mut state = self.state.borrow_mut();
        let hung_was_told = state.hung_was_told;
        let native = state.native_mut()?;
        let mut notices: Vec<Notice> = std::iter::from_fn(|| native.notice()).map(Notice::from).collect();
        if native.shared().control.is_hung() && !hung_was_told {
            native.kill(KillReason::StrategyHung);
            notices.push(Notice::hung());
            state.hung_was_told = true;
        }
        Ok(notices)
    }

    /// Hands over the body of `GET /api/v3/depth`.
    #[napi]
    pub fn apply_snapshot(&self, instrument: u32, body: Uint8Array) -> Result<()> {
        let mut state = self.state.borrow_mut();
        let native = state.native_mut()?;
        let known = native.instruments().get(instrument as usize).copied();
        let known = known.ok_or_else(|| failure(format_args!("there is no instrument {instrument}")))?;
        let command = snapshot_command(&known, &body).map_err(failure)?;
        native.command(command).map_err(failure)
    }

    /// Hands over the bodies of `GET /api/v3/openOrders` and of `GET /api/v3/myTrades` an instrument. `asked` is what
    /// `now()` was before they were asked for.
    #[napi]
    pub fn reconcile(&self, asked: f64, open_orders: Uint8Array, trades: Vec<TradesBody>) -> Result<()> {
        let mut state = self.state.borrow_mut();
        let native = state.native_mut()?;
        let answers: Vec<TradesAnswer<'_>> = trades
            .iter()
            .map(|trades| TradesAnswer { instrument: trades.instrument as usize, body: &trades.body })
            .collect();
        let commands =
            account_commands(native.instruments(), Nanos(asked as i64), &open_orders, &answers).map_err(failure)?;
        commands.into_iter().try_for_each(|command| native.command(command).map_err(failure))
    }

    /// Sets the venue's clock minus ours, in milliseconds.
    #[napi]
    pub fn set_clock_offset(&self, offset_ms: f64) -> Result<()> {
        let mut state = self.state.borrow_mut();
        state.clock_offset_ns = (offset_ms * 1e6) as i64;
        let offset_ns = state.clock_offset_ns;
        state.native_mut()?.command(Command::ClockOffset(offset_ns)).map_err(failure)
    }

    /// How it is now. The figures are of slightly different ages.
    #[napi]
    pub fn status(&self) -> Result<Status> {
        Ok(Status::of(self.state.borrow().native()?))
    }

    /// Asks the trading thread to stop: `poll()` returns Stop, then Drained when the orders are gone.
    #[napi]
    pub fn stop(&self) -> Result<()> {
        self.state.borrow().native()?.stop();
        Ok(())
    }

    /// Sets the kill switch: no order leaves any more, all are cancelled.
    #[napi]
    pub fn kill(&self) -> Result<()> {
        self.state.borrow().native()?.kill(KillReason::Operator);
        Ok(())
    }

    /// Makes this thread the one that drives the engine, after the worker ended. False while the worker still holds it.
    #[napi]
    pub fn take_over(&self) -> Result<bool> {
        let mut state = self.state.borrow_mut();
        if state.drive.is_none() {
            state.drive = state.native()?.cell().attach(Driver::Main);
        }
        Ok(state.drive.is_some())
    }

    /// Drives the engine for at most `max_ms` to cancel and confirm, after `takeOver`. 0 not done yet, 1 drained, 2 the
    /// deadline passed with orders left.
    #[napi(catch_unwind)]
    pub fn drain_step(&self, max_ms: u32) -> Result<u32> {
        let mut state = self.state.borrow_mut();
        let drive = state.drive.as_mut().ok_or_else(|| failure("call takeOver() first"))?;
        let end = Instant::now() + Duration::from_millis(u64::from(max_ms));
        while Instant::now() < end {
            if let Some(gone) = drive.drain(DRAIN_STEPS) {
                return Ok(if gone { 1 } else { 2 });
            }
        }
        Ok(0)
    }

    /// Exact figures, after `takeOver`.
    #[napi]
    pub fn summary(&self) -> Result<Summary> {
        let mut state = self.state.borrow_mut();
        let State { native, drive, .. } = &mut *state;
        let drive = drive.as_ref().ok_or_else(|| failure("call takeOver() first"))?;
        let native = native.as_mut().ok_or_else(closed)?;
        Ok(native.summary(drive).into())
    }

    /// Ends the side thread and frees everything.
    #[napi]
    pub fn close(&self) {
        cells().remove(&self.id);
        let mut state = self.state.borrow_mut();
        state.drive = None;
        state.native = None;
    }

    fn connect(&self, url: &str, timeout_ms: u32, logon: Option<Logon>) -> Result<AsyncTask<ConnectTask>> {
        Ok(AsyncTask::new(ConnectTask {
            endpoint: Endpoint::parse(url).map_err(failure)?,
            socket: self.state.borrow().native()?.socket().clone(),
            timeout: Duration::from_millis(u64::from(timeout_ms)),
            logon,
        }))
    }
}

impl State {
    fn native(&self) -> Result<&Native> {
        self.native.as_ref().ok_or_else(closed)
    }

    fn native_mut(&mut self) -> Result<&mut Native> {
        self.native.as_mut().ok_or_else(closed)
    }
}

fn closed() -> napi::Error {
    failure("this engine was closed")
}

/// A connection whose handshake is done, on its way to the trading thread.
#[napi]
pub struct ReadyConnection {
    connection: Option<Box<Connection>>,
}

impl ReadyConnection {
    fn take(&mut self) -> Result<Box<Connection>> {
        self.connection.take().ok_or_else(|| failure("this connection is in use already"))
    }
}

/// What an order connection needs beyond a market-data connection.
struct Logon {
    key: ApiKey,
    utc: Box<dyn Fn() -> UtcNanos + Send>,
}

/// Connecting in a pool thread.
pub struct ConnectTask {
    endpoint: Endpoint,
    socket: SocketOptions,
    timeout: Duration,
    logon: Option<Logon>,
}

impl Task for ConnectTask {
    type Output = Connection;
    type JsValue = ReadyConnection;

    fn compute(&mut self) -> Result<Connection> {
        let request = OpenRequest {
            endpoint: &self.endpoint,
            socket: &self.socket,
            session: &SessionOptions::default(),
            headers: &[],
            deadline: Instant::now() + self.timeout,
        };
        match &self.logon {
            Some(logon) => open_order_connection(&request, &logon.key, &logon.utc).map_err(failure),
            None => {
                let (stream, session) = open(&request).map_err(failure)?;
                Ok(Connection::new(stream, session))
            }
        }
    }

    fn resolve(&mut self, _env: Env, connection: Connection) -> Result<ReadyConnection> {
        Ok(ReadyConnection { connection: Some(Box::new(connection)) })
    }
}
