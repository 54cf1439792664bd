//! Which slots of a ladder hold a level: a bitmap of bitmaps, 64 slots a word.
//!
//! ```text
//! summit   1 to 4 words   a bit for each middle word that is not zero
//! middle   slots / 4096   a bit for each leaf word that is not zero
//! leaves   slots / 64     a bit for each slot that holds a level
//! ```
//!
//! The nearest occupied slot below another is found by looking at three words and at most three more of the summit,
//! however far away it is.

/// Bits in a word, as a shift.
const WORD_SHIFT: u32 = 6;
const WORD_MASK: usize = 63;

/// The occupied slots of a ladder.
pub(crate) struct Bitmap {
    leaves: Box<[u64]>,
    middle: Box<[u64]>,
    summit: Box<[u64]>,
}

impl Bitmap {
    /// An empty bitmap over `slots`, a power of two of at least 4096.
    pub(crate) fn new(slots: usize) -> Self {
        assert!(slots.is_power_of_two() && slots >= 1 << (2 * WORD_SHIFT), "a ladder has at least 4096 slots");
        let words = |of: usize| vec![0; of.div_ceil(64)].into_boxed_slice();
        let leaves = words(slots);
        let middle = words(leaves.len());
        let summit = words(middle.len());
        Self { leaves, middle, summit }
    }

    /// Bytes that a bitmap over `slots` occupies.
    pub(crate) const fn bytes(slots: usize) -> usize {
        let leaves = slots.div_ceil(64);
        let middle = leaves.div_ceil(64);
        (leaves + middle + middle.div_ceil(64)) * size_of::<u64>()
    }

    /// Marks a slot as occupied or free.
    ///
    /// Whether it was so already makes no difference to the instructions taken: on real data that is a coin toss, which no
    /// branch predictor wins. Only the first and the last slot of a word take another way.
    #[inline]
    pub(crate) fn assign(&mut self, slot: usize, occupied: bool) {
        let leaf = slot >> WORD_SHIFT;
        let before = self.leaves[leaf];
        let after = (before & !bit(slot)) | (u64::from(occupied) << (slot & WORD_MASK));
        self.leaves[leaf] = after;
        if (before == 0) != (after == 0) {
            self.assign_leaf(leaf, occupied);
        }
    }

    /// Notes that a leaf word has become occupied or empty.
    fn assign_leaf(&mut self, leaf: usize, occupied: bool) {
        let middle = leaf >> WORD_SHIFT;
        let after = (self.middle[middle] & !bit(leaf)) | (u64::from(occupied) << (leaf & WORD_MASK));
        self.middle[middle] = after;
        let summit = &mut self.summit[middle >> WORD_SHIFT];
        *summit = (*summit & !bit(middle)) | (u64::from(after != 0) << (middle & WORD_MASK));
    }

    /// The highest occupied slot at or below `slot`.
    #[inline]
    pub(crate) fn at_or_below(&self, slot: usize) -> Option<usize> {
        let leaf = slot >> WORD_SHIFT;
        if let Some(found) = highest(self.leaves[leaf] & up_to(slot)) {
            return Some((leaf << WORD_SHIFT) | found);
        }
        let middle = leaf >> WORD_SHIFT;
        if let Some(found) = highest(self.middle[middle] & below(leaf)) {
            return Some(self.top_of_leaf((middle << WORD_SHIFT) | found));
        }
        let mut word = middle >> WORD_SHIFT;
        let mut candidates = self.summit[word] & below(middle);
        loop {
            if let Some(found) = highest(candidates) {
                return Some(self.top_of_middle((word << WORD_SHIFT) | found));
            }
            word = word.checked_sub(1)?;
            candidates = self.summit[word];
        }
    }

    /// The nearest occupied slot at or below `slot`, going round from slot zero to the last one.
    #[inline]
    pub(crate) fn at_or_below_cyclic(&self, slot: usize) -> Option<usize> {
        self.at_or_below(slot).or_else(|| self.at_or_below((self.leaves.len() << WORD_SHIFT) - 1))
    }

    fn top_of_middle(&self, middle: usize) -> usize {
        let leaf = WORD_MASK - self.middle[middle].leading_zeros() as usize;
        self.top_of_leaf((middle << WORD_SHIFT) | leaf)
    }

    fn top_of_leaf(&self, leaf: usize) -> usize {
        (leaf << WORD_SHIFT) | (WORD_MASK - self.leaves[leaf].leading_zeros() as usize)
    }
}

#[inline]
const fn bit(index: usize) -> u64 {
    1 << (index & WORD_MASK)
}

/// The bits of `index`'s word up to and including its own.
#[inline]
const fn up_to(index: usize) -> u64 {
    u64::MAX >> (WORD_MASK - (index & WORD_MASK))
}

/// The bits of `index`'s word below its own.
#[inline]
const fn below(index: usize) -> u64 {
    bit(index) - 1
}

#[inline]
const fn highest(word: u64) -> Option<usize> {
    match word {
        0 => None,
        _ => Some(WORD_MASK - word.leading_zeros() as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_empty_bitmap_has_nothing_anywhere() {
        let bitmap = Bitmap::new(1 << 20);
        assert_eq!(bitmap.at_or_below((1 << 20) - 1), None);
        assert_eq!(bitmap.at_or_below_cyclic(0), None);
    }

    #[test]
    fn the_only_slot_is_found_from_everywhere_around_the_ring() {
        let mut bitmap = Bitmap::new(1 << 18);
        bitmap.assign(70_000, true);
        for from in [0, 1, 69_999, 70_000, 70_001, 200_000, (1 << 18) - 1] {
            assert_eq!(bitmap.at_or_below_cyclic(from), Some(70_000));
        }
    }

    proptest! {
        #[test]
        fn the_bitmap_answers_as_an_ordered_set_does(
            steps in proptest::collection::vec((any::<bool>(), 0usize..1 << 20), 1..200),
            queries in proptest::collection::vec(0usize..1 << 20, 1..50),
        ) {
            let mut bitmap = Bitmap::new(1 << 20);
            let mut model = BTreeSet::new();
            for (insert, slot) in steps {
                bitmap.assign(slot, insert);
                if insert {
                    model.insert(slot);
                } else {
                    model.remove(&slot);
                }
            }
            for slot in model.clone() {
                if slot % 3 == 0 {
                    bitmap.assign(slot, false);
                    model.remove(&slot);
                }
            }
            for query in queries {
                let expected = model.range(..=query).next_back().copied();
                prop_assert_eq!(bitmap.at_or_below(query), expected);
                prop_assert_eq!(bitmap.at_or_below_cyclic(query), expected.or_else(|| model.last().copied()));
            }
        }
    }
}
