//! What threads of Tercel share: a single-producer single-consumer ring, a sequence lock and a sequence latch.
//!
//! Nothing here locks, allocates after construction, or enters the kernel on its fast path.
//!
//! - [`spsc::channel`] hands items from one thread to one other thread, in order, bounded.
//! - [`SeqLock`] publishes the newest value of a few words to many readers. Writing is as cheap as storing the words;
//!   readers wait while a write is under way.
//! - [`SeqLatch`] does the same at twice the cost for the writer, and its readers never wait for a writer that was
//!   preempted in the middle of a write.
//!
//! Every protocol is modelled by `loom`; where a model would take too long, over the interleavings in which a thread is
//! preempted at most three times. Reading in place (`peek`, `read_chunk`) is not modelled, only property-tested:
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p tercel-sync --release --test loom`.

mod cache_padded;
mod cells;
mod seqlatch;
mod seqlock;
pub mod spsc;
mod words;

pub use cache_padded::CachePadded;
pub use seqlatch::{LatchReader, LatchWriter, SeqLatch};
pub use seqlock::{SeqLock, SeqReader, SeqWriter};
