//! What is measured of a market, recorded or simulated, from its public messages alone.

use std::collections::BTreeMap;

use tercel_exchange::flow::{BUCKETS, bucket_of};
use tercel_types::Side;

/// Depths at which the book's quantity is measured, in levels.
pub const DEPTHS: [usize; 4] = [1, 5, 10, 20];

/// A level's new quantity; zero when it is gone. Prices in ticks, quantities in lots.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub side: Side,
    pub price: i64,
    pub quantity: i64,
}

/// Counts and samples collected while a market goes by.
#[derive(Default)]
pub struct Measurement {
    /// Prices by side; keys are negated for bids, so that the best is the first.
    books: [BTreeMap<i64, i64>; 2],
    began_ns: Option<i64>,
    ended_ns: i64,
    diffs: u64,
    tickers: u64,
    price_changes: u64,
    trades: u64,
    takers: u64,
    updates: u64,
    deletes: u64,
    ticker: Option<Ticker>,
    spread_ns: [i64; 2],
    spread_tick_ns: i128,
    touch_cancels: u64,
    depth_sums: [i64; DEPTHS.len()],
    adds: [u64; BUCKETS],
    raises: [u64; BUCKETS],
    population: [u64; BUCKETS],
    last_taker: (i64, Option<Side>),
    middles: Vec<(i64, i64)>,
    /// Samples for tables of quantiles.
    pub trade_sizes: Vec<i64>,
    /// Trades of one side in one millisecond count as one taker.
    pub taker_sizes: Vec<i64>,
    /// Growth of the best level at an unchanged price.
    pub touch_sizes: Vec<i64>,
    /// New levels, with their bucket.
    pub level_sizes: Vec<(usize, i64)>,
}

#[derive(Clone, Copy)]
struct Ticker {
    at_ns: i64,
    best: [(i64, i64); 2],
}

/// A measurement in numbers that can be compared.
#[derive(Clone, Debug)]
pub struct Figures {
    pub seconds: f64,
    pub diffs: f64,
    pub updates: f64,
    pub deletes: f64,
    pub new_levels: f64,
    pub tickers: f64,
    pub price_changes: f64,
    pub trades: f64,
    pub takers: f64,
    pub volume: f64,
    pub trade_size: [f64; 3],
    pub spread_one_tick: f64,
    pub spread_mean: f64,
    pub touch_adds: f64,
    pub touch_cancels: f64,
    pub depths: [f64; DEPTHS.len()],
    /// New levels and grown ones a second, a bucket.
    pub adds: [f64; BUCKETS],
    /// Part of those that grew.
    pub raises: f64,
    /// Levels that stand, a bucket.
    pub population: [f64; BUCKETS],
    pub second_moves: f64,
    pub still_seconds: f64,
    pub range: f64,
}

impl Measurement {
    /// A snapshot: the book as it is.
    pub fn load(&mut self, at_ns: i64, levels: &[Change]) {
        self.begin(at_ns);
        for level in levels {
            self.books[level.side as usize].insert(key(level.side, level.price), level.quantity);
        }
    }

    /// A trade, at a time in milliseconds.
    pub fn on_trade(&mut self, at_ms: i64, aggressor: Side, quantity: i64) {
        self.trades += 1;
        self.trade_sizes.push(quantity);
        if self.last_taker == (at_ms, Some(aggressor))
            && let Some(size) = self.taker_sizes.last_mut()
        {
            *size += quantity;
        } else {
            self.takers += 1;
            self.taker_sizes.push(quantity);
        }
        self.last_taker = (at_ms, Some(aggressor));
    }

    /// New best price or quantity.
    pub fn on_ticker(&mut self, at_ns: i64, bid: (i64, i64), ask: (i64, i64)) {
        self.begin(at_ns);
        self.tickers += 1;
        let now = Ticker { at_ns, best: [bid, ask] };
        if let Some(before) = self.ticker.replace(now) {
            let spread = before.best[1].0 - before.best[0].0;
            let lasted = at_ns - before.at_ns;
            self.spread_ns[usize::from(spread > 1)] += lasted;
            self.spread_tick_ns += i128::from(spread) * i128::from(lasted);
            for (old, new) in before.best.into_iter().zip(now.best) {
                self.price_changes += u64::from(old.0 != new.0);
                if old.0 == new.0 && new.1 > old.1 {
                    self.touch_sizes.push(new.1 - old.1);
                } else if old.0 == new.0 && new.1 < old.1 {
                    self.touch_cancels += 1;
                }
            }
        }
        self.middles.push((at_ns, bid.0 + ask.0));
    }

