//! The arrays in which orders and price levels lie, with free lists threaded through them.

use tercel_types::Side;

use crate::OrderHandle;

/// No order, no level.
pub const NONE: u32 = u32::MAX;

/// A resting order. Thirty-two bytes, so that two share a cache line and none straddles one.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub struct Order {
    /// What is left; zero in a free slot.
    pub leaves: i64,
    pub id: u64,
    /// The order behind in the queue; in a free slot, the next free one.
    pub next: u32,
    /// The order in front.
    pub previous: u32,
    pub level: u32,
    pub owner: u32,
}

/// A price and its queue.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub struct PriceLevel {
    /// Sum of what is left of the queue's orders.
    pub quantity: i64,
    /// Ticks, negated for buyers.
    pub key: i64,
    /// First in the queue; in a free level, the next free one.
    pub head: u32,
    /// Last in the queue.
    pub tail: u32,
    pub count: u32,
    pub side: Side,
}

const _: () = assert!(size_of::<Order>() == 32 && size_of::<PriceLevel>() == 32);

/// All orders of a book, and the generation of every slot beside them.
pub struct Orders {
    pub slots: Box<[Order]>,
    generations: Box<[u32]>,
    free: u32,
    live: u32,
}

/// All price levels of a book.
pub struct PriceLevels {
    pub levels: Box<[PriceLevel]>,
    free: u32,
}

impl Orders {
    /// Writes every slot once: the memory is mapped and the free list runs from slot 0 upwards.
    pub fn new(capacity: u32) -> Self {
        let free = |slot| Order { leaves: 0, id: 0, next: slot, previous: NONE, level: NONE, owner: 0 };
        let mut slots: Box<[Order]> = (1..=capacity).map(free).collect();
        slots[capacity as usize - 1].next = NONE;
        // Starting at one makes the default handle name nothing, and writes the pages.
        let generations = vec![1; capacity as usize].into_boxed_slice();
        Self { slots, generations, free: 0, live: 0 }
    }

    pub const fn is_full(&self) -> bool {
        self.free == NONE
    }

    pub const fn live(&self) -> u32 {
        self.live
    }

    /// Takes a free slot for an order. The caller has seen that there is one.
    #[inline]
    pub fn insert(&mut self, order: Order) -> u32 {
        let slot = self.free;
        let place = &mut self.slots[slot as usize];
        self.free = place.next;
        *place = order;
        self.live += 1;
        slot
    }

    /// Frees a slot; its handles die.
    #[inline]
    pub fn release(&mut self, slot: u32) {
        let order = &mut self.slots[slot as usize];
        order.leaves = 0;
        order.next = self.free;
        self.free = slot;
        self.live -= 1;
        let generation = &mut self.generations[slot as usize];
        *generation = generation.wrapping_add(1);
    }

    #[inline]
    pub fn handle(&self, slot: u32) -> OrderHandle {
        OrderHandle { slot, generation: self.generations[slot as usize] }
    }

    /// The live order that a handle names.
    #[inline]
    pub fn get(&self, handle: OrderHandle) -> Option<&Order> {
        let order = self.slots.get(handle.slot as usize)?;
        let current = self.generations[handle.slot as usize] == handle.generation;
        (current && order.leaves > 0).then_some(order)
    }
}

impl PriceLevels {
    /// Writes every level once, as [`Orders::new`] does.
    pub fn new(capacity: u32) -> Self {
        let free = |index| PriceLevel { quantity: 0, key: 0, head: index, tail: NONE, count: 0, side: Side::Buy };
        let mut levels: Box<[PriceLevel]> = (1..=capacity).map(free).collect();
        levels[capacity as usize - 1].head = NONE;
        Self { levels, free: 0 }
    }

    pub const fn is_full(&self) -> bool {
        self.free == NONE
    }

    /// Takes a free level for a price. The caller has seen that there is one.
    #[inline]
    pub fn insert(&mut self, side: Side, key: i64) -> u32 {
        let index = self.free;
        let level = &mut self.levels[index as usize];
        self.free = level.head;
        *level = PriceLevel { quantity: 0, key, head: NONE, tail: NONE, count: 0, side };
        index
    }

    #[inline]
    pub fn release(&mut self, index: u32) {
        self.levels[index as usize].head = self.free;
        self.free = index;
    }
}
