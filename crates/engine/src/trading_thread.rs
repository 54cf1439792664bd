//! The trading thread, from the top: a packet comes in, an order goes out, one step at a time.
//!
//! Whoever drives this struct is the trading thread: a Node worker between two handlers of its strategy, a native thread
//! with a [`Strategy`](crate::strategy::Strategy), or the main thread that winds up after a worker which is gone. Nothing
//! in here waits for another thread, and nothing allocates once trading has begun.

use std::sync::Arc;

use tercel_execution::{Order, OrderHandle};
use tercel_feed::BestQuote;
use tercel_net::{Idle, Waiter};
use tercel_position::Position;
use tercel_sync::spsc;
use tercel_types::{Event, EventKind, Instrument, InstrumentId, Level, Nanos, RejectReason, Side};

use crate::allocation::allocations_of_this_thread;
use crate::commands::Command;
use crate::context::{Context, Shared};
use crate::layout::{F64_NOW, MAX_DEPTH};
use crate::lifecycle::Lifecycle;
use crate::market_data::{MarketData, market_of};
use crate::notices::{MAX_TEXT, NO_INSTRUMENT, NoticeKind};
use crate::order_desk::{OrderDesk, OrderRequest};
use crate::publish;
use crate::timers::TIMERS;

/// How long a call of `poll()` goes on without an event, in nanoseconds, so that its caller gets a word in.
const POLL_NS_MAX: i64 = 2_000_000;

/// The longest a single wait may be, in nanoseconds.
const PARK_NS_MAX: i64 = 1_000_000;

/// How often ages, timeouts and queries are looked after, in nanoseconds.
const HOUSEKEEPING_NS: i64 = 1_000_000;

/// How many market frames in a row may pass before the order connection is looked at.
const MARKET_FRAMES_IN_A_ROW: u32 = 16;

/// Tokens of the two sockets with the waiter.
const MARKET_TOKEN: u8 = 0;
const ORDERS_TOKEN: u8 = 1;

/// Everything that the trading thread owns.
pub struct TradingThread {
    pub(crate) market: MarketData,
    pub(crate) desk: OrderDesk,
    pub(crate) context: Context,
    lifecycle: Lifecycle,
    event: Event,
    commands: spsc::Consumer<Command>,
    waiter: Waiter,
    idle: Idle,
    next_housekeeping: Nanos,
    market_frames: u32,
    allocations_before: Option<u64>,
}

impl TradingThread {
    pub(crate) fn new(
        market: MarketData,
        desk: OrderDesk,
        context: Context,
        commands: spsc::Consumer<Command>,
        waiter: Waiter,
        idle: Idle,
        drain_ns: i64,
    ) -> Self {
        Self {
            market,
            desk,
            lifecycle: Lifecycle::new(drain_ns),
            event: Event::new(EventKind::None, InstrumentId(0), Nanos(0)),
            context,
            commands,
            waiter,
            idle,
            next_housekeeping: Nanos(0),
            market_frames: 0,
            allocations_before: None,
        }
    }

    /// Runs until there is an event for the strategy, or for a bounded while. [`Self::event`] is the event then.
    #[inline]
    pub fn poll(&mut self) -> EventKind {
        let mut now = self.context.clock.now();
        let deadline = now.plus(POLL_NS_MAX);
        self.context.finish_packet(now);
        while now < deadline {
            self.context.shared.control.beat(now);
            if let Some(event) = self.context.events.pop() {
                return self.hand_over(event);
            }
            let busy = self.serve_sockets(now);
            self.serve_the_rest(now);
            if busy {
                self.idle.reset();
            } else if self.context.events.is_empty() {
                self.wait(now);
            }
            now = self.context.clock.now();
        }
        EventKind::None
    }

    /// Handles at most one message: of the market data, or of the order connection when there is none, and when enough
    /// of them came in a row. Returns whether there was any, so that nobody waits while frames do.
    #[inline]
    fn serve_sockets(&mut self, now: Nanos) -> bool {
        if self.market_frames < MARKET_FRAMES_IN_A_ROW {
            return self.serve_market(now) || self.serve_orders(now);
        }
        self.serve_orders(now) || self.serve_market(self.context.clock.now())
    }

    #[inline]
    fn serve_market(&mut self, now: Nanos) -> bool {
        let was_busy = self.market.step(now, &mut self.context);
        self.market_frames += u32::from(was_busy);
        was_busy
    }

    #[inline]
    fn serve_orders(&mut self, now: Nanos) -> bool {
        self.market_frames = 0;
        self.desk.step(now, &self.market.markets, &mut self.context)
    }

