//! The engine thread's loop.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::core::{AccountId, Refusal};

use super::command::{Command, Request, Served};
use super::hub::Hub;

/// How many commands may wait for the engine thread; beyond that clients hear that the server is overloaded.
pub const COMMAND_QUEUE: usize = 65_536;

/// How many commands are served before the market moves on.
const COMMANDS_IN_A_ROW: usize = 256;

/// The longest the thread sleeps.
const SLEEP_NS_MAX: i64 = 100_000_000;

/// One moment on the two clocks that matter.
#[derive(Clone, Copy, Debug)]
pub struct Instants {
    /// Nanoseconds since the exchange began.
    pub exchange_ns: i64,
    /// Milliseconds since 1970.
    pub utc_ms: i64,
}

/// What makes the market: agents or a capture.
pub trait Driver: Send {
    /// Moves the market forward and says when (in exchange time) it wants to be called again.
    fn advance(&mut self, now: Instants, hub: &mut Hub) -> i64;
    /// Serves a client's request.
    fn serve(&mut self, account: AccountId, request: Request, now: Instants, hub: &mut Hub) -> Served;
    /// How far it is.
    fn progress(&self) -> Progress;
}

/// How far the market is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Agents trade without end.
    Generated,
    /// A capture is being played: frames played, and whether it waits for somebody to subscribe or to fetch the book.
    Playing {
        /// Frames played so far.
        frames: u64,
        /// Whether it waits.
        waiting: bool,
    },
    /// A capture has been played to its end.
    Finished {
        /// Frames played.
        frames: u64,
    },
    /// A capture could not be read on.
    Failed {
        /// Frames played.
        frames: u64,
        /// Where, and why.
        reason: String,
    },
}

/// The doors' end of the channel.
#[derive(Clone)]
pub struct EngineHandle {
    commands: SyncSender<Command>,
    status: Arc<Mutex<Status>>,
}

/// What is told about the thread from outside.
#[derive(Clone, Debug)]
pub struct Status {
    /// How far the market is.
    pub progress: Progress,
    /// Connections dropped because they did not keep up.
    pub slow_consumers: u64,
    /// Requests served.
    pub requests: u64,
}

impl EngineHandle {
    /// Hands a command over.
    ///
    /// # Errors
    /// -1008 if the queue is full, -1016 if the thread has ended.
    pub fn send(&self, command: Command) -> Result<(), Refusal> {
        self.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => Refusal::OVERLOADED,
            TrySendError::Disconnected(_) => Refusal::SHUTTING_DOWN,
        })
    }

    /// Ends the thread. Waits for room in the queue, so that it is not lost.
    pub fn stop(&self) {
        // A thread that has ended already needs no telling.
        let _ = self.commands.send(Command::Stop);
    }

    /// What is told about the thread.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// Starts the thread over a driver.
///
/// # Errors
/// What the operating system says if it has no thread to give.
pub fn spawn(driver: Box<dyn Driver>) -> std::io::Result<(EngineHandle, JoinHandle<()>)> {
    let (commands, inbox) = sync_channel(COMMAND_QUEUE);
    let status = Arc::new(Mutex::new(Status { progress: driver.progress(), slow_consumers: 0, requests: 0 }));
    let handle = EngineHandle { commands, status: Arc::clone(&status) };
    let thread = std::thread::Builder::new()
        .name("exchange".to_owned())
        .spawn(move || Loop { driver, inbox, hub: Hub::default(), began: Instant::now(), requests: 0, status }.run())?;
    Ok((handle, thread))
}

struct Loop {
    driver: Box<dyn Driver>,
    inbox: Receiver<Command>,
    hub: Hub,
    began: Instant,
    requests: u64,
    status: Arc<Mutex<Status>>,
}

impl Loop {
    fn run(mut self) {
        loop {
            let due_ns = self.driver.advance(self.now(), &mut self.hub);
            self.tell_status();
            let sleep_ns = (due_ns - self.now().exchange_ns).clamp(0, SLEEP_NS_MAX);
            match self.inbox.recv_timeout(Duration::from_nanos(sleep_ns.unsigned_abs())) {
                Ok(command) => {
                    if !self.handle(command) || !self.handle_waiting() {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Serves what has queued up meanwhile; `false` if one of them says to stop.
    fn handle_waiting(&mut self) -> bool {
        for _ in 0..COMMANDS_IN_A_ROW {
            let Ok(command) = self.inbox.try_recv() else { return true };
            if !self.handle(command) {
                return false;
            }
        }
        true
    }

    fn handle(&mut self, command: Command) -> bool {
        match command {
            Command::Request { account, request, reply } => {
                let now = self.now();
                let served = self.driver.serve(account, request, now, &mut self.hub);
                self.requests += 1;
                reply.send(served);
            }
            Command::Stream(command) => self.hub.on_stream(command),
            Command::User(command) => self.hub.on_user(command),
            Command::Stop => return false,
        }
        true
    }

    fn now(&self) -> Instants {
        let utc = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instants { exchange_ns: self.began.elapsed().as_nanos() as i64, utc_ms: utc.as_millis() as i64 }
    }

    fn tell_status(&self) {
        let mut status = self.status.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        status.progress = self.driver.progress();
        status.slow_consumers = self.hub.slow_consumers;
        status.requests = self.requests;
    }
}
