//! Updates shaped like the diffs of a real book: 20 levels a side and frame, close to the touch more often than far from
//! it, about half of them deletions, while the price wanders.

use std::collections::BTreeMap;
use tercel_types::{Level, Side};

/// Levels a side of the book that the updates go to.
pub const LEVELS: usize = 5_000;
/// The price increment, in mantissa units: a venue that writes eight decimals and ticks by one hundredth.
pub const TICK: i64 = 1_000_000;

const FRAMES: usize = 5_000;
const LEVELS_A_FRAME: usize = 20;
const MARKET: i64 = 6_183_763;

/// One diff.
pub struct Frame {
    /// Bids that change.
    pub bids: Vec<Level>,
    /// Asks that change.
    pub asks: Vec<Level>,
}

/// A snapshot and the diffs that follow it.
pub struct Workload {
    /// Bids of the snapshot, best first.
    pub bids: Vec<Level>,
    /// Asks of the snapshot, best first.
    pub asks: Vec<Level>,
    /// The diffs.
    pub frames: Vec<Frame>,
}

/// A small generator of the xorshift family: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// One side of the model that makes sure that deletions meet levels, by distance from the touch in ticks.
struct Book {
    side: Side,
    levels: BTreeMap<i64, i64>,
}

impl Book {
    fn sparse(side: Side, random: &mut Random) -> Self {
        let mut levels = BTreeMap::new();
        let mut distance = 0;
        for _ in 0..LEVELS {
            levels.insert(distance, 1 + random.below(1_000_000) as i64);
            distance += 1 + random.below(9) as i64;
        }
        Self { side, levels }
    }

    fn level(&self, distance: i64, quantity: i64) -> Level {
        let ticks = MARKET - self.side.sign() * (1 + distance);
        Level::new(ticks * TICK, quantity)
    }

    fn snapshot(&self) -> Vec<Level> {
        self.levels.iter().map(|(&distance, &quantity)| self.level(distance, quantity)).collect()
    }

    /// A deletion, a change or an addition of a level whose distance is more often small than great.
    fn step(&mut self, random: &mut Random) -> Level {
        let reach = 8 << random.below(12);
        let near = random.below(reach) as i64;
        let quantity = 1 + random.below(1_000_000) as i64;
        let delete = self.levels.len() >= LEVELS;
        match (delete, self.levels.range(near..).next().map(|(&distance, _)| distance)) {
            (true, Some(distance)) if random.below(20) < 19 => {
                self.levels.remove(&distance);
                self.level(distance, 0)
            }
            _ => {
                self.levels.insert(near, quantity);
                self.level(near, quantity)
            }
        }
    }
}

/// The same workload every time.
pub fn generate() -> Workload {
    let mut random = Random(0x7e4c_e100_2024_0808);
    let mut bids = Book::sparse(Side::Buy, &mut random);
    let mut asks = Book::sparse(Side::Sell, &mut random);
    let snapshot = (bids.snapshot(), asks.snapshot());
    let mut frame = |book: &mut Book| (0..LEVELS_A_FRAME).map(|_| book.step(&mut random)).collect();
    let frames = (0..FRAMES).map(|_| Frame { bids: frame(&mut bids), asks: frame(&mut asks) }).collect();
    Workload { bids: snapshot.0, asks: snapshot.1, frames }
}

/// How many level updates a pass has.
pub const fn updates() -> u64 {
    (FRAMES * LEVELS_A_FRAME * 2) as u64
}
