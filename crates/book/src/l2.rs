//! The order book by price level.

use crate::bitmap::Bitmap;
use crate::ladder::{Ladder, LadderLevels};
use crate::overflow::Ranked;
use tercel_types::{Level, Price, Quantity, Side};

/// The smallest window, in ticks.
pub const WINDOW_LEVELS_MIN: usize = 1 << 16;
/// The largest window, in ticks.
pub const WINDOW_LEVELS_MAX: usize = 1 << 20;
/// How many levels a side the overflow list holds unless told otherwise: more than a venue's deepest snapshot.
pub const OVERFLOW_LEVELS_DEFAULT: usize = 16_384;

/// The size of a book, fixed when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LadderConfig {
    tick: Price,
    window_levels: usize,
    overflow_levels: usize,
}

/// Why a book cannot be made so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LadderConfigError {
    /// The tick is not above zero.
    #[error("a book's tick must be above zero, not {0}")]
    Tick(i64),
    /// The window is no power of two or out of bounds.
    #[error("a book's window must be a power of two from {WINDOW_LEVELS_MIN} to {WINDOW_LEVELS_MAX} ticks, not {0}")]
    Window(usize),
}

/// Whether a book kept every level that it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Kept {
    /// All of them.
    Everything,
    /// An overflow list was full: that many levels, the worst of their side, were forgotten.
    DroppedWorst(u64),
}

/// An order book by price level: absolute quantities, set and removed price by price.
///
/// Both sides keep a window of consecutive ticks around their best price in which an update costs a multiplication and
/// a few words of a bitmap, and a sorted list for levels outside it or between two ticks. Nothing is allocated after
/// [`L2Book::new`]. The book stores what it is told, crossed or not; whether it is true is the feed's business.
///
/// ```
/// use tercel_book::{Kept, L2Book, LadderConfig};
/// use tercel_types::{Level, Price, Side};
///
/// let mut book = L2Book::new(LadderConfig::new(Price(10), 1 << 16)?);
/// assert_eq!(book.apply(Side::Buy, &[Level::new(6_183_760, 5), Level::new(6_183_750, 7)]), Kept::Everything);
/// assert_eq!(book.apply(Side::Buy, &[Level::new(6_183_760, 0)]), Kept::Everything);
/// assert_eq!(book.best_bid(), Some(Level::new(6_183_750, 7)));
/// # Ok::<(), tercel_book::LadderConfigError>(())
/// ```
pub struct L2Book {
    bids: Ladder,
    asks: Ladder,
}

/// The levels of one side of a book, best first.
pub struct Levels<'a>(LadderLevels<'a>);

impl LadderConfig {
    /// A book for prices that are multiples of `tick`, with a window of `window_levels` ticks a side.
    ///
    /// # Errors
    /// [`LadderConfigError`] names the field and its bounds.
    pub const fn new(tick: Price, window_levels: usize) -> Result<Self, LadderConfigError> {
        if tick.0 <= 0 {
            return Err(LadderConfigError::Tick(tick.0));
        }
        if !window_levels.is_power_of_two() || window_levels < WINDOW_LEVELS_MIN || window_levels > WINDOW_LEVELS_MAX {
            return Err(LadderConfigError::Window(window_levels));
        }
        Ok(Self { tick, window_levels, overflow_levels: OVERFLOW_LEVELS_DEFAULT })
    }

    /// The largest window whose book fits into `budget_bytes`; the smallest one if none does.
    ///
    /// # Errors
    /// [`LadderConfigError::Tick`].
    pub const fn for_budget(tick: Price, budget_bytes: usize) -> Result<Self, LadderConfigError> {
        let mut window_levels = WINDOW_LEVELS_MAX;
        loop {
            match Self::new(tick, window_levels) {
                Ok(config) if config.bytes() > budget_bytes && window_levels > WINDOW_LEVELS_MIN => window_levels /= 2,
                other => return other,
            }
        }
    }

    /// The same with room for `levels` in each side's overflow list.
    #[must_use]
    pub const fn with_overflow_levels(self, levels: usize) -> Self {
        Self { overflow_levels: levels, ..self }
    }

