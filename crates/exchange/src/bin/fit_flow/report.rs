//! The fitted constants as Rust, the comparison as a page of the manual.

use std::fmt::Write as _;

use tercel_exchange::flow::{FlowParameters, QuantileTable};

use crate::measure::{DEPTHS, Figures};

/// The source of `flow/fitted.rs`.
pub fn constants(parameters: &FlowParameters) -> String {
    format!(
        "//! The rates and sizes of a recorded market, written by `fit_flow`. Do not edit: run the program again.

use super::{{FlowParameters, QuantileTable}};

/// Binance spot BTCUSDT on 8 August 2024, eleven minutes from 23:54 UTC on.
#[rustfmt::skip]
pub const FITTED: FlowParameters = FlowParameters {{
    price_ticks: {},
    lot_value: {},
    jump_rate: {},
    jump_ticks: {},
    drift_rate: {},
    taker_rate: {},
    taker_size: {},
    burst_share: {},
    touch_rate: {},
    touch_size: {},
    touch_cancel_rate: {},
    left_behind_cancel_rate: {},
    improve_rate: {},
    chase_rate: {},
    chase_take_share: {},
    passive_rates: {:?},
    passive_cancel_rates: {:?},
    fleeting_share: {},
    fleeting_cancel_rate: {},
    opening_orders: {:?},
    join_share: {},
    near_size: {},
    far_size: {},
}};
",
        parameters.price_ticks,
        parameters.lot_value,
        parameters.jump_rate,
        table(&parameters.jump_ticks),
        parameters.drift_rate,
        parameters.taker_rate,
        table(&parameters.taker_size),
        parameters.burst_share,
        parameters.touch_rate,
        table(&parameters.touch_size),
        parameters.touch_cancel_rate,
        parameters.left_behind_cancel_rate,
        parameters.improve_rate,
        parameters.chase_rate,
        parameters.chase_take_share,
        parameters.passive_rates,
        parameters.passive_cancel_rates,
        parameters.fleeting_share,
        parameters.fleeting_cancel_rate,
        parameters.opening_orders,
        parameters.join_share,
        table(&parameters.near_size),
        table(&parameters.far_size),
    )
}

/// The page docs/order-flow.md.
pub fn document(recorded: &Figures, simulated: &Figures, long: &Figures) -> String {
    let mut text = String::from(HEAD);
    for (name, figure) in rows() {
        let (recorded, simulated, long) = (figure(recorded), figure(simulated), figure(long));
        let ratio = if recorded == 0.0 { 0.0 } else { simulated / recorded };
        // Writing to a string does not fail.
        let _ =
            writeln!(text, "| {name} | {} | {} | {ratio:.2} | {} |", number(recorded), number(simulated), number(long));
    }
    text.push_str(TAIL);
    text
}

type Row = (String, Box<dyn Fn(&Figures) -> f64>);

fn rows() -> Vec<Row> {
    const LOT: f64 = 1e-5;
    let mut rows: Vec<Row> = vec![
        ("seconds".into(), Box::new(|figures| figures.seconds)),
        ("trades a second".into(), Box::new(|figures| figures.trades)),
        ("takers a second (trades of a side in a millisecond)".into(), Box::new(|figures| figures.takers)),
        ("volume a second, BTC".into(), Box::new(|figures| figures.volume * LOT)),
        ("trade size, median, BTC".into(), Box::new(|figures| figures.trade_size[0] * LOT)),
        ("trade size, 90 %, BTC".into(), Box::new(|figures| figures.trade_size[1] * LOT)),
        ("trade size, 99 %, BTC".into(), Box::new(|figures| figures.trade_size[2] * LOT)),
        ("bookTicker messages a second".into(), Box::new(|figures| figures.tickers)),
        ("best prices that change a second".into(), Box::new(|figures| figures.price_changes)),
        ("growth of a best level a second".into(), Box::new(|figures| figures.touch_adds)),
        ("shrinkage of a best level a second".into(), Box::new(|figures| figures.touch_cancels)),
        ("diffs a second".into(), Box::new(|figures| figures.diffs)),
        ("level updates a second".into(), Box::new(|figures| figures.updates)),
        ("of these deletions".into(), Box::new(|figures| figures.deletes)),
        ("of these new levels".into(), Box::new(|figures| figures.new_levels)),
        ("spread of one tick, share of time".into(), Box::new(|figures| figures.spread_one_tick)),
        ("spread, mean over time, ticks".into(), Box::new(|figures| figures.spread_mean)),
    ];
    for (index, depth) in DEPTHS.into_iter().enumerate() {
        let name = format!("depth of {depth} level{}, a side, BTC", if depth == 1 { "" } else { "s" });
        rows.push((name, Box::new(move |figures| figures.depths[index] * LOT)));
    }
    rows.push(("levels within 163 USDT, a side".into(), Box::new(|figures| figures.population[..15].iter().sum())));
    rows.push(("move in a second, root mean square, ticks".into(), Box::new(|figures| figures.second_moves)));
    rows.push(("seconds without a move".into(), Box::new(|figures| figures.still_seconds)));
    rows.push(("range of the middle, ticks".into(), Box::new(|figures| figures.range)));
    rows
}

fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1_000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.3}"),
        _ => format!("{value:.5}"),
    }
}

fn table(table: &QuantileTable) -> String {
    format!("QuantileTable({:?})", table.0)
}

const HEAD: &str = include_str!("page_head.md");
const TAIL: &str = include_str!("page_tail.md");