    /// What is not due with every packet: commands, timers, and once in a while ages and timeouts.
    #[inline]
    fn serve_the_rest(&mut self, now: Nanos) {
        if !self.commands.is_empty() {
            self.serve_commands(now);
        }
        while let Some(timer) = self.context.timers.take_due(now) {
            self.context.push_event(Event { id: timer as u64, ..Event::new(EventKind::Timer, InstrumentId(0), now) });
        }
        if now >= self.next_housekeeping {
            self.next_housekeeping = now.plus(HOUSEKEEPING_NS);
            self.housekeep(now);
        }
    }

    /// Publishes an event; from here on its time is the strategy's.
    #[inline]
    fn hand_over(&mut self, event: Event) -> EventKind {
        self.event = event;
        let now = self.context.clock.now();
        let memory = &self.context.shared.memory;
        memory.set_f64(F64_NOW, now.0 as f64);
        if let Some(market) = market_of(&self.market.markets, event.instrument) {
            publish::event(memory, &market.instrument, &event, self.context.start_utc);
        }
        self.context.packet.hand_over(now);
        if event.kind == EventKind::Stop {
            self.lifecycle.stop_was_told();
        }
        event.kind
    }

    /// Waits as the configuration says, never beyond the next timer.
    #[inline]
    fn wait(&mut self, now: Nanos) {
        let until_timer_ns = self.context.timers.next_due().since(now).clamp(0, PARK_NS_MAX);
        self.idle.idle(&mut self.waiter, until_timer_ns as u64);
    }

    #[cold]
    fn serve_commands(&mut self, now: Nanos) {
        while let Some(command) = self.commands.pop() {
            self.serve(command, now);
        }
    }

    fn serve(&mut self, mut command: Command, now: Nanos) {
        match &mut command {
            Command::Market(slot) => {
                if let Some(connection) = slot.take() {
                    self.wait_for(&connection, MARKET_TOKEN);
                    *slot = self.market.connect(connection);
                }
            }
            Command::Orders(slot) => {
                if let Some(connection) = slot.take() {
                    self.wait_for(&connection, ORDERS_TOKEN);
                    *slot = self.desk.connect(connection, now, &self.market.markets, &mut self.context);
                }
            }
            Command::Snapshot(snapshot) => self.market.apply_snapshot(snapshot, now, &mut self.context),
            Command::Account(report) => self.desk.reconcile(report, &self.market.markets, now, &mut self.context),
            Command::ClockOffset(offset_ns) => self.desk.set_clock_offset(*offset_ns),
        }
        self.context.discard(command);
    }

    fn wait_for(&mut self, connection: &crate::connection::Connection, token: u8) {
        // Without the waiter the thread only wakes late, within the bound of a wait; a socket that was closed is
        // forgotten by the kernel, so the token is free again.
        if let Err(error) = self.waiter.add(connection, token) {
            self.context.notify(NoticeKind::Warning, NO_INSTRUMENT, 0, format_args!("{error}"));
        }
    }

    #[cold]
    fn housekeep(&mut self, now: Nanos) {
        self.market.housekeep(now, &mut self.context);
        self.desk.housekeep(now, &self.market.markets, &mut self.context);
        self.lifecycle.housekeep(now, &mut self.desk, &self.market.markets, &mut self.context);
        self.count_allocations();
    }

    /// Allocations count from the first look at which orders are possible until a stop is asked for: what comes before is
    /// the start, what comes after are last words. They are the worker's own: the main thread, which may take over at the
    /// end, allocates for other purposes too.
    fn count_allocations(&mut self) {
        let allocations = allocations_of_this_thread();
        let control = &self.context.shared.control;
        match self.allocations_before {
            Some(before) if control.worker_drives() && !control.stop_requested() => {
                self.context.shared.counters.allocations.add(allocations.saturating_sub(before));
                self.allocations_before = Some(allocations);
            }
            None if self.desk.orders_possible() => self.allocations_before = Some(allocations),
            Some(_) | None => {}
        }
    }

    /// Another thread drives from here on, whose allocations are counted from a beginning of their own.
    pub(crate) const fn change_driver(&mut self) {
        self.allocations_before = None;
    }
}

