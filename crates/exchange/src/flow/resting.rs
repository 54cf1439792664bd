//! The flow's own resting orders, dense, so that any of them can be drawn.

use tercel_matching::{MatchingBook, OrderHandle};
use tercel_types::Side;

/// An order that the flow placed and has not seen end.
#[derive(Clone, Copy, Debug)]
pub struct FlowOrder {
    pub handle: OrderHandle,
    pub ticks: i64,
    pub side: Side,
    pub patience: Patience,
}

/// How long the maker of an order means to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// As long as others at that distance.
    Patient,
    /// As long as the price is the best one.
    Touch,
    /// For an instant, wherever it stands.
    Fleeting,
}

/// Orders that trade disappear from the book without a word to this list; they are dropped when they are drawn.
pub struct RestingOrders {
    orders: Vec<FlowOrder>,
}

impl RestingOrders {
    pub fn new(capacity: usize) -> Self {
        Self { orders: Vec::with_capacity(capacity) }
    }

    pub const fn count(&self) -> usize {
        self.orders.len()
    }

    pub const fn is_full(&self) -> bool {
        self.orders.len() == self.orders.capacity()
    }

    pub fn push(&mut self, order: FlowOrder) {
        debug_assert!(!self.is_full());
        self.orders.push(order);
    }

    /// An order that still rests; none when the one drawn had ended.
    pub fn draw(&mut self, book: &MatchingBook, uniform: u64) -> Option<FlowOrder> {
        let index = self.index(uniform)?;
        let order = self.orders[index];
        if book.order(order.handle).is_none() {
            self.orders.swap_remove(index);
            return None;
        }
        Some(order)
    }

    /// The first order from a drawn place on that is wanted and still rests.
    pub fn find(
        &mut self,
        book: &MatchingBook,
        uniform: u64,
        wanted: impl Fn(&FlowOrder) -> bool,
    ) -> Option<FlowOrder> {
        let mut index = self.index(uniform)?;
        let mut left = self.orders.len();
        while left > 0 {
            left -= 1;
            if index >= self.orders.len() {
                index = 0;
            }
            let order = self.orders[index];
            if !wanted(&order) {
                index += 1;
            } else if book.order(order.handle).is_some() {
                return Some(order);
            } else {
                self.orders.swap_remove(index);
            }
        }
        None
    }

    fn index(&self, uniform: u64) -> Option<usize> {
        let count = self.orders.len() as u128;
        (count > 0).then(|| ((u128::from(uniform) * count) >> 64) as usize)
    }
}
