//! An exchange in a box that real clients of Binance's spot API take for the real thing.

mod config;
pub mod core;
pub mod flow;
mod matched;

pub use config::{ConfigError, ExchangeConfig, ReplayConfig, ReplaySpeed, SymbolConfig};