/// What a strategy asks of the trading thread.
impl TradingThread {
    /// The event that the last `poll()` returned.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// An instrument by its index.
    #[must_use]
    pub fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        market_of(&self.market.markets, id).map(|market| &market.instrument)
    }

    /// The best prices of an instrument.
    #[must_use]
    pub fn quote(&self, id: InstrumentId) -> Option<BestQuote> {
        market_of(&self.market.markets, id)?.quote()
    }

    /// The position in an instrument, with its profit and loss.
    #[must_use]
    pub fn position(&self, id: InstrumentId) -> Option<&Position> {
        self.desk.positions.get(usize::from(id.0))
    }

    /// Whether an instrument's data is not current: an order would be refused.
    #[must_use]
    pub fn is_stale(&self, id: InstrumentId) -> bool {
        market_of(&self.market.markets, id).is_none_or(|market| market.is_stale(self.context.clock.now()))
    }

    /// Whether orders may leave: connected, reconciled, not stopped.
    #[must_use]
    pub fn orders_possible(&self) -> bool {
        self.desk.orders_possible() && !self.context.shared.kill.is_engaged()
    }

    /// The best levels of one side, best first, as many as fit. Returns how many.
    pub fn depth(&self, id: InstrumentId, side: Side, into: &mut [Level]) -> usize {
        market_of(&self.market.markets, id).map_or(0, |market| market.feed.book().depth(side, into))
    }

    /// Writes up to `levels` levels a side into the shared memory.
    pub fn publish_depth(&self, id: InstrumentId, levels: usize) {
        let Some(market) = market_of(&self.market.markets, id) else { return };
        let wanted = levels.min(MAX_DEPTH);
        let (mut bids, mut asks) = ([Level::default(); MAX_DEPTH], [Level::default(); MAX_DEPTH]);
        let bid_count = market.feed.book().depth(Side::Buy, &mut bids[..wanted]);
        let ask_count = market.feed.book().depth(Side::Sell, &mut asks[..wanted]);
        let update_id = market.feed.update_id().unwrap_or_default();
        let (bids, asks) = (&bids[..bid_count], &asks[..ask_count]);
        publish::depth(&self.context.shared.memory, &market.instrument, update_id, bids, asks);
    }

    /// One of the strategy's orders, while it is remembered.
    #[must_use]
    pub fn order(&self, handle: OrderHandle) -> Option<&Order> {
        self.desk.table.get(handle)
    }

    /// Checks an order and sends it.
    ///
    /// # Errors
    /// Why it was not sent.
    #[inline]
    pub fn submit(&mut self, request: &OrderRequest) -> Result<OrderHandle, RejectReason> {
        self.desk.submit(request, &self.market.markets, &mut self.context)
    }

    /// Counts a refusal of something that never became an order.
    #[cold]
    pub(crate) fn refuse(&mut self, reason: RejectReason) -> RejectReason {
        self.desk.refuse_uncounted(reason, &self.context)
    }

    /// Asks the venue to replace an order by one of another price or quantity, in one request.
    ///
    /// # Errors
    /// Why it was not sent.
    #[inline]
    pub fn replace(&mut self, order: OrderHandle, request: &OrderRequest) -> Result<OrderHandle, RejectReason> {
        self.desk.replace(order, request, &self.market.markets, &mut self.context)
    }

    /// Asks the venue to cancel an order.
    ///
    /// # Errors
    /// Why it was not sent.
    #[inline]
    pub fn cancel(&mut self, order: OrderHandle) -> Result<(), RejectReason> {
        self.desk.cancel(order, &self.market.markets, &mut self.context)
    }

    /// Cancels all orders, or those of one instrument. Returns how many cancels left.
    pub fn cancel_all(&mut self, instrument: Option<InstrumentId>) -> u32 {
        self.desk.cancel_all(instrument, &self.market.markets, &mut self.context)
    }

    /// Arms a timer to fire once after `delay_ns`; a negative delay disarms it. Ids are below 256.
    pub fn set_timer(&mut self, id: usize, delay_ns: i64) {
        let now = self.context.clock.now();
        match id {
            TIMERS.. => {}
            _ if delay_ns < 0 => self.context.timers.disarm(id),
            _ => self.context.timers.arm(id, Nanos(now.0.saturating_add(delay_ns))),
        }
    }

    /// Writes a line to the log: level 0 debug, 1 info, 2 warning, 3 error. Cut at 200 bytes.
    pub fn log(&mut self, level: i32, text: &str) {
        self.context.notify_bytes(NoticeKind::Log, NO_INSTRUMENT, level, &text.as_bytes()[..text.len().min(MAX_TEXT)]);
    }

    /// A handler failed: no order leaves any more, all are cancelled. `poll()` goes on until they are gone.
    pub fn strategy_failed(&mut self, reason: &str) {
        self.lifecycle.fail(&self.context.shared.kill);
        self.context.notify_bytes(NoticeKind::StrategyFailed, NO_INSTRUMENT, 0, reason.as_bytes());
        self.next_housekeeping = Nanos(0);
    }

    /// The block that the strategy shares.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Shared> {
        &self.context.shared
    }
}
