//! The life of orders: what was sent, what the venue made of it, what is still owed.
//!
//! [`OrderTable`] holds every order in a slot. A handle is a slot and its generation, and the client order id is the restart
//! epoch and the handle, so that a report leads to its order without a search. [`OrderTable::apply`] moves an order by one
//! [`Update`]; every change of status passes one table ([`may_follow`]), and an update that cannot be changes nothing.
//!
//! # The rules
//!
//! Answers and reports arrive in any order, twice or never. What was executed is counted from trades alone
//! ([`Order::filled`], once a trade id); cumulative quantities in any message only raise [`Order::reported`]. Whatever of it
//! has no trade yet still counts in the exposure and keeps the slot, until the trade comes or is asked for.
//!
//! | update | before it is acknowledged | working | cancel or replace under way | unknown | ended |
//! |---|---|---|---|---|---|
//! | acknowledged, report NEW | works | no change | no change | works, if it was the placement that was unknown | no change; error if it was refused |
//! | refused, report REJECTED | rejected | error | rejected, if not acknowledged | rejected, if not acknowledged | no change if rejected, else error |
//! | trade | works or filled | part or filled | no change or filled | filled, or as NEW | counted, status stays |
//! | report CANCELED, EXPIRED, cancel acknowledged | ends | ends | ends | ends | no change if it ended so, else error |
//! | trade prevention | less quantity, or expired | the same | the same | the same | no change |
//! | report REPLACED | less quantity | the same | the same | the same | no change |
//! | cancel sent | cancel under way | cancel under way | error | error | error |
//! | cancel refused | error | error | back to work; unknown, if the venue knows no such order | no change | no change |
//! | outcome unknown | unknown | unknown | unknown | no change | no change |
//! | connection lost | unknown | no change | unknown | no change | no change |
//! | found by a query | as found | as found | ends if it ended | as found | no change if it agrees, else error |
//! | not found by a query | rejected | cancelled | rejected or cancelled | rejected or cancelled | no change |
//!
//! - "Not found" is believed only when the newest request is older than the venue would accept
//!   ([`TableConfig::not_found_grace_ns`]): a younger one may still be on its way.
//! - A fill after the end is a fact and is counted; the status stays, since an ended order stays ended.
//! - More than was ordered ([`TransitionError::Overfill`]), two venue ids, two different ends are contradictions: nothing is
//!   changed, and the caller stops trading the instrument and reconciles.
//! - An unknown outcome is queried and never sent again: [`OrderTable::overdue`] finds requests without an answer,
//!   [`OrderTable::questions`] what to ask.
//! - In a cancel-replace both orders count in the exposure until the cancel is confirmed.
//!
//! [`Reconciliation`] brings the table in line with the venue's lists at a start and after a loss; [`RestartEpoch`] is the one
//! part that touches a disk, once, before trading.
//!
//! # What is not guaranteed
//!
//! A trade is known as a duplicate only among the last [`TableConfig::recent_trades`]; an older one that comes again is
//! stopped by the order's quantity at the latest. An order whose slot was used again is no longer found, and a message for
//! it is an error: slots wait in a queue, so that this takes as many orders as the table has slots.

mod epoch;
mod exposure;
mod fixed_map;
mod follow_up;
mod order;
mod recent_trades;
mod reconcile;
mod resting;
mod slots;
mod table;
mod transition;
mod update;

pub use epoch::{EpochError, RestartEpoch};
pub use exposure::{InstrumentExposure, SideExposure};
pub use follow_up::Question;
pub use order::{NewOrder, Order, OrderHandle};
pub use reconcile::{Action, OpenOrderPolicy, Reconciliation, ReportedOrder, ReportedTrade, Summary, VenueReport};
pub use slots::LiveCursor;
pub use table::{CapacityError, OrderTable, TableConfig};
pub use transition::may_follow;
pub use update::{
    Applied, ExecutionReport, Fill, LegOutcome, ReplaceOutcome, Replaced, ReportKind, TransitionError, Update,
    VenueState,
};
