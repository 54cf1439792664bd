//! Status and summary as JavaScript objects.

use napi_derive::napi;
use tercel_clock::StrategyLanguage;
use tercel_engine::summary as native;
use tercel_engine::{Engine, layout, publish};

/// How an engine is now.
#[napi(object)]
pub struct Status {
    /// Market-data messages decoded.
    pub messages: f64,
    /// Levels set or deleted in books.
    pub book_updates: f64,
    /// Gaps found.
    pub gaps: f64,
    /// Orders sent.
    pub orders: f64,
    /// Fills received.
    pub fills: f64,
    /// Requests that the venue refused.
    pub venue_rejects: f64,
    /// Orders that risk refused.
    pub risk_rejects: f64,
    /// Orders that have not ended.
    pub working_orders: f64,
    /// Whether orders are possible.
    pub orders_possible: bool,
    /// Whether every book is current.
    pub synchronised: bool,
    /// Allocations on the trading thread since orders became possible.
    pub allocations: f64,
    /// Whether the kill switch is on.
    pub killed: bool,
    /// Each instrument.
    pub instruments: Vec<InstrumentStatus>,
}

/// How an instrument is now. Numbers, for the eye; exact figures are in the summary.
#[napi(object)]
pub struct InstrumentStatus {
    /// Its name.
    pub symbol: String,
    /// Best bid; NaN where there is none.
    pub bid: f64,
    /// Best ask; NaN where there is none.
    pub ask: f64,
    /// Position in base units.
    pub position: f64,
    /// Profit and loss in quote units, net of fees, marked at mid.
    pub pnl: f64,
    /// Whether its data is not current.
    pub stale: bool,
    /// Its working orders.
    pub open_orders: i32,
}

/// The figures of one stage, in nanoseconds.
#[napi(object)]
pub struct StageSummary {
    /// `receive`, `decode`, `book` (a level), `strategy`, `risk`, `encode`, `send` or `whole`.
    pub stage: String,
    /// The median.
    pub p50: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The 99.9th percentile.
    pub p999: f64,
    /// The greatest.
    pub max: f64,
    /// How many were measured.
    pub count: f64,
    /// What p99 may be, where there is a budget.
    pub budget: Option<f64>,
}

/// How often something was refused.
#[napi(object)]
pub struct RejectCount {
    /// `risk` or `venue`.
    pub source: String,
    /// Which reason of risk; `venue` for the venue.
    pub reason: String,
    /// How often.
    pub count: f64,
}

/// What came of one instrument: exact decimal texts.
#[napi(object)]
pub struct PositionSummary {
    /// The instrument.
    pub symbol: String,
    /// What the position is counted in.
    pub base: String,
    /// What profit is counted in.
    pub quote: String,
    /// The position.
    pub position: String,
    /// Profit and loss, net of fees, marked at mid.
    pub pnl: String,
    /// The fees in it.
    pub fees: String,
    /// Fees in other assets that no rate is known for, such as `0.01 BNB`.
    pub other_fees: Vec<String>,
}

/// What came of a run.
#[napi(object)]
pub struct Summary {
    /// Market-data messages decoded.
    pub messages: f64,
    /// Levels set or deleted in books.
    pub book_updates: f64,
    /// Gaps found.
    pub gaps: f64,
    /// Orders sent.
    pub orders: f64,
    /// Fills received.
    pub fills: f64,
    /// What was refused, by whom and why.
    pub rejects: Vec<RejectCount>,
    /// Each instrument.
    pub positions: Vec<PositionSummary>,
    /// Each stage of which something was measured.
    pub stages: Vec<StageSummary>,
    /// What reading the clock costs, in nanoseconds.
    pub clock_read_ns: f64,
    /// The waiting strategy.
    pub waiting: String,
    /// Allocations on the trading thread since orders became possible.
    pub allocations: f64,
    /// Frames that could not be decoded.
    pub malformed: f64,
    /// Stage records that were lost.
    pub telemetry_dropped: f64,
    /// Notices that were lost.
    pub notices_dropped: f64,
    /// Events that the strategy did not get.
    pub events_dropped: f64,
    /// Orders that are not confirmed gone.
    pub orders_left: f64,
}

