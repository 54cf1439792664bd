//! The JSON of answers, field by field in the venue's own order and spelling.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::core::{Amount, Refusal};

#[derive(Serialize)]
pub(super) struct ErrorJson<'a> {
    pub code: i32,
    pub msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<ReplaceJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplaceJson {
    pub cancel_result: &'static str,
    pub new_order_result: &'static str,
    pub cancel_response: Box<RawValue>,
    pub new_order_response: Option<Box<RawValue>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderJson<'a> {
    pub symbol: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orig_client_order_id: Option<&'a str>,
    pub order_id: u64,
    pub order_list_id: i32,
    pub client_order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transact_time: Option<i64>,
    #[serde(flatten)]
    pub state: Option<OrderStateJson>,
    #[serde(flatten)]
    pub query: Option<OrderQueryJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fills: Option<Vec<FillJson<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderStateJson {
    pub price: Amount,
    pub orig_qty: Amount,
    pub executed_qty: Amount,
    pub orig_quote_order_qty: Amount,
    pub cummulative_quote_qty: Amount,
    pub status: &'static str,
    pub time_in_force: &'static str,
    pub r#type: &'static str,
    pub side: &'static str,
    pub working_time: i64,
    pub self_trade_prevention_mode: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderQueryJson {
    pub stop_price: Amount,
    pub iceberg_qty: Amount,
    pub time: i64,
    pub update_time: i64,
    pub is_working: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FillJson<'a> {
    pub price: Amount,
    pub qty: Amount,
    pub commission: Amount,
    pub commission_asset: &'a str,
    pub trade_id: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountTradeJson<'a> {
    pub symbol: &'a str,
    pub id: u64,
    pub order_id: u64,
    pub order_list_id: i32,
    pub price: Amount,
    pub qty: Amount,
    pub quote_qty: Amount,
    pub commission: Amount,
    pub commission_asset: &'a str,
    pub time: i64,
    pub is_buyer: bool,
    pub is_maker: bool,
    pub is_best_match: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PublicTradeJson {
    pub id: u64,
    pub price: Amount,
    pub qty: Amount,
    pub quote_qty: Amount,
    pub time: i64,
    pub is_buyer_maker: bool,
    pub is_best_match: bool,
}

#[derive(Serialize)]
pub(super) struct AggregateTradeJson {
    pub a: u64,
    pub p: Amount,
    pub q: Amount,
    pub f: u64,
    pub l: u64,
    #[serde(rename = "T")]
    pub time: i64,
    pub m: bool,
    #[serde(rename = "M")]
    pub is_best_match: bool,
}

#[derive(Serialize)]
pub(super) struct BalanceJson<'a> {
    pub asset: &'a str,
    pub free: Amount,
    pub locked: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountJson<'a> {
    pub maker_commission: i128,
    pub taker_commission: i128,
    pub buyer_commission: i128,
    pub seller_commission: i128,
    pub commission_rates: CommissionRatesJson,
    pub can_trade: bool,
    pub can_withdraw: bool,
    pub can_deposit: bool,
    pub brokered: bool,
    pub require_self_trade_prevention: bool,
    pub prevent_sor: bool,
    pub update_time: i64,
    pub account_type: &'static str,
    pub balances: Vec<BalanceJson<'a>>,
    pub permissions: [&'static str; 1],
    pub uid: u64,
}

#[derive(Serialize)]
pub(super) struct CommissionRatesJson {
    pub maker: Amount,
    pub taker: Amount,
    pub buyer: Amount,
    pub seller: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderCountJson {
    pub rate_limit_type: &'static str,
    pub interval: &'static str,
    pub interval_num: u32,
    pub limit: u32,
    pub count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BestJson<'a> {
    pub symbol: &'a str,
    pub bid_price: Amount,
    pub bid_qty: Amount,
    pub ask_price: Amount,
    pub ask_qty: Amount,
}

#[derive(Serialize)]
pub(super) struct PriceJson<'a> {
    pub symbol: &'a str,
    pub price: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DayJson<'a> {
    pub symbol: &'a str,
    pub price_change: Amount,
    pub price_change_percent: String,
    pub weighted_avg_price: Amount,
    pub prev_close_price: Amount,
    pub last_price: Amount,
    pub last_qty: Amount,
    pub bid_price: Amount,
    pub bid_qty: Amount,
    pub ask_price: Amount,
    pub ask_qty: Amount,
    pub open_price: Amount,
    pub high_price: Amount,
    pub low_price: Amount,
    pub volume: Amount,
    pub quote_volume: Amount,
    pub open_time: i64,
    pub close_time: i64,
    pub first_id: u64,
    pub last_id: u64,
    pub count: u64,
}

impl<'a> From<&'a Refusal> for ErrorJson<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        Self { code: refusal.code, msg: &refusal.message, data: None }
    }
}

impl ReplaceJson {
    pub(super) fn new(
        cancel_result: &'static str,
        new_order_result: &'static str,
        cancel_response: Box<RawValue>,
        new_order_response: Option<Box<RawValue>>,
    ) -> Self {
        Self { cancel_result, new_order_result, cancel_response, new_order_response }
    }
}
