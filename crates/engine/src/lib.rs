//! The composition: the trading thread, its sources and the side threads.
//!
//! Start reading at [`trading_thread`], which follows one packet to an order from the top. [`engine`] is the same engine
//! as the cold side holds it, [`layout`] the memory that it shares with a strategy.

pub mod allocation;
pub mod commands;
pub mod config;
pub mod connect;
pub mod connection;
mod context;
pub mod control;
pub mod engine;
mod events;
mod follow_up;
pub mod layout;
mod lifecycle;
pub mod logon;
mod market_data;
pub mod memory;
pub mod notices;
mod order_desk;
mod order_reports;
mod packet;
pub mod publish;
mod reconcile;
pub mod replay;
pub mod rest_answers;
mod silence;
pub mod strategy;
mod strategy_memory;
pub mod summary;
pub mod telemetry;
pub mod timers;
pub mod trading_thread;

pub use config::{ApiKey, EngineConfig, EngineError, InstrumentConfig};
pub use context::Shared;
pub use engine::{Drive, Engine, TradingCell};
pub use market_data::source;
pub use order_desk::OrderRequest;
pub use trading_thread::TradingThread;
