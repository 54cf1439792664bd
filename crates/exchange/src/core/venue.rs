//! What clients may do: place, cancel, replace and ask.

use std::collections::VecDeque;
use std::sync::Arc;

use tercel_types::{Instrument, Level, OrderKind, Price, Quantity, Side, TimeInForce};

use super::account::{Account, AccountId, AssetBalance, AssetId};
use super::amount::Amount;
use super::market::{IncomingOrder, Market, MarketEvent, Owner, Party};
use super::order::{
    CancelOrder, CancelRestriction, NewOrder, Order, OrderReference, OrderState, ReplaceMode, SelfTradePrevention,
};
use super::order_store::OrderStore;
use super::rate_limit::{OrderCounts, OrderLimits, OrderRate};
use super::refusal::Refusal;
use super::report::{AccountTrade, AddressedNotice, ExecutionKind, Fill, Notice, TapeEntry};
use super::rules::{FilterContext, Listing, SymbolId};
use super::sizing::{Reachable, Sized, size_order};

/// How many trades of all accounts are remembered.
pub(super) const ACCOUNT_TRADES_MAX: usize = 200_000;

/// What a trade costs, as fractions with eight decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeRates {
    /// For the resting order.
    pub maker: Amount,
    /// For the incoming order.
    pub taker: Amount,
}

/// What a venue is made from.
pub struct VenueSetup<M> {
    /// What is listed.
    pub listing: Arc<Listing>,
    /// One market for each symbol, in the listing's order.
    pub markets: Vec<M>,
    /// What each account starts with.
    pub accounts: Vec<Vec<(AssetId, Amount)>>,
    /// What trades cost.
    pub fees: FeeRates,
    /// How fast orders may come.
    pub order_limits: OrderLimits,
}

/// The exchange: accounts, orders and one market a symbol.
pub struct Venue<M> {
    pub(super) listing: Arc<Listing>,
    pub(super) symbols: Vec<SymbolState<M>>,
    pub(super) accounts: Vec<Account>,
    pub(super) rates: Vec<OrderRate>,
    pub(super) fees: FeeRates,
    pub(super) orders: OrderStore,
    pub(super) trades: VecDeque<(AccountId, AccountTrade)>,
    pub(super) next_execution_id: u64,
    pub(super) events: Vec<MarketEvent>,
    pub(super) touched: Vec<(AccountId, AssetId)>,
    pub(super) notices: Vec<AddressedNotice>,
    pub(super) tape: Vec<TapeEntry>,
    next_order_id: u64,
}

pub(super) struct SymbolState<M> {
    pub market: M,
    pub last_price: Option<Price>,
    pub next_trade_id: u64,
}

/// An accepted order and what it filled at once.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The order after its arrival.
    pub order: Order,
    /// Its fills.
    pub fills: Vec<Fill>,
}

/// A cancelled order.
#[derive(Clone, Debug)]
pub struct Canceled {
    /// The order after the cancel.
    pub order: Order,
    /// The id of the cancel.
    pub cancel_id: Arc<str>,
}

/// Both halves of a cancel-replace.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// The order that was cancelled.
    pub canceled: Canceled,
    /// The order that was placed.
    pub placed: Placed,
}

/// A cancel-replace of which at least one half failed.
#[derive(Clone, Debug)]
pub enum ReplaceFailure {
    /// Refused as a whole, before anything was tried.
    Refused(Refusal),
    /// The cancel failed; the new order was placed, failed too, or (`None`) was not tried.
    Cancel(Refusal, Option<Result<Box<Placed>, Refusal>>),
    /// The cancel went through, the new order failed.
    NewOrder(Box<Canceled>, Refusal),
}

impl<M: Market> Venue<M> {
    /// An exchange in which nothing has happened.
    #[must_use]
    pub fn new(setup: VenueSetup<M>) -> Self {
        let assets = setup.listing.assets.len();
        let mut accounts = Vec::with_capacity(setup.accounts.len());
        for balances in &setup.accounts {
            let mut account = Account::new(assets);
            for &(asset, amount) in balances {
                account.credit(asset, amount);
            }
            accounts.push(account);
        }
        let rates = vec![OrderRate::new(setup.order_limits); accounts.len()];
        let symbols =
            setup.markets.into_iter().map(|market| SymbolState { market, last_price: None, next_trade_id: 1 });
        Self {
            listing: setup.listing,
            symbols: symbols.collect(),
            accounts,
            rates,
            fees: setup.fees,
            orders: OrderStore::default(),
            trades: VecDeque::new(),
            next_execution_id: 0,
            events: Vec::new(),
            touched: Vec::new(),
            notices: Vec::new(),
            tape: Vec::new(),
            next_order_id: 1,
        }
    }