    /// The levels that changed in a tenth of a second.
    pub fn on_diff(&mut self, at_ns: i64, changes: &[Change]) {
        self.begin(at_ns);
        self.diffs += 1;
        let best = [Side::Buy, Side::Sell].map(|side| self.books[side as usize].keys().next().copied());
        for change in changes {
            let key = key(change.side, change.price);
            let bucket = best[change.side as usize].map_or(0, |best| bucket_of(key - best));
            self.apply(change, key, bucket);
        }
        self.sample();
    }

    fn apply(&mut self, change: &Change, key: i64, bucket: usize) {
        let book = &mut self.books[change.side as usize];
        self.updates += 1;
        if change.quantity == 0 {
            self.deletes += 1;
            book.remove(&key);
            return;
        }
        match book.insert(key, change.quantity) {
            None => {
                self.adds[bucket] += 1;
                self.level_sizes.push((bucket, change.quantity));
            }
            Some(before) if change.quantity > before => self.raises[bucket] += 1,
            Some(_) => {}
        }
    }

    fn sample(&mut self) {
        for book in &self.books {
            let Some(&best) = book.keys().next() else { continue };
            let mut quantity = 0;
            for (index, (&key, &here)) in book.iter().enumerate() {
                quantity += here;
                if let Some(depth) = DEPTHS.iter().position(|&depth| depth == index + 1) {
                    self.depth_sums[depth] += quantity;
                }
                self.population[bucket_of(key - best)] += 1;
            }
        }
    }

    fn begin(&mut self, at_ns: i64) {
        self.began_ns.get_or_insert(at_ns);
        self.ended_ns = at_ns;
    }

    /// The numbers.
    pub fn figures(&self) -> Figures {
        let seconds = (self.ended_ns - self.began_ns.unwrap_or(0)) as f64 / 1e9;
        let rate = |count: u64| count as f64 / seconds;
        // Both sides are sampled at each diff.
        let samples = 2.0 * self.diffs.max(1) as f64;
        let spread_ns = (self.spread_ns[0] + self.spread_ns[1]).max(1) as f64;
        let moves = self.moves();
        let raises: u64 = self.raises[1..].iter().sum();
        let adds: u64 = self.adds[1..].iter().sum();
        Figures {
            seconds,
            diffs: rate(self.diffs),
            updates: rate(self.updates),
            deletes: rate(self.deletes),
            new_levels: rate(self.adds.iter().sum()),
            tickers: rate(self.tickers),
            price_changes: rate(self.price_changes),
            trades: rate(self.trades),
            takers: rate(self.takers),
            volume: self.trade_sizes.iter().sum::<i64>() as f64 / seconds,
            trade_size: [50, 90, 99].map(|percent| percentile(&self.trade_sizes, percent)),
            spread_one_tick: self.spread_ns[0] as f64 / spread_ns,
            spread_mean: self.spread_tick_ns as f64 / spread_ns,
            touch_adds: rate(self.touch_sizes.len() as u64),
            touch_cancels: rate(self.touch_cancels),
            depths: self.depth_sums.map(|sum| sum as f64 / samples),
            adds: std::array::from_fn(|bucket| rate(self.adds[bucket] + self.raises[bucket])),
            raises: raises as f64 / (raises + adds).max(1) as f64,
            population: self.population.map(|count| count as f64 / samples),
            second_moves: (moves.iter().map(|step| (step * step) as f64).sum::<f64>() / moves.len().max(1) as f64)
                .sqrt(),
            still_seconds: moves.iter().filter(|&&step| step == 0).count() as f64 / moves.len().max(1) as f64,
            range: self.range(),
        }
    }

