//! What every part of the trading thread needs: the clock, the shared memory, and the ways out for events and notices.

use std::fmt::Arguments;
use std::sync::Arc;

use tercel_clock::{Clock, Stage};
use tercel_sync::spsc;
use tercel_types::{Event, EventKind, InstrumentId, Nanos, UtcNanos};

use crate::commands::Command;
use crate::control::{Control, Counters};
use crate::events::EventQueue;
use crate::memory::Memory;
use crate::notices::{Notice, NoticeKind, RESERVED, StackText};
use crate::packet::Packet;
use crate::telemetry::StageRecord;
use crate::timers::Timers;

/// Shared between the trading thread, the main thread and the side thread.
#[derive(Debug)]
pub struct Shared {
    /// Steering words and the heartbeat.
    pub control: Arc<Control>,
    /// Running totals.
    pub counters: Counters,
    /// The block that the strategy reads.
    pub memory: Memory,
    /// The engine's clock.
    pub clock: Arc<Clock>,
    /// Stops all trading at once, from any thread.
    pub kill: tercel_risk::KillSwitch,
}

/// The trading thread's own surroundings.
pub(crate) struct Context {
    pub shared: Arc<Shared>,
    pub clock: Arc<Clock>,
    pub events: EventQueue,
    pub packet: Packet,
    pub timers: Timers,
    /// UTC at the clock's zero.
    pub start_utc: UtcNanos,
    notices: spsc::Producer<Notice>,
    records: spsc::Producer<StageRecord>,
    spent: spsc::Producer<Command>,
}

/// When an order was where on its way out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderTimes {
    /// The strategy asked for it.
    pub called: Nanos,
    /// Risk had accepted it.
    pub checked: Nanos,
    /// It was in the order table.
    pub recorded: Nanos,
    /// Its bytes were written.
    pub encoded: Nanos,
    /// The kernel had them.
    pub sent: Nanos,
}

impl Context {
    pub fn new(
        shared: Arc<Shared>,
        notices: spsc::Producer<Notice>,
        records: spsc::Producer<StageRecord>,
        spent: spsc::Producer<Command>,
    ) -> Self {
        Self {
            clock: Arc::clone(&shared.clock),
            start_utc: shared.clock.utc(Nanos(0)),
            shared,
            events: EventQueue::new(Event::new(EventKind::None, InstrumentId(0), Nanos(0))),
            packet: Packet::new(),
            timers: Timers::new(),
            notices,
            records,
            spent,
        }
    }

    /// Sends something back to where freeing it disturbs nobody. Where nobody takes it, it is freed here after all.
    #[cold]
    pub fn discard(&mut self, spent: Command) {
        drop(self.spent.push(spent));
    }

    /// Queues an event for the strategy; `false` where there was no room for it, which is counted.
    #[inline]
    pub fn push_event(&mut self, event: Event) -> bool {
        let is_queued = self.events.push(event);
        if !is_queued {
            self.shared.counters.events_dropped.add(1);
        }
        is_queued
    }

    /// Tells the main thread something.
    pub fn notify(&mut self, kind: NoticeKind, instrument: InstrumentId, code: i32, text: Arguments<'_>) {
        self.notify_bytes(kind, instrument, code, StackText::format(text).as_bytes());
    }

    /// Tells the main thread something that is text already.
    pub fn notify_bytes(&mut self, kind: NoticeKind, instrument: InstrumentId, code: i32, text: &[u8]) {
        let time_ms = self.clock.utc(self.clock.now()).millis();
        let has_place = kind.is_acted_on() || self.notices.free_slots() > RESERVED;
        if !has_place || self.notices.push(Notice::new(kind, instrument, code, time_ms, text)).is_err() {
            self.shared.counters.notices_dropped.add(1);
        }
    }

    /// Sends stage times to the side thread.
    #[inline]
    pub fn record(&mut self, record: StageRecord) {
        if self.records.push(record).is_err() {
            self.shared.counters.telemetry_dropped.add(1);
        }
    }

    /// Records the stages of an order that left, and its packet's way from wire to wire.
    #[inline]
    pub fn record_order(&mut self, times: &OrderTimes) {
        let OrderTimes { called, checked, recorded, encoded, sent } = *times;
        let mut record = StageRecord::EMPTY;
        record.set(Stage::Risk, checked.since(called));
        record.set(Stage::Encode, encoded.since(recorded));
        record.set(Stage::Send, sent.since(encoded));
        self.record(record);
        self.packet.order_left(sent);
        self.packet.spend_in_order_call(sent.since(called));
    }

    /// The strategy is back: the packet before is finished.
    #[inline]
    pub fn finish_packet(&mut self, now: Nanos) {
        if let Some(record) = self.packet.finish(now) {
            self.record(record);
        }
    }
}
