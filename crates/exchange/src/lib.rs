//! An exchange in a box that real clients of Binance's spot API take for the real thing.

mod config;
pub mod core;
mod matched;

pub use config::{ConfigError, ExchangeConfig, ReplayConfig, ReplaySpeed, SymbolConfig};