    /// Places an order.
    ///
    /// # Errors
    /// The venue's refusal; then nothing has changed, except that the order counts against the rate.
    pub fn place(&mut self, account: AccountId, order: &NewOrder, now_ms: i64) -> Result<Placed, Refusal> {
        let (sized, client_order_id) = self.check(account, order)?;
        self.rates[account.0 as usize].take(now_ms)?;
        self.place_checked(account, order, sized, client_order_id, now_ms)
    }

    /// Checks an order as [`Self::place`] would, without placing it.
    ///
    /// # Errors
    /// The venue's refusal.
    pub fn test(&self, account: AccountId, order: &NewOrder) -> Result<(), Refusal> {
        self.check(account, order).map(|_| ())
    }

    /// Cancels an order.
    ///
    /// # Errors
    /// -2011 if there is no such open order or the restriction does not hold.
    pub fn cancel(&mut self, account: AccountId, cancel: &CancelOrder, now_ms: i64) -> Result<Canceled, Refusal> {
        let order = self
            .orders
            .find(account, cancel.symbol, &cancel.order)
            .filter(|order| order.state.is_open())
            .ok_or(Refusal::UNKNOWN_ORDER)?;
        let restricted = match cancel.restriction {
            None => false,
            Some(CancelRestriction::OnlyNew) => order.state != OrderState::New,
            Some(CancelRestriction::OnlyPartiallyFilled) => order.state != OrderState::PartiallyFilled,
        };
        if restricted {
            return Err(Refusal::CANCEL_RESTRICTED);
        }
        let id = order.id;
        let cancel_id = cancel.cancel_id.clone().unwrap_or_else(|| self.make_id());
        self.cancel_open(id, cancel.symbol, &cancel_id, now_ms)
    }

    /// Cancels an order and places another.
    ///
    /// # Errors
    /// [`ReplaceFailure`] says which half failed and what became of the other.
    pub fn replace(
        &mut self,
        account: AccountId,
        cancel: &CancelOrder,
        order: &NewOrder,
        mode: ReplaceMode,
        now_ms: i64,
    ) -> Result<Replaced, ReplaceFailure> {
        // Filters and the order count are judged before anything is touched; balances and the book only afterwards.
        self.check_filters(account, order).map_err(ReplaceFailure::Refused)?;
        self.rates[account.0 as usize].take(now_ms).map_err(ReplaceFailure::Refused)?;
        let canceled = self.cancel(account, cancel, now_ms);
        if mode == ReplaceMode::StopOnFailure
            && let Err(refusal) = canceled
        {
            return Err(ReplaceFailure::Cancel(refusal, None));
        }
        let placed = self
            .check(account, order)
            .and_then(|(sized, client_order_id)| self.place_checked(account, order, sized, client_order_id, now_ms));
        match (canceled, placed) {
            (Ok(canceled), Ok(placed)) => Ok(Replaced { canceled, placed }),
            (Ok(canceled), Err(refusal)) => Err(ReplaceFailure::NewOrder(Box::new(canceled), refusal)),
            (Err(refusal), placed) => Err(ReplaceFailure::Cancel(refusal, Some(placed.map(Box::new)))),
        }
    }

    /// Cancels all of an account's open orders on a symbol.
    ///
    /// # Errors
    /// -2011 if there are none.
    pub fn cancel_all(&mut self, account: AccountId, symbol: SymbolId, now_ms: i64) -> Result<Vec<Canceled>, Refusal> {
        let ids: Vec<u64> = self.orders.open_ids(account, Some(symbol)).collect();
        if ids.is_empty() {
            return Err(Refusal::UNKNOWN_ORDER);
        }
        let cancel_id = self.make_id();
        ids.into_iter().map(|id| self.cancel_open(id, symbol, &cancel_id, now_ms)).collect()
    }

    /// One order of an account, open or closed.
    ///
    /// # Errors
    /// -2013 if there is none.
    pub fn order(&self, account: AccountId, symbol: SymbolId, which: &OrderReference) -> Result<Order, Refusal> {
        self.orders.find(account, symbol, which).cloned().ok_or(Refusal::NO_SUCH_ORDER)
    }

