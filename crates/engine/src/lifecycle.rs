//! How trading ends: by request, by the kill switch or by a strategy that failed, always with its orders confirmed gone.

use tercel_risk::{KillReason, KillSwitch};
use tercel_types::{Event, EventKind, InstrumentId, Nanos};

use crate::context::Context;
use crate::market_data::Market;
use crate::notices::{NO_INSTRUMENT, NoticeKind};
use crate::order_desk::OrderDesk;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    /// The strategy is to be told that it stops.
    Stopping,
    /// The strategy was told and may say its last words until it comes back.
    LastWords,
    /// Orders are being cancelled until they are confirmed gone, or the deadline passes.
    Draining {
        deadline: Nanos,
    },
    Drained,
}

/// Where in its life the trading thread is.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    phase: Phase,
    drain_ns: i64,
    failed: bool,
    kill_was_seen: bool,
}

impl Lifecycle {
    /// Running. A stop may take `drain_ns` to have all cancels confirmed.
    pub const fn new(drain_ns: i64) -> Self {
        Self { phase: Phase::Running, drain_ns, failed: false, kill_was_seen: false }
    }

    /// The strategy failed: no order leaves any more, and the engine stops.
    pub fn fail(&mut self, kill: &KillSwitch) {
        kill.engage(KillReason::StrategyFailed);
        self.failed = true;
    }

    /// The strategy has the event that says so.
    pub fn stop_was_told(&mut self) {
        if self.phase == Phase::Stopping {
            self.phase = Phase::LastWords;
        }
    }

    /// Moves on. Called once in a while.
    pub fn housekeep(&mut self, now: Nanos, desk: &mut OrderDesk, markets: &[Market], context: &mut Context) {
        self.obey_kill_switch(now, desk, markets, context);
        match self.phase {
            Phase::Running if self.failed || context.shared.control.stop_requested() => {
                // Where the queue is full it is told the next time.
                if context.push_event(Event::new(EventKind::Stop, InstrumentId(0), now)) {
                    self.phase = Phase::Stopping;
                }
            }
            Phase::LastWords => {
                context.shared.kill.engage(KillReason::Stopping);
                self.kill_was_seen = true;
                desk.show_orders_possible(context);
                self.phase = Phase::Draining { deadline: now.plus(self.drain_ns) };
            }
            Phase::Draining { deadline } => self.drain(deadline, now, desk, context),
            Phase::Running | Phase::Stopping | Phase::Drained => {}
        }
    }

    fn obey_kill_switch(&mut self, now: Nanos, desk: &mut OrderDesk, markets: &[Market], context: &mut Context) {
        if self.kill_was_seen {
            // Those whose cancel could not be sent or was refused, and those that turned out to work after all.
            desk.cancel_what_still_works(now, markets, context);
            return;
        }
        if let Some(reason) = context.shared.kill.reason() {
            self.kill_was_seen = true;
            desk.show_orders_possible(context);
            let sent = desk.cancel_all(None, markets, context);
            let text = format_args!("trading stopped ({reason:?}): {sent} orders are being cancelled");
            context.notify(NoticeKind::Killed, NO_INSTRUMENT, reason as i32, text);
        }
    }

    fn drain(&mut self, deadline: Nanos, now: Nanos, desk: &OrderDesk, context: &mut Context) {
        let left = desk.working_orders();
        if left > 0 && now < deadline {
            return;
        }
        let detail = u8::from(left > 0);
        if !context.push_event(Event { detail, ..Event::new(EventKind::Drained, InstrumentId(0), now) }) {
            return;
        }
        self.phase = Phase::Drained;
        let text = format_args!("{left} orders left");
        context.notify(NoticeKind::Drained, NO_INSTRUMENT, i32::try_from(left).unwrap_or(i32::MAX), text);
    }
}
