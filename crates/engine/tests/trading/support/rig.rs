//! Engine and venue together, with the steps that most tests take.

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tercel_engine::commands::Command;
use tercel_engine::connect::{OpenRequest, open};
use tercel_engine::connection::Connection;
use tercel_engine::control::Driver;
use tercel_engine::logon::open_order_connection;
use tercel_engine::notices::{Notice, NoticeKind};
use tercel_engine::rest_answers::{TradesAnswer, account_commands, snapshot_command};
use tercel_engine::summary::Summary;
use tercel_engine::{Drive, Engine, EngineConfig, OrderRequest};
use tercel_execution::OrderHandle;
use tercel_net::Endpoint;
use tercel_session::SessionOptions;
use tercel_types::{Event, EventKind, InstrumentId, Nanos, OrderStatus};

use super::venue::listen;
use super::{Line, PATIENCE, Request, ack, config, snapshot};

/// The best bid of the book that a rig starts with, in cents.
const BID: (&str, &str) = ("60000.00000000", "1.00000000");

/// The best ask of that book.
const ASK: (&str, &str) = ("60000.10000000", "2.00000000");

/// An engine, the venue's ends of its sockets, and what the engine had to say so far.
pub struct Rig {
    /// The engine from the cold side.
    pub engine: Engine,
    /// The right to drive it; the test's thread is the trading thread.
    pub drive: Option<Drive>,
    /// The venue's end of the market data.
    pub market: Line,
    /// The venue's end of the order connection.
    pub orders: Line,
    market_door: (TcpListener, SocketAddr),
    order_door: (TcpListener, SocketAddr),
    events: VecDeque<Event>,
    notices: VecDeque<Notice>,
    state_directory: PathBuf,
}

impl Rig {
    /// A rig with a synchronised book (60,000.00 to 60,000.10, update 100) on which orders are possible.
    pub fn trading() -> Self {
        Self::trading_with(|_| {})
    }

    /// The same with changes to the configuration.
    pub fn trading_with(change: impl FnOnce(&mut EngineConfig)) -> Self {
        let mut rig = Self::connected_with(change);
        rig.synchronise();
        rig.reconcile("[]", "[]");
        rig.expect_notice(NoticeKind::OrdersReady);
        rig
    }

    /// Both connections are there; there is no book yet and nothing is reconciled.
    pub fn connected() -> Self {
        Self::connected_with(|_| {})
    }

    /// The same with changes to the configuration.
    pub fn connected_with(change: impl FnOnce(&mut EngineConfig)) -> Self {
        let mut config = config();
        change(&mut config);
        let state_directory = config.epoch_file.parent().unwrap().to_owned();
        let mut engine = Engine::new(config).unwrap();
        let (market_door, order_door) = (listen(), listen());
        let drive = engine.cell().attach(Driver::Worker);
        let market = connect_market(&mut engine, &market_door);
        let orders = connect_orders(&mut engine, &order_door);
        let (events, notices) = (VecDeque::new(), VecDeque::new());
        Self { engine, drive, market, orders, market_door, order_door, events, notices, state_directory }
    }

    /// The drive, which the test has not given up.
    pub fn drive(&mut self) -> &mut Drive {
        self.drive.as_mut().expect("the drive was given up")
    }

    /// Another market connection, as the main thread makes it after a loss.
    pub fn reconnect_market(&mut self) {
        self.market = connect_market(&mut self.engine, &self.market_door);
    }

    /// Another order connection. It has yet to be reconciled.
    pub fn reconnect_orders(&mut self) {
        self.orders = connect_orders(&mut self.engine, &self.order_door);
    }

    /// Brings the book to update 100.
    pub fn synchronise(&mut self) {
        self.market.send(&super::diff(100, 100, &[], &[]));
        self.expect_notice(NoticeKind::SnapshotNeeded);
        self.apply_snapshot(&snapshot(99, &[BID], &[ASK]));
        self.expect_notice(NoticeKind::Synchronised);
    }

    /// Hands over the body of a depth snapshot.
    pub fn apply_snapshot(&mut self, body: &str) {
        let instrument = self.engine.instruments()[0];
        self.engine.command(snapshot_command(&instrument, body.as_bytes()).unwrap()).unwrap();
    }

    /// Hands over open orders and trades that were asked for just now.
    pub fn reconcile(&mut self, open_orders: &str, trades: &str) {
        let asked = self.engine.shared().clock.now();
        self.reconcile_as_of(asked, open_orders, trades);
    }

    /// Hands over open orders and trades that were asked for at a time.
    pub fn reconcile_as_of(&mut self, asked: Nanos, open_orders: &str, trades: &str) {
        let trades = [TradesAnswer { instrument: 0, body: trades.as_bytes() }];
        let commands = account_commands(self.engine.instruments(), asked, open_orders.as_bytes(), &trades).unwrap();
        for command in commands {
            self.engine.command(command).unwrap();
        }
    }

    /// One look at everything: an event, if there was one, and all notices.
    pub fn step(&mut self) -> Option<Event> {
        let drive = self.drive();
        let event = (drive.poll() != EventKind::None).then(|| *drive.event());
        self.events.extend(event);
        while let Some(notice) = self.engine.notice() {
            self.notices.push_back(notice);
        }
        event
    }

