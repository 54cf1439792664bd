//! The whole life of an order in the table, beside 0, 64 and 960 others that rest: open, acknowledge, fill in part, cancel,
//! cancelled. Each order has the best price of its side, so that its end makes the table look for the next best.
#![allow(missing_docs, reason = "criterion generates undocumented items")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tercel_execution::{ExecutionReport, Fill, NewOrder, OrderTable, ReportKind, TableConfig, Update, VenueState};
use tercel_types::{
    InstrumentId, Nanos, OrderKind, OrderStatus, Price, Quantity, Side, TimeInForce, TradeId, VenueOrderId,
};

fn order(price: i64) -> NewOrder {
    NewOrder {
        instrument: InstrumentId(0),
        side: Side::Buy,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        price: Price(price),
        quantity: Quantity(10),
    }
}

fn live_once(table: &mut OrderTable, number: u64) -> OrderStatus {
    let now = Nanos(number as i64);
    let state =
        |status, executed| VenueState { venue_order_id: VenueOrderId(number), status, executed: Quantity(executed) };
    let fill = Fill { trade_id: TradeId(number), price: Price(1_000), quantity: Quantity(4), maker: true };
    let updates = [
        Update::Acknowledged(state(OrderStatus::New, 0)),
        Update::Report(ExecutionReport {
            kind: ReportKind::Trade(fill),
            state: state(OrderStatus::PartiallyFilled, 4),
        }),
        Update::CancelSent,
        Update::CancelAcknowledged(state(OrderStatus::Canceled, 4)),
    ];
    let handle = table.open(&order(1_000), now).expect("a free slot");
    for update in &updates {
        table.apply(handle, black_box(update), now).expect("an allowed transition");
    }
    table.get(handle).map_or(OrderStatus::Unknown, |order| order.status)
}

fn order_life(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("order_life");
    for resting in [0, 64, 960] {
        let mut table = OrderTable::new(TableConfig::new(1, 1)).expect("a power of two");
        for index in 0..resting {
            table.open(&order(1 + index % 900), Nanos(0)).expect("a free slot");
        }
        let mut number = 0;
        group.bench_function(BenchmarkId::from_parameter(resting), |bencher| {
            bencher.iter(|| {
                number += 1;
                live_once(&mut table, number)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, order_life);
criterion_main!(benches);
