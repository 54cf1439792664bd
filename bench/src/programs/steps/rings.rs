//! The ring beside rtrb: a producer and a consumer on two cores, 8-byte items, one at a time and in chunks of 64.
//!
//! A burst takes a millisecond or two, less than a time slice. Which pair of caches the two threads get is bimodal, so the
//! best of many bursts counts.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::beside::{Contender, Effort, best_of, timed};

use super::Row;

const CAPACITY: usize = 4_096;
const CHUNK: usize = 64;
const SINGLE_ITEMS: u64 = 1_000_000;
const BATCH_ITEMS: u64 = 3_200_000;

/// The producer's end of either ring.
trait Inlet: Send {
    fn push(&mut self, item: u64) -> bool;
    fn push_chunk(&mut self, items: &[u64]) -> usize;
}

/// The consumer's end of either ring.
trait Outlet: Send {
    fn pop(&mut self) -> Option<u64>;
    fn pop_chunk(&mut self, items: &mut [u64]) -> usize;
}

impl Inlet for tercel_sync::spsc::Producer<u64> {
    #[inline]
    fn push(&mut self, item: u64) -> bool {
        Self::push(self, item).is_ok()
    }

    #[inline]
    fn push_chunk(&mut self, items: &[u64]) -> usize {
        self.push_slice(items)
    }
}

impl Outlet for tercel_sync::spsc::Consumer<u64> {
    #[inline]
    fn pop(&mut self) -> Option<u64> {
        Self::pop(self)
    }

    #[inline]
    fn pop_chunk(&mut self, items: &mut [u64]) -> usize {
        Self::pop_chunk(self, items)
    }
}

impl Inlet for rtrb::Producer<u64> {
    #[inline]
    fn push(&mut self, item: u64) -> bool {
        Self::push(self, item).is_ok()
    }

    #[inline]
    fn push_chunk(&mut self, items: &[u64]) -> usize {
        self.push_partial_slice(items).0.len()
    }
}

impl Outlet for rtrb::Consumer<u64> {
    #[inline]
    fn pop(&mut self) -> Option<u64> {
        Self::pop(self).ok()
    }

    #[inline]
    fn pop_chunk(&mut self, items: &mut [u64]) -> usize {
        self.pop_partial_slice(items).0.len()
    }
}

/// The row of single items.
pub fn single(effort: Effort) -> Row {
    let mut contenders: [Contender<'_>; 2] = [
        Box::new(|| one_by_one(tercel_sync::spsc::channel(CAPACITY))),
        Box::new(|| one_by_one(rtrb::RingBuffer::new(CAPACITY))),
    ];
    Row::new("spsc_single", "ns an item", &best_of(effort, &mut contenders), &["rtrb"])
}

/// The row of chunks.
pub fn batch(effort: Effort) -> Row {
    let mut contenders: [Contender<'_>; 2] = [
        Box::new(|| in_chunks(tercel_sync::spsc::channel(CAPACITY))),
        Box::new(|| in_chunks(rtrb::RingBuffer::new(CAPACITY))),
    ];
    Row::new("spsc_batch", "ns an item", &best_of(effort, &mut contenders), &["rtrb"])
}

fn one_by_one((mut inlet, mut outlet): (impl Inlet, impl Outlet)) -> f64 {
    let produce = move || {
        for item in 0..SINGLE_ITEMS {
            while !inlet.push(item) {
                spin_loop();
            }
        }
    };
    across_cores(SINGLE_ITEMS, produce, move || {
        for expected in 0..SINGLE_ITEMS {
            let item = loop {
                match outlet.pop() {
                    Some(item) => break item,
                    None => spin_loop(),
                }
            };
            assert_eq!(item, expected);
        }
    })
}

fn in_chunks((mut inlet, mut outlet): (impl Inlet, impl Outlet)) -> f64 {
    let produce = move || {
        let items = [7; CHUNK];
        for _ in 0..BATCH_ITEMS / CHUNK as u64 {
            let mut sent = 0;
            while sent < CHUNK {
                match inlet.push_chunk(&items[sent..]) {
                    0 => spin_loop(),
                    count => sent += count,
                }
            }
        }
    };
    across_cores(BATCH_ITEMS, produce, move || {
        let mut items = [0; CHUNK];
        let mut received = 0;
        while received < BATCH_ITEMS {
            match outlet.pop_chunk(&mut items) {
                0 => spin_loop(),
                count => received += count as u64,
            }
            black_box(&items);
        }
    })
}

/// Nanoseconds an item from the moment both threads are ready to the end of the consumer.
fn across_cores(items: u64, produce: impl FnOnce() + Send, consume: impl FnOnce() + Send) -> f64 {
    let ready = AtomicUsize::new(0);
    // Spinning, so that no one is still being woken when the time starts.
    let meet = || {
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < 2 {
            spin_loop();
        }
    };
    let cpus = tercel_host::allowed_cpus();
    let (first, last) = (cpus.first().copied().unwrap_or(0), cpus.last().copied().unwrap_or(0));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            pin(last);
            meet();
            produce();
        });
        let consumer = scope.spawn(move || {
            pin(first);
            meet();
            timed(items as usize, consume)
        });
        consumer.join().unwrap_or(f64::INFINITY)
    })
}

/// Where the system refuses, the figures are what they are.
fn pin(cpu: usize) {
    let _ = tercel_host::pin_current_thread(cpu);
}
