//! The events that wait for the strategy.

use tercel_types::Event;

/// How many events can wait. One message makes a handful at most and the strategy takes them all before the next message
/// is read, so the bound is reached only by a defect; it is counted then.
pub const CAPACITY: usize = 4096;

/// A first-in first-out queue in a fixed array, used by one thread.
#[derive(Debug)]
pub(crate) struct EventQueue {
    events: Box<[Event]>,
    head: usize,
    length: usize,
}

impl EventQueue {
    /// An empty queue with all its memory.
    pub fn new(empty: Event) -> Self {
        Self { events: vec![empty; CAPACITY].into_boxed_slice(), head: 0, length: 0 }
    }

    /// Appends an event; `false` if there is no room.
    #[inline]
    pub fn push(&mut self, event: Event) -> bool {
        if self.length == CAPACITY {
            return false;
        }
        self.events[(self.head + self.length) % CAPACITY] = event;
        self.length += 1;
        true
    }

    /// Takes the oldest.
    #[inline]
    pub fn pop(&mut self) -> Option<Event> {
        if self.length == 0 {
            return None;
        }
        let event = self.events[self.head];
        self.head = (self.head + 1) % CAPACITY;
        self.length -= 1;
        Some(event)
    }

    /// Whether none waits.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tercel_types::{EventKind, InstrumentId, Nanos};

    #[test]
    fn events_come_out_in_order_and_the_bound_holds() {
        let event = |id| Event { id, ..Event::new(EventKind::Trade, InstrumentId(0), Nanos(0)) };
        let mut queue = EventQueue::new(event(0));
        for round in 0..3u64 {
            for id in 0..CAPACITY as u64 {
                assert!(queue.push(event(round + id)));
            }
            assert!(!queue.push(event(0)));
            for id in 0..CAPACITY as u64 {
                assert_eq!(queue.pop().map(|event| event.id), Some(round + id));
            }
            assert!(queue.pop().is_none());
        }
    }
}
