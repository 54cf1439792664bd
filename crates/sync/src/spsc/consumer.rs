//! The reading end of a ring.

use std::fmt;

use super::ring::{Ring, Slots};
use crate::cells::{Arc, Ordering};

/// Slots are given back in steps of this part of the ring, or when all items known of are read.
///
/// A producer that finds the ring full then gets several slots at once, instead of following the consumer slot by slot
/// through the cache line that both are in: with single items this halves the time of a hand-over. Under loom
/// the part is large enough for its rings of four slots to have steps.
const STEPS_A_LAP: usize = if cfg!(loom) { 2 } else { 64 };

/// The end that pops. It can move to another thread, but there is only one.
pub struct Consumer<T> {
    slots: Slots<T>,
    /// Position of the oldest item, which `ring.head` follows in steps.
    head: usize,
    /// What `ring.head` holds; only this end writes it.
    given_back: usize,
    /// A copy of `ring.tail` that may be behind, never ahead.
    cached_tail: usize,
    ring: Arc<Ring<T>>,
}

// SAFETY: the raw pointer in `slots` points into the ring, which `ring` keeps alive and which is itself `Send + Sync`
// for `T: Send`. Moving the handle moves the only writer of `head`.
unsafe impl<T: Send> Send for Consumer<T> {}

impl<T> Consumer<T> {
    pub(super) fn new(ring: Arc<Ring<T>>) -> Self {
        Self { slots: ring.slots(), head: 0, given_back: 0, cached_tail: 0, ring }
    }

    /// Moves the oldest item out, or `None` when the ring is empty.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        if self.filled_at_least(1) == 0 {
            return None;
        }
        // SAFETY: the ring is alive through `ring`; a filled slot belongs to this end and is given back just below.
        let item = unsafe { self.slots.at(self.head).take() };
        self.give_back(1);
        Some(item)
    }

    /// Copies the oldest items into the front of `items`, as many as there are and fit, and says how many they were.
    #[inline]
    pub fn pop_chunk(&mut self, items: &mut [T]) -> usize
    where
        T: Copy,
    {
        let count = self.filled_at_least(items.len()).min(items.len());
        // SAFETY: the ring is alive through `ring`; `count` filled slots from `head` on belong to this end.
        unsafe { self.slots.copy_out(self.head, &mut items[..count]) };
        self.give_back(count);
        count
    }

    /// Pops the items that are there now, each as the iterator reaches it; later arrivals wait for the next call.
    ///
    /// A loop over this is bounded by the capacity, however fast the producer is.
    #[inline]
    pub fn drain(&mut self) -> PopIter<'_, T> {
        let remaining = self.refresh();
        PopIter { consumer: self, remaining }
    }

    /// How many items can be popped now; the producer can only make it more.
    #[must_use]
    pub fn filled_slots(&self) -> usize {
        // Acquire pairs with the producer's release of `tail`: its writes of the items come before our reads.
        self.ring.tail.load(Ordering::Acquire).wrapping_sub(self.head)
    }

    /// Whether nothing can be popped now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cached_tail == self.head && self.filled_slots() == 0
    }

    /// How many items the ring can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    /// Whether the producer was dropped: once this is true, what the ring holds is all there will ever be.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        // Acquire pairs with the release in the producer's `drop`: every item it pushed is visible after this.
        self.ring.producer_gone.load(Ordering::Acquire)
    }

    /// The filled slots this end knows of, asking the producer's position only if they are fewer than `wanted`.
    #[inline(always)]
    fn filled_at_least(&mut self, wanted: usize) -> usize {
        let filled = self.cached_tail.wrapping_sub(self.head);
        if filled >= wanted { filled } else { self.refresh() }
    }

    #[inline]
    fn refresh(&mut self) -> usize {
        // Acquire pairs with the producer's release of `tail`: its writes of the items come before our reads.
        self.cached_tail = self.ring.tail.load(Ordering::Acquire);
        self.cached_tail.wrapping_sub(self.head)
    }

    #[inline(always)]
    fn give_back(&mut self, count: usize) {
        self.head = self.head.wrapping_add(count);
        let knows_of_more = self.head != self.cached_tail;
        if knows_of_more && self.head.wrapping_sub(self.given_back) < self.capacity() / STEPS_A_LAP {
            return;
        }
        self.publish();
    }

    #[inline(always)]
    fn publish(&mut self) {
        self.given_back = self.head;
        // Release pairs with the producer's acquire of `head`: it writes a slot only after we have read it.
        self.ring.head.store(self.head, Ordering::Release);
    }
}

