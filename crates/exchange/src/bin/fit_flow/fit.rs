//! From measurements to parameters, and from differences to better parameters.

use tercel_exchange::flow::{BUCKETS, FlowParameters, QuantileTable};

use crate::measure::{Figures, Measurement};

/// Buckets up to this one lie inside the recorded snapshot, so that the number of levels in them is known.
const LAST_KNOWN_BUCKET: usize = 15;
/// How much of a difference one correction takes back.
const DAMPING: f64 = 0.5;
/// One correction changes a parameter at most by this factor.
const MAX_STEP: f64 = 1.6;
/// What the recorded spread closes and stale quotes vanish within, as a first guess: five milliseconds.
const FIRST_RESPONSE: u64 = 200;
/// Orders that were published and deleted in one diff, or only deleted: they live for a twentieth of a second.
const FLEETING_CANCEL_RATE: u64 = 20_000_000;
/// Nobody reacts within less than half a millisecond.
const MAX_RESPONSE: u64 = 2_000_000_000;
const MILLION: f64 = 1e6;

/// Parameters as far as the recording shows them directly.
pub fn initial(recorded: &Measurement) -> FlowParameters {
    let figures = recorded.figures();
    let mut jumps: Vec<i64> = recorded.moves().into_iter().map(i64::abs).filter(|&step| step > 0).collect();
    let sizes = |far: bool| {
        let behind = recorded.level_sizes.iter().filter(|size| size.0 > 0);
        table(
            &mut behind
                .filter(|size| (size.0 >= FlowParameters::FAR_BUCKET) == far)
                .map(|size| size.1)
                .collect::<Vec<_>>(),
        )
    };
    let mut parameters = FlowParameters {
        price_ticks: 6_180_000,
        lot_value: 61_800_000,
        // The share of seconds without a move tells how often a Poisson process jumps.
        jump_rate: micro(-figures.still_seconds.ln()),
        jump_ticks: table(&mut jumps),
        drift_rate: 50_000_000,
        taker_rate: micro(figures.takers),
        taker_size: table(&mut recorded.taker_sizes.clone()),
        burst_share: 300,
        touch_rate: micro(figures.touch_adds / 2.0),
        touch_size: table(&mut recorded.touch_sizes.clone()),
        touch_cancel_rate: micro(1.0),
        left_behind_cancel_rate: micro(2.0),
        improve_rate: FIRST_RESPONSE * 1_000_000,
        chase_rate: FIRST_RESPONSE * 1_000_000,
        chase_take_share: 100,
        passive_rates: [0; BUCKETS],
        passive_cancel_rates: [0; BUCKETS],
        fleeting_share: 150,
        fleeting_cancel_rate: FLEETING_CANCEL_RATE,
        opening_orders: [0; BUCKETS],
        join_share: (figures.raises * 1_000.0) as u32,
        near_size: sizes(false),
        far_size: sizes(true),
    };
    for bucket in 1..BUCKETS {
        let population = figures.population[bucket.min(LAST_KNOWN_BUCKET)].max(0.05);
        let a_side = figures.adds[bucket] / 2.0;
        parameters.passive_rates[bucket] = micro(a_side);
        // In balance as many leave as come.
        parameters.passive_cancel_rates[bucket] = micro((a_side / population).clamp(0.001, 20.0));
        parameters.opening_orders[bucket] = population.round() as u32;
    }
    parameters.opening_orders[0] = 20;
    parameters
}

/// Moves every parameter a little towards what would have made the simulation measure like the recording.
pub fn correct(parameters: &mut FlowParameters, goal: &Figures, found: &Figures) {
    scale(&mut parameters.taker_rate, goal.takers, found.takers);
    scale_share(&mut parameters.burst_share, goal.trades / goal.takers, found.trades / found.takers);
    scale_table(&mut parameters.taker_size, goal.volume, found.volume);
    scale_share(&mut parameters.fleeting_share, goal.deletes / goal.new_levels, found.deletes / found.new_levels);
    scale(&mut parameters.touch_rate, goal.tickers, found.tickers);
    scale(&mut parameters.touch_cancel_rate, found.depths[0], goal.depths[0]);
    scale(&mut parameters.left_behind_cancel_rate, found.depths[1] - found.depths[0], goal.depths[1] - goal.depths[0]);
    for rate in [&mut parameters.improve_rate, &mut parameters.chase_rate] {
        scale(rate, found.spread_mean - 1.0, goal.spread_mean - 1.0);
        *rate = (*rate).min(MAX_RESPONSE);
    }
    scale_table(&mut parameters.near_size, goal.depths[3] - goal.depths[1], found.depths[3] - found.depths[1]);
    scale_table(&mut parameters.jump_ticks, goal.second_moves, found.second_moves);
    for bucket in 1..BUCKETS {
        scale(&mut parameters.passive_rates[bucket], goal.adds[bucket], found.adds[bucket]);
        if bucket <= LAST_KNOWN_BUCKET {
            let rate = &mut parameters.passive_cancel_rates[bucket];
            scale(rate, found.population[bucket], goal.population[bucket]);
            *rate = (*rate).clamp(1_000, 20_000_000);
        }
    }
}

fn factor(wanted: f64, found: f64) -> f64 {
    let ratio = wanted.max(1e-9) / found.max(1e-9);
    ratio.powf(DAMPING).clamp(1.0 / MAX_STEP, MAX_STEP)
}

fn scale(parameter: &mut u64, wanted: f64, found: f64) {
    *parameter = ((*parameter as f64 * factor(wanted, found)) as u64).max(1);
}

/// A share of followers: one in `1 / (1 - share)` is the first.
fn scale_share(share: &mut u32, wanted: f64, found: f64) {
    let with_followers = 1.0 / (1.0 - f64::from(*share) / 1_000.0) * factor(wanted, found);
    *share = ((1.0 - 1.0 / with_followers.max(1.0)) * 1_000.0).min(900.0) as u32;
}

fn scale_table(table: &mut QuantileTable, wanted: f64, found: f64) {
    let factor = factor(wanted, found);
    for value in &mut table.0 {
        *value = (*value as f64 * factor).round() as i64;
    }
}

fn table(values: &mut [i64]) -> QuantileTable {
    values.sort_unstable();
    QuantileTable::from_sorted(values)
}

fn micro(rate: f64) -> u64 {
    (rate * MILLION) as u64
}
