//! Bytes to types and types to bytes, a module a venue. Nothing here does I/O, and nothing that the trading thread
//! calls allocates.

pub mod binance;
