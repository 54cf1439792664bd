//! The fitted flow for instruments other than the one it was fitted to.

use super::agents::FlowMarket;
use super::parameters::{BUCKETS, FlowParameters, bucket_of};

impl FlowParameters {
    /// Distances in proportion to the price, sizes of equal value.
    pub(super) fn scaled_to(mut self, market: &FlowMarket) -> Self {
        let price_ticks = market.initial_price.0 / market.tick.0;
        for ticks in &mut self.jump_ticks.0 {
            *ticks = (i128::from(*ticks) * i128::from(price_ticks) / i128::from(self.price_ticks)) as i64;
        }
        self.shift_buckets(price_ticks);
        // Hundred-millionths of the quote asset, like `lot_value`.
        let notional = i128::from(market.initial_price.0) * i128::from(market.lot.0) * 100_000_000;
        let lot_value = (notional / 10i128.pow(u32::from(market.notional_scale))).max(1);
        for table in [&mut self.taker_size, &mut self.touch_size, &mut self.near_size, &mut self.far_size] {
            for lots in &mut table.0 {
                *lots = (i128::from(*lots) * i128::from(self.lot_value) / lot_value) as i64;
            }
        }
        self
    }

    /// Moves what happens in a bucket to the bucket that is as far away in parts of the price. Buckets that would lie inside
    /// a tick fall together in the first behind the touch.
    fn shift_buckets(&mut self, price_ticks: i64) {
        let (rates, cancels, opening) = (self.passive_rates, self.passive_cancel_rates, self.opening_orders);
        (self.passive_rates, self.opening_orders) = ([0; BUCKETS], [0; BUCKETS]);
        for bucket in 0..BUCKETS {
            let distance = (1i128 << bucket) / 2 * i128::from(price_ticks) / i128::from(self.price_ticks);
            let shifted = bucket_of(distance as i64).max(bucket.min(1));
            self.passive_rates[shifted] += rates[bucket];
            self.opening_orders[shifted] += opening[bucket];
            self.passive_cancel_rates[shifted] = cancels[bucket];
        }
    }
}
