//! Strategies in Rust, for decisions under a microsecond: the callbacks of the TypeScript API as a trait.

use tercel_types::{Event, EventKind};

use crate::trading_thread::TradingThread;

/// A strategy that runs inside the trading thread. Handlers must return soon: nothing else happens meanwhile.
///
/// Prices and quantities are mantissas at the instrument's scales; [`Event`] says which field means what for which kind.
pub trait Strategy {
    /// Before the first event.
    fn on_start(&mut self, _engine: &mut TradingThread) {}

    /// A book or its best prices changed.
    fn on_book(&mut self, _engine: &mut TradingThread, _event: &Event) {}

    /// A public trade.
    fn on_trade(&mut self, _engine: &mut TradingThread, _event: &Event) {}

    /// One of the strategy's orders changed its state.
    fn on_order(&mut self, _engine: &mut TradingThread, _event: &Event) {}

    /// One of the strategy's orders was filled.
    fn on_fill(&mut self, _engine: &mut TradingThread, _event: &Event) {}

    /// A timer is due.
    fn on_timer(&mut self, _engine: &mut TradingThread, _event: &Event) {}

    /// An instrument's data became too old, or current again.
    fn on_stale(&mut self, _engine: &mut TradingThread, _event: &Event) {}

    /// The engine stops; orders are cancelled after this.
    fn on_stop(&mut self, _engine: &mut TradingThread) {}
}

/// Runs a strategy until the engine has stopped and its orders are gone. Returns whether all of them are confirmed gone.
pub fn run(engine: &mut TradingThread, strategy: &mut impl Strategy) -> bool {
    strategy.on_start(engine);
    loop {
        let kind = engine.poll();
        let event = *engine.event();
        match kind {
            EventKind::None => {}
            EventKind::Book => strategy.on_book(engine, &event),
            EventKind::Trade => strategy.on_trade(engine, &event),
            EventKind::Order => strategy.on_order(engine, &event),
            EventKind::Fill => strategy.on_fill(engine, &event),
            EventKind::Timer => strategy.on_timer(engine, &event),
            EventKind::Stale => strategy.on_stale(engine, &event),
            EventKind::Stop => strategy.on_stop(engine),
            EventKind::Drained => return event.detail == 0,
        }
    }
}
