//! Every limit that stands between a decision and an order.
//!
//! [`RiskGate::check`] runs before every new order and every replacement, in this order: kill switch, connection, tick and
//! price limits, lot and quantity limits, notional, age of the data, price collar, position limit, number of open orders,
//! crossing one's own orders, order rate. The rate is last, so that refused orders take no place in its windows.
//!
//! What is not here: balances (the venue refuses what cannot be paid) and limits over several instruments.

mod gate;
mod kill_switch;
mod limits;
mod rate;
#[cfg(test)]
mod tests;

pub use gate::{Exposure, MarketState, OrderIntent, RiskGate};
pub use kill_switch::{KillReason, KillSwitch};
pub use limits::{LimitError, RateLimits, RiskLimits};
pub use rate::{OrderWindow, WindowLimit};
