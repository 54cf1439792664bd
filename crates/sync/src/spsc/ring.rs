//! The memory both ends share.

use std::mem::needs_drop;

use crate::cache_padded::CachePadded;
use crate::cells::{AtomicBool, AtomicUsize, Ordering, Slot};

/// Slots and positions. `head <= tail <= head + capacity` in wrapping arithmetic; slots in `head..tail` hold items and
/// belong to the consumer, the others are empty and belong to the producer.
pub(super) struct Ring<T> {
    /// Position of the oldest item; only the consumer writes it.
    pub(super) head: CachePadded<AtomicUsize>,
    /// Position of the next free slot; only the producer writes it.
    pub(super) tail: CachePadded<AtomicUsize>,
    pub(super) producer_gone: AtomicBool,
    pub(super) consumer_gone: AtomicBool,
    slots: Box<[Slot<T>]>,
}

impl<T> Ring<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let capacity = capacity.checked_next_power_of_two().filter(|&rounded| rounded <= usize::MAX / 2);
        // A capacity beyond the address range is a broken invariant of the caller's, not a state to go on from.
        let capacity = capacity.expect("the capacity of a ring exceeds half the address range");
        Self {
            head: CachePadded::new(AtomicUsize::new(0)),
            tail: CachePadded::new(AtomicUsize::new(0)),
            producer_gone: AtomicBool::new(false),
            consumer_gone: AtomicBool::new(false),
            slots: (0..capacity).map(|_| Slot::empty()).collect(),
        }
    }

    /// The slots as each end keeps them; valid as long as the ring lives.
    pub(super) fn slots(&self) -> Slots<T> {
        Slots { first: self.slots.as_ptr(), mask: self.slots.len() - 1 }
    }
}

// SAFETY: a ring hands items from one thread to another, so they must be `Send`. Its slots are accessed by the two ends
// only, each slot by the end it belongs to; ownership passes with a release store and an acquire load of a position.
unsafe impl<T: Send> Sync for Ring<T> {}
// SAFETY: as above; the last end to go drops the ring, on whichever thread that is.
unsafe impl<T: Send> Send for Ring<T> {}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        if !needs_drop::<T>() {
            return;
        }
        // Relaxed: dropping the last `Arc` has ordered everything both ends did before this.
        let tail = self.tail.load(Ordering::Relaxed);
        let mut head = self.head.load(Ordering::Relaxed);
        while head != tail {
            // SAFETY: slots in `head..tail` hold items, and no other handle exists any more.
            drop(unsafe { self.slots().at(head).take() });
            head = head.wrapping_add(1);
        }
    }
}

/// Where the slots are: what an end needs at every item, without going through the `Arc`.
pub(super) struct Slots<T> {
    first: *const Slot<T>,
    mask: usize,
}

impl<T> Slots<T> {
    #[inline(always)]
    pub(super) fn capacity(&self) -> usize {
        self.mask + 1
    }

    /// The slot of `position`.
    ///
    /// # Safety
    /// The ring must be alive.
    #[inline(always)]
    pub(super) unsafe fn at(&self, position: usize) -> &Slot<T> {
        // SAFETY: masking keeps the index inside the slots, which live as long as the ring.
        unsafe { &*self.first.add(position & self.mask) }
    }
}

/// How far ahead of the producer its cache lines are fetched; found by trial with items of 8 bytes.
const PREFETCH_BYTES: usize = 512;

/// What the cache holds together.
const LINE_BYTES: usize = 64;

impl<T> Slots<T> {
    /// Asks for the lines that the producer will write soon, a line for each that `count` slots from `position` on fill.
    /// The consumer's cache has had them since the last lap, and without this every one of them is a stall: the
    /// processor's own prefetcher fetches lines to be read, not to be written.
    #[inline(always)]
    pub(super) fn prefetch_ahead_of(&self, position: usize, count: usize) {
        // An item without size counts as a byte, which asks for lines near the ring and does no harm.
        let size = size_of::<T>().max(1);
        let start = position.wrapping_add(PREFETCH_BYTES / size);
        for offset in (0..count).step_by(LINE_BYTES.div_ceil(size)) {
            prefetch_to_write(self.first.wrapping_add(start.wrapping_add(offset) & self.mask));
        }
    }
}