    /// An account's open orders, oldest first.
    #[must_use]
    pub fn open_orders(&self, account: AccountId, symbol: Option<SymbolId>) -> Vec<Order> {
        self.orders.open_ids(account, symbol).filter_map(|id| self.orders.get(id)).cloned().collect()
    }

    /// An account's orders on a symbol, oldest first: the newest `limit`, or those from an id on.
    #[must_use]
    pub fn all_orders(&self, account: AccountId, symbol: SymbolId, from: Option<u64>, limit: usize) -> Vec<Order> {
        if let Some(from) = from {
            return self.orders.starting_at(account, symbol, from).take(limit).cloned().collect();
        }
        let mut newest: Vec<Order> = self.orders.starting_at(account, symbol, 0).rev().take(limit).cloned().collect();
        newest.reverse();
        newest
    }

    /// An account's trades on a symbol, oldest first: the newest `limit`, or those from a trade id on, or of one order.
    #[must_use]
    pub fn account_trades(
        &self,
        account: AccountId,
        symbol: SymbolId,
        from: Option<u64>,
        order_id: Option<u64>,
        limit: usize,
    ) -> Vec<AccountTrade> {
        let wanted = self.trades.iter().filter(|(owner, trade)| {
            *owner == account
                && trade.symbol == symbol
                && from.is_none_or(|from| trade.fill.trade_id >= from)
                && order_id.is_none_or(|id| trade.order_id == id)
        });
        let mut trades: Vec<AccountTrade> = if from.is_some() {
            wanted.take(limit).map(|(_, trade)| *trade).collect()
        } else {
            wanted.rev().take(limit).map(|(_, trade)| *trade).collect()
        };
        trades.sort_by_key(|trade| trade.fill.trade_id);
        trades
    }

    /// Every balance of an account and when it last changed.
    #[must_use]
    pub fn balances(&self, account: AccountId) -> (Vec<AssetBalance>, i64) {
        let owner = &self.accounts[account.0 as usize];
        let balances = (0..self.listing.assets.len()).map(|index| {
            let asset = AssetId(index as u16);
            let balance = owner.balance(asset);
            AssetBalance { asset: self.listing.asset_name(asset), free: balance.free, locked: balance.locked }
        });
        (balances.collect(), owner.updated_ms)
    }

    /// The orders that an account has sent in the current windows.
    pub fn order_counts(&mut self, account: AccountId, now_ms: i64) -> OrderCounts {
        self.rates[account.0 as usize].counts(now_ms)
    }

    /// What is listed.
    #[must_use]
    pub fn listing(&self) -> &Arc<Listing> {
        &self.listing
    }

    /// A symbol's scales and limits.
    #[must_use]
    pub fn instrument(&self, symbol: SymbolId) -> Instrument {
        self.listing.rules(symbol).instrument
    }

    /// The market of a symbol.
    #[must_use]
    pub fn market(&self, symbol: SymbolId) -> &M {
        &self.symbols[usize::from(symbol.0)].market
    }

    /// Lets something happen in a market that no client asked for, and settles it.
    pub fn with_market(&mut self, symbol: SymbolId, now_ms: i64, act: impl FnOnce(&mut M, &mut Vec<MarketEvent>)) {
        act(&mut self.symbols[usize::from(symbol.0)].market, &mut self.events);
        self.settle(symbol, now_ms);
    }

