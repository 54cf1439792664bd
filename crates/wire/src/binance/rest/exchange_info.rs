//! `GET /api/v3/exchangeInfo` and `/fapi/v1/exchangeInfo`: which instruments there are and what their orders must obey.

use serde::Deserialize;
use tercel_types::{Asset, Instrument, InstrumentId, MAX_SCALE, Price, Quantity, Symbol, power_of_ten};

use super::super::error::WireErrorKind;
use super::super::numbers::parse_wide;
use super::{RestError, read, wrong};

/// How many orders of the greatest size one level of a book must be able to hold.
const ORDERS_PER_LEVEL: i128 = 1_000;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    symbols: Vec<Definition<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition<'a> {
    symbol: &'a str,
    base_asset: &'a str,
    quote_asset: &'a str,
    base_asset_precision: u8,
    #[serde(borrow)]
    filters: Vec<Filter<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter<'a> {
    filter_type: &'a str,
    min_price: Option<&'a str>,
    max_price: Option<&'a str>,
    tick_size: Option<&'a str>,
    min_qty: Option<&'a str>,
    max_qty: Option<&'a str>,
    step_size: Option<&'a str>,
    /// USD-M calls it `notional`.
    #[serde(alias = "notional")]
    min_notional: Option<&'a str>,
    max_notional: Option<&'a str>,
}

/// Which way a limit goes that lies between two mantissas.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Up,
    Down,
}

/// The wanted instruments, in the order in which they are wanted, their ids counted from zero; all there are if none is
/// named.
///
/// A price has the decimals of the tick. A quantity has those of the asset, at least those of the lot, as long as a
/// level with a thousand of the greatest orders still fits: books hold quantities finer than the lot, from before the
/// lot was made coarser.
///
/// # Errors
/// [`RestError`] names the instrument and the field.
pub fn parse_exchange_info(body: &[u8], wanted: &[&str]) -> Result<Vec<Instrument>, RestError> {
    let answer: Answer<'_> = read("exchangeInfo", body)?;
    if wanted.is_empty() {
        return answer.symbols.iter().enumerate().map(|(index, symbol)| symbol.instrument(index)).collect();
    }
    let find = |(index, name): (usize, &&str)| {
        let symbol = answer.symbols.iter().find(|symbol| symbol.symbol == *name);
        symbol.ok_or_else(|| RestError::UnknownSymbol((*name).to_owned()))?.instrument(index)
    };
    wanted.iter().enumerate().map(find).collect()
}

impl<'a> Definition<'a> {
    fn instrument(&self, index: usize) -> Result<Instrument, RestError> {
        let price = self.filter("PRICE_FILTER")?;
        let lot = self.filter("LOT_SIZE")?;
        let tick_size = self.required("tickSize", price.tick_size)?;
        let step_size = self.required("stepSize", lot.step_size)?;
        let max_qty = self.required("maxQty", lot.max_qty)?;
        // A tick of zero means that any price will do.
        let price_scale = self.decimals("tickSize", tick_size)?.unwrap_or(8);
        let quantity_scale = self.quantity_scale(step_size, max_qty)?;
        let at_price = |field, text, rounding| self.mantissa(field, text, price_scale, rounding);
        let at_quantity = |field, text, rounding| self.mantissa(field, text, quantity_scale, rounding);
        let notional = self.filters.iter().find(|filter| matches!(filter.filter_type, "NOTIONAL" | "MIN_NOTIONAL"));
        let limit = |field, text: Option<&str>, rounding| match text {
            Some(text) => self.scaled(field, text, price_scale + quantity_scale, rounding),
            None => Ok(0),
        };
        let instrument = Instrument {
            id: InstrumentId(u16::try_from(index).map_err(|_| self.wrong("index", "", WireErrorKind::OutOfRange))?),
            symbol: self.name("symbol", self.symbol)?,
            base: self.name("baseAsset", self.base_asset)?,
            quote: self.name("quoteAsset", self.quote_asset)?,
            price_scale,
            quantity_scale,
            tick: Price(at_price("tickSize", Some(tick_size), Rounding::Up)?.max(1)),
            lot: Quantity(at_quantity("stepSize", Some(step_size), Rounding::Up)?.max(1)),
            min_price: Price(at_price("minPrice", price.min_price, Rounding::Up)?),
            max_price: Price(at_price("maxPrice", price.max_price, Rounding::Down)?),
            min_quantity: Quantity(at_quantity("minQty", lot.min_qty, Rounding::Up)?),
            max_quantity: Quantity(at_quantity("maxQty", lot.max_qty, Rounding::Down)?),
            min_notional: limit("minNotional", notional.and_then(|filter| filter.min_notional), Rounding::Up)?,
            max_notional: limit("maxNotional", notional.and_then(|filter| filter.max_notional), Rounding::Down)?,
        };
        Ok(instrument)
    }

