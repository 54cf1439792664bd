//! The life of orders: what was sent, what the venue made of it, what is still owed.

mod epoch;
mod exposure;
mod fixed_map;
mod follow_up;
mod order;
mod recent_trades;
mod reconcile;
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
