//! What an exchange is started with, and what is wrong with it where something is.

use std::path::PathBuf;

use tercel_types::{
    Asset, DecimalError, Instrument, InstrumentId, Price, Quantity, Symbol, TextTooLong, parse_decimal,
};

use crate::core::{AMOUNT_SCALE, Amount, FeeRates, Listing, OrderLimits, SymbolRules};

/// The fastest order flow: a thousand times the fitted rate.
const FLOW_RATE_PER_MILLE_MAX: u32 = 1_000_000;

/// The slowest and the fastest that a capture is played by the clock.
const SPEED_MIN: f64 = 0.001;
const SPEED_MAX: f64 = 1_000_000.0;

/// One symbol to be listed. Numbers are decimal text, as people write them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolConfig {
    /// The symbol's name, upper case.
    pub name: String,
    /// What is bought and sold.
    pub base: String,
    /// What it is paid with.
    pub quote: String,
    /// The price increment; its decimals are the price's scale (at most 8).
    pub tick: String,
    /// The quantity increment; its decimals are the quantity's scale (at most 8).
    pub lot: String,
    /// The least price times quantity.
    pub min_notional: String,
    /// Where the order flow starts.
    pub initial_price: String,
}

/// What an exchange is started with.
#[derive(Clone, Debug)]
pub struct ExchangeConfig {
    /// The port on 127.0.0.1; zero takes a free one.
    pub port: u16,
    /// Drives the order flow: the same seed gives the same events at the same exchange time.
    pub seed: u64,
    /// What is listed.
    pub symbols: Vec<SymbolConfig>,
    /// What the client's account starts with: asset and decimal amount.
    pub balances: Vec<(String, String)>,
    /// The fee of a resting order, as a decimal fraction.
    pub maker_fee: String,
    /// The fee of an incoming order, as a decimal fraction.
    pub taker_fee: String,
    /// How many times the fitted rate the order flow runs at; zero for an empty market.
    pub flow_rate: f64,
    /// How fast orders may come.
    pub order_limits: OrderLimits,
    /// How much request weight an address may use in a minute.
    pub request_weight_per_minute: u32,
    /// Plays recorded captures instead of the order flow.
    pub replay: Option<ReplayConfig>,
}

/// Which captures to play, and how fast.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    /// Captures that follow one another; gzip or plain text.
    pub files: Vec<PathBuf>,
    /// How fast.
    pub speed: ReplaySpeed,
}

/// How fast a capture is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReplaySpeed {
    /// This many times as fast as it was recorded.
    Times(f64),
    /// As fast as the subscribers take it.
    Max,
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A number that is none, or has too many decimals.
    #[error("{field}: {text:?} is not usable: {reason}")]
    Number {
        /// Which field.
        field: String,
        /// What stands there.
        text: String,
        /// What is wrong with it.
        reason: DecimalError,
    },
    /// A number that must be above zero.
    #[error("{field}: must be above zero")]
    NotPositive {
        /// Which field.
        field: String,
    },
    /// A number out of its range.
    #[error("{field}: must be from 0 to {maximum}")]
    OutOfRange {
        /// Which field.
        field: &'static str,
        /// The greatest value.
        maximum: u32,
    },
    /// A speed that is none.
    #[error("replay.speed: must be from 0.001 to 1000000, or max")]
    Speed,
    /// A name that is too long.
    #[error("{field}: {reason}")]
    Name {
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: TextTooLong,
    },
    /// Nothing to trade.
    #[error("symbols: at least one symbol must be listed")]
    NoSymbols,
    /// The same symbol twice.
    #[error("symbols: {0} is listed twice")]
    Duplicate(String),
}

impl SymbolConfig {
    /// Bitcoin in Tether with the venue's own increments.
    #[must_use]
    pub fn btcusdt() -> Self {
        Self::new("BTCUSDT", ["BTC", "USDT"], ["0.01", "0.00001"], "61837.63")
    }

    /// Ether in Tether with the venue's own increments.
    #[must_use]
    pub fn ethusdt() -> Self {
        Self::new("ETHUSDT", ["ETH", "USDT"], ["0.01", "0.0001"], "2683.50")
    }

    /// Where the order flow starts.
    pub(crate) fn initial_price(&self, instrument: &Instrument) -> Result<Price, ConfigError> {
        let field = format!("symbols.{}.initial_price", self.name);
        let price = read_scaled(&field, &self.initial_price, instrument.price_scale)?;
        if price <= 0 { Err(ConfigError::NotPositive { field }) } else { Ok(Price(price)) }
    }

    fn new(name: &str, [base, quote]: [&str; 2], [tick, lot]: [&str; 2], initial_price: &str) -> Self {
        Self {
            name: name.to_owned(),
            base: base.to_owned(),
            quote: quote.to_owned(),
            tick: tick.to_owned(),
            lot: lot.to_owned(),
            min_notional: "5".to_owned(),
            initial_price: initial_price.to_owned(),
        }
    }
}

impl Default for ExchangeConfig {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 1,
            symbols: vec![SymbolConfig::btcusdt(), SymbolConfig::ethusdt()],
            balances: [("BTC", "10"), ("ETH", "100"), ("USDT", "1000000")]
                .map(|(asset, amount)| (asset.to_owned(), amount.to_owned()))
                .to_vec(),
            maker_fee: "0.001".to_owned(),
            taker_fee: "0.001".to_owned(),
            flow_rate: 1.0,
            order_limits: OrderLimits::default(),
            request_weight_per_minute: 6_000,
            replay: None,
        }
    }
}

impl ExchangeConfig {
    pub(crate) fn fees(&self) -> Result<FeeRates, ConfigError> {
        let maker = read_amount("maker_fee", &self.maker_fee)?;
        let taker = read_amount("taker_fee", &self.taker_fee)?;
        Ok(FeeRates { maker, taker })
    }

