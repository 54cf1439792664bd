//! Parameters to requests: what is missing, malformed or out of place is named as the venue names it.

use std::sync::Arc;

use tercel_types::{DecimalError, OrderKind, Price, Quantity, Side, TimeInForce, parse_decimal};

use crate::core::{
    AMOUNT_SCALE, Amount, CancelOrder, CancelRestriction, Listing, NewOrder, OrderReference, OrderSize, Refusal,
    ReplaceMode, SelfTradePrevention, SymbolId, SymbolRules,
};
use crate::engine::{Request, ResponseType};

use super::operation::Operation;
use super::params::Params;

const DECIMAL_RANGE: &str = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
const ID_RANGE: &str = "^[a-zA-Z0-9-_.:/]{1,36}$";
const SYMBOL_RANGE: &str = "^[A-Z0-9-_.]{1,20}$";
const INTEGER_RANGE: &str = "^[0-9]{1,20}$";

/// The most levels a side that the REST book shows.
const DEPTH_MAX: usize = 5_000;

/// The most rows that a list shows.
const ROWS_MAX: usize = 1_000;

/// The request behind an operation that the engine thread serves.
///
/// # Errors
/// The venue's refusal of the parameters; -1000 for an operation that needs no engine.
pub fn read_request(operation: Operation, params: &Params, listing: &Listing) -> Result<Request, Refusal> {
    match operation {
        Operation::PlaceOrder => read_order(params, listing).map(|(order, kind)| Request::Place(order, kind)),
        Operation::TestOrder => read_order(params, listing).map(|(order, _)| Request::Test(order)),
        Operation::CancelOrder => {
            read_cancel(params, listing, ["orderId", "origClientOrderId", "newClientOrderId"]).map(Request::Cancel)
        }
        Operation::ReplaceOrder => read_replace(params, listing),
        Operation::CancelOpenOrders => symbol(params, listing).map(Request::CancelAll),
        Operation::QueryOrder => {
            Ok(Request::Query(symbol(params, listing)?, reference(params, "orderId", "origClientOrderId")?))
        }
        Operation::OpenOrders => Ok(Request::OpenOrders(optional_symbol(params, listing)?)),
        Operation::AllOrders => {
            Ok(Request::AllOrders(symbol(params, listing)?, integer(params, "orderId")?, limit(params, 500, ROWS_MAX)?))
        }
        Operation::AccountTrades => Ok(Request::AccountTrades {
            symbol: symbol(params, listing)?,
            from: integer(params, "fromId")?,
            order_id: integer(params, "orderId")?,
            limit: limit(params, 500, ROWS_MAX)?,
        }),
        Operation::Account => Ok(Request::Account),
        Operation::OrderRates => Ok(Request::OrderCounts),
        Operation::Depth => Ok(Request::Depth(symbol(params, listing)?, limit(params, 100, DEPTH_MAX)?)),
        Operation::Trades | Operation::AggregateTrades => {
            Ok(Request::Trades(symbol(params, listing)?, limit(params, 500, ROWS_MAX)?))
        }
        Operation::BookTicker => Ok(Request::Best(symbols(params, listing)?)),
        Operation::PriceTicker | Operation::DayTicker => Ok(Request::Day(symbols(params, listing)?)),
        Operation::Ping | Operation::Time | Operation::ExchangeInfo => Err(Refusal::NOT_FOUND),
    }
}

/// The symbols that a request names by `symbol` or `symbols`; all of them if it names none.
///
/// # Errors
/// -1100, -1121 or -1128.
pub fn symbols(params: &Params, listing: &Listing) -> Result<Vec<SymbolId>, Refusal> {
    match (params.get("symbol"), params.get("symbols")) {
        (Some(_), Some(_)) => Err(Refusal::INVALID_COMBINATION),
        (Some(_), None) => Ok(vec![symbol(params, listing)?]),
        (None, Some(text)) => {
            let names: Vec<String> =
                serde_json::from_str(text).map_err(|_| Refusal::illegal_characters("symbols", SYMBOL_RANGE))?;
            names.iter().map(|name| find_symbol(name, listing)).collect()
        }
        (None, None) => Ok(listing.ids().collect()),
    }
}

