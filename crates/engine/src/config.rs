//! What an engine is made of, checked where it is made.

use std::fmt;
use std::path::PathBuf;

use tercel_execution::OpenOrderPolicy;
use tercel_net::{SocketOptions, WaitStrategy};
use tercel_position::Rate;
use tercel_risk::{RateLimits, RiskLimits};
use tercel_types::{Asset, Instrument};
use tercel_wire::binance::{Credentials, KeyError, Signer};

use crate::layout::{MAX_INSTRUMENTS, MAX_ORDERS};

/// Memory for the window of one instrument's book, unless said otherwise: 2^18 ticks a side.
pub const DEFAULT_BOOK_BYTES: usize = 8 << 20;

/// Everything about one instrument.
#[derive(Clone, Copy, Debug)]
pub struct InstrumentConfig {
    /// Its definition, as the venue gave it.
    pub instrument: Instrument,
    /// Whether its book is made from messages with the best levels instead of diffs.
    pub partial_depth: bool,
    /// Its limits.
    pub limits: RiskLimits,
}

/// Everything about an engine.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The instruments; the id of each is its place.
    pub instruments: Vec<InstrumentConfig>,
    /// Limits on the number of orders.
    pub rates: RateLimits,
    /// The key with which orders are sent.
    pub key: ApiKey,
    /// What to do while nothing happens.
    pub wait: WaitStrategy,
    /// The core for the trading thread, if it is to stay on one.
    pub cpu: Option<usize>,
    /// The file that keeps the restart epoch.
    pub epoch_file: PathBuf,
    /// What to do with own orders that are open at the start.
    pub open_orders: OpenOrderPolicy,
    /// How long the strategy may be away before it counts as hanging, in nanoseconds.
    pub watchdog_ns: i64,
    /// How long a stop may take to have all cancels confirmed, in nanoseconds.
    pub drain_ns: i64,
    /// What one unit of an asset is worth in the quote asset, for fees that are neither in base nor in quote. Fees in other
    /// assets are kept apart.
    pub fee_rates: Vec<(Asset, Rate)>,
    /// Settings of both sockets.
    pub socket: SocketOptions,
    /// Memory for the window of one instrument's book.
    pub book_bytes: usize,
}

/// An API key with its secret. Never shown.
#[derive(Clone)]
pub struct ApiKey {
    api_key: String,
    secret: Secret,
    receive_window_ms: u32,
}

#[derive(Clone)]
enum Secret {
    Hmac(String),
    Ed25519(String),
}

/// Why an engine cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No instrument, or more than fit.
    #[error("{0} instruments are configured; an engine takes 1 to {MAX_INSTRUMENTS}")]
    Instruments(usize),
    /// An instrument's definition is wrong.
    #[error(transparent)]
    Instrument(#[from] tercel_types::InstrumentError),
    /// A limit is wrong.
    #[error(transparent)]
    Limit(#[from] tercel_risk::LimitError),
    /// The key is wrong.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The book cannot be made.
    #[error(transparent)]
    Book(#[from] tercel_book::LadderConfigError),
    /// There is no restart epoch.
    #[error(transparent)]
    Epoch(#[from] tercel_execution::EpochError),
    /// The order table cannot be made.
    #[error(transparent)]
    Table(#[from] tercel_execution::CapacityError),
    /// The state directory cannot be made.
    #[error("cannot make the state directory {path}: {source}; set engine.state_directory to one that this user may write to", path = path.display())]
    StateDirectory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The system refused a thread or a descriptor.
    #[error("the system gave no {what}: {source}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What it said.
        source: std::io::Error,
    },
    /// More open orders are allowed than the table holds.
    #[error("risk.max_open_orders is {0}; an engine takes at most {MAX_ORDERS}")]
    OpenOrders(u32),
}

impl ApiKey {
    /// A key with an HMAC secret.
    #[must_use]
    pub const fn hmac(api_key: String, secret: String, receive_window_ms: u32) -> Self {
        Self { api_key, secret: Secret::Hmac(secret), receive_window_ms }
    }

    /// A key with an Ed25519 private key as PEM.
    #[must_use]
    pub const fn ed25519(api_key: String, pem: String, receive_window_ms: u32) -> Self {
        Self { api_key, secret: Secret::Ed25519(pem), receive_window_ms }
    }

    /// Whether connections log on once instead of signing every order.
    #[must_use]
    pub const fn logs_on(&self) -> bool {
        matches!(self.secret, Secret::Ed25519(_))
    }

    /// What requests are signed with.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with the key.
    pub fn credentials(&self) -> Result<Credentials, KeyError> {
        let signer = match &self.secret {
            Secret::Hmac(secret) => Signer::hmac(secret)?,
            Secret::Ed25519(pem) => Signer::ed25519(pem)?,
        };
        Credentials::new(&self.api_key, signer, self.receive_window_ms)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey([redacted])")
    }
}

impl EngineConfig {
    /// Checks what does not depend on anything outside.
    ///
    /// # Errors
    /// [`EngineError`] names the setting.
    pub fn validate(&self) -> Result<(), EngineError> {
        if self.instruments.is_empty() || self.instruments.len() > MAX_INSTRUMENTS {
            return Err(EngineError::Instruments(self.instruments.len()));
        }
        for config in &self.instruments {
            config.instrument.validate()?;
            if config.limits.max_open_orders as usize > MAX_ORDERS {
                return Err(EngineError::OpenOrders(config.limits.max_open_orders));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let key = ApiKey::hmac("the-key".into(), "the-secret".into(), 5_000);
        assert_eq!(format!("{key:?}"), "ApiKey([redacted])");
    }
}
