//! The block of memory that the trading thread writes and its strategy reads; see [`crate::layout`].

use std::sync::atomic::{AtomicI32, AtomicU64, Ordering::Relaxed};

use crate::layout;

/// The block. It never moves while it lives, because JavaScript holds its address.
///
/// Every access is a relaxed atomic: the strategy reads on the thread that writes, in program order, so nothing has to be
/// ordered; the main thread's status readers take single words and live with values of slightly different ages.
#[derive(Debug)]
pub struct Memory {
    words: Box<[AtomicU64]>,
}

impl Memory {
    /// A zeroed block of [`layout::WORDS`] words, every page touched.
    #[must_use]
    pub fn new() -> Self {
        Self { words: (0..layout::WORDS).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Address of the first word, for the array buffer that JavaScript gets.
    #[must_use]
    pub fn address(&self) -> *mut u8 {
        self.words.as_ptr().cast_mut().cast()
    }

    /// Size in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.words.len() * 8
    }

    /// Writes a `Float64Array` element.
    #[inline]
    pub fn set_f64(&self, index: usize, value: f64) {
        self.words[index].store(value.to_bits(), Relaxed);
    }

    /// Reads a `Float64Array` element.
    #[inline]
    #[must_use]
    pub fn f64(&self, index: usize) -> f64 {
        f64::from_bits(self.words[index].load(Relaxed))
    }

    /// Writes an `Int32Array` element.
    #[inline]
    pub fn set_i32(&self, index: usize, value: i32) {
        self.half(index).store(value, Relaxed);
    }

    /// Reads an `Int32Array` element.
    #[inline]
    #[must_use]
    pub fn i32(&self, index: usize) -> i32 {
        self.half(index).load(Relaxed)
    }

    #[inline]
    fn half(&self, index: usize) -> &AtomicI32 {
        let word = &self.words[index / 2];
        // SAFETY: the reference covers one of the two aligned 4-byte halves of a live 8-byte word, and the layout never
        // uses one word both as an f64 and as two i32, so accesses of different sizes never meet.
        unsafe { &*std::ptr::from_ref(word).cast::<AtomicI32>().add(index % 2) }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_word_are_the_elements_of_an_int32array() {
        let memory = Memory::new();
        memory.set_i32(layout::I32_STALE, 7);
        memory.set_i32(layout::I32_OPEN_ORDERS, -1);
        memory.set_f64(layout::F64_BID_PRICE, 0.1);
        assert_eq!((memory.i32(layout::I32_STALE), memory.i32(layout::I32_OPEN_ORDERS)), (7, -1));
        assert_eq!(memory.words[layout::I32_STALE / 2].load(Relaxed).to_le_bytes()[..4], 7i32.to_le_bytes());
        assert!((memory.f64(layout::F64_BID_PRICE) - 0.1).abs() < f64::EPSILON);
    }
}
