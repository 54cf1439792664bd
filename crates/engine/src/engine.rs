//! An engine as the cold side holds it: makes the trading thread, feeds it, and hears from it.

use std::cell::{Cell, UnsafeCell};
use std::fs::DirBuilder;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use tercel_book::LadderConfig;
use tercel_clock::Clock;
use tercel_execution::{OrderTable, Reconciliation, RestartEpoch, TableConfig};
use tercel_net::{Idle, SocketOptions, Waiter, Waker};
use tercel_position::Position;
use tercel_risk::{KillReason, KillSwitch, RiskGate};
use tercel_sync::spsc;
use tercel_types::{EventKind, Instrument};
use tercel_wire::binance::ws_api::{Authority, OrderEncoder, ResponseKind};

use crate::commands::{self, Command};
use crate::config::{ApiKey, EngineConfig, EngineError};
use crate::context::{Context, Shared};
use crate::control::{Control, Counters, Driver};
use crate::layout::{F64_START_UTC_MS, I32_INSTRUMENTS, MAX_ORDERS};
use crate::market_data::{Market, MarketData};
use crate::memory::Memory;
use crate::notices::{self, Notice};
use crate::order_desk::{DeskParts, OrderDesk};
use crate::publish;
use crate::summary::Summary;
use crate::telemetry::{self, SideThread};
use crate::trading_thread::TradingThread;

/// How many actions one reconciliation may leave to do; beyond it, it is run again.
const RECONCILIATION_ACTIONS: usize = 2 * MAX_ORDERS;

/// An engine, from the cold side.
pub struct Engine {
    cell: Arc<TradingCell>,
    shared: Arc<Shared>,
    commands: spsc::Producer<Command>,
    spent: spsc::Consumer<Command>,
    notices: spsc::Consumer<Notice>,
    side: SideThread,
    waker: Waker,
    instruments: Vec<Instrument>,
    key: ApiKey,
    socket: SocketOptions,
    wait_key: &'static str,
    /// Held for its lock: no other engine uses the same epochs meanwhile.
    _epoch: RestartEpoch,
}

/// The trading thread's state, driven by one thread at a time.
pub struct TradingCell {
    thread: UnsafeCell<TradingThread>,
    shared: Arc<Shared>,
    cpu: Option<usize>,
}

// SAFETY: the state is reached only through a `Drive`, of which there is one at a time: `Control::claim` lets one thread
// in and orders its accesses after those of the one before.
unsafe impl Sync for TradingCell {}

/// The right to drive an engine. Dropping it gives the right back.
pub struct Drive {
    cell: Arc<TradingCell>,
    /// Keeps a drive from being shared: what it leads to belongs to one thread at a time, for reading too.
    not_sync: PhantomData<Cell<()>>,
}

/// A ring to the trading thread is full: it takes nothing at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trading thread does not take commands at the moment; is it hanging?")]
pub struct CommandsFull;

impl Engine {
    /// Makes an engine; nothing runs yet but its side thread.
    ///
    /// # Errors
    /// [`EngineError`] says what is wrong with the configuration or what the system refused.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        config.validate()?;
        make_directory_of(&config.epoch_file)?;
        let (clock, calibrator) = Clock::with_calibrator();
        let clock = Arc::new(clock);
        let epoch = RestartEpoch::load_and_increment_above(&config.epoch_file, seconds_now(&clock))?;
        let shared = Arc::new(Shared {
            control: Arc::new(Control::new()),
            counters: Counters::default(),
            memory: Memory::new(),
            clock: Arc::clone(&clock),
            kill: KillSwitch::new(),
        });
        let (commands, command_consumer) = spsc::channel(commands::CAPACITY);
        let (spent_producer, spent) = spsc::channel(commands::CAPACITY);
        let (notice_producer, notices) = spsc::channel(notices::CAPACITY);
        let (record_producer, records) = spsc::channel(telemetry::CAPACITY);
        let system = |what| move |source| EngineError::System { what, source };
        let side = SideThread::start(records, Arc::clone(&shared.control), calibrator, config.watchdog_ns)
            .map_err(system("side thread"))?;
        let waiter = Waiter::new().map_err(system("epoll descriptor"))?;
        let waker = waiter.waker();

        publish_start(&config, &shared);
        let context = Context::new(Arc::clone(&shared), notice_producer, record_producer, spent_producer);
        let thread = TradingThread::new(
            MarketData::new(markets(&config)?),
            desk(&config, epoch.get(), shared.kill.clone())?,
            context,
            command_consumer,
            waiter,
            Idle::new(config.wait),
            config.drain_ns,
        );
        let instruments = config.instruments.iter().map(|config| config.instrument).collect();
        Ok(Self {
            cell: Arc::new(TradingCell {
                thread: UnsafeCell::new(thread),
                shared: Arc::clone(&shared),
                cpu: config.cpu,
            }),
            shared,
            commands,
            spent,
            notices,
            side,
            waker,
            instruments,
            key: config.key,
            socket: config.socket,
            wait_key: config.wait.key(),
            _epoch: epoch,
        })
    }

    /// What a thread attaches to in order to drive the engine.
    #[must_use]
    pub const fn cell(&self) -> &Arc<TradingCell> {
        &self.cell
    }

    /// What is shared with the trading thread.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The instruments by their index.
    #[must_use]
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// The key with which orders are sent.
    #[must_use]
    pub const fn key(&self) -> &ApiKey {
        &self.key
    }

    /// The settings of sockets.
    #[must_use]
    pub const fn socket(&self) -> &SocketOptions {
        &self.socket
    }

    /// Hands something to the trading thread.
    ///
    /// # Errors
    /// [`CommandsFull`] at the bound.
    pub fn command(&mut self, command: Command) -> Result<(), CommandsFull> {
        self.free_spent();
        self.commands.push(command).map_err(|_| CommandsFull)?;
        self.waker.wake();
        Ok(())
    }

    /// Takes the next notice, and frees what the trading thread gave back.
    pub fn notice(&mut self) -> Option<Notice> {
        self.free_spent();
        self.notices.pop()
    }

    /// Asks the trading thread to stop.
    pub fn stop(&self) {
        self.shared.control.request_stop();
        self.waker.wake();
    }

    /// Stops all trading at once: no order leaves any more, all are cancelled.
    pub fn kill(&self, reason: KillReason) {
        self.shared.kill.engage(reason);
        self.waker.wake();
    }

    /// What came of it all. Exact once nobody drives the engine any more, which is why it takes the drive.
    #[must_use]
    pub fn summary(&mut self, drive: &Drive) -> Summary {
        self.side.end();
        Summary::of(drive, &self.side.table(), self.wait_key)
    }

    fn free_spent(&mut self) {
        while self.spent.pop().is_some() {}
    }
}

