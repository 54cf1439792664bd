//! The slots under the table: a generation a use, a queue of free ones, a bit a live one.

use crate::{Order, OrderHandle};

const HANDLE_BITS: u32 = 31;

/// A place in a walk over the live orders; the default is the beginning.
#[derive(Clone, Copy, Debug, Default)]
pub struct LiveCursor {
    next_slot: u32,
}

/// ```text
/// handle   0 | generation (31 - n bits, from 1) | slot (n bits)
/// ```
/// Free slots wait in a queue, so that a slot rests as long as possible before it is used again and late messages still
/// find their order. A slot whose generations are used up is never used again, so that no id repeats within an epoch.
#[derive(Debug)]
pub(crate) struct Slots {
    orders: Box<[Order]>,
    live: Box<[u64]>,
    live_count: usize,
    free: Box<[u32]>,
    first_free: usize,
    free_count: usize,
    slot_bits: u32,
}

impl Slots {
    /// `capacity` is a power of two of at least 64.
    pub fn new(capacity: usize) -> Self {
        let slots = capacity as u32;
        Self {
            orders: (0..slots).map(Order::vacant).collect(),
            live: vec![0; capacity / 64].into_boxed_slice(),
            live_count: 0,
            free: (0..slots).collect(),
            first_free: 0,
            free_count: capacity,
            slot_bits: slots.trailing_zeros(),
        }
    }

    pub const fn live_count(&self) -> usize {
        self.live_count
    }

    /// The slot that a handle names.
    pub const fn slot(&self, handle: OrderHandle) -> u32 {
        handle.code() & (self.orders.len() as u32 - 1)
    }

    pub fn at(&self, slot: u32) -> &Order {
        &self.orders[slot as usize]
    }

    pub fn at_mut(&mut self, slot: u32) -> &mut Order {
        &mut self.orders[slot as usize]
    }

    pub fn get(&self, handle: OrderHandle) -> Option<&Order> {
        let order = self.at(self.slot(handle));
        (order.handle == handle && handle.code() >> self.slot_bits > 0).then_some(order)
    }

    /// The handle that the next order would have. Nothing is taken until [`Self::occupy`].
    pub fn reserve(&self) -> Option<OrderHandle> {
        if self.free_count == 0 {
            return None;
        }
        let slot = self.free[self.first_free];
        Some(OrderHandle::from_code(self.at(slot).handle.code() + (1 << self.slot_bits)))
    }

    /// Takes the slot that [`Self::reserve`] named last.
    pub fn occupy(&mut self, order: Order) {
        let slot = self.slot(order.handle);
        debug_assert_eq!(self.free[self.first_free], slot);
        self.first_free = (self.first_free + 1) & (self.free.len() - 1);
        self.free_count -= 1;
        self.orders[slot as usize] = order;
        self.live[slot as usize / 64] |= 1 << (slot % 64);
        self.live_count += 1;
    }

    /// Keeps a slot, gives it back, or takes it again if it is free and its last order turns out not to be settled.
    pub fn set_occupied(&mut self, slot: u32, occupied: bool) {
        let bit = 1 << (slot % 64);
        let was_occupied = self.live[slot as usize / 64] & bit != 0;
        if was_occupied == occupied {
            return;
        }
        self.live[slot as usize / 64] ^= bit;
        if occupied {
            self.live_count += 1;
            self.take_back(slot);
        } else {
            self.live_count -= 1;
            self.give_back(slot);
        }
    }

    /// Every slot's order, ended and never used ones too.
    pub fn all(&self) -> impl Iterator<Item = &Order> {
        self.orders.iter()
    }

    pub fn live(&self) -> impl Iterator<Item = &Order> {
        let mut cursor = LiveCursor::default();
        std::iter::from_fn(move || self.next_live(&mut cursor)).map(|handle| self.at(self.slot(handle)))
    }

    pub fn next_live(&self, cursor: &mut LiveCursor) -> Option<OrderHandle> {
        let mut word = cursor.next_slot as usize / 64;
        let mut bits = self.live.get(word)? & (u64::MAX << (cursor.next_slot % 64));
        while bits == 0 {
            word += 1;
            bits = *self.live.get(word)?;
        }
        let slot = (word * 64) as u32 + bits.trailing_zeros();
        cursor.next_slot = slot + 1;
        Some(self.at(slot).handle)
    }

    fn give_back(&mut self, slot: u32) {
        let used_up = self.at(slot).handle.code() >> self.slot_bits == (1 << (HANDLE_BITS - self.slot_bits)) - 1;
        if used_up {
            return;
        }
        let end = (self.first_free + self.free_count) & (self.free.len() - 1);
        self.free[end] = slot;
        self.free_count += 1;
    }

    /// Takes a slot out of the middle of the queue: at most one pass over it, for a message that was very late.
    fn take_back(&mut self, slot: u32) {
        let mask = self.free.len() - 1;
        let mut kept = 0;
        for position in 0..self.free_count {
            let waiting = self.free[(self.first_free + position) & mask];
            if waiting != slot {
                self.free[(self.first_free + kept) & mask] = waiting;
                kept += 1;
            }
        }
        self.free_count = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NewOrder;
    use tercel_types::{ClientOrderId, InstrumentId, Nanos, OrderKind, Price, Quantity, Side, TimeInForce};

    fn fresh(handle: OrderHandle) -> Order {
        let new = NewOrder {
            instrument: InstrumentId(0),
            side: Side::Buy,
            kind: OrderKind::Limit,
            time_in_force: TimeInForce::Gtc,
            price: Price(1),
            quantity: Quantity(1),
        };
        Order::fresh(handle, ClientOrderId(0), &new, Nanos(0))
    }

    #[test]
    fn every_handle_is_above_zero_below_two_to_the_31_and_unique() {
        let mut slots = Slots::new(64);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            let handle = slots.reserve().expect("a free slot");
            assert!(handle.code() > 0 && handle.code() < 1 << 31);
            assert!(seen.insert(handle.code()));
            slots.occupy(fresh(handle));
            slots.set_occupied(slots.slot(handle), false);
        }
    }

    #[test]
    fn a_slot_whose_generations_are_used_up_is_retired() {
        let mut slots = Slots::new(64);
        let last = OrderHandle::from_code(((1 << 25) - 2) << 6);
        *slots.at_mut(0) = fresh(last);
        let handle = slots.reserve().expect("one more generation");
        assert_eq!(handle.code() >> 6, (1 << 25) - 1);
        slots.occupy(fresh(handle));
        slots.set_occupied(0, false);
        let rest: Vec<u32> = std::iter::from_fn(|| {
            let handle = slots.reserve()?;
            slots.occupy(fresh(handle));
            Some(slots.slot(handle))
        })
        .collect();
        assert_eq!(rest, (1..64).collect::<Vec<_>>());
    }

    #[test]
    fn a_freed_slot_can_be_taken_back_out_of_the_queue() {
        let mut slots = Slots::new(64);
        let first = slots.reserve().expect("a free slot");
        slots.occupy(fresh(first));
        slots.set_occupied(0, false);
        slots.set_occupied(0, true);
        assert_eq!(slots.live_count(), 1);
        let others = std::iter::from_fn(|| {
            let handle = slots.reserve()?;
            slots.occupy(fresh(handle));
            Some(slots.slot(handle))
        });
        assert!(others.take(64).all(|slot| slot != 0));
        assert_eq!(slots.live_count(), 64);
    }
}