/// Access in place. Loom cannot follow references, so its models use the copying calls, whose protocol is the same.
#[cfg(not(loom))]
impl<T> Consumer<T> {
    /// The oldest item, left where it is; the producer cannot touch it until it is popped.
    #[inline]
    pub fn peek(&mut self) -> Option<&T> {
        if self.filled_at_least(1) == 0 {
            return None;
        }
        // SAFETY: a filled slot belongs to this end, and popping it needs the borrow that the reference holds.
        Some(unsafe { &*self.slots.memory(self.head) })
    }

    /// Up to `limit` of the oldest items in place, to be read as slices and given back at once.
    ///
    /// ```
    /// let (mut producer, mut consumer) = tercel_sync::spsc::channel(8);
    /// producer.push_slice(&[1, 2, 3]);
    /// let chunk = consumer.read_chunk(2);
    /// assert_eq!(chunk.as_slices().0, [1, 2]);
    /// chunk.commit_all();
    /// assert_eq!(consumer.pop(), Some(3));
    /// ```
    #[inline]
    pub fn read_chunk(&mut self, limit: usize) -> ReadChunk<'_, T> {
        let length = self.filled_at_least(limit).min(limit);
        ReadChunk { consumer: self, length }
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        // So that the ring drops no item that was popped.
        self.publish();
        // Release pairs with the acquire in `Producer::is_abandoned`.
        self.ring.consumer_gone.store(true, Ordering::Release);
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Consumer").field("capacity", &self.capacity()).finish_non_exhaustive()
    }
}

/// Pops what was in the ring when [`Consumer::drain`] was called.
#[derive(Debug)]
pub struct PopIter<'ring, T> {
    consumer: &'ring mut Consumer<T>,
    remaining: usize,
}

impl<T> Iterator for PopIter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.remaining = self.remaining.checked_sub(1)?;
        self.consumer.pop()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl<T> ExactSizeIterator for PopIter<'_, T> {}

/// The oldest items of a ring in place. Dropping it without a commit leaves them all in the ring.
#[cfg(not(loom))]
#[derive(Debug)]
pub struct ReadChunk<'ring, T> {
    consumer: &'ring mut Consumer<T>,
    length: usize,
}

#[cfg(not(loom))]
impl<T> ReadChunk<'_, T> {
    /// How many items the chunk has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there was nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The items, oldest first; the second slice is empty unless they lie around the end of the ring's memory.
    #[inline]
    #[must_use]
    pub fn as_slices(&self) -> (&[T], &[T]) {
        let slots = &self.consumer.slots;
        let run = slots.run_length(self.consumer.head, self.length);
        // SAFETY: `length` filled slots from `head` on belong to this end while the chunk borrows it, and both runs
        // stay inside the slots by `run_length`.
        unsafe {
            (
                std::slice::from_raw_parts(slots.memory(self.consumer.head), run),
                std::slice::from_raw_parts(slots.memory(0), self.length - run),
            )
        }
    }

    /// Drops the first `count` items and gives their slots back to the producer.
    ///
    /// # Panics
    /// If the chunk has fewer items.
    #[inline]
    pub fn commit(self, count: usize) {
        assert!(count <= self.length, "{count} items committed of a chunk of {}", self.length);
        if std::mem::needs_drop::<T>() {
            // One by one, so that an item whose `drop` panics is already out of the ring and is not dropped again.
            for _ in 0..count {
                drop(self.consumer.pop());
            }
        } else {
            self.consumer.give_back(count);
        }
    }

    /// Drops all items of the chunk and gives their slots back to the producer.
    #[inline]
    pub fn commit_all(self) {
        let length = self.length;
        self.commit(length);
    }
}
