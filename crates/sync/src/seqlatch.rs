//! The newest value of a few words, for readers that must never wait for a preempted writer.
//!
//! Two copies stand side by side, and the lowest bit of the sequence says which of them is to be read. The writer
//! changes the copy that is not, turns the sequence, then changes the other; a reader looks again only if the sequence
//! turned meanwhile, which means that the writer is running. Linux keeps its clocks in the same way (`seqcount_latch`).
//!
//! ```text
//!   sequence even: read `copies[0]`, the writer may be in `copies[1]`
//!   sequence odd:  read `copies[1]`, the writer may be in `copies[0]`
//! ```

use std::cell::Cell;
use std::marker::PhantomData;

use crate::cache_padded::CachePadded;
use crate::cells::{Arc, AtomicU64, Ordering, fence, spin_loop};
use crate::words::Words;

/// `WORDS` words of 64 bits in two copies, before they are split into their two ends.
///
/// ```
/// let (writer, reader) = tercel_sync::SeqLatch::new(&[0; 2]).split();
/// writer.write(&[7, 8]);
/// assert_eq!(reader.read(), [7, 8]);
/// ```
#[derive(Debug)]
pub struct SeqLatch<const WORDS: usize> {
    sequence: AtomicU64,
    copies: [Words<WORDS>; 2],
}

impl<const WORDS: usize> SeqLatch<WORDS> {
    /// A latch that holds `initial`.
    #[must_use]
    pub fn new(initial: &[u64; WORDS]) -> Self {
        Self { sequence: AtomicU64::new(0), copies: [Words::new(initial), Words::new(initial)] }
    }

    /// The one writer, and a reader that can be cloned for every thread that reads.
    #[must_use]
    pub fn split(self) -> (LatchWriter<WORDS>, LatchReader<WORDS>) {
        let latch = Arc::new(CachePadded::new(self));
        (LatchWriter { latch: Arc::clone(&latch), one_thread: PhantomData }, LatchReader { latch })
    }
}

/// The end that writes. It can move to another thread, but is neither cloned nor shared.
#[derive(Debug)]
pub struct LatchWriter<const WORDS: usize> {
    latch: Arc<CachePadded<SeqLatch<WORDS>>>,
    /// `Cell` is `Send` and not `Sync`, and so is the writer: two threads never write at once.
    one_thread: PhantomData<Cell<()>>,
}

impl<const WORDS: usize> LatchWriter<WORDS> {
    /// Makes `words` what readers see. Never waits.
    pub fn write(&self, words: &[u64; WORDS]) {
        let latch = &**self.latch;
        // Relaxed: only this thread writes the sequence.
        let sequence = latch.sequence.load(Ordering::Relaxed);
        for step in 0..2_u64 {
            // Readers of the present sequence are in the other copy; those of the one before, whose copy this is, see
            // through the fence below that the sequence has turned.
            let unread = usize::from((sequence + step).is_multiple_of(2));
            // Release pairs with the reader's acquire fence: a reader that saw one of the words stored below sees at
            // its second look the sequence that sent readers to the other copy.
            fence(Ordering::Release);
            latch.copies[unread].store(words);
            // Release pairs with the acquire of the reader's first look: whoever is sent to this copy sees it whole.
            latch.sequence.store(sequence.wrapping_add(step + 1), Ordering::Release);
        }
    }
}

/// An end that reads. Clone it for each thread; readers neither disturb the writer nor each other.
#[derive(Clone, Debug)]
pub struct LatchReader<const WORDS: usize> {
    latch: Arc<CachePadded<SeqLatch<WORDS>>>,
}

impl<const WORDS: usize> LatchReader<WORDS> {
    /// The newest words.
    #[inline]
    #[must_use]
    pub fn read(&self) -> [u64; WORDS] {
        self.read_with(|| ()).0
    }

    /// The newest words and what `during` returned while they were in force: no later words had been published when it
    /// was called. It is called again whenever the writer published meanwhile, so it should be cheap and without
    /// effects.
    #[inline]
    pub fn read_with<R>(&self, mut during: impl FnMut() -> R) -> ([u64; WORDS], R) {
        let latch = &**self.latch;
        let mut words = [0; WORDS];
        loop {
            // Acquire pairs with the writer's release of the sequence: the copy it sends us to is whole.
            let sequence = latch.sequence.load(Ordering::Acquire);
            latch.copies[usize::from(!sequence.is_multiple_of(2))].load_into(&mut words);
            let outcome = during();
            // Acquire pairs with the writer's release fence: had we seen a word of the next write into this copy, the
            // load below would see that the sequence had turned. The loop ends unless writes follow each other without
            // a pause.
            fence(Ordering::Acquire);
            if latch.sequence.load(Ordering::Relaxed) == sequence {
                return (words, outcome);
            }
            spin_loop();
        }
    }
}
