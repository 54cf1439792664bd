//! The composition: the trading thread, its sources and the side threads.

pub mod connect;
pub mod layout;
pub mod replay;
