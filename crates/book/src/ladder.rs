//! One side of a book: a window of ticks addressed by ring index, and a sorted list for what lies outside it.
//!
//! ```text
//!  index  = ticks of the price, negated for asks: higher is better on both sides
//!  window = [base, base + size)            slot = index modulo size
//!
//!   worse                                                                     better
//!   ──┬──────────────┬───────────────────────────────────────┬──────────────┬──────►
//!     base        base + size/4                         top (best)     base + size
//!     └─ the best falls below here: the window follows it ──┘ room for the best to rise
//! ```
//!
//! A ring needs no copying when the window moves: slots that leave are emptied into the overflow list, and levels of the
//! list that are inside now come back. A move visits the levels that leave and the list once, and cannot be provoked
//! again before the best has fallen by half a window or [`STRAYS_MAX`] levels have gathered above it.

use crate::bitmap::Bitmap;
use crate::overflow::{Inserted, Overflow, Ranked};
use crate::reciprocal::Reciprocal;
use tercel_types::{Level, Price, Quantity, Side};

/// How many levels on the tick may lie above the window before it follows them. A lone price far away from the market
/// does not drag the window with it; until the window moves, the list answers for such levels exactly.
pub(crate) const STRAYS_MAX: usize = 16;

/// An index below every level's.
const NOTHING: i64 = i64::MIN;

pub(crate) struct Ladder {
    /// By slot; zero where there is no level.
    quantities: Box<[Quantity]>,
    occupied: Bitmap,
    reciprocal: Reciprocal,
    tick: i64,
    /// One for bids, minus one for asks.
    sign: i64,
    base: i64,
    /// The best index in the window, or [`NOTHING`].
    top: i64,
    levels_in_window: usize,
    overflow: Overflow,
    /// Filled during a move, then exchanged with `overflow`.
    scratch: Overflow,
    /// Levels of the list that a window could hold.
    overflow_on_tick: usize,
    /// Those of them above the window.
    overflow_above: usize,
    window_moves: u64,
    dropped_levels: u64,
}

impl Ladder {
    pub(crate) fn new(side: Side, tick: Price, window_levels: usize, overflow_levels: usize) -> Self {
        Self {
            quantities: touched(window_levels),
            occupied: Bitmap::new(window_levels),
            reciprocal: Reciprocal::new(tick),
            tick: tick.0,
            sign: side.sign(),
            base: 0,
            top: NOTHING,
            levels_in_window: 0,
            overflow: Overflow::new(overflow_levels),
            scratch: Overflow::new(overflow_levels),
            overflow_on_tick: 0,
            overflow_above: 0,
            window_moves: 0,
            dropped_levels: 0,
        }
    }

    /// Stores what rests at a price; nothing, if the quantity is not above zero.
    #[inline]
    pub(crate) fn set(&mut self, level: Level) {
        match self.index_of(level.price) {
            Some(index) if self.in_window(index) => self.set_inside(index, level.quantity),
            _ => self.set_outside(level),
        }
    }

    #[inline]
    pub(crate) fn best(&self) -> Option<Level> {
        let outside = self.overflow.best();
        if self.top == NOTHING {
            return outside.map(|level| self.level_of(level));
        }
        match outside {
            Some(level) if level.rank > self.rank_of(self.top) => Some(self.level_of(level)),
            _ => Some(self.level_at(self.top)),
        }
    }

    pub(crate) fn quantity_at(&self, price: Price) -> Quantity {
        match self.index_of(price) {
            Some(index) if self.in_window(index) => self.quantities[self.slot(index)],
            _ => self.overflow.quantity_at(price.0.wrapping_mul(self.sign)).unwrap_or(Quantity::ZERO),
        }
    }

    pub(crate) fn level_count(&self) -> usize {
        self.levels_in_window + self.overflow.as_slice().len()
    }

    pub(crate) fn overflow_count(&self) -> usize {
        self.overflow.as_slice().len()
    }

    pub(crate) const fn window_moves(&self) -> u64 {
        self.window_moves
    }

    pub(crate) const fn dropped_levels(&self) -> u64 {
        self.dropped_levels
    }

    /// Removes every level, at the cost of one visit each.
    pub(crate) fn clear(&mut self) {
        let mut next = (self.top != NOTHING).then_some(self.top);
        while let Some(index) = next {
            self.empty_slot(index);
            next = self.at_or_below(index);
        }
        self.top = NOTHING;
        self.overflow.clear();
        self.overflow_on_tick = 0;
        self.overflow_above = 0;
    }

