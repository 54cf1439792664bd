//! Keeps words that different threads write on different cache lines.

use std::ops::Deref;

/// A value alone on its cache lines, so that writing it never invalidates a neighbour that another thread reads.
///
/// The alignment is 128 bytes: x86-64 prefetches lines in pairs, and Apple's arm64 has lines of 128 bytes.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(128))]
pub struct CachePadded<T>(T);

impl<T> CachePadded<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for CachePadded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_an_array_are_two_cache_lines_apart() {
        let pair = [CachePadded::new(1_u8), CachePadded::new(2_u8)];
        let distance = std::ptr::from_ref(&pair[1]).addr() - std::ptr::from_ref(&pair[0]).addr();
        assert_eq!(distance, 128);
        assert_eq!((*pair[0], *pair[1]), (1, 2));
    }
}
