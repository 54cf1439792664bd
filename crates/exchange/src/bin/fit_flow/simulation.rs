//! The fitted flow through the real matching book, measured as the recording is.

use std::collections::BTreeMap;

use tercel_exchange::flow::{FlowMarket, FlowParameters, OrderFlow};
use tercel_matching::{BookShape, MatchSink, MatchingBook, Trade};
use tercel_types::{Level, Price, Quantity, Side};

use crate::measure::{Change, Measurement};

const BATCH_NS: i64 = 100_000_000;
/// Time before the measurement begins, so that the opening book has become the flow's own.
const WARM_UP_NS: i64 = 30 * 1_000_000_000;

/// Writes down what a venue would publish.
#[derive(Default)]
struct Tape {
    trades: Vec<Trade>,
    changed: BTreeMap<(u8, i64), i64>,
}

impl MatchSink for Tape {
    fn trade(&mut self, trade: &Trade) {
        self.trades.push(*trade);
    }

    fn level_changed(&mut self, side: Side, level: Level) {
        self.changed.insert((side as u8, level.price.0), level.quantity.0);
    }
}

/// Runs a market of the fitted instrument for some seconds.
pub fn run(parameters: &FlowParameters, seconds: i64, seed: u64) -> Measurement {
    let market = FlowMarket {
        tick: Price(1),
        lot: Quantity(1),
        initial_price: Price(parameters.price_ticks),
        notional_scale: 7,
        owner: u32::MAX,
    };
    let mut book = MatchingBook::new(BookShape::default()).expect("the default shape is sound");
    let mut flow = OrderFlow::new(*parameters, market, 1_000, seed);
    let mut run = Run { measurement: Measurement::default(), tape: Tape::default(), best: None };
    while flow.due_ns() < WARM_UP_NS {
        flow.act(&mut book, &mut run.tape);
    }
    run.tape = Tape::default();
    run.measurement.load(WARM_UP_NS, &everything(&book));
    let end_ns = WARM_UP_NS + seconds * 1_000_000_000;
    let mut edge_ns = WARM_UP_NS + BATCH_NS;
    while flow.due_ns() < end_ns {
        let now_ns = flow.due_ns();
        while now_ns >= edge_ns {
            run.publish_diff(edge_ns);
            edge_ns += BATCH_NS;
        }
        flow.act(&mut book, &mut run.tape);
        run.publish(now_ns, &book);
    }
    run.measurement
}

struct Run {
    measurement: Measurement,
    tape: Tape,
    best: Option<(Level, Level)>,
}

impl Run {
    fn publish(&mut self, now_ns: i64, book: &MatchingBook) {
        for trade in self.tape.trades.drain(..) {
            self.measurement.on_trade(now_ns / 1_000_000, trade.taker_side, trade.quantity.0);
        }
        let best = book.best_bid().zip(book.best_ask());
        if best != self.best
            && let Some((bid, ask)) = best
        {
            self.measurement.on_ticker(now_ns, (bid.price.0, bid.quantity.0), (ask.price.0, ask.quantity.0));
            self.best = best;
        }
    }

    /// Nothing is published for an unchanged book.
    fn publish_diff(&mut self, at_ns: i64) {
        let changed = std::mem::take(&mut self.tape.changed);
        let changes: Vec<Change> = changed
            .into_iter()
            .map(|((side, price), quantity)| Change {
                side: if side == Side::Buy as u8 { Side::Buy } else { Side::Sell },
                price,
                quantity,
            })
            .collect();
        if !changes.is_empty() {
            self.measurement.on_diff(at_ns, &changes);
        }
    }
}

fn everything(book: &MatchingBook) -> Vec<Change> {
    [Side::Buy, Side::Sell]
        .into_iter()
        .flat_map(|side| {
            book.levels(side).map(move |level| Change { side, price: level.price.0, quantity: level.quantity.0 })
        })
        .collect()
}
