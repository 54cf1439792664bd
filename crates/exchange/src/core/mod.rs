//! The exchange itself: accounts, listing, filters, the life of orders, their history. No I/O; time is an argument, so
//! that the same calls give the same exchange.

mod account;
mod amount;
mod market;
mod order;
mod order_store;
mod rate_limit;
mod refusal;
mod report;
mod rules;
mod settlement;
mod sizing;
#[cfg(test)]
mod tests;
mod venue;

pub use account::{Account, AccountId, AssetBalance, AssetId, Balance};
pub use amount::{AMOUNT_SCALE, Amount, Rounding};
pub use market::{EndReason, IncomingOrder, Market, MarketEvent, Owner, Party};
pub use order::{
    CancelOrder, CancelRestriction, NewOrder, Order, OrderReference, OrderSize, OrderState, ReplaceMode,
    SelfTradePrevention, kind_name, side_name, time_in_force_name,
};
pub use order_store::CLOSED_ORDERS_MAX;
pub use rate_limit::{OrderCounts, OrderLimits};
pub use refusal::Refusal;
pub use report::{
    AccountPosition, AccountTrade, AddressedNotice, ExecutionKind, ExecutionReport, Fill, Notice, PublicTrade,
    TapeEntry,
};
pub use rules::{FilterContext, Listing, SymbolId, SymbolRules};
pub use venue::{Canceled, FeeRates, Placed, ReplaceFailure, Replaced, Venue, VenueSetup};
