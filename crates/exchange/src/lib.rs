//! An exchange in a box that real clients of Binance's spot API take for the real thing.
//!
//! ```text
//! clients ──► doors (REST, market streams, WebSocket API) ──commands──► engine thread
//!                                                                        core: accounts, filters, order life
//!                                                                        matched: real books | replay: captures
//!                                                                        market_data: what everybody may see
//! ```
//!
//! [`start`] runs one in threads of its own, on the loopback address, with keys made from the operating system's
//! randomness. The core does no I/O and takes time as an argument.

mod auth;
mod config;
pub mod core;
mod doors;
mod engine;
pub mod flow;
mod market_data;
mod matched;
mod replay;
mod running;

pub use config::{ConfigError, ExchangeConfig, ReplayConfig, ReplaySpeed, SymbolConfig};
pub use engine::Progress;
pub use replay::CaptureError;
pub use running::{ExchangeStatus, RunningExchange, StartError, start};
