//! The engine's configuration, and the orders that tests send.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use tercel_engine::config::DEFAULT_BOOK_BYTES;
use tercel_engine::{ApiKey, EngineConfig, InstrumentConfig, OrderRequest};
use tercel_execution::OpenOrderPolicy;
use tercel_net::{SocketOptions, WaitStrategy};
use tercel_risk::{RateLimits, RiskLimits};
use tercel_types::{Instrument, InstrumentId, OrderKind, Price, Quantity, Side, Symbol, TimeInForce};

/// The key that must never be seen anywhere.
pub const API_KEY: &str = "canary-key-5f1d";

/// The secret that must never be seen anywhere.
pub const SECRET: &str = "canary-secret-93ab";

/// Counts the state directories of this process.
static NEXT_DIRECTORY: AtomicU32 = AtomicU32::new(0);

/// The one instrument: prices with two decimals, quantities in steps of a hundred-thousandth, at least 5 USDT an order.
fn instrument() -> Instrument {
    let name = |text| Symbol::new(text).unwrap();
    Instrument {
        id: InstrumentId(0),
        symbol: name("BTCUSDT"),
        base: name("BTC"),
        quote: name("USDT"),
        price_scale: 2,
        quantity_scale: 8,
        tick: Price(1),
        lot: Quantity(1_000),
        min_price: Price(1),
        max_price: Price(100_000_000),
        min_quantity: Quantity(1_000),
        max_quantity: Quantity(900_000_000_000),
        min_notional: 50_000_000_000,
        max_notional: 0,
    }
}

/// An engine with wide limits and a state directory of its own.
pub fn config() -> EngineConfig {
    let limits = RiskLimits {
        max_order_quantity: Quantity(1_000_000_000),
        max_notional: i128::from(i64::MAX),
        price_collar_bps: 500,
        max_position: Quantity(1_000_000_000),
        max_open_orders: 64,
        max_data_age_ns: 3_600_000_000_000,
    };
    EngineConfig {
        instruments: vec![InstrumentConfig { instrument: instrument(), partial_depth: false, limits }],
        rates: RateLimits { max_orders_per_second: 1_000_000, venue: [None; RateLimits::VENUE_WINDOWS] },
        key: ApiKey::hmac(API_KEY.to_owned(), SECRET.to_owned(), 5_000),
        wait: WaitStrategy::Backoff,
        cpu: None,
        epoch_file: state_directory().join("epoch"),
        open_orders: OpenOrderPolicy::Cancel,
        watchdog_ns: 3_600_000_000_000,
        drain_ns: 20_000_000_000,
        fee_rates: Vec::new(),
        socket: SocketOptions::default(),
        book_bytes: DEFAULT_BOOK_BYTES,
    }
}

/// A limit order that rests until it is cancelled. The price is in cents, the quantity in hundred-thousandths.
pub fn limit(side: Side, cents: i64, lots: i64) -> OrderRequest {
    OrderRequest {
        instrument: InstrumentId(0),
        side,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        price: Price(cents),
        quantity: Quantity(lots * 1_000),
    }
}

fn state_directory() -> PathBuf {
    // Relaxed: only the number matters.
    let number = NEXT_DIRECTORY.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("tercel-engine-{}-{number}", std::process::id()))
}