    /// The rate of the order flow in thousandths of the fitted one.
    pub(crate) fn flow_rate_per_mille(&self) -> Result<u32, ConfigError> {
        let rate = self.flow_rate * 1_000.0;
        if !(0.0..=f64::from(FLOW_RATE_PER_MILLE_MAX)).contains(&rate) {
            return Err(ConfigError::OutOfRange { field: "flow_rate", maximum: FLOW_RATE_PER_MILLE_MAX / 1_000 });
        }
        Ok(rate.round() as u32)
    }

    /// The starting balances; assets that no symbol has are added to the listing.
    pub(crate) fn starting_balances(
        &self,
        listing: &mut Listing,
    ) -> Result<Vec<(crate::core::AssetId, Amount)>, ConfigError> {
        let mut balances = Vec::with_capacity(self.balances.len());
        for (name, text) in &self.balances {
            let field = format!("balances.{name}");
            let asset = Asset::new(name).map_err(|reason| ConfigError::Name { field: field.clone(), reason })?;
            balances.push((listing.asset(asset), read_amount(&field, text)?));
        }
        Ok(balances)
    }
}

impl ReplayConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        match self.speed {
            ReplaySpeed::Times(speed) if !(SPEED_MIN..=SPEED_MAX).contains(&speed) => Err(ConfigError::Speed),
            _ => Ok(()),
        }
    }
}

/// The listing of some symbols.
///
/// # Errors
/// [`ConfigError`] names the symbol and the field.
pub(crate) fn build_listing(symbols: &[SymbolConfig]) -> Result<Listing, ConfigError> {
    if symbols.is_empty() {
        return Err(ConfigError::NoSymbols);
    }
    let mut listing = Listing::default();
    for (index, config) in symbols.iter().enumerate() {
        if listing.find(&config.name).is_some() {
            return Err(ConfigError::Duplicate(config.name.clone()));
        }
        let rules = build_rules(index, config, &mut listing)?;
        listing.symbols.push(rules);
    }
    Ok(listing)
}

/// Reads a decimal price or quantity of a symbol at its scale.
fn read_scaled(field: &str, text: &str, scale: u8) -> Result<i64, ConfigError> {
    parse_decimal(text.as_bytes(), scale).map_err(|reason| ConfigError::Number {
        field: field.to_owned(),
        text: text.to_owned(),
        reason,
    })
}

fn build_rules(index: usize, config: &SymbolConfig, listing: &mut Listing) -> Result<SymbolRules, ConfigError> {
    let named = |name: &str| format!("symbols.{}.{name}", config.name);
    let text = |field: &str, value: &str| {
        Symbol::new(value).map_err(|reason| ConfigError::Name { field: named(field), reason })
    };
    let (base, quote) = (text("base", &config.base)?, text("quote", &config.quote)?);
    let (price_scale, tick) = read_increment(&named("tick"), &config.tick)?;
    let (quantity_scale, lot) = read_increment(&named("lot"), &config.lot)?;
    let min_notional = read_amount(&named("min_notional"), &config.min_notional)?;
    let notional_scale = u32::from(price_scale + quantity_scale);
    let min_notional = min_notional.0 * 10i128.pow(notional_scale) / 10i128.pow(u32::from(AMOUNT_SCALE));
    let max_quantity = Quantity(9_000 * 10i64.pow(u32::from(quantity_scale)));
    let instrument = Instrument {
        id: InstrumentId(index as u16),
        symbol: text("name", &config.name)?,
        base,
        quote,
        price_scale,
        quantity_scale,
        tick: Price(tick),
        lot: Quantity(lot),
        min_price: Price(tick),
        max_price: Price(1_000_000 * 10i64.pow(u32::from(price_scale))),
        min_quantity: Quantity(lot),
        max_quantity,
        min_notional,
        max_notional: 9_000_000 * 10i128.pow(notional_scale),
    };
    Ok(SymbolRules {
        instrument,
        base: listing.asset(base),
        quote: listing.asset(quote),
        market_max_quantity: Quantity(max_quantity.0 / 10),
        max_open_orders: 200,
        price_multiplier: Amount::from_scaled(5, 0),
    })
}

fn read_increment(field: &str, text: &str) -> Result<(u8, i64), ConfigError> {
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals).trim_end_matches('0').len();
    let scale = u8::try_from(decimals).unwrap_or(u8::MAX).min(AMOUNT_SCALE);
    let increment = read_scaled(field, text, scale)?;
    if increment <= 0 {
        return Err(ConfigError::NotPositive { field: field.to_owned() });
    }
    Ok((scale, increment))
}

fn read_amount(field: &str, text: &str) -> Result<Amount, ConfigError> {
    let amount = read_scaled(field, text, AMOUNT_SCALE)?;
    if amount < 0 {
        return Err(ConfigError::NotPositive { field: field.to_owned() });
    }
    Ok(Amount(i128::from(amount)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_increments_decide_the_scales() {
        let listing = build_listing(&[SymbolConfig::btcusdt()]).unwrap();
        let instrument = &listing.symbols[0].instrument;
        assert_eq!((instrument.price_scale, instrument.quantity_scale), (2, 5));
        assert_eq!(instrument.min_notional, 5 * 10i128.pow(7));
    }

    #[test]
    fn a_number_that_is_none_is_named_with_its_field() {
        let symbol = SymbolConfig { tick: "a tick".to_owned(), ..SymbolConfig::btcusdt() };
        let error = build_listing(&[symbol]).unwrap_err();
        assert!(error.to_string().starts_with("symbols.BTCUSDT.tick: \"a tick\""), "{error}");
    }
}
