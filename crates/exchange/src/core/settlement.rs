//! What a market's events do to orders and balances.

use std::sync::Arc;

use tercel_types::{OrderKind, Price, Quantity, Side};

use super::account::{AccountId, AssetBalance, AssetId};
use super::amount::Amount;
use super::market::{EndReason, Market, MarketEvent, Owner, Party};
use super::order::OrderState;
use super::report::{
    AccountPosition, AccountTrade, AddressedNotice, ExecutionKind, ExecutionReport, Fill, Notice, PublicTrade,
    TapeEntry,
};
use super::rules::SymbolId;
use super::venue::{ACCOUNT_TRADES_MAX, Venue};

struct TradeTerms {
    trade_id: u64,
    price: Price,
    quantity: Quantity,
}

impl<M: Market> Venue<M> {
    /// Applies everything that happened on a symbol, in order, and tells the owners.
    pub(super) fn settle(&mut self, symbol: SymbolId, now_ms: i64) {
        let mut events = std::mem::take(&mut self.events);
        for event in events.drain(..) {
            match event {
                MarketEvent::Level { side, level } => self.tape.push(TapeEntry::Level { symbol, side, level }),
                MarketEvent::Ended { party, reason } => self.end(party, reason, now_ms),
                MarketEvent::Trade { maker, taker, taker_side, price, quantity } => {
                    let state = &mut self.symbols[usize::from(symbol.0)];
                    state.last_price = Some(price);
                    let terms = TradeTerms { trade_id: state.next_trade_id, price, quantity };
                    state.next_trade_id += 1;
                    let trade_id = terms.trade_id;
                    let trade = PublicTrade { symbol, trade_id, price, quantity, taker_side, time_ms: now_ms };
                    self.tape.push(TapeEntry::Trade(trade));
                    self.fill(taker, &terms, false, now_ms);
                    self.fill(maker, &terms, true, now_ms);
                }
            }
        }
        self.events = events;
        self.tell_positions(now_ms);
    }

    fn fill(&mut self, party: Party, terms: &TradeTerms, is_maker: bool, now_ms: i64) {
        if party.owner == Owner::FLOW {
            return;
        }
        let Some(order) = self.orders.get_mut(party.order_id) else { return };
        let rules = self.listing.rules(order.symbol);
        let first_fill = order.executed.is_zero();
        order.executed.0 += terms.quantity.0;
        order.updated_ms = now_ms;
        order.state = if order.leaves().is_zero() { OrderState::Filled } else { OrderState::PartiallyFilled };
        let quote = rules.cost(terms.price, terms.quantity);
        order.quote_executed += quote;

        let base = Amount::of_quantity(&rules.instrument, terms.quantity);
        let still_locked = match (order.side, order.kind) {
            (Side::Sell, _) => order.locked - base,
            (Side::Buy, OrderKind::Market) => order.locked - quote,
            (Side::Buy, _) => rules.hold(order.price, order.leaves()),
        };
        let released = order.locked - still_locked;
        order.locked = still_locked;
        let rate = if is_maker { self.fees.maker } else { self.fees.taker };
        let account = &mut self.accounts[party.owner.0 as usize];
        account.unlock(order.locked_asset, released);
        let (received, commission_asset) = match order.side {
            Side::Buy => (base, rules.base),
            Side::Sell => (quote, rules.quote),
        };
        let paid = if order.side == Side::Buy { quote } else { base };
        let commission = received.times_rate(rate);
        account.credit(order.locked_asset, -paid);
        account.credit(commission_asset, received - commission);
        let (price, quantity, trade_id) = (terms.price, terms.quantity, terms.trade_id);
        let fill = Fill { trade_id, price, quantity, quote, commission, commission_asset, is_maker };
        let (id, symbol, side, account_id) = (order.id, order.symbol, order.side, order.account);
        let filled = order.state == OrderState::Filled;

        self.touch(account_id, self.listing.rules(symbol).base);
        self.touch(account_id, self.listing.rules(symbol).quote);
        if first_fill {
            self.rates[account_id.0 as usize].release(now_ms);
        }
        let trades = &mut self.trades;
        if trades.len() == ACCOUNT_TRADES_MAX {
            trades.pop_front();
        }
        trades.push_back((account_id, AccountTrade { symbol, order_id: id, side, fill, time_ms: now_ms }));
        self.report(id, ExecutionKind::Trade(fill), now_ms);
        if filled {
            self.finish(id, now_ms);
        }
    }

    fn end(&mut self, party: Party, reason: EndReason, now_ms: i64) {
        if party.owner == Owner::FLOW {
            return;
        }
        let (state, kind) = match reason {
            EndReason::Terms => (OrderState::Expired, ExecutionKind::Expired),
            EndReason::SelfTrade => (OrderState::ExpiredInMatch, ExecutionKind::TradePrevention),
        };
        self.end_order(party.order_id, state, kind, now_ms);
    }

    /// Ends an open order in a state, gives back what is locked and tells the owner.
    pub(super) fn end_order(&mut self, id: u64, state: OrderState, kind: ExecutionKind, now_ms: i64) {
        let Some(order) = self.orders.get_mut(id) else { return };
        order.state = state;
        order.updated_ms = now_ms;
        self.finish(id, now_ms);
        self.report(id, kind, now_ms);
    }

    /// Gives back what an ended order still has locked and files it.
    fn finish(&mut self, id: u64, now_ms: i64) {
        let Some(order) = self.orders.get_mut(id) else { return };
        let (account, asset, symbol) = (order.account, order.locked_asset, order.symbol);
        let released = std::mem::take(&mut order.locked);
        order.updated_ms = now_ms;
        self.accounts[account.0 as usize].unlock(asset, released);
        self.orders.close(id);
        self.symbols[usize::from(symbol.0)].market.forget(id);
        self.touch(account, asset);
    }

    /// Tells the owner of an order what happened to it.
    pub(super) fn report(&mut self, id: u64, kind: ExecutionKind, time_ms: i64) {
        let Some(order) = self.orders.get(id) else { return };
        self.next_execution_id += 1;
        let report = ExecutionReport { order: order.clone(), kind, execution_id: self.next_execution_id, time_ms };
        self.notices
            .push(AddressedNotice { account: report.order.account, notice: Notice::Execution(Arc::new(report)) });
    }

    /// Remembers that a balance may have changed.
    pub(super) fn touch(&mut self, account: AccountId, asset: AssetId) {
        if !self.touched.contains(&(account, asset)) {
            self.touched.push((account, asset));
        }
    }

    /// Tells each account the balances that may have changed since it was last told.
    pub(super) fn tell_positions(&mut self, time_ms: i64) {
        while let Some(&(account_id, _)) = self.touched.first() {
            let account = &mut self.accounts[account_id.0 as usize];
            account.updated_ms = time_ms;
            let (own, others): (Vec<_>, Vec<_>) = self.touched.iter().partition(|(owner, _)| *owner == account_id);
            let listing = &self.listing;
            let balances = own
                .into_iter()
                .map(|(_, asset)| {
                    let balance = account.balance(asset);
                    AssetBalance { asset: listing.asset_name(asset), free: balance.free, locked: balance.locked }
                })
                .collect();
            self.touched = others;
            let position = AccountPosition { balances, time_ms };
            self.notices.push(AddressedNotice { account: account_id, notice: Notice::Position(Arc::new(position)) });
        }
    }
}
