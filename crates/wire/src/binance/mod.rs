//! Binance: market streams, REST answers, the WebSocket API and user events, spot and USD-M futures.
//!
//! Decoders of market data know the order of fields that Binance sends and compare literal bytes; a frame that
//! looks different in any way goes through a scanner that accepts fields in any order. So a change at the venue
//! makes decoding slower, never wrong.

mod error;
mod levels;
mod numbers;
mod reader;
pub mod rest;
mod scanner;
mod sign;
mod snapshot;
pub mod stream;
pub mod user_events;
mod words;
pub mod ws_api;

pub use error::{WireError, WireErrorKind};
pub use levels::LevelScratch;
pub use sign::{Credentials, KeyError, SignatureText, Signer};
pub use snapshot::{SNAPSHOT_LEVELS_MAX, parse_depth_snapshot};
pub use stream::{BookTicker, DepthDiff, MarketMessage, PartialDepth, PublicTrade, Reply, decode, peek_symbol};
pub use words::ExecutionKind;

/// How many decimals the mantissas of an instrument have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scales {
    /// Decimals of a price, 0 to 18.
    pub price: u8,
    /// Decimals of a quantity, 0 to 18.
    pub quantity: u8,
}

impl Scales {
    /// The scales of an instrument.
    #[must_use]
    pub const fn of(instrument: &tercel_types::Instrument) -> Self {
        Self { price: instrument.price_scale, quantity: instrument.quantity_scale }
    }
}
