//! The vocabulary of Tercel: prices, quantities, identifiers, instruments, orders and the codes that name what went wrong.
//!
//! This crate depends on nothing of the engine and does no I/O. Prices and quantities are integer mantissas at the
//! instrument's own decimal scale; no number on the way from a packet to an order passes through a float.

mod decimal;
mod event;
mod ids;
mod instrument;
mod level;
mod order;
mod reject;
mod time;

pub use decimal::{DecimalError, DecimalText, MAX_SCALE, parse_decimal, power_of_ten, rescale};
pub use event::{Event, EventKind};
pub use ids::{Asset, ClientOrderId, InlineText, InstrumentId, Symbol, TextTooLong, TradeId, UpdateId, VenueOrderId};
pub use instrument::{Instrument, InstrumentError};
pub use level::{Level, Price, Quantity};
pub use order::{OrderKind, OrderStatus, Side, TimeInForce};
pub use reject::RejectReason;
pub use time::{Nanos, UtcNanos};