#[cfg(all(target_arch = "x86_64", not(miri), not(loom)))]
#[inline(always)]
fn prefetch_to_write<T>(slot: *const Slot<T>) {
    // SAFETY: a prefetch changes nothing but caches and cannot fault; where a processor lacks it, it does nothing.
    unsafe {
        std::arch::asm!("prefetchw [{}]", in(reg) slot.addr(), options(nomem, nostack, preserves_flags));
    }
}

/// Elsewhere the stores fetch their lines themselves.
#[cfg(not(all(target_arch = "x86_64", not(miri), not(loom))))]
fn prefetch_to_write<T>(_slot: *const Slot<T>) {}

#[cfg(not(loom))]
impl<T> Slots<T> {
    /// How many of `count` slots from `position` on lie before the end of the memory; the rest starts at its beginning.
    #[inline(always)]
    pub(super) fn run_length(&self, position: usize, count: usize) -> usize {
        count.min(self.capacity() - (position & self.mask))
    }

    /// The memory of the slot of `position`, from which a run of slots can be reached.
    #[inline(always)]
    pub(super) fn memory(&self, position: usize) -> *mut T {
        // `Slot<T>` is transparent over `UnsafeCell<MaybeUninit<T>>`, which has the layout of `T`. The pointer was taken
        // from the whole slice, so it may reach every slot; the cell makes writing through it defined.
        self.first.wrapping_add(position & self.mask).cast_mut().cast()
    }

    /// Copies `items` into the slots from `position` on, around the end if need be.
    ///
    /// # Safety
    /// The ring must be alive, and the slots must be empty and belong to the caller.
    #[inline(always)]
    pub(super) unsafe fn copy_in(&self, position: usize, items: &[T])
    where
        T: Copy,
    {
        let run = self.run_length(position, items.len());
        // SAFETY: both runs stay inside the slots by `run_length`; the caller owns them, so nothing overlaps.
        unsafe {
            self.memory(position).copy_from_nonoverlapping(items.as_ptr(), run);
            self.memory(0).copy_from_nonoverlapping(items.as_ptr().add(run), items.len() - run);
        }
    }

    /// Copies the items from `position` on into `items`, around the end if need be.
    ///
    /// # Safety
    /// The ring must be alive, and the slots must hold items and belong to the caller.
    #[inline(always)]
    pub(super) unsafe fn copy_out(&self, position: usize, items: &mut [T])
    where
        T: Copy,
    {
        let run = self.run_length(position, items.len());
        // SAFETY: as in `copy_in`, with the items initialised by the producer before it published them.
        unsafe {
            self.memory(position).copy_to_nonoverlapping(items.as_mut_ptr(), run);
            self.memory(0).copy_to_nonoverlapping(items.as_mut_ptr().add(run), items.len() - run);
        }
    }
}

/// The same copies slot by slot, so that loom sees each access.
#[cfg(loom)]
impl<T: Copy> Slots<T> {
    /// # Safety
    /// As of the version outside loom.
    pub(super) unsafe fn copy_in(&self, position: usize, items: &[T]) {
        for (index, item) in items.iter().enumerate() {
            // SAFETY: the caller owns the slots.
            unsafe { self.at(position.wrapping_add(index)).put(*item) };
        }
    }

    /// # Safety
    /// As of the version outside loom.
    pub(super) unsafe fn copy_out(&self, position: usize, items: &mut [T]) {
        for (index, item) in items.iter_mut().enumerate() {
            // SAFETY: the caller owns the slots, which hold items.
            *item = unsafe { self.at(position.wrapping_add(index)).take() };
        }
    }
}
