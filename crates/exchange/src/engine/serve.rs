//! One client request against the exchange.

use crate::core::{AccountId, Market, ReplaceFailure, SymbolId, Venue};
use crate::market_data::TradeRecord;
use tercel_types::{Instrument, Level, Side};

use super::command::{Answer, Failure, Request, Served};

/// What a request needs besides the venue: the published side of each symbol.
pub trait Views<M> {
    /// The public trades of a symbol.
    fn trades(&self, symbol: SymbolId) -> &TradeRecord;
    /// The book of a symbol as REST shows it now.
    fn book(&mut self, symbol: SymbolId, market: &M, limit: usize, instrument: &Instrument) -> String;
}

/// Serves one request.
pub fn serve<M: Market>(
    venue: &mut Venue<M>,
    views: &mut impl Views<M>,
    account: AccountId,
    request: Request,
    now_ms: i64,
) -> Served {
    let counts_order = matches!(request, Request::Place(..) | Request::Replace(..));
    let outcome = outcome(venue, views, account, request, now_ms);
    let order_counts = counts_order.then(|| venue.order_counts(account, now_ms));
    Served { outcome, order_counts }
}

fn outcome<M: Market>(
    venue: &mut Venue<M>,
    views: &mut impl Views<M>,
    account: AccountId,
    request: Request,
    now_ms: i64,
) -> Result<Answer, Failure> {
    match request {
        Request::Place(order, response) => venue
            .place(account, &order, now_ms)
            .map(|placed| Answer::Placed(Box::new(placed), response))
            .map_err(Failure::Refused),
        Request::Test(order) => venue.test(account, &order).map(|()| Answer::Tested).map_err(Failure::Refused),
        Request::Cancel(cancel) => venue
            .cancel(account, &cancel, now_ms)
            .map(|canceled| Answer::Canceled(Box::new(canceled)))
            .map_err(Failure::Refused),
        Request::Replace(orders, mode, response) => venue
            .replace(account, &orders.0, &orders.1, mode, now_ms)
            .map(|replaced| Answer::Replaced(Box::new(replaced), response))
            .map_err(|failure| match failure {
                ReplaceFailure::Refused(refusal) => Failure::Refused(refusal),
                partly => Failure::Replace(Box::new(partly), response),
            }),
        Request::CancelAll(symbol) => {
            venue.cancel_all(account, symbol, now_ms).map(Answer::CanceledAll).map_err(Failure::Refused)
        }
        Request::Query(symbol, reference) => venue
            .order(account, symbol, &reference)
            .map(|order| Answer::Order(Box::new(order)))
            .map_err(Failure::Refused),
        Request::OpenOrders(symbol) => Ok(Answer::Orders(venue.open_orders(account, symbol))),
        Request::AllOrders(symbol, from, limit) => Ok(Answer::Orders(venue.all_orders(account, symbol, from, limit))),
        Request::AccountTrades { symbol, from, order_id, limit } => {
            Ok(Answer::AccountTrades(venue.account_trades(account, symbol, from, order_id, limit)))
        }
        Request::Account => {
            let (balances, updated_ms) = venue.balances(account);
            Ok(Answer::Account(balances, updated_ms))
        }
        Request::OrderCounts => Ok(Answer::OrderCounts(venue.order_counts(account, now_ms))),
        Request::Depth(symbol, limit) => {
            let instrument = venue.instrument(symbol);
            Ok(Answer::Depth(views.book(symbol, venue.market(symbol), limit, &instrument)))
        }
        Request::Trades(symbol, limit) => {
            let trades = &views.trades(symbol).recent;
            Ok(Answer::Trades(trades.iter().skip(trades.len().saturating_sub(limit)).copied().collect()))
        }
        Request::Best(symbols) => Ok(Answer::Best(
            symbols
                .into_iter()
                .map(|symbol| {
                    let (bid, ask) = best_of(venue, symbol);
                    (symbol, bid, ask)
                })
                .collect(),
        )),
        Request::Day(symbols) => Ok(Answer::Day(
            symbols
                .into_iter()
                .map(|symbol| {
                    let (bid, ask) = best_of(venue, symbol);
                    (symbol, views.trades(symbol).day, bid, ask)
                })
                .collect(),
        )),
    }
}

fn best_of<M: Market>(venue: &Venue<M>, symbol: SymbolId) -> (Option<Level>, Option<Level>) {
    let market = venue.market(symbol);
    (market.best(Side::Buy), market.best(Side::Sell))
}
