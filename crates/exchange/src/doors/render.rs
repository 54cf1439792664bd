//! Answers as the venue writes them: the body of REST, the result of the WebSocket API.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tercel_types::{Level, Side};

use crate::core::{
    AccountTrade, Amount, AssetBalance, Canceled, FeeRates, Fill, Listing, Order, OrderCounts, OrderLimits, Placed,
    PublicTrade, Refusal, ReplaceFailure, Replaced, SymbolId, SymbolRules, kind_name, side_name, time_in_force_name,
};
use crate::engine::{Answer, Failure, ResponseType};
use crate::market_data::DayStatistics;

use super::operation::Operation;
use super::shapes::{
    AccountJson, AccountTradeJson, AggregateTradeJson, BalanceJson, BestJson, CommissionRatesJson, DayJson, ErrorJson,
    FillJson, OrderCountJson, OrderJson, OrderQueryJson, OrderStateJson, PriceJson, PublicTradeJson, ReplaceJson,
};

/// What the writer needs to know of the exchange.
pub struct Renderer<'exchange> {
    /// What is listed.
    pub listing: &'exchange Listing,
    /// What trades cost.
    pub fees: FeeRates,
    /// How fast orders may come.
    pub order_limits: OrderLimits,
    /// Whether a list of one is written as its only element, as the venue does where `symbol` was given.
    pub single: bool,
    /// What was asked for: some answers are written in more than one form.
    pub operation: Operation,
}

/// A refusal as a body.
#[must_use]
pub fn refusal_json(refusal: &Refusal) -> String {
    to_json(&ErrorJson::from(refusal))
}

