//! The configuration as JavaScript gives it: decimals are texts, so that nothing passes through a float.

use std::path::PathBuf;

use napi::bindgen_prelude::{Result, Uint8Array};
use napi_derive::napi;
use tercel_engine::config::DEFAULT_BOOK_BYTES;
use tercel_engine::{ApiKey, EngineConfig, InstrumentConfig};
use tercel_execution::OpenOrderPolicy;
use tercel_net::SocketOptions;
use tercel_position::Rate;
use tercel_risk::{RateLimits, RiskLimits, WindowLimit};
use tercel_types::{Asset, Instrument, Quantity, parse_decimal};
use tercel_wire::binance::rest;

use crate::failure;

/// The file in the state directory that keeps the restart epoch.
const EPOCH_FILE: &str = "epoch";

/// Decimals up to which a limit on a notional is read before it is scaled.
const NOTIONAL_TEXT_SCALE: u8 = 8;

/// Decimals of a fee rate.
const RATE_SCALE: u8 = 8;

/// Everything that the native engine needs to know.
#[napi(object, object_to_js = false)]
pub struct NativeConfig {
    /// In the order of their indices.
    pub instruments: Vec<NativeInstrument>,
    /// Body of `GET /api/v3/exchangeInfo`.
    pub exchange_info: Uint8Array,
    /// The API key.
    pub api_key: String,
    /// The HMAC secret; exactly one of this and the private key.
    pub api_secret: Option<String>,
    /// The Ed25519 private key, PKCS#8 in PEM.
    pub ed25519_private_key_pem: Option<String>,
    /// For how long a request is good, in milliseconds.
    pub recv_window_ms: u32,
    /// `busy-spin`, `backoff` or `park`.
    pub wait: String,
    /// The core for the trading thread.
    pub cpu: Option<u32>,
    /// Directory for the restart epoch.
    pub state_directory: String,
    /// Take over own open orders at the start instead of cancelling them.
    pub adopt_orders: bool,
    /// How long a handler may take before it counts as hanging, in milliseconds.
    pub watchdog_ms: u32,
    /// The most orders that may be open at once.
    pub max_open_orders: u32,
    /// The most orders in any second.
    pub max_orders_per_second: u32,
    /// What other assets are worth in the quote asset, for fees in them.
    pub fee_rates: Vec<FeeRate>,
    /// How long a stop may wait for cancels to be confirmed, in milliseconds.
    pub drain_ms: u32,
}

/// What one unit of an asset is worth in the quote asset.
#[napi(object, object_to_js = false)]
pub struct FeeRate {
    /// The asset.
    pub asset: String,
    /// Its price as decimal text.
    pub rate: String,
}

/// One instrument.
#[napi(object, object_to_js = false)]
pub struct NativeInstrument {
    /// Its name at the venue, upper case.
    pub symbol: String,
    /// Take its best levels whole instead of diffs.
    pub partial_depth: bool,
    /// Its limits.
    pub risk: NativeRisk,
}

/// Limits of one instrument.
#[napi(object, object_to_js = false)]
pub struct NativeRisk {
    /// The most that one order may be for, in base units.
    pub max_order_quantity: String,
    /// The most that one order may be worth, in quote units.
    pub max_notional: String,
    /// The largest position, long or short, in base units.
    pub max_position: String,
    /// How far from the market a price may be, in hundredths of a percent.
    pub price_collar_bps: u32,
    /// The greatest age of market data to trade on, in milliseconds.
    pub max_data_age_ms: u32,
}

