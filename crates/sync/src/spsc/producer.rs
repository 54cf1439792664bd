//! The writing end of a ring.

use std::fmt;

use super::ring::{Ring, Slots};
use crate::cells::{Arc, Ordering};

/// The end that pushes. It can move to another thread, but there is only one.
pub struct Producer<T> {
    slots: Slots<T>,
    /// The truth about `ring.tail`, which only this end writes.
    tail: usize,
    /// A copy of `ring.head` that may be behind, never ahead, and never more than a capacity behind `tail`.
    cached_head: usize,
    ring: Arc<Ring<T>>,
}

// SAFETY: the raw pointer in `slots` points into the ring, which `ring` keeps alive and which is itself `Send + Sync`
// for `T: Send`. Moving the handle moves the only writer of `tail`.
unsafe impl<T: Send> Send for Producer<T> {}

impl<T> Producer<T> {
    pub(super) fn new(ring: Arc<Ring<T>>) -> Self {
        Self { slots: ring.slots(), tail: 0, cached_head: 0, ring }
    }

    /// Moves `item` into the ring and publishes it.
    ///
    /// # Errors
    /// The item itself, when the ring is full.
    #[inline]
    pub fn push(&mut self, item: T) -> Result<(), T> {
        if self.free_at_least(1) == 0 {
            return Err(item);
        }
        // SAFETY: the ring is alive through `ring`; a free slot belongs to this end.
        unsafe { self.slots.at(self.tail).put(item) };
        self.slots.prefetch_ahead_of(self.tail, 1);
        self.publish(1);
        Ok(())
    }

    /// Copies as many leading items as fit, publishes them at once and says how many they were.
    #[inline]
    pub fn push_slice(&mut self, items: &[T]) -> usize
    where
        T: Copy,
    {
        let count = self.free_at_least(items.len()).min(items.len());
        // SAFETY: the ring is alive through `ring`; `count` free slots from `tail` on belong to this end.
        unsafe { self.slots.copy_in(self.tail, &items[..count]) };
        self.slots.prefetch_ahead_of(self.tail.wrapping_add(count), count);
        self.publish(count);
        count
    }

    /// Takes items from `items` while there is room, publishes them at once and says how many they were.
    ///
    /// An item is asked for only when there is a slot for it, so none is lost.
    #[inline]
    pub fn push_from(&mut self, items: impl IntoIterator<Item = T>) -> usize {
        let free = self.refresh();
        let mut count = 0;
        for item in items.into_iter().take(free) {
            // SAFETY: as in `push`; `count` stays below the free slots by `take`.
            unsafe { self.slots.at(self.tail.wrapping_add(count)).put(item) };
            count += 1;
        }
        self.publish(count);
        count
    }

    /// How many items can be pushed now; the consumer can only make it more.
    ///
    /// While the consumer still has items it knows of, up to 1/64 of the slots it has read may not be counted yet.
    #[must_use]
    pub fn free_slots(&self) -> usize {
        // Acquire pairs with the consumer's release of `head`: its reads of the slots come before our writes.
        self.capacity() - self.tail.wrapping_sub(self.ring.head.load(Ordering::Acquire))
    }

    /// How many items the ring can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    /// Whether the consumer was dropped: what is pushed from now on is never read.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        // Acquire pairs with the release in the consumer's `drop`: its last reads have happened.
        self.ring.consumer_gone.load(Ordering::Acquire)
    }

    /// The free slots this end knows of, asking the consumer's position only if they are fewer than `wanted`.
    #[inline(always)]
    fn free_at_least(&mut self, wanted: usize) -> usize {
        let free = self.capacity() - self.tail.wrapping_sub(self.cached_head);
        if free >= wanted { free } else { self.refresh() }
    }

    #[inline]
    fn refresh(&mut self) -> usize {
        // Acquire pairs with the consumer's release of `head`: its reads of the slots come before our writes.
        self.cached_head = self.ring.head.load(Ordering::Acquire);
        self.capacity() - self.tail.wrapping_sub(self.cached_head)
    }

    #[inline(always)]
    fn publish(&mut self, count: usize) {
        self.tail = self.tail.wrapping_add(count);
        // Release pairs with the consumer's acquire of `tail`: whoever sees the position sees the items.
        self.ring.tail.store(self.tail, Ordering::Release);
    }
}

impl<T> Drop for Producer<T> {
    fn drop(&mut self) {
        // Release pairs with the acquire in `Consumer::is_abandoned`: whoever sees this sees every item pushed.
        self.ring.producer_gone.store(true, Ordering::Release);
    }
}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Producer").field("capacity", &self.capacity()).finish_non_exhaustive()
    }
}
