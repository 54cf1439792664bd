//! Every order the exchange remembers: the open ones, and as many closed ones as its bound allows.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::account::AccountId;
use super::order::{Order, OrderReference};
use super::rules::SymbolId;

/// How many closed orders are remembered.
pub const CLOSED_ORDERS_MAX: usize = 200_000;

type ClientKey = (AccountId, SymbolId, Arc<str>);

/// The orders, by the exchange's id and by the client's.
#[derive(Debug, Default)]
pub struct OrderStore {
    orders: BTreeMap<u64, Order>,
    open: BTreeSet<(AccountId, SymbolId, u64)>,
    closed: VecDeque<u64>,
    newest_by_client_id: HashMap<ClientKey, u64>,
}

impl OrderStore {
    /// Remembers a new, open order.
    pub fn insert(&mut self, order: Order) {
        self.open.insert((order.account, order.symbol, order.id));
        self.newest_by_client_id.insert(client_key(&order), order.id);
        self.orders.insert(order.id, order);
    }

    /// The order with this id.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Order> {
        self.orders.get(&id)
    }

    /// The order with this id, to be changed. Call [`Self::close`] if it ends.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut Order> {
        self.orders.get_mut(&id)
    }

    /// Moves an order to the closed ones, forgetting the oldest of those at the bound.
    pub fn close(&mut self, id: u64) {
        let Some(order) = self.orders.get(&id) else { return };
        if !self.open.remove(&(order.account, order.symbol, id)) {
            return;
        }
        self.closed.push_back(id);
        if self.closed.len() > CLOSED_ORDERS_MAX {
            self.forget_oldest();
        }
    }

    /// Whether an open order of the account already has this client id.
    #[must_use]
    pub fn is_client_id_taken(&self, account: AccountId, symbol: SymbolId, client_order_id: &Arc<str>) -> bool {
        self.newest_by_client_id
            .get(&(account, symbol, Arc::clone(client_order_id)))
            .and_then(|id| self.orders.get(id))
            .is_some_and(|order| order.state.is_open())
    }

    /// Finds an order: by the exchange's id first, then cross-checked with the client's.
    #[must_use]
    pub fn find(&self, account: AccountId, symbol: SymbolId, reference: &OrderReference) -> Option<&Order> {
        let id = match (reference.order_id, &reference.client_order_id) {
            (Some(id), _) => id,
            (None, Some(text)) => *self.newest_by_client_id.get(&(account, symbol, Arc::clone(text)))?,
            (None, None) => return None,
        };
        let order = self.orders.get(&id).filter(|order| order.account == account && order.symbol == symbol)?;
        match &reference.client_order_id {
            Some(text) if *text != order.client_order_id => None,
            _ => Some(order),
        }
    }

    /// The ids of the account's open orders, on one symbol or on all, oldest first.
    pub fn open_ids(&self, account: AccountId, symbol: Option<SymbolId>) -> impl Iterator<Item = u64> + '_ {
        let (low, high) = match symbol {
            Some(symbol) => ((account, symbol, 0), (account, symbol, u64::MAX)),
            None => ((account, SymbolId(0), 0), (account, SymbolId(u16::MAX), u64::MAX)),
        };
        self.open.range(low..=high).map(|(_, _, id)| *id)
    }

    /// The account's orders on a symbol with ids of at least `from`, oldest first.
    pub fn starting_at(
        &self,
        account: AccountId,
        symbol: SymbolId,
        from: u64,
    ) -> impl DoubleEndedIterator<Item = &Order> {
        self.orders
            .range(from..)
            .map(|(_, order)| order)
            .filter(move |order| order.account == account && order.symbol == symbol)
    }

    fn forget_oldest(&mut self) {
        let Some(order) = self.closed.pop_front().and_then(|id| self.orders.remove(&id)) else { return };
        let key = client_key(&order);
        if self.newest_by_client_id.get(&key) == Some(&order.id) {
            self.newest_by_client_id.remove(&key);
        }
    }
}

fn client_key(order: &Order) -> ClientKey {
    (order.account, order.symbol, Arc::clone(&order.client_order_id))
}
