//! What the owner of an account hears, as the venue's user data stream writes it.

use serde::Serialize;
use tercel_types::{Price, Quantity};

use crate::core::{
    AccountPosition, Amount, ExecutionKind, ExecutionReport, Listing, Notice, kind_name, side_name, time_in_force_name,
};

use super::render::to_json;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<T> {
    subscription_id: u64,
    event: T,
}

/// The venue's one-letter names, in the order in which it writes them.
#[derive(Serialize)]
struct ExecutionJson<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: i64,
    s: &'a str,
    c: &'a str,
    #[serde(rename = "S")]
    side: &'static str,
    o: &'static str,
    f: &'static str,
    q: Amount,
    p: Amount,
    #[serde(rename = "P")]
    stop_price: Amount,
    #[serde(rename = "F")]
    iceberg_quantity: Amount,
    g: i32,
    #[serde(rename = "C")]
    original_client_order_id: &'a str,
    x: &'static str,
    #[serde(rename = "X")]
    status: &'static str,
    r: &'static str,
    i: u64,
    l: Amount,
    z: Amount,
    #[serde(rename = "L")]
    last_price: Amount,
    n: Amount,
    #[serde(rename = "N")]
    commission_asset: Option<&'a str>,
    #[serde(rename = "T")]
    transaction_time: i64,
    t: i64,
    #[serde(rename = "I")]
    execution_id: u64,
    w: bool,
    m: bool,
    #[serde(rename = "M")]
    ignore: bool,
    #[serde(rename = "O")]
    created_time: i64,
    #[serde(rename = "Z")]
    quote_executed: Amount,
    #[serde(rename = "Y")]
    last_quote: Amount,
    #[serde(rename = "Q")]
    quote_quantity: Amount,
    #[serde(rename = "W")]
    working_time: i64,
    #[serde(rename = "V")]
    self_trade_prevention: &'static str,
}

#[derive(Serialize)]
struct PositionJson<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: i64,
    u: i64,
    #[serde(rename = "B")]
    balances: Vec<HeldJson<'a>>,
}

#[derive(Serialize)]
struct HeldJson<'a> {
    a: &'a str,
    f: Amount,
    l: Amount,
}

/// A notice as a message of a subscription.
#[must_use]
pub fn notice_json(listing: &Listing, subscription_id: u64, notice: &Notice) -> String {
    match notice {
        Notice::Execution(report) => to_json(&Envelope { subscription_id, event: execution_json(listing, report) }),
        Notice::Position(position) => to_json(&Envelope { subscription_id, event: position_json(position) }),
    }
}

fn execution_json<'a>(listing: &'a Listing, report: &'a ExecutionReport) -> ExecutionJson<'a> {
    let order = &report.order;
    let instrument = &listing.rules(order.symbol).instrument;
    let price = |price: Price| Amount::of_price(instrument, price);
    let quantity = |quantity: Quantity| Amount::of_quantity(instrument, quantity);
    let (client_order_id, original) = match &report.kind {
        ExecutionKind::Canceled(cancel_id) => (cancel_id.as_ref(), order.client_order_id.as_ref()),
        _ => (order.client_order_id.as_ref(), ""),
    };
    let fill = match &report.kind {
        ExecutionKind::Trade(fill) => Some(fill),
        _ => None,
    };
    ExecutionJson {
        e: "executionReport",
        event_time: report.time_ms,
        s: instrument.symbol.as_str(),
        c: client_order_id,
        side: side_name(order.side),
        o: kind_name(order.kind),
        f: time_in_force_name(order.time_in_force),
        q: quantity(order.quantity),
        p: price(order.price),
        stop_price: Amount::ZERO,
        iceberg_quantity: Amount::ZERO,
        g: -1,
        original_client_order_id: original,
        x: match &report.kind {
            ExecutionKind::New => "NEW",
            ExecutionKind::Canceled(_) => "CANCELED",
            ExecutionKind::Trade(_) => "TRADE",
            ExecutionKind::Expired => "EXPIRED",
            ExecutionKind::TradePrevention => "TRADE_PREVENTION",
        },
        status: order.state.name(),
        r: "NONE",
        i: order.id,
        l: fill.map_or(Amount::ZERO, |fill| quantity(fill.quantity)),
        z: quantity(order.executed),
        last_price: fill.map_or(Amount::ZERO, |fill| price(fill.price)),
        n: fill.map_or(Amount::ZERO, |fill| fill.commission),
        commission_asset: fill.map(|fill| listing.assets[usize::from(fill.commission_asset.0)].as_str()),
        transaction_time: report.time_ms,
        t: fill.map_or(-1, |fill| fill.trade_id as i64),
        execution_id: report.execution_id,
        w: order.state.is_open(),
        m: fill.is_some_and(|fill| fill.is_maker),
        ignore: false,
        created_time: order.created_ms,
        quote_executed: order.quote_executed,
        last_quote: fill.map_or(Amount::ZERO, |fill| fill.quote),
        quote_quantity: order.quote_quantity,
        working_time: order.created_ms,
        self_trade_prevention: order.self_trade_prevention.name(),
    }
}

fn position_json(position: &AccountPosition) -> PositionJson<'_> {
    PositionJson {
        e: "outboundAccountPosition",
        event_time: position.time_ms,
        u: position.time_ms,
        balances: position
            .balances
            .iter()
            .map(|held| HeldJson { a: held.asset.as_str(), f: held.free, l: held.locked })
            .collect(),
    }
}
