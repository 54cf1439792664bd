//! What all orders of one instrument and side add up to, kept with every change.

use crate::Order;
use tercel_types::{Price, Quantity, Side};

/// What one side's orders add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideExposure {
    /// How much may still reach the position: what is open, and what was reported as executed without its fills.
    pub quantity: Quantity,
    /// How many orders have not ended.
    pub orders: u32,
    /// The best price among orders that can stand in the book; `None` where there is none.
    pub best: Option<Price>,
}

/// What one instrument's orders add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstrumentExposure {
    /// The buys.
    pub buy: SideExposure,
    /// The sells.
    pub sell: SideExposure,
}

impl InstrumentExposure {
    /// One side of it.
    #[must_use]
    pub const fn side(&self, side: Side) -> &SideExposure {
        match side {
            Side::Buy => &self.buy,
            Side::Sell => &self.sell,
        }
    }

    /// How many orders have not ended.
    #[must_use]
    pub const fn orders(&self) -> u32 {
        self.buy.orders + self.sell.orders
    }

    pub(crate) const fn side_mut(&mut self, side: Side) -> &mut SideExposure {
        match side {
            Side::Buy => &mut self.buy,
            Side::Sell => &mut self.sell,
        }
    }
}

/// What one order adds to its side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contribution {
    pub quantity: i64,
    pub orders: u32,
    pub price: Option<Price>,
}

impl Contribution {
    pub fn of(order: &Order) -> Self {
        let works = !order.status.is_terminal();
        Self {
            quantity: order.unsettled().0,
            orders: u32::from(works),
            price: (works && order.can_rest()).then_some(order.price),
        }
    }
}

impl SideExposure {
    /// Adds what an order adds, for a new one; `false` if the sum does not fit, and nothing is changed.
    pub(crate) fn add(&mut self, side: Side, added: Contribution) -> bool {
        let Some(quantity) = self.quantity.0.checked_add(added.quantity) else { return false };
        self.quantity = Quantity(quantity);
        self.orders += added.orders;
        self.best = better(side, self.best, added.price);
        true
    }

    /// Replaces what an order added by what it adds now. Returns whether the best price may have left, so that it has to
    /// be looked for again.
    pub(crate) fn replace(&mut self, before: Contribution, after: Contribution) -> bool {
        debug_assert!(after.orders <= before.orders, "an ended order stays ended");
        self.quantity.0 = self.quantity.0.saturating_add(after.quantity - before.quantity);
        self.orders = self.orders + after.orders - before.orders;
        before.price.is_some() && after.price.is_none() && before.price == self.best
    }
}

/// The better of two prices for a side: the higher for buys, the lower for sells.
fn better(side: Side, one: Option<Price>, other: Option<Price>) -> Option<Price> {
    match (one, other) {
        (Some(one), Some(other)) => Some(match side {
            Side::Buy => one.max(other),
            Side::Sell => one.min(other),
        }),
        (one, other) => one.or(other),
    }
}