impl Status {
    /// Reads everything off.
    pub fn of(engine: &Engine) -> Self {
        let shared = engine.shared();
        let counters = &shared.counters;
        let instruments: Vec<InstrumentStatus> =
            engine.instruments().iter().map(|instrument| InstrumentStatus::of(engine, instrument)).collect();
        Self {
            messages: counters.messages.get() as f64,
            book_updates: counters.book_updates.get() as f64,
            gaps: counters.gaps.get() as f64,
            orders: counters.orders.get() as f64,
            fills: counters.fills.get() as f64,
            venue_rejects: counters.venue_rejects.get() as f64,
            risk_rejects: counters.risk_rejects.get() as f64,
            working_orders: counters.working_orders.get() as f64,
            orders_possible: shared.memory.i32(layout::I32_ORDERS_POSSIBLE) == 1,
            synchronised: instruments.iter().all(|instrument| !instrument.stale),
            allocations: counters.allocations.get() as f64,
            killed: shared.kill.is_engaged(),
            instruments,
        }
    }
}

impl InstrumentStatus {
    fn of(engine: &Engine, instrument: &tercel_types::Instrument) -> Self {
        let memory = &engine.shared().memory;
        let at = publish::block(instrument.id);
        let number = |field| memory.f64(at + field);
        let (bid, ask) = (number(layout::F64_BID_PRICE), number(layout::F64_ASK_PRICE));
        let position = number(layout::F64_POSITION);
        let unrealised =
            if position == 0.0 { 0.0 } else { position * ((bid + ask) / 2.0 - number(layout::F64_AVERAGE_COST)) };
        Self {
            symbol: instrument.symbol.to_string(),
            bid,
            ask,
            position,
            pnl: number(layout::F64_REALISED_PNL) + unrealised,
            stale: memory.i32(2 * at + layout::I32_STALE) == 1,
            open_orders: memory.i32(2 * at + layout::I32_OPEN_ORDERS),
        }
    }
}

impl From<native::Summary> for Summary {
    fn from(summary: native::Summary) -> Self {
        let stages = summary.stages.iter().filter_map(|(stage, figures)| {
            let figures = figures.as_ref()?;
            Some(StageSummary {
                stage: stage.key().to_owned(),
                p50: figures.p50 as f64,
                p99: figures.p99 as f64,
                p999: figures.p999 as f64,
                max: figures.max as f64,
                count: figures.count as f64,
                budget: stage.budget_ns(StrategyLanguage::TypeScript).map(|budget| budget as f64),
            })
        });
        Self {
            stages: stages.collect(),
            messages: summary.messages as f64,
            book_updates: summary.book_updates as f64,
            gaps: summary.gaps as f64,
            orders: summary.orders as f64,
            fills: summary.fills as f64,
            rejects: rejects(&summary),
            positions: summary.instruments.into_iter().map(PositionSummary::from).collect(),
            clock_read_ns: summary.clock_read_ns,
            waiting: summary.waiting.to_owned(),
            allocations: summary.allocations as f64,
            malformed: summary.malformed as f64,
            telemetry_dropped: summary.telemetry_dropped as f64,
            notices_dropped: summary.notices_dropped as f64,
            events_dropped: summary.events_dropped as f64,
            orders_left: summary.orders_left as f64,
        }
    }
}

impl From<native::InstrumentSummary> for PositionSummary {
    fn from(summary: native::InstrumentSummary) -> Self {
        Self {
            symbol: summary.symbol,
            base: summary.base,
            quote: summary.quote,
            position: summary.position,
            pnl: summary.pnl,
            fees: summary.fees,
            other_fees: summary.other_fees.into_iter().map(|(asset, amount)| format!("{amount} {asset}")).collect(),
        }
    }
}

fn rejects(summary: &native::Summary) -> Vec<RejectCount> {
    let risk = summary.risk_rejects.iter().map(|(reason, count)| RejectCount {
        source: "risk".to_owned(),
        reason: reason.key().to_owned(),
        count: *count as f64,
    });
    let venue = (summary.venue_rejects > 0).then(|| RejectCount {
        source: "venue".to_owned(),
        reason: "venue".to_owned(),
        count: summary.venue_rejects as f64,
    });
    risk.chain(venue).collect()
}