fn symbol(params: &Params, listing: &Listing) -> Result<SymbolId, Refusal> {
    find_symbol(params.require("symbol")?, listing)
}

fn optional_symbol(params: &Params, listing: &Listing) -> Result<Option<SymbolId>, Refusal> {
    params.get("symbol").map(|name| find_symbol(name, listing)).transpose()
}

fn find_symbol(name: &str, listing: &Listing) -> Result<SymbolId, Refusal> {
    let is_legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 20 || !name.bytes().all(is_legal) {
        return Err(Refusal::illegal_characters("symbol", SYMBOL_RANGE));
    }
    listing.find(name).ok_or(Refusal::INVALID_SYMBOL)
}

fn read_order(params: &Params, listing: &Listing) -> Result<(NewOrder, ResponseType), Refusal> {
    let symbol = symbol(params, listing)?;
    let rules = listing.rules(symbol);
    let side = match params.require("side")? {
        "BUY" => Side::Buy,
        "SELL" => Side::Sell,
        _ => return Err(Refusal::INVALID_SIDE),
    };
    let kind = order_kind(params.require("type")?)?;
    refuse_unsupported(params)?;
    let time_in_force = match (kind, params.get("timeInForce")) {
        (OrderKind::Limit, None) => return Err(Refusal::missing("timeInForce")),
        (OrderKind::Limit, Some(text)) => read_time_in_force(text)?,
        (_, Some(_)) => return Err(Refusal::not_required("timeInForce")),
        (_, None) => TimeInForce::Gtc,
    };
    let price = match kind {
        OrderKind::Market if params.get("price").is_some() => return Err(Refusal::not_required("price")),
        OrderKind::Market => Price(0),
        _ => read_price(params.require("price")?, rules)?,
    };
    let order = NewOrder {
        symbol,
        side,
        kind,
        time_in_force,
        price,
        size: read_size(params, kind, rules)?,
        client_order_id: client_id(params, "newClientOrderId")?,
        self_trade_prevention: match params.get("selfTradePreventionMode") {
            None => SelfTradePrevention::default(),
            Some(name) => {
                SelfTradePrevention::from_name(name).ok_or_else(|| Refusal::invalid_value("selfTradePreventionMode"))?
            }
        },
    };
    let response = match params.get("newOrderRespType") {
        Some("ACK") => ResponseType::Ack,
        Some("RESULT") => ResponseType::Result,
        Some("FULL") => ResponseType::Full,
        Some(_) => return Err(Refusal::invalid_value("newOrderRespType")),
        None if kind == OrderKind::PostOnly => ResponseType::Ack,
        None => ResponseType::Full,
    };
    Ok((order, response))
}

fn order_kind(name: &str) -> Result<OrderKind, Refusal> {
    match name {
        "LIMIT" => Ok(OrderKind::Limit),
        "MARKET" => Ok(OrderKind::Market),
        "LIMIT_MAKER" => Ok(OrderKind::PostOnly),
        "STOP_LOSS" => Err(Refusal::new_order("Stop loss orders are not supported for this symbol.")),
        "STOP_LOSS_LIMIT" => Err(Refusal::new_order("Stop loss limit orders are not supported for this symbol.")),
        "TAKE_PROFIT" => Err(Refusal::new_order("Take profit orders are not supported for this symbol.")),
        "TAKE_PROFIT_LIMIT" => Err(Refusal::new_order("Take profit limit orders are not supported for this symbol.")),
        _ => Err(Refusal::INVALID_ORDER_TYPE),
    }
}

