//! The day's statistics of a symbol. The exchange is young, so its day is the time since it was started.

use crate::core::{Amount, PublicTrade, SymbolRules};

/// Open, high, low, last, volumes and the trades they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayStatistics {
    /// The first price.
    pub open: Amount,
    /// The highest price.
    pub high: Amount,
    /// The lowest price.
    pub low: Amount,
    /// The last price.
    pub last: Amount,
    /// The last trade's quantity.
    pub last_quantity: Amount,
    /// Base asset traded.
    pub volume: Amount,
    /// Quote asset traded.
    pub quote_volume: Amount,
    /// The first trade's id.
    pub first_trade_id: u64,
    /// The last trade's id.
    pub last_trade_id: u64,
    /// How many trades.
    pub count: u64,
    /// When the first trade was, ms since 1970.
    pub open_time_ms: i64,
    /// When the last trade was, ms since 1970.
    pub close_time_ms: i64,
}

impl DayStatistics {
    /// Counts a trade in.
    pub fn add(&mut self, rules: &SymbolRules, trade: &PublicTrade) {
        let price = Amount::of_price(&rules.instrument, trade.price);
        if self.count == 0 {
            *self = Self { open: price, high: price, low: price, ..Self::default() };
            self.first_trade_id = trade.trade_id;
            self.open_time_ms = trade.time_ms;
        }
        self.high = self.high.max(price);
        self.low = self.low.min(price);
        self.last = price;
        self.last_quantity = Amount::of_quantity(&rules.instrument, trade.quantity);
        self.volume += self.last_quantity;
        self.quote_volume += rules.cost(trade.price, trade.quantity);
        self.last_trade_id = trade.trade_id;
        self.close_time_ms = trade.time_ms;
        self.count += 1;
    }

    /// The change from open to last.
    #[must_use]
    pub fn change(&self) -> Amount {
        self.last - self.open
    }

    /// The change in percent, with three decimals.
    #[must_use]
    pub fn change_percent(&self) -> String {
        let open = self.open.0.max(1);
        let thousandths = self.change().0 * 100_000 / open;
        let sign = if thousandths < 0 { "-" } else { "" };
        let magnitude = thousandths.unsigned_abs();
        format!("{sign}{}.{:03}", magnitude / 1_000, magnitude % 1_000)
    }

    /// The price at which the volume was traded on average.
    #[must_use]
    pub fn weighted_average(&self) -> Amount {
        if self.volume.is_zero() {
            return self.last;
        }
        Amount(self.quote_volume.0 * 100_000_000 / self.volume.0)
    }
}
