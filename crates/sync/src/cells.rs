//! The cells and atomics the protocols are written over: those of `std`, or those of `loom` when it models them.

use std::mem::MaybeUninit;

#[cfg(not(loom))]
pub(crate) use std::{
    hint::spin_loop,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence},
    },
    thread::yield_now,
};

#[cfg(loom)]
pub(crate) use loom::{
    hint::spin_loop,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence},
    },
    thread::yield_now,
};

#[cfg(not(loom))]
type Cell<T> = std::cell::UnsafeCell<T>;
#[cfg(loom)]
type Cell<T> = loom::cell::UnsafeCell<T>;

/// One place for an item, written by one thread and emptied by another.
#[repr(transparent)]
pub(crate) struct Slot<T>(Cell<MaybeUninit<T>>);

impl<T> Slot<T> {
    /// A slot that holds nothing.
    pub(crate) fn empty() -> Self {
        Self(Cell::new(MaybeUninit::uninit()))
    }

    /// Puts `value` into the slot without dropping what was there.
    ///
    /// # Safety
    /// No other thread may access this slot during the call.
    #[inline(always)]
    pub(crate) unsafe fn put(&self, value: T) {
        #[cfg(not(loom))]
        // SAFETY: the caller guarantees exclusive access, and the pointer comes from a live cell.
        unsafe {
            (*self.0.get()).write(value);
        }
        #[cfg(loom)]
        // SAFETY: as above; loom checks the exclusiveness.
        self.0.with_mut(|cell| unsafe {
            (*cell).write(value);
        });
    }

    /// Moves the item out of the slot.
    ///
    /// # Safety
    /// The slot must hold an item, which counts as gone afterwards, and no other thread may access it during the call.
    #[inline(always)]
    pub(crate) unsafe fn take(&self) -> T {
        #[cfg(not(loom))]
        // SAFETY: the caller guarantees an item and exclusive access.
        unsafe {
            (*self.0.get()).assume_init_read()
        }
        #[cfg(loom)]
        // SAFETY: as above; loom checks the exclusiveness.
        self.0.with_mut(|cell| unsafe { (*cell).assume_init_read() })
    }
}
