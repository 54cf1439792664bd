//! What the exchange lists: assets, symbols and the filters that orders must pass.

use tercel_types::{Asset, Instrument, Price, Quantity, Symbol};

use super::account::AssetId;
use super::amount::{Amount, Rounding};
use super::refusal::Refusal;

/// The index of a symbol in the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u16);

/// One listed symbol.
#[derive(Clone, Debug)]
pub struct SymbolRules {
    /// Scales, increments and limits.
    pub instrument: Instrument,
    /// The base asset's index.
    pub base: AssetId,
    /// The quote asset's index.
    pub quote: AssetId,
    /// The greatest quantity of a market order.
    pub market_max_quantity: Quantity,
    /// The most open orders an account may have.
    pub max_open_orders: u32,
    /// PERCENT_PRICE_BY_SIDE: a price may be this many times the last price (eight decimals), and not less than the
    /// last price divided by it.
    pub price_multiplier: Amount,
}

/// Everything that is listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The assets; an [`AssetId`] is an index into it.
    pub assets: Vec<Asset>,
    /// The symbols; a [`SymbolId`] is an index into it.
    pub symbols: Vec<SymbolRules>,
}

/// The price of an order as the filters see it.
#[derive(Clone, Copy, Debug)]
pub struct FilterContext {
    /// The last traded price, if there is one.
    pub last_price: Option<Price>,
    /// How many orders the account has open on this symbol.
    pub open_orders: u32,
}

impl Listing {
    /// The asset's index, adding it if it is new.
    pub fn asset(&mut self, asset: Asset) -> AssetId {
        let position = self.assets.iter().position(|known| *known == asset).unwrap_or_else(|| {
            self.assets.push(asset);
            self.assets.len() - 1
        });
        AssetId(position as u16)
    }

    /// The rules of a symbol.
    #[must_use]
    pub fn rules(&self, symbol: SymbolId) -> &SymbolRules {
        &self.symbols[usize::from(symbol.0)]
    }

    /// Finds a symbol by its upper-case name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<SymbolId> {
        let position = self.symbols.iter().position(|rules| rules.instrument.symbol.as_str() == name)?;
        Some(SymbolId(position as u16))
    }

    /// An asset's name.
    #[must_use]
    pub fn asset_name(&self, asset: AssetId) -> Asset {
        self.assets[usize::from(asset.0)]
    }

    /// Every symbol's index.
    pub fn ids(&self) -> impl Iterator<Item = SymbolId> + use<> {
        (0..self.symbols.len() as u16).map(SymbolId)
    }
}

impl SymbolRules {
    /// The name.
    #[must_use]
    pub const fn name(&self) -> Symbol {
        self.instrument.symbol
    }

    /// PRICE_FILTER.
    ///
    /// # Errors
    /// -1013 names the filter.
    pub fn check_price(&self, price: Price, context: &FilterContext) -> Result<(), Refusal> {
        let instrument = &self.instrument;
        let too_high = instrument.max_price.0 > 0 && price > instrument.max_price;
        if too_high || price < instrument.min_price || price.0 % instrument.tick.0 != 0 {
            return Err(Refusal::filter("PRICE_FILTER"));
        }
        let Some(last) = context.last_price else { return Ok(()) };
        let (price, last) = (i128::from(price.0), i128::from(last.0));
        let unit = 100_000_000;
        if price * unit > last * self.price_multiplier.0 || price * self.price_multiplier.0 < last * unit {
            return Err(Refusal::filter("PERCENT_PRICE_BY_SIDE"));
        }
        Ok(())
    }

    /// LOT_SIZE, and MARKET_LOT_SIZE for market orders.
    ///
    /// # Errors
    /// -1013 names the filter.
    pub fn check_quantity(&self, quantity: Quantity, market: bool) -> Result<(), Refusal> {
        let instrument = &self.instrument;
        let too_large = instrument.max_quantity.0 > 0 && quantity > instrument.max_quantity;
        if too_large || quantity < instrument.min_quantity || quantity.0 % instrument.lot.0 != 0 {
            return Err(Refusal::filter("LOT_SIZE"));
        }
        if market && self.market_max_quantity.0 > 0 && quantity > self.market_max_quantity {
            return Err(Refusal::filter("MARKET_LOT_SIZE"));
        }
        Ok(())
    }

    /// NOTIONAL.
    ///
    /// # Errors
    /// -1013 names the filter.
    pub fn check_notional(&self, price: Price, quantity: Quantity) -> Result<(), Refusal> {
        let notional = self.instrument.notional(price, quantity);
        let too_large = self.instrument.max_notional > 0 && notional > self.instrument.max_notional;
        if notional < self.instrument.min_notional || too_large {
            return Err(Refusal::filter("NOTIONAL"));
        }
        Ok(())
    }

    /// MAX_NUM_ORDERS.
    ///
    /// # Errors
    /// -1013 names the filter.
    pub fn check_open_orders(&self, context: &FilterContext) -> Result<(), Refusal> {
        if context.open_orders >= self.max_open_orders {
            return Err(Refusal::filter("MAX_NUM_ORDERS"));
        }
        Ok(())
    }

    /// What a quantity costs at a price, rounded down.
    #[must_use]
    pub fn cost(&self, price: Price, quantity: Quantity) -> Amount {
        Amount::of_notional(&self.instrument, price, quantity, Rounding::Down)
    }

    /// What must be held back for a quantity at a price, rounded up.
    #[must_use]
    pub fn hold(&self, price: Price, quantity: Quantity) -> Amount {
        Amount::of_notional(&self.instrument, price, quantity, Rounding::Up)
    }
}