    /// What is for everybody since it was last taken, in order.
    pub fn drain_tape(&mut self) -> std::vec::Drain<'_, TapeEntry> {
        self.tape.drain(..)
    }

    /// What is for the owners of accounts since it was last taken, in order.
    pub fn drain_notices(&mut self) -> std::vec::Drain<'_, AddressedNotice> {
        self.notices.drain(..)
    }

    fn check_filters(&self, account: AccountId, order: &NewOrder) -> Result<Sized, Refusal> {
        let state = &self.symbols[usize::from(order.symbol.0)];
        let context = FilterContext {
            last_price: state.last_price,
            open_orders: self.orders.open_ids(account, Some(order.symbol)).count() as u32,
        };
        let reachable = Reachable {
            market: &state.market,
            side: order.side.opposite(),
            vanishing: self.vanishing(account, order, &state.market),
        };
        size_order(order, self.listing.rules(order.symbol), &reachable, &context)
    }

    fn check(&self, account: AccountId, order: &NewOrder) -> Result<(Sized, Arc<str>), Refusal> {
        let sized = self.check_filters(account, order)?;
        let client_order_id = order.client_order_id.clone().unwrap_or_else(|| self.make_id());
        if self.orders.is_client_id_taken(account, order.symbol, &client_order_id) {
            return Err(Refusal::DUPLICATE_ORDER);
        }
        let state = &self.symbols[usize::from(order.symbol.0)];
        let crosses = state.market.best(order.side.opposite()).is_some_and(|best| match order.side {
            Side::Buy => order.price >= best.price,
            Side::Sell => order.price <= best.price,
        });
        if order.kind == OrderKind::PostOnly && crosses {
            return Err(Refusal::WOULD_TAKE);
        }
        if self.accounts[account.0 as usize].balance(sized.hold_asset).free < sized.hold {
            return Err(Refusal::INSUFFICIENT_BALANCE);
        }
        Ok((sized, client_order_id))
    }

    /// The account's own orders that a market order would take out of its way.
    fn vanishing(&self, account: AccountId, order: &NewOrder, market: &M) -> Vec<Level> {
        let takes_out = order.self_trade_prevention == SelfTradePrevention::ExpireMaker;
        if order.kind != OrderKind::Market || !takes_out || !market.displays_clients() {
            return Vec::new();
        }
        let open = self.orders.open_ids(account, Some(order.symbol)).filter_map(|id| self.orders.get(id));
        let opposite = open.filter(|own| own.side != order.side);
        opposite.map(|own| Level { price: own.price, quantity: own.leaves() }).collect()
    }

    fn place_checked(
        &mut self,
        account: AccountId,
        new: &NewOrder,
        sized: Sized,
        client_order_id: Arc<str>,
        now_ms: i64,
    ) -> Result<Placed, Refusal> {
        let id = self.next_order_id;
        let order = Order {
            id,
            account,
            symbol: new.symbol,
            client_order_id,
            side: new.side,
            kind: new.kind,
            time_in_force: if new.kind == OrderKind::Limit { new.time_in_force } else { TimeInForce::Gtc },
            self_trade_prevention: new.self_trade_prevention,
            price: new.price,
            quantity: sized.quantity,
            executed: Quantity::ZERO,
            quote_executed: Amount::ZERO,
            quote_quantity: sized.quote_quantity,
            state: OrderState::New,
            locked: sized.hold,
            locked_asset: sized.hold_asset,
            created_ms: now_ms,
            updated_ms: now_ms,
        };
        let incoming = IncomingOrder {
            party: Party { owner: Owner(account.0), order_id: id },
            side: order.side,
            kind: order.kind,
            time_in_force: order.time_in_force,
            price: order.price,
            quantity: order.quantity,
            self_trade_prevention: order.self_trade_prevention,
        };
        self.symbols[usize::from(new.symbol.0)].market.place(&incoming, &mut self.events)?;
        self.next_order_id += 1;
        let locked = self.accounts[account.0 as usize].lock(sized.hold_asset, sized.hold);
        assert!(locked, "the balance was checked before the order entered the market");
        self.orders.insert(order);
        self.touch(account, sized.hold_asset);
        let first_notice = self.notices.len();
        self.report(id, ExecutionKind::New, now_ms);
        self.settle(new.symbol, now_ms);
        let order = self.orders.get(id).cloned().ok_or(Refusal::NO_SUCH_ORDER)?;
        Ok(Placed { order, fills: self.fills_since(first_notice, id) })
    }

    fn fills_since(&self, first_notice: usize, id: u64) -> Vec<Fill> {
        let fills = self.notices[first_notice..].iter().filter_map(|addressed| match &addressed.notice {
            Notice::Execution(report) if report.order.id == id => match report.kind {
                ExecutionKind::Trade(fill) => Some(fill),
                _ => None,
            },
            _ => None,
        });
        fills.collect()
    }

    fn cancel_open(
        &mut self,
        id: u64,
        symbol: SymbolId,
        cancel_id: &Arc<str>,
        now_ms: i64,
    ) -> Result<Canceled, Refusal> {
        self.symbols[usize::from(symbol.0)].market.cancel(id, &mut self.events);
        self.end_order(id, OrderState::Canceled, ExecutionKind::Canceled(Arc::clone(cancel_id)), now_ms);
        self.settle(symbol, now_ms);
        let order = self.orders.get(id).cloned().ok_or(Refusal::NO_SUCH_ORDER)?;
        Ok(Canceled { order, cancel_id: Arc::clone(cancel_id) })
    }

    /// An id for an order or a cancel whose client gave none: 22 characters, different each time.
    fn make_id(&self) -> Arc<str> {
        Arc::from(format!("x{:021}", self.next_execution_id.wrapping_add(self.next_order_id)))
    }
}