    /// All levels, best first.
    pub(crate) fn levels(&self) -> LadderLevels<'_> {
        LadderLevels { ladder: self, window: (self.top != NOTHING).then_some(self.top), list: self.overflow.as_slice() }
    }

    #[inline]
    fn set_inside(&mut self, index: i64, quantity: Quantity) {
        let slot = self.slot(index);
        let quantity = quantity.max(Quantity::ZERO);
        let before = std::mem::replace(&mut self.quantities[slot], quantity);
        let (was_there, is_there) = (!before.is_zero(), !quantity.is_zero());
        self.occupied.assign(slot, is_there);
        self.levels_in_window = self.levels_in_window + usize::from(is_there) - usize::from(was_there);
        if index >= self.top {
            if is_there {
                self.top = index;
            } else if was_there {
                self.find_top_below(index);
            }
        }
    }

    #[inline(never)]
    fn set_outside(&mut self, level: Level) {
        let rank = level.price.0.wrapping_mul(self.sign);
        if level.quantity <= Quantity::ZERO {
            if self.overflow.remove(rank) {
                self.forget(rank);
            }
            return;
        }
        match self.overflow.insert(Ranked { rank, quantity: level.quantity }) {
            Inserted::Changed => return,
            Inserted::Added => self.remember(rank),
            Inserted::Replaced(worst) => {
                self.dropped_levels += 1;
                self.forget(worst.rank);
                self.remember(rank);
            }
            Inserted::Refused => {
                self.dropped_levels += 1;
                return;
            }
        }
        if self.levels_in_window == 0 || self.overflow_above > STRAYS_MAX {
            self.follow_the_list();
        }
    }

    /// The best level of the window is gone: finds the next, and moves the window if that lies too low in it.
    fn find_top_below(&mut self, index: i64) {
        match self.at_or_below(index) {
            None => {
                self.top = NOTHING;
                self.follow_the_list();
            }
            Some(top) => {
                self.top = top;
                if top - self.base < self.size() / 4 {
                    self.move_window(top - self.size() / 4 * 3);
                }
            }
        }
    }

    /// Moves the window to levels of the list: to the best on the tick if the window is empty, else to the nearest of
    /// those above it, so that a few stray prices beyond do not carry it past the others.
    #[cold]
    fn follow_the_list(&mut self) {
        if self.overflow_on_tick == 0 {
            return;
        }
        let list = self.overflow.as_slice();
        let target = if self.levels_in_window == 0 {
            let best = list.iter().rev().find_map(|level| self.index_of_rank(level.rank));
            best.map(|index| index - self.size() / 4 * 3)
        } else {
            let end = (self.base + self.size()).saturating_mul(self.tick);
            let above = list.partition_point(|level| level.rank < end);
            let nearest = list[above..].iter().find_map(|level| self.index_of_rank(level.rank));
            nearest.map(|index| index - self.size() / 2)
        };
        if let Some(base) = target {
            self.move_window(base);
        }
    }

    #[cold]
    fn move_window(&mut self, base: i64) {
        self.window_moves += 1;
        let end = base + self.size();
        self.overflow_on_tick = 0;
        self.overflow_above = 0;
        self.merge_leaving_levels(base, end);
        self.base = base;
        std::mem::swap(&mut self.overflow, &mut self.scratch);
        self.overflow.reverse();
        for at in 0..self.scratch.as_slice().len() {
            let Ranked { rank, quantity } = self.scratch.as_slice()[at];
            if let Some(index) = self.index_of_rank(rank).filter(|index| (base..end).contains(index)) {
                let slot = self.slot(index);
                self.quantities[slot] = quantity;
                self.occupied.assign(slot, true);
                self.levels_in_window += 1;
            }
        }
        self.top = self.at_or_below(end - 1).unwrap_or(NOTHING);
    }

    /// Fills `scratch`, best first, with the levels that the window `[base, end)` will not hold: those that leave the
    /// window of now, whose slots are emptied, and those of the list that do not come back.
    fn merge_leaving_levels(&mut self, base: i64, end: i64) {
        let (lowest, highest) = if base > self.base {
            (self.base, base.min(self.base + self.size()) - 1)
        } else {
            (end.max(self.base), self.base + self.size() - 1)
        };
        self.scratch.clear();
        let mut rest = self.overflow.as_slice().len();
        let mut leaving =
            if lowest <= highest { self.at_or_below(highest).filter(|&index| index >= lowest) } else { None };
        while rest > 0 || leaving.is_some() {
            let listed = rest.checked_sub(1).map(|at| self.overflow.as_slice()[at]);
            match (listed, leaving) {
                (Some(level), None) => {
                    rest -= 1;
                    self.keep_listed(level, base, end);
                }
                (Some(level), Some(index)) if level.rank > self.rank_of(index) => {
                    rest -= 1;
                    self.keep_listed(level, base, end);
                }
                (_, Some(index)) => {
                    let quantity = self.empty_slot(index);
                    self.keep(Ranked { rank: self.rank_of(index), quantity }, Some(index), end);
                    leaving = self.at_or_below(index).filter(|&index| index >= lowest);
                }
                (None, None) => {}
            }
        }
    }

    fn keep_listed(&mut self, level: Ranked, base: i64, end: i64) {
        let index = self.index_of_rank(level.rank);
        if !index.is_some_and(|index| (base..end).contains(&index)) {
            self.keep(level, index, end);
        }
    }

    fn keep(&mut self, level: Ranked, index: Option<i64>, end: i64) {
        if !self.scratch.push_worse(level) {
            self.dropped_levels += 1;
            return;
        }
        if let Some(index) = index {
            self.overflow_on_tick += 1;
            self.overflow_above += usize::from(index >= end);
        }
    }

    /// Empties an occupied slot and says what rested there. The caller sees to `top`.
    fn empty_slot(&mut self, index: i64) -> Quantity {
        let slot = self.slot(index);
        self.occupied.assign(slot, false);
        self.levels_in_window -= 1;
        std::mem::take(&mut self.quantities[slot])
    }

    fn remember(&mut self, rank: i64) {
        if let Some(index) = self.index_of_rank(rank) {
            self.overflow_on_tick += 1;
            self.overflow_above += usize::from(index >= self.base + self.size());
        }
    }

    fn forget(&mut self, rank: i64) {
        if let Some(index) = self.index_of_rank(rank) {
            self.overflow_on_tick -= 1;
            self.overflow_above -= usize::from(index >= self.base + self.size());
        }
    }

    /// The highest occupied index at or below one that is inside the window.
    #[inline]
    fn at_or_below(&self, index: i64) -> Option<i64> {
        let slot = self.occupied.at_or_below_cyclic(self.slot(index))?;
        let distance = (slot as i64).wrapping_sub(self.base) & (self.size() - 1);
        Some(self.base + distance).filter(|&found| found <= index)
    }

    #[inline]
    fn index_of(&self, price: Price) -> Option<i64> {
        self.reciprocal.ticks(price).map(|ticks| ticks * self.sign)
    }

    fn index_of_rank(&self, rank: i64) -> Option<i64> {
        self.index_of(Price(rank.wrapping_mul(self.sign)))
    }

    #[inline]
    const fn in_window(&self, index: i64) -> bool {
        (index.wrapping_sub(self.base) as u64) < self.quantities.len() as u64
    }

    #[inline]
    const fn slot(&self, index: i64) -> usize {
        index as usize & (self.quantities.len() - 1)
    }

    #[inline]
    const fn size(&self) -> i64 {
        self.quantities.len() as i64
    }

    #[inline]
    const fn rank_of(&self, index: i64) -> i64 {
        index * self.tick
    }

    #[inline]
    fn level_at(&self, index: i64) -> Level {
        Level { price: Price(self.rank_of(index) * self.sign), quantity: self.quantities[self.slot(index)] }
    }

    #[inline]
    const fn level_of(&self, level: Ranked) -> Level {
        Level { price: Price(level.rank.wrapping_mul(self.sign)), quantity: level.quantity }
    }
}

/// The levels of one side, best first.
pub(crate) struct LadderLevels<'a> {
    ladder: &'a Ladder,
    window: Option<i64>,
    /// What of the list is still to come; the best is last.
    list: &'a [Ranked],
}

impl Iterator for LadderLevels<'_> {
    type Item = Level;

    #[inline]
    fn next(&mut self) -> Option<Level> {
        match (self.window, self.list.split_last()) {
            (window, Some((&level, rest))) if window.is_none_or(|index| level.rank > self.ladder.rank_of(index)) => {
                self.list = rest;
                Some(self.ladder.level_of(level))
            }
            (Some(index), _) => {
                self.window = if index > self.ladder.base { self.ladder.at_or_below(index - 1) } else { None };
                Some(self.ladder.level_at(index))
            }
            (None, _) => None,
        }
    }
}

/// Zeros whose pages were written once, so that no later update waits for the kernel to map them.
fn touched(length: usize) -> Box<[Quantity]> {
    let mut quantities = vec![Quantity(1); length].into_boxed_slice();
    std::hint::black_box(&mut quantities).fill(Quantity::ZERO);
    quantities
}
