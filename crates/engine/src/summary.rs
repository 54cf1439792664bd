//! What came of a run, in exact figures.

use tercel_clock::{LatencySummary, Stage, StageTable};
use tercel_types::{DecimalText, RejectReason};

use crate::trading_thread::TradingThread;

/// One instrument's result.
#[derive(Clone, Debug)]
pub struct InstrumentSummary {
    /// The instrument.
    pub symbol: String,
    /// What the position is counted in.
    pub base: String,
    /// What profit is counted in.
    pub quote: String,
    /// The position, exact.
    pub position: String,
    /// Profit and loss net of fees, marked at mid, exact.
    pub pnl: String,
    /// The fees in it, exact.
    pub fees: String,
    /// Fees in other assets, which no rate was given for: asset and amount.
    pub other_fees: Vec<(String, String)>,
}

/// A run's result.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Market-data messages decoded.
    pub messages: u64,
    /// Levels set or deleted in books.
    pub book_updates: u64,
    /// Gaps found.
    pub gaps: u64,
    /// Orders sent.
    pub orders: u64,
    /// Fills received.
    pub fills: u64,
    /// Requests that the venue refused.
    pub venue_rejects: u64,
    /// Orders that risk refused, by reason, those without any left out.
    pub risk_rejects: Vec<(RejectReason, u64)>,
    /// A result an instrument.
    pub instruments: Vec<InstrumentSummary>,
    /// Latency a stage; `None` where nothing was measured.
    pub stages: Vec<(Stage, Option<LatencySummary>)>,
    /// What a read of the clock costs, in nanoseconds.
    pub clock_read_ns: f64,
    /// The waiting strategy.
    pub waiting: &'static str,
    /// Allocations on the trading thread since orders became possible.
    pub allocations: u64,
    /// Frames that could not be decoded.
    pub malformed: u64,
    /// Stage records that were lost because the side thread could not keep up.
    pub telemetry_dropped: u64,
    /// Notices that were lost because the main thread could not keep up.
    pub notices_dropped: u64,
    /// Events that were lost because the strategy's queue was full.
    pub events_dropped: u64,
    /// Orders that are not confirmed gone.
    pub orders_left: u64,
}

impl Summary {
    /// Reads everything off.
    #[must_use]
    pub fn of(thread: &TradingThread, stages: &StageTable, waiting: &'static str) -> Self {
        let counters = &thread.shared().counters;
        Self {
            messages: counters.messages.get(),
            book_updates: counters.book_updates.get(),
            gaps: counters.gaps.get(),
            orders: counters.orders.get(),
            fills: counters.fills.get(),
            venue_rejects: counters.venue_rejects.get(),
            risk_rejects: risk_rejects(thread),
            instruments: instruments(thread),
            stages: stages.summaries().collect(),
            clock_read_ns: thread.shared().clock.read_cost_ns(),
            waiting,
            allocations: counters.allocations.get(),
            malformed: counters.malformed.get(),
            telemetry_dropped: counters.telemetry_dropped.get(),
            notices_dropped: counters.notices_dropped.get(),
            events_dropped: counters.events_dropped.get(),
            orders_left: thread.desk.working_orders() as u64,
        }
    }
}

fn risk_rejects(thread: &TradingThread) -> Vec<(RejectReason, u64)> {
    let counts = RejectReason::ALL.iter().zip(thread.desk.gate.counts());
    counts
        .filter(|&(&reason, &count)| reason != RejectReason::Accepted && count > 0)
        .map(|(&reason, &count)| (reason, count))
        .collect()
}

fn instruments(thread: &TradingThread) -> Vec<InstrumentSummary> {
    let pairs = thread.market.markets.iter().zip(&thread.desk.positions);
    pairs
        .map(|(market, position)| {
            let quote = market.quote().and_then(|quote| Some((quote.bid?.price, quote.ask?.price)));
            let marked = quote.and_then(|(bid, ask)| position.marked_at(bid, ask).ok());
            // Without a market there is no mark: what was realised less fees is all that can be said.
            let pnl = marked.map_or_else(
                || DecimalText::trimmed_wide(position.realised() - position.fees(), position.cash_scale()),
                |marked| marked.net_text(),
            );
            InstrumentSummary {
                symbol: market.instrument.symbol.to_string(),
                base: market.instrument.base.to_string(),
                quote: market.instrument.quote.to_string(),
                position: position.quantity_text().to_string(),
                pnl: pnl.to_string(),
                fees: DecimalText::trimmed_wide(position.fees(), position.cash_scale()).to_string(),
                other_fees: position
                    .unconverted_fees()
                    .map(|fee| (fee.asset.to_string(), fee.text().to_string()))
                    .collect(),
            }
        })
        .collect()
}