impl NativeConfig {
    /// The engine's own configuration.
    pub fn into_engine_config(self) -> Result<EngineConfig> {
        let symbols: Vec<&str> = self.instruments.iter().map(|instrument| instrument.symbol.as_str()).collect();
        let definitions = rest::parse_exchange_info(&self.exchange_info, &symbols).map_err(failure)?;
        let venue_rates = rest::parse_order_limits(&self.exchange_info).map_err(failure)?;
        let instruments = self.instruments.iter().zip(definitions).map(|(wanted, instrument)| {
            let limits = wanted.risk.limits(&instrument, self.max_open_orders)?;
            Ok(InstrumentConfig { instrument, partial_depth: wanted.partial_depth, limits })
        });
        let instruments = instruments.collect::<Result<Vec<_>>>()?;
        let key = match (self.api_secret, self.ed25519_private_key_pem) {
            (Some(secret), None) => ApiKey::hmac(self.api_key, secret, self.recv_window_ms),
            (None, Some(pem)) => ApiKey::ed25519(self.api_key, pem, self.recv_window_ms),
            _ => return Err(failure("give exactly one of apiSecret and ed25519PrivateKeyPem")),
        };
        Ok(EngineConfig {
            instruments,
            rates: RateLimits { max_orders_per_second: self.max_orders_per_second, venue: windows(&venue_rates) },
            key,
            wait: self.wait.parse().map_err(failure)?,
            cpu: self.cpu.map(|cpu| cpu as usize),
            epoch_file: PathBuf::from(self.state_directory).join(EPOCH_FILE),
            open_orders: if self.adopt_orders { OpenOrderPolicy::Adopt } else { OpenOrderPolicy::Cancel },
            watchdog_ns: i64::from(self.watchdog_ms) * 1_000_000,
            drain_ns: i64::from(self.drain_ms) * 1_000_000,
            fee_rates: self.fee_rates.iter().map(FeeRate::read).collect::<Result<_>>()?,
            socket: SocketOptions::default(),
            book_bytes: DEFAULT_BOOK_BYTES,
        })
    }
}

impl FeeRate {
    fn read(&self) -> Result<(Asset, Rate)> {
        let wrong = |error: &dyn std::fmt::Display| failure(format_args!("fee_rates.{}: {error}", self.asset));
        let asset = Asset::new(&self.asset).map_err(|error| wrong(&error))?;
        let mantissa = parse_decimal(self.rate.as_bytes(), RATE_SCALE).map_err(|error| wrong(&error))?;
        Ok((asset, Rate { mantissa, scale: RATE_SCALE }))
    }
}

impl NativeRisk {
    fn limits(&self, instrument: &Instrument, max_open_orders: u32) -> Result<RiskLimits> {
        let read = |name: &str, text: &str, scale: u8| {
            parse_decimal(text.as_bytes(), scale)
                .map_err(|error| failure(format_args!("risk.{name} = {text} for {}: {error}", instrument.symbol)))
        };
        let quantity = |name, text| read(name, text, instrument.quantity_scale).map(Quantity);
        let notional = read("max_notional", &self.max_notional, NOTIONAL_TEXT_SCALE)?;
        Ok(RiskLimits {
            max_order_quantity: quantity("max_order_quantity", &self.max_order_quantity)?,
            max_notional: scale_notional(notional, instrument.notional_scale()),
            price_collar_bps: self.price_collar_bps,
            max_position: quantity("max_position", &self.max_position)?,
            max_open_orders,
            max_data_age_ns: i64::from(self.max_data_age_ms) * 1_000_000,
        })
    }
}

/// From eight decimals to the instrument's, down where it has fewer.
fn scale_notional(notional: i64, scale: u8) -> i128 {
    let wide = i128::from(notional);
    if scale >= NOTIONAL_TEXT_SCALE {
        wide * 10i128.pow(u32::from(scale - NOTIONAL_TEXT_SCALE))
    } else {
        wide / 10i128.pow(u32::from(NOTIONAL_TEXT_SCALE - scale))
    }
}

/// The venue's limits, as many as are looked after.
fn windows(limits: &[rest::OrderLimit]) -> [Option<WindowLimit>; RateLimits::VENUE_WINDOWS] {
    let mut windows = [None; RateLimits::VENUE_WINDOWS];
    for (window, limit) in windows.iter_mut().zip(limits) {
        *window = Some(WindowLimit { orders: limit.orders, window_ns: limit.window_ns });
    }
    windows
}
