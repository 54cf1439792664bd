//! A hash map of a fixed size: linear probing, deletion by shifting back, no allocation after it was made.

/// Maps keys of 128 bits to numbers below `u32::MAX`.
#[derive(Debug)]
pub(crate) struct FixedMap {
    cells: Box<[Cell]>,
    mask: usize,
    length: usize,
    capacity: usize,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    key: u128,
    value: u32,
}

const EMPTY: u32 = u32::MAX;

impl FixedMap {
    /// A map that holds `capacity` entries. It has at least twice as many cells, which keeps the probes short.
    pub fn new(capacity: usize) -> Self {
        let cells = (capacity.max(1) * 2).next_power_of_two();
        let empty = Cell { key: 0, value: EMPTY };
        Self { cells: vec![empty; cells].into_boxed_slice(), mask: cells - 1, length: 0, capacity: capacity.max(1) }
    }

    pub fn get(&self, key: u128) -> Option<u32> {
        let cell = self.cells[self.find(key)];
        (cell.value != EMPTY).then_some(cell.value)
    }

    /// Sets a key's value; `false` if the map is full.
    pub fn insert(&mut self, key: u128, value: u32) -> bool {
        debug_assert!(value != EMPTY);
        let at = self.find(key);
        if self.cells[at].value == EMPTY {
            if self.length == self.capacity {
                return false;
            }
            self.length += 1;
        }
        self.cells[at] = Cell { key, value };
        true
    }

    pub fn remove(&mut self, key: u128) {
        let mut hole = self.find(key);
        if self.cells[hole].value == EMPTY {
            return;
        }
        self.length -= 1;
        let mut at = hole;
        loop {
            at = (at + 1) & self.mask;
            let cell = self.cells[at];
            if cell.value == EMPTY {
                break;
            }
            // A cell may fill the hole if the hole lies on the way from its home to where it is.
            let home = self.home(cell.key);
            if (at.wrapping_sub(home) & self.mask) >= (at.wrapping_sub(hole) & self.mask) {
                self.cells[hole] = cell;
                hole = at;
            }
        }
        self.cells[hole].value = EMPTY;
    }

    /// The cell of a key, or the empty one where it would go. Ends, since at most half of the cells are taken.
    fn find(&self, key: u128) -> usize {
        let mut at = self.home(key);
        while self.cells[at].value != EMPTY && self.cells[at].key != key {
            at = (at + 1) & self.mask;
        }
        at
    }

    fn home(&self, key: u128) -> usize {
        // Fibonacci hashing: the multiplication spreads neighbouring ids, the upper half of the product is the best mixed.
        let folded = (key as u64) ^ ((key >> 64) as u64).rotate_left(32);
        (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & self.mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_answers_as_the_standard_map_does(steps in proptest::collection::vec((0u8..3, 0u128..40, 0u32..9), 0..400)) {
            let mut map = FixedMap::new(16);
            let mut model = HashMap::new();
            for (step, key, value) in steps {
                if step == 0 {
                    map.remove(key);
                    model.remove(&key);
                } else if map.insert(key, value) {
                    model.insert(key, value);
                } else {
                    prop_assert_eq!(model.len(), 16);
                }
                for key in 0..40 {
                    prop_assert_eq!(map.get(key), model.get(&key).copied());
                }
            }
        }
    }
}
