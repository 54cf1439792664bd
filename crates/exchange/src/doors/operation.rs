//! What the doors offer, and under which names: one table for REST and the WebSocket API.

/// Something a client can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Nothing, to see that the exchange is there.
    Ping,
    /// The server's time.
    Time,
    /// Symbols and their filters.
    ExchangeInfo,
    /// The book.
    Depth,
    /// The newest public trades.
    Trades,
    /// The newest public trades in their aggregate form.
    AggregateTrades,
    /// The best prices.
    BookTicker,
    /// The last prices.
    PriceTicker,
    /// The day's statistics.
    DayTicker,
    /// The balances.
    Account,
    /// Place an order.
    PlaceOrder,
    /// Check an order.
    TestOrder,
    /// One order.
    QueryOrder,
    /// Cancel an order.
    CancelOrder,
    /// Cancel an order and place another.
    ReplaceOrder,
    /// The open orders.
    OpenOrders,
    /// Cancel the open orders of a symbol.
    CancelOpenOrders,
    /// The orders of a symbol.
    AllOrders,
    /// The account's trades of a symbol.
    AccountTrades,
    /// The orders counted against the rate limits.
    OrderRates,
}

/// What a client must prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Nothing.
    Public,
    /// Its identity, by key and signature.
    Signed,
}

struct Entry {
    operation: Operation,
    rest: (&'static str, &'static str),
    api: &'static str,
    security: Security,
    weight: u32,
}

const fn public(operation: Operation, path: &'static str, api: &'static str, weight: u32) -> Entry {
    Entry { operation, rest: ("GET", path), api, security: Security::Public, weight }
}

const fn signed(operation: Operation, rest: (&'static str, &'static str), api: &'static str, weight: u32) -> Entry {
    Entry { operation, rest, api, security: Security::Signed, weight }
}

const TABLE: [Entry; 20] = [
    public(Operation::Ping, "/api/v3/ping", "ping", 1),
    public(Operation::Time, "/api/v3/time", "time", 1),
    public(Operation::ExchangeInfo, "/api/v3/exchangeInfo", "exchangeInfo", 20),
    public(Operation::Depth, "/api/v3/depth", "depth", 5),
    public(Operation::Trades, "/api/v3/trades", "trades.recent", 25),
    public(Operation::AggregateTrades, "/api/v3/aggTrades", "trades.aggregate", 4),
    public(Operation::BookTicker, "/api/v3/ticker/bookTicker", "ticker.book", 2),
    public(Operation::PriceTicker, "/api/v3/ticker/price", "ticker.price", 2),
    public(Operation::DayTicker, "/api/v3/ticker/24hr", "ticker.24hr", 2),
    signed(Operation::Account, ("GET", "/api/v3/account"), "account.status", 20),
    signed(Operation::PlaceOrder, ("POST", "/api/v3/order"), "order.place", 1),
    signed(Operation::TestOrder, ("POST", "/api/v3/order/test"), "order.test", 1),
    signed(Operation::QueryOrder, ("GET", "/api/v3/order"), "order.status", 4),
    signed(Operation::CancelOrder, ("DELETE", "/api/v3/order"), "order.cancel", 1),
    signed(Operation::ReplaceOrder, ("POST", "/api/v3/order/cancelReplace"), "order.cancelReplace", 1),
    signed(Operation::OpenOrders, ("GET", "/api/v3/openOrders"), "openOrders.status", 6),
    signed(Operation::CancelOpenOrders, ("DELETE", "/api/v3/openOrders"), "openOrders.cancelAll", 1),
    signed(Operation::AllOrders, ("GET", "/api/v3/allOrders"), "allOrders", 20),
    signed(Operation::AccountTrades, ("GET", "/api/v3/myTrades"), "myTrades", 20),
    signed(Operation::OrderRates, ("GET", "/api/v3/rateLimit/order"), "account.rateLimits.orders", 40),
];

impl Operation {
    /// The operation behind an HTTP method and path.
    #[must_use]
    pub fn from_rest(method: &str, path: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.rest == (method, path)).map(|entry| entry.operation)
    }

    /// The operation behind a method of the WebSocket API, with or without the prefix `v3/`.
    #[must_use]
    pub fn from_api(method: &str) -> Option<Self> {
        let method = method.strip_prefix("v3/").unwrap_or(method);
        TABLE.iter().find(|entry| entry.api == method).map(|entry| entry.operation)
    }

    /// What a client must prove for it.
    #[must_use]
    pub fn security(self) -> Security {
        self.entry().security
    }

    /// What it weighs. Orders, cancels and replacements that succeed weigh nothing.
    #[must_use]
    pub fn weight(self) -> u32 {
        self.entry().weight
    }

    /// Whether it weighs nothing when it succeeds.
    #[must_use]
    pub const fn is_free_on_success(self) -> bool {
        matches!(self, Self::PlaceOrder | Self::CancelOrder | Self::ReplaceOrder | Self::CancelOpenOrders)
    }

    fn entry(self) -> &'static Entry {
        // The table has one entry for each operation; a test holds that.
        TABLE.iter().find(|entry| entry.operation == self).unwrap_or(&TABLE[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_by_both_of_its_names_and_by_its_operation() {
        for entry in &TABLE {
            assert_eq!(Operation::from_rest(entry.rest.0, entry.rest.1), Some(entry.operation));
            assert_eq!(Operation::from_api(&format!("v3/{}", entry.api)), Some(entry.operation));
            assert_eq!(entry.operation.entry().api, entry.api);
        }
    }
}
