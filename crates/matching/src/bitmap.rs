//! A set of small integers with "first member from here on" in three words.

/// Members 0 to 262,143 at most; each bit of an upper layer says whether a word below has any.
pub struct Bitmap {
    leaves: Box<[u64]>,
    branches: Box<[u64]>,
    root: u64,
}

impl Bitmap {
    /// An empty set with room for the members below `capacity`.
    pub fn new(capacity: usize) -> Self {
        let words = capacity.div_ceil(64);
        debug_assert!(words <= 64 * 64);
        Self {
            leaves: vec![0; words].into_boxed_slice(),
            branches: vec![0; words.div_ceil(64)].into_boxed_slice(),
            root: 0,
        }
    }

    /// Adds a member.
    #[inline]
    pub fn insert(&mut self, member: usize) {
        self.leaves[member >> 6] |= 1 << (member & 63);
        self.branches[member >> 12] |= 1 << ((member >> 6) & 63);
        self.root |= 1 << (member >> 12);
    }

    /// Takes a member out.
    #[inline]
    pub fn remove(&mut self, member: usize) {
        let leaf = &mut self.leaves[member >> 6];
        *leaf &= !(1 << (member & 63));
        if *leaf != 0 {
            return;
        }
        let branch = &mut self.branches[member >> 12];
        *branch &= !(1 << ((member >> 6) & 63));
        if *branch == 0 {
            self.root &= !(1 << (member >> 12));
        }
    }

    /// The smallest member that is not below `from`.
    #[inline]
    pub fn first_from(&self, from: usize) -> Option<usize> {
        let word = from >> 6;
        let bits = *self.leaves.get(word)? & (u64::MAX << (from & 63));
        if bits != 0 {
            return Some((word << 6) + bits.trailing_zeros() as usize);
        }
        self.first_in_words_from(word + 1)
    }

    fn first_in_words_from(&self, word: usize) -> Option<usize> {
        let branch = word >> 6;
        let bits = *self.branches.get(branch)? & (u64::MAX << (word & 63));
        if bits != 0 {
            return Some(self.first_in_leaf((branch << 6) + bits.trailing_zeros() as usize));
        }
        let above = u64::MAX.checked_shl(branch as u32 + 1).unwrap_or(0);
        let bits = self.root & above;
        if bits == 0 {
            return None;
        }
        let branch = bits.trailing_zeros() as usize;
        Some(self.first_in_leaf((branch << 6) + self.branches[branch].trailing_zeros() as usize))
    }

    fn first_in_leaf(&self, word: usize) -> usize {
        (word << 6) + self.leaves[word].trailing_zeros() as usize
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_finds_what_a_sorted_set_finds(
            capacity in prop_oneof![Just(64usize), Just(4096), Just(1 << 16), Just(1 << 18)],
            steps in proptest::collection::vec((any::<u32>(), any::<u32>(), any::<bool>()), 1..200),
        ) {
            let mut bitmap = Bitmap::new(capacity);
            let mut model = BTreeSet::new();
            for (member, from, insert) in steps {
                let member = member as usize % capacity;
                let from = from as usize % (capacity + 1);
                if insert {
                    bitmap.insert(member);
                    model.insert(member);
                } else {
                    let victim = model.range(member..).next().copied().unwrap_or(member);
                    bitmap.remove(victim);
                    model.remove(&victim);
                }
                prop_assert_eq!(bitmap.first_from(from), model.range(from..).next().copied());
            }
        }
    }
}
