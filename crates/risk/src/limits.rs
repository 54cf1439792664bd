//! The limits that a person sets, and their validation.

use crate::rate::WindowLimit;
use tercel_types::{Instrument, Quantity, Symbol};

/// The limits of one instrument. All are above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RiskLimits {
    /// The most that one order may be for.
    pub max_order_quantity: Quantity,
    /// The most that one order may be worth, at the instrument's notional scale.
    pub max_notional: i128,
    /// How far from the market a price may be, in hundredths of a percent of the reference.
    pub price_collar_bps: u32,
    /// The largest position, long or short, that may come about if all working orders of a side were filled.
    pub max_position: Quantity,
    /// The most orders that may be open at once.
    pub max_open_orders: u32,
    /// The greatest age of the market data on which an order may rest.
    pub max_data_age_ns: i64,
}

/// The limits on the number of orders, over all instruments of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Own limit: orders in any second.
    pub max_orders_per_second: u32,
    /// The venue's limits (Binance: `ORDERS` in exchangeInfo, such as 50 in 10 s and 160,000 in a day).
    pub venue: [Option<WindowLimit>; Self::VENUE_WINDOWS],
}

/// What is wrong with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitError {
    /// A limit of an instrument is not above zero.
    NotPositive {
        /// The instrument.
        symbol: Symbol,
        /// The limit's name in the configuration.
        limit: &'static str,
    },
    /// The collar is so wide that a sell could be free.
    CollarTooWide {
        /// The instrument.
        symbol: Symbol,
    },
    /// An order rate or its window is not above zero.
    Rate {
        /// The limit's name in the configuration.
        limit: &'static str,
    },
    /// An instrument's id is not its place in the list.
    Order {
        /// The instrument.
        symbol: Symbol,
    },
}

impl std::fmt::Display for LimitError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotPositive { symbol, limit } => write!(formatter, "risk.{limit} of {symbol} must be above zero"),
            Self::CollarTooWide { symbol } => {
                write!(formatter, "risk.price_collar_bps of {symbol} must be at most {}", RiskLimits::WIDEST_COLLAR_BPS)
            }
            Self::Rate { limit } => write!(formatter, "{limit} must be above zero, over a window above zero"),
            Self::Order { symbol } => write!(formatter, "{symbol} does not stand where its instrument id says"),
        }
    }
}

impl std::error::Error for LimitError {}

impl RiskLimits {
    /// A hundred percent.
    pub const WIDEST_COLLAR_BPS: u32 = 10_000;

    /// Checks that every limit limits something.
    ///
    /// # Errors
    /// [`LimitError`] names the instrument and the limit.
    pub fn validate(&self, instrument: &Instrument) -> Result<(), LimitError> {
        let symbol = instrument.symbol;
        let positive = [
            ("max_order_quantity", self.max_order_quantity.0 > 0),
            ("max_notional", self.max_notional > 0),
            ("price_collar_bps", self.price_collar_bps > 0),
            ("max_position", self.max_position.0 > 0),
            ("max_open_orders", self.max_open_orders > 0),
            ("max_data_age_ms", self.max_data_age_ns > 0),
        ];
        if let Some((limit, _)) = positive.into_iter().find(|(_, holds)| !holds) {
            return Err(LimitError::NotPositive { symbol, limit });
        }
        if self.price_collar_bps > Self::WIDEST_COLLAR_BPS {
            return Err(LimitError::CollarTooWide { symbol });
        }
        Ok(())
    }
}

impl RateLimits {
    /// How many windows of the venue can be kept.
    pub const VENUE_WINDOWS: usize = 4;

    /// Checks that every limit limits something.
    ///
    /// # Errors
    /// [`LimitError::Rate`] names the limit.
    pub fn validate(&self) -> Result<(), LimitError> {
        if self.max_orders_per_second == 0 {
            return Err(LimitError::Rate { limit: "risk.max_orders_per_second" });
        }
        let unusable = |window: &WindowLimit| window.orders == 0 || window.window_ns <= 0;
        if self.venue.iter().flatten().any(unusable) {
            return Err(LimitError::Rate { limit: "the venue's order rate" });
        }
        Ok(())
    }
}
