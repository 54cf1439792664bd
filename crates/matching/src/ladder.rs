//! One side's price levels by key, best (smallest) first.

use crate::arena::NONE;
use crate::bitmap::Bitmap;

/// Where a level lies, and its index in the level array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: i64,
    pub level: u32,
}

/// Keys from `base` on, as many as the ring has places, lie in the ring at `key & mask`. Keys above lie in `far`. There is
/// none below `base`: a better price than that moves the window.
pub struct Ladder {
    ring: Box<[u32]>,
    occupied: Bitmap,
    mask: i64,
    base: i64,
    best: Option<Entry>,
    /// Sorted from worst to best, so that the window takes from and gives to the end.
    far: Vec<Entry>,
    count: u32,
}

impl Ladder {
    pub fn new(window_levels: u32, level_capacity: u32) -> Self {
        let mut far = vec![Entry { key: 0, level: NONE }; level_capacity as usize];
        far.clear();
        Self {
            ring: vec![NONE; window_levels as usize].into_boxed_slice(),
            occupied: Bitmap::new(window_levels as usize),
            mask: i64::from(window_levels) - 1,
            base: 0,
            best: None,
            far,
            count: 0,
        }
    }

    #[inline]
    pub const fn best(&self) -> Option<Entry> {
        self.best
    }

    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The level at a key.
    #[inline]
    pub fn find(&self, key: i64) -> Option<u32> {
        if key < self.base {
            return None;
        }
        if key <= self.last() {
            let level = self.ring[self.place(key)];
            return (level != NONE).then_some(level);
        }
        self.far_position(key).ok().map(|position| self.far[position].level)
    }

    /// The first level whose key is not below `from`.
    #[inline]
    pub fn first_from(&self, from: i64) -> Option<Entry> {
        self.first_in_window(from.max(self.base)).or_else(|| {
            let end = self.far.partition_point(|entry| entry.key >= from);
            self.far[..end].last().copied()
        })
    }

    /// Adds a level at a key that has none.
    #[inline]
    pub fn insert(&mut self, entry: Entry) {
        self.make_room(entry.key);
        if entry.key <= self.last() {
            self.put(entry);
        } else {
            let position = self.far.partition_point(|other| other.key > entry.key);
            self.far.insert(position, entry);
        }
        self.count += 1;
        if self.best.is_none_or(|best| entry.key < best.key) {
            self.best = Some(entry);
        }
    }

    /// Takes out the level at a key that has one.
    #[inline]
    pub fn remove(&mut self, key: i64) {
        self.count -= 1;
        if key <= self.last() {
            let place = self.place(key);
            self.ring[place] = NONE;
            self.occupied.remove(place);
        } else if let Ok(position) = self.far_position(key) {
            self.far.remove(position);
        }
        if self.best.is_some_and(|best| best.key == key) {
            self.best = self.first_in_window(key);
            if self.best.is_none() && !self.far.is_empty() {
                self.follow_far_levels();
            }
        }
    }

    const fn last(&self) -> i64 {
        self.base + self.mask
    }

    const fn place(&self, key: i64) -> usize {
        (key & self.mask) as usize
    }

    /// A quarter of the window lies in front of the best price it was last laid around.
    const fn margin(&self) -> i64 {
        (self.mask + 1) / 4
    }

    fn far_position(&self, key: i64) -> Result<usize, usize> {
        self.far.binary_search_by(|entry| key.cmp(&entry.key))
    }

    fn put(&mut self, entry: Entry) {
        let place = self.place(entry.key);
        self.ring[place] = entry.level;
        self.occupied.insert(place);
    }

    /// The ring is searched from the key's place to its end and then from its start.
    #[inline]
    fn first_in_window(&self, from: i64) -> Option<Entry> {
        let place = self.place(from);
        let found = match self.occupied.first_from(place) {
            Some(found) => found,
            None => self.occupied.first_from(0)?,
        };
        let key = from + ((found as i64 - place as i64) & self.mask);
        (key <= self.last()).then(|| Entry { key, level: self.ring[found] })
    }

    /// Moves the window where a new key asks for it.
    #[inline]
    fn make_room(&mut self, key: i64) {
        let Some(best) = self.best else {
            self.base = key - self.margin();
            return;
        };
        if key < self.base {
            self.move_towards_better(key - self.margin());
        } else if key > self.last() && best.key - self.base > 2 * self.margin() {
            self.move_towards_worse(best.key - self.margin());
        }
    }

    /// Levels that fall off the worse end become the best of the far ones.
    fn move_towards_better(&mut self, base: i64) {
        let kept = self.far.len();
        let mut next = self.first_in_window((base + self.mask + 1).max(self.base));
        while let Some(entry) = next {
            let place = self.place(entry.key);
            self.ring[place] = NONE;
            self.occupied.remove(place);
            self.far.push(entry);
            next = self.first_in_window(entry.key);
        }
        self.far[kept..].reverse();
        self.base = base;
    }

    /// Nothing lies before the best key, so the window only gains far levels.
    fn move_towards_worse(&mut self, base: i64) {
        self.base = base;
        while let Some(entry) = self.far.pop_if(|entry| entry.key <= base + self.mask) {
            self.put(entry);
        }
    }

    fn follow_far_levels(&mut self) {
        if let Some(entry) = self.far.last().copied() {
            self.move_towards_worse(entry.key - self.margin());
            self.best = Some(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Keys near a slowly moving centre, and now and then one from far away.
    fn keys() -> impl Strategy<Value = i64> {
        prop_oneof![8 => -40i64..40, 3 => -400i64..400, 1 => -5_000i64..5_000]
    }

    proptest! {
        #[test]
        fn it_keeps_the_same_levels_as_a_sorted_map(
            steps in proptest::collection::vec((keys(), any::<bool>(), keys()), 1..300),
        ) {
            let mut ladder = Ladder::new(64, 512);
            let mut model = BTreeMap::new();
            for (number, (key, insert, from)) in steps.into_iter().enumerate() {
                if insert && !model.contains_key(&key) {
                    ladder.insert(Entry { key, level: number as u32 });
                    model.insert(key, number as u32);
                } else if !insert
                    && let Some((&victim, _)) = model.range(key..).next()
                {
                    ladder.remove(victim);
                    model.remove(&victim);
                }
                let first = model.first_key_value().map(|(&key, &level)| Entry { key, level });
                prop_assert_eq!(ladder.best(), first);
                let next = model.range(from..).next().map(|(&key, &level)| Entry { key, level });
                prop_assert_eq!(ladder.first_from(from), next);
                prop_assert_eq!(ladder.find(key), model.get(&key).copied());
                prop_assert_eq!(ladder.count() as usize, model.len());
            }
        }
    }
}
