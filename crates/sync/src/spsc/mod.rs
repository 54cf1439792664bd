//! A bounded ring between one producing and one consuming thread.
//!
//! ```text
//!            head (written by the consumer)      tail (written by the producer)
//!              ▼                                   ▼
//!   ┌─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┐
//!   │  -  │  -  │  a  │  b  │  c  │  d  │  -  │  -  │   position & mask = slot
//!   └─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┘
//! ```
//!
//! Positions count up for ever and wrap with `usize`; `tail - head` is the number of items. Each side keeps its own
//! position in a register and a copy of the other's that it refreshes only when the ring looks full or empty, so that
//! in a stream the two threads touch each other's cache line once a lap rather than once an item. The consumer gives
//! slots back in steps of 1/64 of the ring, but always when it has read all it knew of; rings of fewer than 128 slots
//! count every slot at once.
//!
//! The two handles are the only way in, and their methods take `&mut self`: one thread on each side is a matter of
//! types. When one handle is dropped the other sees it through `is_abandoned`; items still in the ring can be consumed.
//!
//! ```
//! let (mut producer, mut consumer) = tercel_sync::spsc::channel(4);
//! assert_eq!(producer.push(1), Ok(()));
//! assert_eq!(producer.push_slice(&[2, 3, 4, 5]), 3, "three slots were free");
//! assert_eq!(producer.push(6), Err(6), "a full ring hands the item back");
//! assert_eq!(consumer.pop(), Some(1));
//! ```

mod consumer;
mod producer;
mod ring;

#[cfg(not(loom))]
pub use consumer::ReadChunk;
pub use consumer::{Consumer, PopIter};
pub use producer::Producer;

use crate::cells::Arc;
use ring::Ring;

/// A ring for at least `capacity` items, rounded up to a power of two (at least one), and its two ends.
///
/// This is the only call that allocates.
///
/// # Panics
/// If the rounded capacity or its size in bytes does not fit into memory's address range.
#[must_use]
pub fn channel<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    let ring = Arc::new(Ring::new(capacity));
    (Producer::new(Arc::clone(&ring)), Consumer::new(ring))
}
