//! When would an own order have filled, had it been in a recorded market?
//!
//! A recording knows levels and trades, not orders, so the place of an own order in its queue is an estimate. The
//! [`QueueModel`] makes it: [`RiskAverse`] moves up only when trades prove it, [`Proportional`] also takes a share of
//! cancelled quantity to have stood in front. [`FillModel`] keeps the own orders, fills them from recorded trades and
//! crossed prices, and lets aggressive ones walk the recorded book.
//!
//! What is not modelled: the market does not react to own orders. Quantity that an own order took from a level stays
//! taken until the recording changes that level; own orders do not trade with one another.

mod model;
mod order;
mod queue;
mod recorded;

pub use model::FillModel;
pub use order::{Fill, FillRefusal, FillSink, Liquidity, OwnOrder, Placed, RestingOwnOrder};
pub use queue::{Proportional, QueueModel, QueuePosition, RiskAverse};
pub use recorded::{RecordedBook, RecordedTrade};
