//! The answer to exchangeInfo.

use serde::Serialize;

use crate::core::{Amount, Listing, OrderLimits, Rounding, SymbolId, SymbolRules};

use super::render::to_json;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExchangeInfoJson<'a> {
    timezone: &'static str,
    server_time: i64,
    rate_limits: Vec<RateLimitJson>,
    exchange_filters: [(); 0],
    symbols: Vec<SymbolJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RateLimitJson {
    rate_limit_type: &'static str,
    interval: &'static str,
    interval_num: u32,
    limit: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SymbolJson<'a> {
    symbol: &'a str,
    status: &'static str,
    base_asset: &'a str,
    base_asset_precision: u8,
    quote_asset: &'a str,
    quote_precision: u8,
    quote_asset_precision: u8,
    base_commission_precision: u8,
    quote_commission_precision: u8,
    order_types: [&'static str; 3],
    iceberg_allowed: bool,
    oco_allowed: bool,
    oto_allowed: bool,
    quote_order_qty_market_allowed: bool,
    allow_trailing_stop: bool,
    cancel_replace_allowed: bool,
    amend_allowed: bool,
    is_spot_trading_allowed: bool,
    is_margin_trading_allowed: bool,
    filters: Vec<FilterJson>,
    permissions: [&'static str; 0],
    permission_sets: [[&'static str; 1]; 1],
    default_self_trade_prevention_mode: &'static str,
    allowed_self_trade_prevention_modes: [&'static str; 4],
}

#[derive(Serialize)]
#[serde(tag = "filterType", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum FilterJson {
    PriceFilter {
        min_price: Amount,
        max_price: Amount,
        tick_size: Amount,
    },
    LotSize {
        min_qty: Amount,
        max_qty: Amount,
        step_size: Amount,
    },
    MarketLotSize {
        min_qty: Amount,
        max_qty: Amount,
        step_size: Amount,
    },
    PercentPriceBySide {
        bid_multiplier_up: Amount,
        bid_multiplier_down: Amount,
        ask_multiplier_up: Amount,
        ask_multiplier_down: Amount,
        avg_price_mins: u32,
    },
    Notional {
        min_notional: Amount,
        apply_min_to_market: bool,
        max_notional: Amount,
        apply_max_to_market: bool,
        avg_price_mins: u32,
    },
    MaxNumOrders {
        max_num_orders: u32,
    },
}

/// The limits that exchangeInfo names.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Request weight in a minute.
    pub weight_per_minute: u32,
    /// Orders in ten seconds and in a day.
    pub orders: OrderLimits,
}

/// The body for some symbols.
#[must_use]
pub fn exchange_info(listing: &Listing, symbols: &[SymbolId], limits: Limits, server_time: i64) -> String {
    let limit = |rate_limit_type, interval, interval_num, limit| RateLimitJson {
        rate_limit_type,
        interval,
        interval_num,
        limit,
    };
    to_json(&ExchangeInfoJson {
        timezone: "UTC",
        server_time,
        rate_limits: vec![
            limit("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_per_minute),
            limit("ORDERS", "SECOND", 10, limits.orders.per_ten_seconds),
            limit("ORDERS", "DAY", 1, limits.orders.per_day),
            limit("RAW_REQUESTS", "MINUTE", 5, 300_000),
        ],
        exchange_filters: [],
        symbols: symbols.iter().map(|symbol| symbol_json(listing.rules(*symbol))).collect(),
    })
}

fn symbol_json(rules: &SymbolRules) -> SymbolJson<'_> {
    let instrument = &rules.instrument;
    SymbolJson {
        symbol: instrument.symbol.as_str(),
        status: "TRADING",
        base_asset: instrument.base.as_str(),
        base_asset_precision: 8,
        quote_asset: instrument.quote.as_str(),
        quote_precision: 8,
        quote_asset_precision: 8,
        base_commission_precision: 8,
        quote_commission_precision: 8,
        order_types: ["LIMIT", "LIMIT_MAKER", "MARKET"],
        iceberg_allowed: false,
        oco_allowed: false,
        oto_allowed: false,
        quote_order_qty_market_allowed: true,
        allow_trailing_stop: false,
        cancel_replace_allowed: true,
        amend_allowed: false,
        is_spot_trading_allowed: true,
        is_margin_trading_allowed: false,
        filters: filters(rules),
        permissions: [],
        permission_sets: [["SPOT"]],
        default_self_trade_prevention_mode: "EXPIRE_MAKER",
        allowed_self_trade_prevention_modes: ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }
}

fn filters(rules: &SymbolRules) -> Vec<FilterJson> {
    let instrument = &rules.instrument;
    let price = |price| Amount::of_price(instrument, price);
    let quantity = |quantity| Amount::of_quantity(instrument, quantity);
    let notional = |notional| Amount::from_notional(instrument, notional, Rounding::Down);
    let up = rules.price_multiplier;
    let down = Amount(10i128.pow(16) / up.0.max(1));
    vec![
        FilterJson::PriceFilter {
            min_price: price(instrument.min_price),
            max_price: price(instrument.max_price),
            tick_size: price(instrument.tick),
        },
        FilterJson::LotSize {
            min_qty: quantity(instrument.min_quantity),
            max_qty: quantity(instrument.max_quantity),
            step_size: quantity(instrument.lot),
        },
        FilterJson::MarketLotSize {
            min_qty: Amount::ZERO,
            max_qty: quantity(rules.market_max_quantity),
            step_size: Amount::ZERO,
        },
        FilterJson::PercentPriceBySide {
            bid_multiplier_up: up,
            bid_multiplier_down: down,
            ask_multiplier_up: up,
            ask_multiplier_down: down,
            avg_price_mins: 0,
        },
        FilterJson::Notional {
            min_notional: notional(instrument.min_notional),
            apply_min_to_market: true,
            max_notional: notional(instrument.max_notional),
            apply_max_to_market: true,
            avg_price_mins: 0,
        },
        FilterJson::MaxNumOrders { max_num_orders: rules.max_open_orders },
    ]
}