    fn quantity_scale(&self, step_size: &str, max_qty: &str) -> Result<u8, RestError> {
        let least = self.decimals("stepSize", step_size)?.unwrap_or(0);
        let greatest = self.scaled("maxQty", max_qty, 0, Rounding::Up)?.saturating_mul(ORDERS_PER_LEVEL);
        let fits = |scale: &u8| {
            greatest.checked_mul(i128::from(power_of_ten(*scale))).is_some_and(|most| i64::try_from(most).is_ok())
        };
        let most = self.base_asset_precision.min(MAX_SCALE);
        Ok((least..=most).rev().find(fits).unwrap_or(least))
    }

    /// How many decimals an increment has, without trailing zeros; `None` for zero.
    fn decimals(&self, field: &'static str, text: &str) -> Result<Option<u8>, RestError> {
        let mut mantissa = self.scaled(field, text, MAX_SCALE, Rounding::Down)?;
        if mantissa == 0 {
            return Ok(None);
        }
        let mut decimals = MAX_SCALE;
        while decimals > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            decimals -= 1;
        }
        Ok(Some(decimals))
    }

    fn mantissa(
        &self,
        field: &'static str,
        text: Option<&str>,
        scale: u8,
        rounding: Rounding,
    ) -> Result<i64, RestError> {
        let text = self.required(field, text)?;
        let mantissa = self.scaled(field, text, scale, rounding)?;
        i64::try_from(mantissa).map_err(|_| self.wrong(field, text, WireErrorKind::OutOfRange))
    }

    fn scaled(&self, field: &'static str, text: &str, scale: u8, rounding: Rounding) -> Result<i128, RestError> {
        let error = |kind| self.wrong(field, text, kind);
        let mantissa = parse_wide(text.as_bytes(), MAX_SCALE).map_err(error)?;
        if mantissa < 0 {
            return Err(error(WireErrorKind::OutOfRange));
        }
        if scale >= MAX_SCALE {
            let factor = i128::from(power_of_ten(scale - MAX_SCALE));
            return mantissa.checked_mul(factor).ok_or(error(WireErrorKind::OutOfRange));
        }
        let divisor = i128::from(power_of_ten(MAX_SCALE - scale));
        let round_up = rounding == Rounding::Up && mantissa % divisor != 0;
        Ok(mantissa / divisor + i128::from(round_up))
    }

    fn filter(&self, name: &'static str) -> Result<&Filter<'a>, RestError> {
        let missing = || RestError::MissingFilter { symbol: self.symbol.to_owned(), filter: name };
        self.filters.iter().find(|filter| filter.filter_type == name).ok_or_else(missing)
    }

    fn required<'t>(&self, field: &'static str, text: Option<&'t str>) -> Result<&'t str, RestError> {
        text.ok_or_else(|| self.wrong(field, "", WireErrorKind::MissingField(field)))
    }

    fn name(&self, field: &'static str, text: &str) -> Result<Asset, RestError> {
        Symbol::new(text).map_err(|_| self.wrong(field, text, WireErrorKind::OutOfRange))
    }

    fn wrong(&self, field: &'static str, text: &str, kind: WireErrorKind) -> RestError {
        wrong(self.symbol, field, text, kind)
    }
}
