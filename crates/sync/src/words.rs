//! A payload of relaxed atomic words.
//!
//! A reader of a sequence lock copies while the writer may be writing. With plain memory that is a data race whatever
//! the reader does with the copy afterwards; with relaxed atomics it is defined, and costs the same instructions.

use crate::cells::{AtomicU64, Ordering};

/// `WORDS` words that may be stored and loaded at once, each for itself.
#[derive(Debug)]
pub(crate) struct Words<const WORDS: usize>([AtomicU64; WORDS]);

impl<const WORDS: usize> Words<WORDS> {
    pub(crate) fn new(initial: &[u64; WORDS]) -> Self {
        Self(std::array::from_fn(|index| AtomicU64::new(initial[index])))
    }

    /// Relaxed: the sequence around the payload orders it.
    #[inline(always)]
    pub(crate) fn store(&self, words: &[u64; WORDS]) {
        for (cell, word) in self.0.iter().zip(words) {
            cell.store(*word, Ordering::Relaxed);
        }
    }

    /// Relaxed: the sequence around the payload tells whether what was loaded belongs together.
    #[inline(always)]
    pub(crate) fn load_into(&self, words: &mut [u64; WORDS]) {
        for (cell, word) in self.0.iter().zip(words) {
            *word = cell.load(Ordering::Relaxed);
        }
    }
}