    /// Steps until `look` finds what the test waits for.
    pub fn until<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "waited in vain for {what}; notices: {:?}", self.texts());
            self.step();
        }
    }

    /// The next event that `is_wanted`; those before it are forgotten.
    pub fn expect_event(&mut self, what: &str, is_wanted: impl Fn(&Event) -> bool) -> Event {
        self.until(what, |rig| {
            while let Some(event) = rig.events.pop_front() {
                if is_wanted(&event) {
                    return Some(event);
                }
            }
            None
        })
    }

    /// The next event of a kind.
    pub fn expect_kind(&mut self, kind: EventKind) -> Event {
        self.expect_event(&format!("{kind:?}"), |event| event.kind == kind)
    }

    /// The next notice of a kind; others stay for later.
    pub fn expect_notice(&mut self, kind: NoticeKind) -> Notice {
        self.until(&format!("{kind:?}"), |rig| {
            let at = rig.notices.iter().position(|notice| notice.kind == kind)?;
            rig.notices.remove(at)
        })
    }

    /// Waits until the strategy is told that an order is in a state.
    pub fn expect_status(&mut self, order: OrderHandle, status: OrderStatus) -> Event {
        self.expect_event(&format!("{order:?} to be {status:?}"), |event| {
            event.kind == EventKind::Order && event.order == order.code() && event.detail == status as u8
        })
    }

    /// Lets the engine handle all that the venue has sent on the order connection: an announcement comes after it.
    pub fn hear_orders(&mut self) {
        self.orders.send(r#"{"subscriptionId":null,"event":{"e":"serverShutdown","E":1723161255342}}"#);
        self.expect_notice(NoticeKind::VenueShutdown);
    }

    /// The next request that the engine sends by itself.
    pub fn next_request(&mut self) -> Request {
        self.until("a request", |rig| rig.orders.has_request().then(|| rig.orders.request()))
    }

    /// Whether a notice of this kind is among those that no test has looked at.
    pub fn has_notice(&self, kind: NoticeKind) -> bool {
        self.notices.iter().any(|notice| notice.kind == kind)
    }

    /// Sends an order, which must be accepted, and reads what the venue gets.
    pub fn place(&mut self, request: &OrderRequest) -> (OrderHandle, Request) {
        let handle = self.drive().submit(request).unwrap();
        let request = self.orders.request();
        assert!(request.has("newClientOrderId"), "{request:?}");
        (handle, request)
    }

    /// An order that the venue has acknowledged under this id.
    pub fn place_working(&mut self, request: &OrderRequest, order_id: u64) -> (OrderHandle, Request) {
        let (handle, placed) = self.place(request);
        self.orders.send(&ack(&placed, order_id));
        self.expect_status(handle, OrderStatus::New);
        (handle, placed)
    }

    /// An order's status.
    pub fn status(&mut self, order: OrderHandle) -> OrderStatus {
        self.drive().order(order).expect("the order is remembered").status
    }

    /// A number of an instrument's block in the shared memory.
    pub fn number(&self, field: usize) -> f64 {
        let block = tercel_engine::publish::block(InstrumentId(0));
        self.engine.shared().memory.f64(block + field)
    }

    /// Exact figures.
    pub fn summary(&mut self) -> Summary {
        let drive = self.drive.as_ref().expect("the drive was given up");
        self.engine.summary(drive)
    }

    /// Everything that the engine said and no test has looked at.
    pub fn texts(&self) -> Vec<String> {
        self.notices.iter().map(|notice| format!("{}: {}", notice.kind.key(), notice.text())).collect()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // A directory that stays behind disturbs nobody.
        let _ = std::fs::remove_dir_all(&self.state_directory);
    }
}

fn connect_market(engine: &mut Engine, (listener, address): &(TcpListener, SocketAddr)) -> Line {
    let (socket, session) = (engine.socket().clone(), SessionOptions::default());
    let endpoint = Endpoint::parse(&format!("tcp://{address}")).unwrap();
    let request =
        OpenRequest { endpoint: &endpoint, socket: &socket, session: &session, headers: &[], deadline: deadline() };
    let (stream, session) = open(&request).unwrap();
    engine.command(Command::Market(Some(Box::new(Connection::new(stream, session))))).unwrap();
    Line::accept(listener)
}

fn connect_orders(engine: &mut Engine, (listener, address): &(TcpListener, SocketAddr)) -> Line {
    let (socket, session) = (engine.socket().clone(), SessionOptions::default());
    let endpoint = Endpoint::parse(&format!("tcp://{address}")).unwrap();
    let (clock, key) = (Arc::clone(&engine.shared().clock), engine.key().clone());
    let (connection, line) = std::thread::scope(|scope| {
        let venue = scope.spawn(|| {
            let mut line = Line::accept(listener);
            for _ in 0..if key.logs_on() { 2 } else { 1 } {
                line.accept_session();
            }
            line
        });
        let request =
            OpenRequest { endpoint: &endpoint, socket: &socket, session: &session, headers: &[], deadline: deadline() };
        let connection = open_order_connection(&request, &key, || clock.utc(clock.now())).unwrap();
        (connection, venue.join().unwrap())
    });
    engine.command(Command::Orders(Some(Box::new(connection)))).unwrap();
    line
}

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}
