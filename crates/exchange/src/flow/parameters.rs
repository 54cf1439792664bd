//! What the agents are told: rates, sizes and distances.

use super::QuantileTable;

/// Distance buckets: 0 is the touch itself, `b` is from `2^(b-1)` to `2^b - 1` ticks behind it.
pub const BUCKETS: usize = 18;

/// Rates are in millionths of an event a second, sizes in lots, distances in ticks of the instrument they were fitted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowParameters {
    /// Price of the fitted instrument in its ticks.
    pub price_ticks: i64,
    /// Value of one of its lots, in hundred-millionths of the quote asset.
    pub lot_value: i64,
    /// Jumps of the reference price.
    pub jump_rate: u64,
    /// Sizes of those jumps.
    pub jump_ticks: QuantileTable,
    /// Steps in which a jump is made.
    pub drift_rate: u64,
    /// Takers, both sides together.
    pub taker_rate: u64,
    /// Sizes of their orders.
    pub taker_size: QuantileTable,
    /// Which part of the takers is followed by another of the same side in the same instant, in thousandths.
    pub burst_share: u32,
    /// Orders that join the best level, a side.
    pub touch_rate: u64,
    /// Sizes of those orders and of improving ones.
    pub touch_size: QuantileTable,
    /// Cancels of one order at the touch.
    pub touch_cancel_rate: u64,
    /// Cancels of one order that was placed at a touch which has moved away.
    pub left_behind_cancel_rate: u64,
    /// Orders that narrow a spread wider than a tick.
    pub improve_rate: u64,
    /// Cancels and takes of orders on the wrong side of the reference price.
    pub chase_rate: u64,
    /// Which part of those takes, in thousandths.
    pub chase_take_share: u32,
    /// Orders that join a bucket, a side.
    pub passive_rates: [u64; BUCKETS],
    /// Cancels of one order in a bucket.
    pub passive_cancel_rates: [u64; BUCKETS],
    /// Which part of the orders that join a bucket is soon gone, in thousandths.
    pub fleeting_share: u32,
    /// Cancels of one of those.
    pub fleeting_cancel_rate: u64,
    /// Orders a bucket and side with which a market opens.
    pub opening_orders: [u32; BUCKETS],
    /// Which part of passive orders joins a price that already has one, in thousandths.
    pub join_share: u32,
    /// Sizes of passive orders in buckets below [`Self::FAR_BUCKET`].
    pub near_size: QuantileTable,
    /// Sizes in the others.
    pub far_size: QuantileTable,
}

impl FlowParameters {
    /// From here on, orders are of the far size.
    pub const FAR_BUCKET: usize = 11;
}

/// The bucket of a distance from the touch; what is farther than the last bucket counts as in it.
#[must_use]
pub const fn bucket_of(distance: i64) -> usize {
    if distance <= 0 {
        return 0;
    }
    let bucket = (i64::BITS - distance.leading_zeros()) as usize;
    if bucket < BUCKETS { bucket } else { BUCKETS - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_double_in_width() {
        let buckets = [-5, 0, 1, 2, 3, 4, 7, 8, i64::MAX].map(bucket_of);
        assert_eq!(buckets, [0, 0, 1, 2, 2, 3, 3, 4, BUCKETS - 1]);
    }
}