    /// How much memory the book will occupy.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        let lists = 2 * self.overflow_levels * size_of::<Ranked>();
        2 * (self.window_levels * size_of::<Quantity>() + Bitmap::bytes(self.window_levels) + lists)
    }
}

impl L2Book {
    /// An empty book, with all the memory it will ever use.
    #[must_use]
    pub fn new(config: LadderConfig) -> Self {
        let LadderConfig { tick, window_levels, overflow_levels } = config;
        let ladder = |side| Ladder::new(side, tick, window_levels, overflow_levels);
        Self { bids: ladder(Side::Buy), asks: ladder(Side::Sell) }
    }

    /// Sets absolute quantities; zero removes a level, and removing what is not there is no error.
    #[inline]
    pub fn apply(&mut self, side: Side, levels: &[Level]) -> Kept {
        let ladder = self.ladder_mut(side);
        let before = ladder.dropped_levels();
        for &level in levels {
            ladder.set(level);
        }
        match ladder.dropped_levels() - before {
            0 => Kept::Everything,
            dropped => Kept::DroppedWorst(dropped),
        }
    }

    /// Removes every level.
    pub fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }

    /// Replaces the whole book. Levels may come in any order; best first costs least.
    pub fn load_snapshot(&mut self, bids: &[Level], asks: &[Level]) -> Kept {
        self.clear();
        match (self.apply(Side::Buy, bids), self.apply(Side::Sell, asks)) {
            (Kept::Everything, kept) | (kept, Kept::Everything) => kept,
            (Kept::DroppedWorst(bids), Kept::DroppedWorst(asks)) => Kept::DroppedWorst(bids + asks),
        }
    }

    /// The highest bid.
    #[inline]
    #[must_use]
    pub fn best_bid(&self) -> Option<Level> {
        self.bids.best()
    }

    /// The lowest ask.
    #[inline]
    #[must_use]
    pub fn best_ask(&self) -> Option<Level> {
        self.asks.best()
    }

    /// Whether the best bid is at or above the best ask.
    #[must_use]
    pub fn is_crossed(&self) -> bool {
        matches!((self.best_bid(), self.best_ask()), (Some(bid), Some(ask)) if bid.price >= ask.price)
    }

    /// What rests at a price; zero if nothing does.
    #[must_use]
    pub fn quantity_at(&self, side: Side, price: Price) -> Quantity {
        self.ladder(side).quantity_at(price)
    }

    /// How many levels a side has.
    #[must_use]
    pub fn level_count(&self, side: Side) -> usize {
        self.ladder(side).level_count()
    }

    /// The levels of a side, best first.
    #[must_use]
    pub fn levels(&self, side: Side) -> Levels<'_> {
        Levels(self.ladder(side).levels())
    }

    /// Copies the best levels of a side, best first, and says how many there were.
    pub fn depth(&self, side: Side, into: &mut [Level]) -> usize {
        let mut written = 0;
        for (place, level) in into.iter_mut().zip(self.levels(side)) {
            *place = level;
            written += 1;
        }
        written
    }

    /// How many levels a side keeps outside its window now.
    #[must_use]
    pub fn overflow_count(&self, side: Side) -> usize {
        self.ladder(side).overflow_count()
    }

    /// How often the windows were moved since the book was made.
    #[must_use]
    pub const fn window_moves(&self) -> u64 {
        self.bids.window_moves() + self.asks.window_moves()
    }

    /// How many levels were forgotten since the book was made because an overflow list was full.
    #[must_use]
    pub const fn dropped_levels(&self) -> u64 {
        self.bids.dropped_levels() + self.asks.dropped_levels()
    }

    const fn ladder(&self, side: Side) -> &Ladder {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    const fn ladder_mut(&mut self, side: Side) -> &mut Ladder {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

impl Iterator for Levels<'_> {
    type Item = Level;

    #[inline]
    fn next(&mut self) -> Option<Level> {
        self.0.next()
    }
}
