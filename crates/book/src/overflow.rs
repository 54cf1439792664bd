//! The levels that have no place in the ladder's window: too far away, or between two ticks.

use tercel_types::Quantity;

/// A level by its rank: the price for bids, the negated price for asks, so that higher is better on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ranked {
    /// Higher is better.
    pub(crate) rank: i64,
    /// What rests there, above zero.
    pub(crate) quantity: Quantity,
}

/// What became of a level that was offered to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inserted {
    /// It is a new entry.
    Added,
    /// The entry was there; its quantity changed.
    Changed,
    /// The list was full: the worst entry made room.
    Replaced(Ranked),
    /// The list was full of better levels.
    Refused,
}

/// Levels in the order of their rank, worst first, so that the best is at the end where insertion is cheapest.
/// Its capacity is fixed; the worst case of an update is moving that many entries by one.
pub(crate) struct Overflow {
    levels: Vec<Ranked>,
    capacity: usize,
}

impl Overflow {
    /// An empty list for `capacity` levels, whose pages were written once, as those of the ladder.
    pub(crate) fn new(capacity: usize) -> Self {
        let mut levels = vec![Ranked { rank: 1, quantity: Quantity(1) }; capacity];
        std::hint::black_box(&mut levels).clear();
        Self { levels, capacity }
    }

    /// Worst first.
    pub(crate) fn as_slice(&self) -> &[Ranked] {
        &self.levels
    }

    /// The best level of the list.
    #[inline]
    pub(crate) fn best(&self) -> Option<Ranked> {
        self.levels.last().copied()
    }

    /// What rests at a rank.
    pub(crate) fn quantity_at(&self, rank: i64) -> Option<Quantity> {
        self.find(rank).ok().map(|at| self.levels[at].quantity)
    }

    /// Stores a level; a full list keeps the best ones.
    pub(crate) fn insert(&mut self, level: Ranked) -> Inserted {
        let at = match self.find(level.rank) {
            Ok(at) => {
                self.levels[at].quantity = level.quantity;
                return Inserted::Changed;
            }
            Err(at) => at,
        };
        if self.levels.len() < self.capacity {
            self.levels.insert(at, level);
            return Inserted::Added;
        }
        if at == 0 {
            return Inserted::Refused;
        }
        let worst = self.levels[0];
        self.levels.copy_within(1..at, 0);
        self.levels[at - 1] = level;
        Inserted::Replaced(worst)
    }

    /// Takes a level out; whether it was there.
    pub(crate) fn remove(&mut self, rank: i64) -> bool {
        match self.find(rank) {
            Ok(at) => {
                self.levels.remove(at);
                true
            }
            Err(_) => false,
        }
    }

    /// Appends a level that is worse than all before it; call [`Self::reverse`] afterwards. Whether there was room.
    pub(crate) fn push_worse(&mut self, level: Ranked) -> bool {
        let room = self.levels.len() < self.capacity;
        if room {
            self.levels.push(level);
        }
        room
    }

    /// Puts a list that was filled best first into its order.
    pub(crate) fn reverse(&mut self) {
        self.levels.reverse();
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.levels.clear();
    }

    #[inline]
    fn find(&self, rank: i64) -> Result<usize, usize> {
        self.levels.binary_search_by_key(&rank, |level| level.rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(rank: i64) -> Ranked {
        Ranked { rank, quantity: Quantity(rank + 1) }
    }

    #[test]
    fn a_full_list_gives_up_its_worst_level_for_a_better_one_only() {
        let mut list = Overflow::new(3);
        for rank in [20, 10, 30] {
            assert_eq!(list.insert(level(rank)), Inserted::Added);
        }
        assert_eq!(list.insert(level(5)), Inserted::Refused);
        assert_eq!(list.insert(level(25)), Inserted::Replaced(level(10)));
        assert_eq!(list.as_slice(), [level(20), level(25), level(30)]);
        assert_eq!(list.insert(level(40)), Inserted::Replaced(level(20)));
        assert_eq!(list.as_slice(), [level(25), level(30), level(40)]);
    }

    #[test]
    fn an_entry_that_is_there_changes_in_place() {
        let mut list = Overflow::new(1);
        assert_eq!(list.insert(level(7)), Inserted::Added);
        assert_eq!(list.insert(Ranked { rank: 7, quantity: Quantity(99) }), Inserted::Changed);
        assert_eq!(list.quantity_at(7), Some(Quantity(99)));
        assert!(list.remove(7));
        assert!(!list.remove(7));
    }
}