fn refuse_unsupported(params: &Params) -> Result<(), Refusal> {
    if params.get("icebergQty").is_some() {
        return Err(Refusal::new_order("Iceberg orders are not supported for this symbol."));
    }
    for name in ["stopPrice", "trailingDelta"] {
        if params.get(name).is_some() {
            return Err(Refusal::not_required(name));
        }
    }
    Ok(())
}

fn read_time_in_force(text: &str) -> Result<TimeInForce, Refusal> {
    match text {
        "GTC" => Ok(TimeInForce::Gtc),
        "IOC" => Ok(TimeInForce::Ioc),
        "FOK" => Ok(TimeInForce::Fok),
        _ => Err(Refusal::INVALID_TIME_IN_FORCE),
    }
}

fn read_size(params: &Params, kind: OrderKind, rules: &SymbolRules) -> Result<OrderSize, Refusal> {
    match (kind, params.get("quantity"), params.get("quoteOrderQty")) {
        (OrderKind::Market, Some(_), Some(_)) => Err(Refusal::INVALID_COMBINATION),
        (OrderKind::Market, None, None) => Err(Refusal::missing_either("quantity", "quoteOrderQty")),
        (OrderKind::Market, None, Some(text)) => {
            let mantissa = decimal("quoteOrderQty", text)?;
            if mantissa == 0 { Err(Refusal::INVALID_QUANTITY) } else { Ok(OrderSize::Quote(Amount(mantissa.into()))) }
        }
        (_, _, Some(_)) => Err(Refusal::not_required("quoteOrderQty")),
        (_, _, None) => read_quantity(params.require("quantity")?, rules).map(OrderSize::Base),
    }
}

fn read_price(text: &str, rules: &SymbolRules) -> Result<Price, Refusal> {
    if decimal("price", text)? == 0 {
        return Err(Refusal::INVALID_PRICE);
    }
    parse_decimal(text.as_bytes(), rules.instrument.price_scale).map(Price).map_err(|_| Refusal::filter("PRICE_FILTER"))
}

fn read_quantity(text: &str, rules: &SymbolRules) -> Result<Quantity, Refusal> {
    if decimal("quantity", text)? == 0 {
        return Err(Refusal::INVALID_QUANTITY);
    }
    parse_decimal(text.as_bytes(), rules.instrument.quantity_scale)
        .map(Quantity)
        .map_err(|_| Refusal::filter("LOT_SIZE"))
}

/// A decimal at eight decimals, checked as the venue checks every number before it looks at filters.
fn decimal(name: &str, text: &str) -> Result<i64, Refusal> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_legal = |digits: &str| (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_legal(whole) || !is_legal(decimals) {
        return Err(Refusal::illegal_characters(name, DECIMAL_RANGE));
    }
    parse_decimal(text.as_bytes(), AMOUNT_SCALE).map_err(|error| match error {
        DecimalError::TooPrecise => Refusal::too_precise(name),
        _ => Refusal::illegal_characters(name, DECIMAL_RANGE),
    })
}

fn read_cancel(params: &Params, listing: &Listing, names: [&str; 3]) -> Result<CancelOrder, Refusal> {
    let [order_id, client_order_id, cancel_id] = names;
    Ok(CancelOrder {
        symbol: symbol(params, listing)?,
        order: reference(params, order_id, client_order_id)?,
        cancel_id: client_id(params, cancel_id)?,
        restriction: match params.get("cancelRestrictions") {
            None => None,
            Some("ONLY_NEW") => Some(CancelRestriction::OnlyNew),
            Some("ONLY_PARTIALLY_FILLED") => Some(CancelRestriction::OnlyPartiallyFilled),
            Some(_) => return Err(Refusal::invalid_value("cancelRestrictions")),
        },
    })
}