    /// Moves of the middle from second to second, in ticks, those of zero included.
    pub fn moves(&self) -> Vec<i64> {
        let mut steps = Vec::new();
        let Some(&(began, mut before)) = self.middles.first() else { return steps };
        let (mut edge, mut last) = (began + 1_000_000_000, before);
        for &(at_ns, middle) in &self.middles {
            while at_ns >= edge {
                steps.push((last - before) / 2);
                before = last;
                edge += 1_000_000_000;
            }
            last = middle;
        }
        steps
    }

    fn range(&self) -> f64 {
        let middles = self.middles.iter().map(|&(_, middle)| middle);
        let (low, high) = (middles.clone().min().unwrap_or(0), middles.max().unwrap_or(0));
        (high - low) as f64 / 2.0
    }
}

impl Figures {
    /// The mean of several runs.
    pub fn mean(runs: &[Self]) -> Self {
        let over = |figure: &dyn Fn(&Self) -> f64| runs.iter().map(figure).sum::<f64>() / runs.len() as f64;
        Self {
            seconds: over(&|run| run.seconds),
            diffs: over(&|run| run.diffs),
            updates: over(&|run| run.updates),
            deletes: over(&|run| run.deletes),
            new_levels: over(&|run| run.new_levels),
            tickers: over(&|run| run.tickers),
            price_changes: over(&|run| run.price_changes),
            trades: over(&|run| run.trades),
            takers: over(&|run| run.takers),
            volume: over(&|run| run.volume),
            trade_size: std::array::from_fn(|index| over(&|run| run.trade_size[index])),
            spread_one_tick: over(&|run| run.spread_one_tick),
            spread_mean: over(&|run| run.spread_mean),
            touch_adds: over(&|run| run.touch_adds),
            touch_cancels: over(&|run| run.touch_cancels),
            depths: std::array::from_fn(|index| over(&|run| run.depths[index])),
            adds: std::array::from_fn(|index| over(&|run| run.adds[index])),
            raises: over(&|run| run.raises),
            population: std::array::from_fn(|index| over(&|run| run.population[index])),
            second_moves: over(&|run| run.second_moves),
            still_seconds: over(&|run| run.still_seconds),
            range: over(&|run| run.range),
        }
    }
}

const fn key(side: Side, price: i64) -> i64 {
    -price * side.sign()
}

fn percentile(values: &[i64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or(0) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trades_of_one_side_in_one_millisecond_are_one_taker() {
        let mut measurement = Measurement::default();
        for (at_ms, side) in [(5, Side::Buy), (5, Side::Buy), (5, Side::Sell), (6, Side::Sell)] {
            measurement.on_trade(at_ms, side, 10);
        }
        assert_eq!(measurement.taker_sizes, [20, 10, 10]);
    }

    #[test]
    fn the_spread_is_weighted_by_the_time_it_lasted() {
        let mut measurement = Measurement::default();
        for (at_ns, ask) in [(0, 101), (3_000, 111), (4_000, 101)] {
            measurement.on_ticker(at_ns, (100, 1), (ask, 1));
        }
        let figures = measurement.figures();
        assert_eq!((figures.spread_one_tick, figures.spread_mean), (0.75, 3.5));
    }

    #[test]
    fn a_second_without_a_message_is_a_second_without_a_move() {
        let mut measurement = Measurement::default();
        for (at_ns, ask) in [(0, 101), (500_000_000, 105), (2_500_000_000, 105)] {
            measurement.on_ticker(at_ns, (100, 1), (ask, 1));
        }
        assert_eq!(measurement.moves(), [2, 0]);
    }

    #[test]
    fn levels_are_counted_in_the_bucket_of_their_distance() {
        let mut measurement = Measurement::default();
        let change = |price, quantity| Change { side: Side::Buy, price, quantity };
        measurement.load(0, &[change(100, 5)]);
        measurement.on_diff(1_000_000_000, &[change(97, 7), change(100, 6), change(100, 0)]);
        let figures = measurement.figures();
        assert_eq!((figures.adds[2], figures.adds[0]), (1.0, 1.0));
        assert_eq!((figures.updates, figures.deletes, figures.new_levels), (3.0, 1.0, 1.0));
        assert_eq!(figures.depths[0], 3.5);
    }
}