impl TradingCell {
    /// Claims the engine for the calling thread, which pins itself beforehand if [`Self::cpu`] says so. `None` while another
    /// thread drives it.
    #[must_use]
    pub fn attach(self: &Arc<Self>, driver: Driver) -> Option<Drive> {
        // Before the claim, or the watchdog could find a worker with the heartbeat of long ago.
        self.shared.control.beat(self.shared.clock.now());
        if !self.shared.control.claim(driver) {
            return None;
        }
        let mut drive = Drive { cell: Arc::clone(self), not_sync: PhantomData };
        drive.change_driver();
        Some(drive)
    }

    /// The core that the trading thread is to stay on.
    #[must_use]
    pub const fn cpu(&self) -> Option<usize> {
        self.cpu
    }

    /// What is shared with the trading thread.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Deref for Drive {
    type Target = TradingThread;

    fn deref(&self) -> &TradingThread {
        // SAFETY: this is the only drive there is (see `TradingCell`), and it is borrowed.
        unsafe { &*self.cell.thread.get() }
    }
}

impl DerefMut for Drive {
    fn deref_mut(&mut self) -> &mut TradingThread {
        // SAFETY: this is the only drive there is (see `TradingCell`), and it is borrowed exclusively.
        unsafe { &mut *self.cell.thread.get() }
    }
}

impl Drive {
    /// Drives until the orders are gone or the deadline passed, for at most `steps` polls. Returns how it ended, if it
    /// did: `true` if all orders are confirmed gone.
    pub fn drain(&mut self, steps: u32) -> Option<bool> {
        for _ in 0..steps {
            if self.poll() == EventKind::Drained {
                return Some(self.event().detail == 0);
            }
        }
        None
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        self.cell.shared.control.release();
    }
}

/// UTC seconds, below which no epoch is: so neither a lost file nor a second engine's own file leads to the same ids again.
fn seconds_now(clock: &Clock) -> u32 {
    u32::try_from(clock.utc(clock.now()).millis() / 1_000).unwrap_or_default()
}

/// Makes the state directory, for its owner only.
fn make_directory_of(file: &Path) -> Result<(), EngineError> {
    let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) else { return Ok(()) };
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|source| EngineError::StateDirectory { path: directory.to_owned(), source })
}

fn publish_start(config: &EngineConfig, shared: &Shared) {
    for config in &config.instruments {
        publish::instrument(&shared.memory, &config.instrument);
    }
    publish::no_orders(&shared.memory);
    shared.memory.set_i32(I32_INSTRUMENTS, config.instruments.len() as i32);
    let start_ms = shared.clock.utc(tercel_types::Nanos(0)).millis();
    shared.memory.set_f64(F64_START_UTC_MS, start_ms as f64);
}

fn markets(config: &EngineConfig) -> Result<Vec<Market>, EngineError> {
    let markets = config.instruments.iter().map(|instrument| {
        let ladder = LadderConfig::for_budget(instrument.instrument.tick, config.book_bytes)?;
        let age_ns_max = instrument.limits.max_data_age_ns;
        Ok(Market::new(instrument.instrument, instrument.partial_depth, ladder, age_ns_max))
    });
    markets.collect()
}

fn desk(config: &EngineConfig, epoch: u32, kill: KillSwitch) -> Result<OrderDesk, EngineError> {
    let limited: Vec<_> = config.instruments.iter().map(|config| (config.instrument, config.limits)).collect();
    let instruments = || config.instruments.iter().map(|config| &config.instrument);
    Ok(OrderDesk::new(DeskParts {
        table: OrderTable::new(TableConfig { capacity: MAX_ORDERS, ..TableConfig::new(limited.len(), epoch) })?,
        gate: RiskGate::new(&limited, &config.rates, kill)?,
        positions: instruments().map(Position::new).collect(),
        fee_rates: config.fee_rates.clone(),
        reconciliation: Reconciliation::new(RECONCILIATION_ACTIONS, MAX_ORDERS),
        policy: config.open_orders,
        encoders: instruments().map(|instrument| OrderEncoder::new(instrument, ResponseKind::Ack)).collect(),
        authority: if config.key.logs_on() {
            Authority::LoggedOn
        } else {
            Authority::Signed(Box::new(config.key.credentials()?))
        },
    }))
}