fn read_replace(params: &Params, listing: &Listing) -> Result<Request, Refusal> {
    let mode = match params.require("cancelReplaceMode")? {
        "STOP_ON_FAILURE" => ReplaceMode::StopOnFailure,
        "ALLOW_FAILURE" => ReplaceMode::AllowFailure,
        _ => return Err(Refusal::invalid_value("cancelReplaceMode")),
    };
    let names = ["cancelOrderId", "cancelOrigClientOrderId", "cancelNewClientOrderId"];
    let cancel = read_cancel(params, listing, names)?;
    let (order, response) = read_order(params, listing)?;
    Ok(Request::Replace(Box::new((cancel, order)), mode, response))
}

fn reference(params: &Params, order_id: &str, client_order_id: &str) -> Result<OrderReference, Refusal> {
    let reference = OrderReference {
        order_id: integer(params, order_id)?,
        client_order_id: params.get(client_order_id).filter(|text| !text.is_empty()).map(Arc::from),
    };
    if reference.order_id.is_none() && reference.client_order_id.is_none() {
        return Err(Refusal::missing_either(client_order_id, order_id));
    }
    Ok(reference)
}

fn client_id(params: &Params, name: &str) -> Result<Option<Arc<str>>, Refusal> {
    let Some(text) = params.get(name) else { return Ok(None) };
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
    if text.is_empty() || text.len() > 36 || !text.bytes().all(is_legal) {
        return Err(Refusal::illegal_characters(name, ID_RANGE));
    }
    Ok(Some(Arc::from(text)))
}

fn integer(params: &Params, name: &str) -> Result<Option<u64>, Refusal> {
    let Some(text) = params.get(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Refusal::illegal_characters(name, INTEGER_RANGE))
}

fn limit(params: &Params, default: usize, maximum: usize) -> Result<usize, Refusal> {
    let asked = integer(params, "limit")?.map_or(default, |limit| usize::try_from(limit).unwrap_or(maximum));
    if asked == 0 { Err(Refusal::invalid_value("limit")) } else { Ok(asked.min(maximum)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SymbolConfig, build_listing};

    fn read(form: &str) -> Result<Request, Refusal> {
        let listing = build_listing(&[SymbolConfig::btcusdt()]).unwrap();
        read_request(Operation::PlaceOrder, &Params::from_forms(form, ""), &listing)
    }

    #[test]
    fn a_limit_order_is_read_at_the_symbols_scales() {
        let form = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&price=60000.50&quantity=0.001";
        let Ok(Request::Place(order, ResponseType::Full)) = read(form) else { panic!("not read as a FULL order") };
        assert_eq!((order.price, order.size), (Price(6_000_050), OrderSize::Base(Quantity(100))));
        assert_eq!(order.time_in_force, TimeInForce::Ioc);
    }

    #[test]
    fn what_is_wrong_with_an_order_is_named_as_the_venue_names_it() {
        let good = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=60000&quantity=0.001";
        let cases = [
            ("symbol=BTCUSDT", "symbol=NOPE", -1121),
            ("symbol=BTCUSDT", "symbol=btcusdt", -1100),
            ("side=BUY", "side=HOLD", -1117),
            ("side=BUY&", "", -1102),
            ("type=LIMIT", "type=MAYBE", -1116),
            ("type=LIMIT", "type=STOP_LOSS", -2010),
            ("timeInForce=GTC", "timeInForce=GTX", -1115),
            ("&timeInForce=GTC", "", -1102),
            ("type=LIMIT", "type=LIMIT_MAKER", -1106),
            ("price=60000", "price=-1", -1100),
            ("price=60000", "price=60000.000000001", -1111),
            ("price=60000", "price=60000.001", -1013),
            ("price=60000", "price=", -1105),
            ("quantity=0.001", "quantity=0", -1013),
            ("quantity=0.001", "quantity=0.000001", -1013),
            ("quantity=0.001", "quantity=1e-3", -1100),
            ("price=60000", "price=60000&newClientOrderId=a%20b", -1100),
        ];
        for (from, to, code) in cases {
            let refusal = read(&good.replace(from, to)).unwrap_err();
            assert_eq!(refusal.code, code, "{from} -> {to}: {refusal}");
        }
    }
}