impl Renderer<'_> {
    /// An answer.
    #[must_use]
    pub fn answer(&self, answer: &Answer) -> String {
        match answer {
            Answer::Placed(placed, response) => to_json(&self.placed(placed, *response)),
            Answer::Tested => "{}".to_owned(),
            Answer::Canceled(canceled) => to_json(&self.canceled(canceled)),
            Answer::Replaced(replaced, response) => to_json(&self.replaced(replaced, *response)),
            Answer::CanceledAll(all) => to_json(&all.iter().map(|one| self.canceled(one)).collect::<Vec<_>>()),
            Answer::Order(order) => to_json(&self.queried(order)),
            Answer::Orders(orders) => to_json(&orders.iter().map(|order| self.queried(order)).collect::<Vec<_>>()),
            Answer::AccountTrades(trades) => {
                to_json(&trades.iter().map(|trade| self.account_trade(trade)).collect::<Vec<_>>())
            }
            Answer::Account(balances, updated_ms) => to_json(&self.account(balances, *updated_ms)),
            Answer::OrderCounts(counts) => to_json(&self.order_counts(*counts)),
            Answer::Depth(body) => body.clone(),
            Answer::Trades(trades) if self.operation == Operation::AggregateTrades => {
                to_json(&trades.iter().map(|trade| self.aggregate_trade(trade)).collect::<Vec<_>>())
            }
            Answer::Trades(trades) => to_json(&trades.iter().map(|trade| self.public_trade(trade)).collect::<Vec<_>>()),
            Answer::Best(best) => self.list(best.iter().map(|(symbol, bid, ask)| self.best(*symbol, *bid, *ask))),
            Answer::Day(days) if self.operation == Operation::PriceTicker => self
                .list(days.iter().map(|(symbol, day, ..)| PriceJson { symbol: self.name(*symbol), price: day.last })),
            Answer::Day(days) => {
                self.list(days.iter().map(|(symbol, day, bid, ask)| self.day(*symbol, day, *bid, *ask)))
            }
        }
    }

    /// A failure: HTTP status and body.
    #[must_use]
    pub fn failure(&self, failure: &Failure) -> (u16, String) {
        let (failure, response) = match failure {
            Failure::Refused(refusal) => return (refusal.status, refusal_json(refusal)),
            Failure::Replace(failure, response) => (failure.as_ref(), *response),
        };
        let whole = (-2022, "Order cancel-replace failed.", 400);
        let partly = (-2021, "Order cancel-replace partially failed.", 409);
        let ((code, msg, status), data) = match failure {
            ReplaceFailure::Refused(refusal) => return (refusal.status, refusal_json(refusal)),
            ReplaceFailure::Cancel(cancel, None) => {
                (whole, ReplaceJson::new("FAILURE", "NOT_ATTEMPTED", raw(&ErrorJson::from(cancel)), None))
            }
            ReplaceFailure::Cancel(cancel, Some(Err(order))) => {
                let order = raw(&ErrorJson::from(order));
                (whole, ReplaceJson::new("FAILURE", "FAILURE", raw(&ErrorJson::from(cancel)), Some(order)))
            }
            ReplaceFailure::Cancel(cancel, Some(Ok(placed))) => {
                let placed = raw(&self.placed(placed, response));
                (partly, ReplaceJson::new("FAILURE", "SUCCESS", raw(&ErrorJson::from(cancel)), Some(placed)))
            }
            ReplaceFailure::NewOrder(canceled, order) => {
                let order = raw(&ErrorJson::from(order));
                (partly, ReplaceJson::new("SUCCESS", "FAILURE", raw(&self.canceled(canceled)), Some(order)))
            }
        };
        (status, to_json(&ErrorJson { code, msg, data: Some(data) }))
    }

    fn list<T: Serialize>(&self, list: impl Iterator<Item = T>) -> String {
        let list: Vec<T> = list.collect();
        match list.as_slice() {
            [only] if self.single => to_json(only),
            _ => to_json(&list),
        }
    }

    fn rules(&self, symbol: SymbolId) -> &SymbolRules {
        self.listing.rules(symbol)
    }

    fn name(&self, symbol: SymbolId) -> &str {
        self.rules(symbol).instrument.symbol.as_str()
    }

    fn state(&self, order: &Order) -> OrderStateJson {
        let instrument = &self.rules(order.symbol).instrument;
        OrderStateJson {
            price: Amount::of_price(instrument, order.price),
            orig_qty: Amount::of_quantity(instrument, order.quantity),
            executed_qty: Amount::of_quantity(instrument, order.executed),
            orig_quote_order_qty: order.quote_quantity,
            cummulative_quote_qty: order.quote_executed,
            status: order.state.name(),
            time_in_force: time_in_force_name(order.time_in_force),
            r#type: kind_name(order.kind),
            side: side_name(order.side),
            working_time: order.created_ms,
            self_trade_prevention_mode: order.self_trade_prevention.name(),
        }
    }

    fn ids<'a>(&'a self, order: &'a Order) -> OrderJson<'a> {
        OrderJson {
            symbol: self.name(order.symbol),
            orig_client_order_id: None,
            order_id: order.id,
            order_list_id: -1,
            client_order_id: &order.client_order_id,
            transact_time: None,
            state: None,
            query: None,
            fills: None,
        }
    }

    fn placed<'a>(&'a self, placed: &'a Placed, response: ResponseType) -> OrderJson<'a> {
        let order = &placed.order;
        let fills = || placed.fills.iter().map(|fill| self.fill(order.symbol, fill)).collect();
        OrderJson {
            transact_time: Some(order.created_ms),
            state: (response != ResponseType::Ack).then(|| self.state(order)),
            fills: (response == ResponseType::Full).then(fills),
            ..self.ids(order)
        }
    }

    fn canceled<'a>(&'a self, canceled: &'a Canceled) -> OrderJson<'a> {
        let order = &canceled.order;
        OrderJson {
            orig_client_order_id: Some(&order.client_order_id),
            client_order_id: &canceled.cancel_id,
            transact_time: Some(order.updated_ms),
            state: Some(self.state(order)),
            ..self.ids(order)
        }
    }

    fn replaced(&self, replaced: &Replaced, response: ResponseType) -> ReplaceJson {
        let placed = raw(&self.placed(&replaced.placed, response));
        ReplaceJson::new("SUCCESS", "SUCCESS", raw(&self.canceled(&replaced.canceled)), Some(placed))
    }

    fn queried<'a>(&'a self, order: &'a Order) -> OrderJson<'a> {
        let query = OrderQueryJson {
            stop_price: Amount::ZERO,
            iceberg_qty: Amount::ZERO,
            time: order.created_ms,
            update_time: order.updated_ms,
            is_working: true,
        };
        OrderJson { state: Some(self.state(order)), query: Some(query), ..self.ids(order) }
    }

    fn fill<'a>(&'a self, symbol: SymbolId, fill: &Fill) -> FillJson<'a> {
        let instrument = &self.rules(symbol).instrument;
        FillJson {
            price: Amount::of_price(instrument, fill.price),
            qty: Amount::of_quantity(instrument, fill.quantity),
            commission: fill.commission,
            commission_asset: self.listing.assets[usize::from(fill.commission_asset.0)].as_str(),
            trade_id: fill.trade_id,
        }
    }

    fn account_trade(&self, trade: &AccountTrade) -> AccountTradeJson<'_> {
        let fill = self.fill(trade.symbol, &trade.fill);
        AccountTradeJson {
            symbol: self.name(trade.symbol),
            id: fill.trade_id,
            order_id: trade.order_id,
            order_list_id: -1,
            price: fill.price,
            qty: fill.qty,
            quote_qty: trade.fill.quote,
            commission: fill.commission,
            commission_asset: fill.commission_asset,
            time: trade.time_ms,
            is_buyer: trade.side == Side::Buy,
            is_maker: trade.fill.is_maker,
            is_best_match: true,
        }
    }

    fn public_trade(&self, trade: &PublicTrade) -> PublicTradeJson {
        let rules = self.rules(trade.symbol);
        PublicTradeJson {
            id: trade.trade_id,
            price: Amount::of_price(&rules.instrument, trade.price),
            qty: Amount::of_quantity(&rules.instrument, trade.quantity),
            quote_qty: rules.cost(trade.price, trade.quantity),
            time: trade.time_ms,
            is_buyer_maker: trade.taker_side == Side::Sell,
            is_best_match: true,
        }
    }

    /// One trade is one aggregate here, with the trade's id.
    fn aggregate_trade(&self, trade: &PublicTrade) -> AggregateTradeJson {
        let instrument = &self.rules(trade.symbol).instrument;
        AggregateTradeJson {
            a: trade.trade_id,
            p: Amount::of_price(instrument, trade.price),
            q: Amount::of_quantity(instrument, trade.quantity),
            f: trade.trade_id,
            l: trade.trade_id,
            time: trade.time_ms,
            m: trade.taker_side == Side::Sell,
            is_best_match: true,
        }
    }

    fn account<'a>(&self, balances: &'a [AssetBalance], update_time: i64) -> AccountJson<'a> {
        let balance =
            |held: &'a AssetBalance| BalanceJson { asset: held.asset.as_str(), free: held.free, locked: held.locked };
        let basis_points = |rate: Amount| rate.0 / 10_000;
        AccountJson {
            maker_commission: basis_points(self.fees.maker),
            taker_commission: basis_points(self.fees.taker),
            buyer_commission: 0,
            seller_commission: 0,
            commission_rates: CommissionRatesJson {
                maker: self.fees.maker,
                taker: self.fees.taker,
                buyer: Amount::ZERO,
                seller: Amount::ZERO,
            },
            can_trade: true,
            can_withdraw: false,
            can_deposit: false,
            brokered: false,
            require_self_trade_prevention: false,
            prevent_sor: false,
            update_time,
            account_type: "SPOT",
            balances: balances.iter().map(balance).collect(),
            permissions: ["SPOT"],
            uid: 1,
        }
    }

    fn order_counts(&self, counts: OrderCounts) -> [OrderCountJson; 2] {
        let row = |interval, interval_num, limit, count| OrderCountJson {
            rate_limit_type: "ORDERS",
            interval,
            interval_num,
            limit,
            count,
        };
        [
            row("SECOND", 10, self.order_limits.per_ten_seconds, counts.ten_seconds),
            row("DAY", 1, self.order_limits.per_day, counts.day),
        ]
    }

    fn best(&self, symbol: SymbolId, bid: Option<Level>, ask: Option<Level>) -> BestJson<'_> {
        let instrument = &self.rules(symbol).instrument;
        let (bid, ask) = (bid.unwrap_or_default(), ask.unwrap_or_default());
        BestJson {
            symbol: instrument.symbol.as_str(),
            bid_price: Amount::of_price(instrument, bid.price),
            bid_qty: Amount::of_quantity(instrument, bid.quantity),
            ask_price: Amount::of_price(instrument, ask.price),
            ask_qty: Amount::of_quantity(instrument, ask.quantity),
        }
    }

    fn day(&self, symbol: SymbolId, day: &DayStatistics, bid: Option<Level>, ask: Option<Level>) -> DayJson<'_> {
        let best = self.best(symbol, bid, ask);
        DayJson {
            symbol: best.symbol,
            price_change: day.change(),
            price_change_percent: day.change_percent(),
            weighted_avg_price: day.weighted_average(),
            prev_close_price: day.open,
            last_price: day.last,
            last_qty: day.last_quantity,
            bid_price: best.bid_price,
            bid_qty: best.bid_qty,
            ask_price: best.ask_price,
            ask_qty: best.ask_qty,
            open_price: day.open,
            high_price: day.high,
            low_price: day.low,
            volume: day.volume,
            quote_volume: day.quote_volume,
            open_time: day.open_time_ms,
            close_time: day.close_time_ms,
            first_id: day.first_trade_id,
            last_id: day.last_trade_id,
            count: day.count,
        }
    }
}

fn raw(body: &impl Serialize) -> Box<RawValue> {
    // Plain structs of texts and integers have nothing that could fail to be written.
    to_raw_value(body).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Writes a plain struct as JSON.
pub(super) fn to_json(body: &impl Serialize) -> String {
    // As above.
    serde_json::to_string(body).unwrap_or_default()
}
