//! How large a book is, decided once.

use tercel_types::Price;

/// Sizes that a book is made for. Memory is about 36 bytes an order, 64 a level and 8 a window level, touched in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookShape {
    /// Price step; every limit price is a multiple of it.
    pub tick: Price,
    /// Orders that can rest at once.
    pub order_capacity: u32,
    /// Price levels that can exist at once, both sides together.
    pub level_capacity: u32,
    /// Ticks a side that are reached without a search, a power of two from 64 to 262,144.
    pub window_levels: u32,
}

/// Why a book of a shape cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// The tick is zero or negative.
    #[error("the tick must be above zero, not {0}")]
    Tick(i64),
    /// The window is no power of two or out of range.
    #[error("the window must be a power of two from 64 to 262144 levels, not {0}")]
    Window(u32),
    /// No capacity, or one that leaves no index for "none".
    #[error("order and level capacity must be from 1 to 4294967294, not {0}")]
    Capacity(u32),
}

impl BookShape {
    /// Largest window: what three layers of 64-bit words can address.
    pub const MAX_WINDOW_LEVELS: u32 = 64 * 64 * 64;

    /// Checks the limits that the fields name.
    ///
    /// # Errors
    /// The first field found out of range.
    pub fn validate(&self) -> Result<(), ShapeError> {
        if self.tick.0 <= 0 {
            return Err(ShapeError::Tick(self.tick.0));
        }
        let window = self.window_levels;
        if !window.is_power_of_two() || !(64..=Self::MAX_WINDOW_LEVELS).contains(&window) {
            return Err(ShapeError::Window(window));
        }
        for capacity in [self.order_capacity, self.level_capacity] {
            if capacity == 0 || capacity == u32::MAX {
                return Err(ShapeError::Capacity(capacity));
            }
        }
        Ok(())
    }
}

impl Default for BookShape {
    /// A tick of one, 65,536 orders, 16,384 levels and a window of 65,536 ticks: about 4 MB.
    fn default() -> Self {
        Self { tick: Price(1), order_capacity: 1 << 16, level_capacity: 1 << 14, window_levels: 1 << 16 }
    }
}
