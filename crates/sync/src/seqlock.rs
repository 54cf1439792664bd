//! The newest value of a few words, from one writer to many readers.
//!
//! The version is even at rest and odd while the writer is at work. A reader copies the words between two looks at the
//! version and throws the copy away unless both looks show the same even number.
//!
//! Orderings, after Boehm, "Can seqlocks get along with programming language memory models?" (MSPC 2012):
//!
//! ```text
//!   writer                          reader
//!   version = odd     (relaxed)     first = version   (acquire) ──┐ pairs with the writer's release of an even version
//!   fence(release) ───────────┐     words             (relaxed)   │
//!   words             (relaxed)└──► fence(acquire)                │ whoever saw a new word sees the odd version
//!   version = even    (release)     version == first? (relaxed)   │
//! ```

use std::cell::Cell;
use std::marker::PhantomData;

use crate::cache_padded::CachePadded;
use crate::cells::{Arc, AtomicU64, Ordering, fence, spin_loop, yield_now};
use crate::words::Words;

/// After so many failed looks a reader yields its core, lest it spin away the time slice the writer needs to finish.
const LOOKS_BEFORE_YIELD: u32 = 64;

/// `WORDS` words of 64 bits under a version, before it is split into its two ends.
///
/// ```
/// let (writer, reader) = tercel_sync::SeqLock::new(&[0; 2]).split();
/// writer.write(&[7, 8]);
/// assert_eq!(reader.read(), [7, 8]);
/// assert_eq!(reader.version(), 1);
/// ```
#[derive(Debug)]
pub struct SeqLock<const WORDS: usize> {
    /// Twice the number of finished writes, plus one during a write.
    sequence: AtomicU64,
    words: Words<WORDS>,
}

impl<const WORDS: usize> SeqLock<WORDS> {
    /// A lock that holds `initial`, at version 0.
    #[must_use]
    pub fn new(initial: &[u64; WORDS]) -> Self {
        Self { sequence: AtomicU64::new(0), words: Words::new(initial) }
    }

    /// The one writer, and a reader that can be cloned for every thread that reads.
    #[must_use]
    pub fn split(self) -> (SeqWriter<WORDS>, SeqReader<WORDS>) {
        let lock = Arc::new(CachePadded::new(self));
        (SeqWriter { lock: Arc::clone(&lock), one_thread: PhantomData }, SeqReader { lock })
    }
}

/// The end that writes. It can move to another thread, but is neither cloned nor shared.
#[derive(Debug)]
pub struct SeqWriter<const WORDS: usize> {
    lock: Arc<CachePadded<SeqLock<WORDS>>>,
    /// `Cell` is `Send` and not `Sync`, and so is the writer: two threads never write at once.
    one_thread: PhantomData<Cell<()>>,
}

impl<const WORDS: usize> SeqWriter<WORDS> {
    /// Makes `words` what readers see. Never waits.
    #[inline]
    pub fn write(&self, words: &[u64; WORDS]) {
        // Relaxed: only this thread writes the sequence.
        let sequence = self.lock.sequence.load(Ordering::Relaxed);
        self.lock.sequence.store(sequence.wrapping_add(1), Ordering::Relaxed);
        // Release pairs with the reader's acquire fence: a reader that saw one of the words stored below sees the odd
        // sequence at its second look.
        fence(Ordering::Release);
        self.lock.words.store(words);
        // Release pairs with the acquire of the reader's first look: whoever sees this sequence sees all the words.
        self.lock.sequence.store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// How many writes have been finished.
    #[must_use]
    pub fn version(&self) -> u64 {
        // Relaxed: only this thread writes the sequence.
        self.lock.sequence.load(Ordering::Relaxed) / 2
    }
}

/// An end that reads. Clone it for each thread; readers neither disturb the writer nor each other.
#[derive(Clone, Debug)]
pub struct SeqReader<const WORDS: usize> {
    lock: Arc<CachePadded<SeqLock<WORDS>>>,
}

impl<const WORDS: usize> SeqReader<WORDS> {
    /// The newest words. Waits while a write is under way, and looks again if one happened meanwhile: for a thread that
    /// must not wait for a preempted writer, use [`try_read`](Self::try_read) or a [`SeqLatch`](crate::SeqLatch).
    #[inline]
    #[must_use]
    pub fn read(&self) -> [u64; WORDS] {
        let mut looks = 0_u32;
        loop {
            if let Some(words) = self.try_read() {
                return words;
            }
            looks += 1;
            if looks.is_multiple_of(LOOKS_BEFORE_YIELD) {
                yield_now();
            } else {
                spin_loop();
            }
        }
    }

    /// The newest words, or `None` when a write was under way or came between.
    #[inline]
    #[must_use]
    pub fn try_read(&self) -> Option<[u64; WORDS]> {
        let mut words = [0; WORDS];
        self.try_read_into(&mut words).then_some(words)
    }

    /// As [`try_read`](Self::try_read), into memory of the caller's; on `false` that holds a mixture and means nothing.
    #[inline]
    pub fn try_read_into(&self, words: &mut [u64; WORDS]) -> bool {
        // Acquire pairs with the writer's last store: at an even sequence we see at least the words of that write.
        let first = self.lock.sequence.load(Ordering::Acquire);
        self.lock.words.load_into(words);
        // Acquire pairs with the writer's release fence: had we seen a word of a later write, the load below would see
        // its odd sequence, or a later one.
        fence(Ordering::Acquire);
        let second = self.lock.sequence.load(Ordering::Relaxed);
        first == second && first.is_multiple_of(2)
    }

    /// How many writes have been finished: a cheap look for whether a read would bring something new.
    #[inline]
    #[must_use]
    pub fn version(&self) -> u64 {
        // Acquire, so that a read after this brings at least the words of this version.
        self.lock.sequence.load(Ordering::Acquire) / 2
    }
}
