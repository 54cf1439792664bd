//! Bringing the table in line with what the venue says is open and was traded, at a start and after a loss.

use crate::slots::LiveCursor;
use crate::update::{Applied, ExecutionReport, Fill, ReportKind, TransitionError, Update, VenueState};
use crate::{NewOrder, Order, OrderHandle, OrderTable};
use tercel_types::{
    ClientOrderId, InstrumentId, Nanos, OrderKind, OrderStatus, Price, Quantity, RejectReason, Side, TimeInForce,
    VenueOrderId,
};

/// What to do with own orders that are open at the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenOrderPolicy {
    /// Take them over and let them work.
    Adopt,
    /// Take them over and cancel them.
    Cancel,
}

/// One order in the venue's list of open orders.
#[derive(Clone, Copy, Debug)]
pub struct ReportedOrder<'a> {
    /// The client order id as the venue shows it; whether it is ours shows in its form.
    pub client_order_id: &'a [u8],
    /// Which side.
    pub side: Side,
    /// How it meets the book.
    pub kind: OrderKind,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Its limit.
    pub price: Price,
    /// How much was ordered.
    pub quantity: Quantity,
    /// The venue's id, status and executed quantity.
    pub state: VenueState,
}

/// One trade in the venue's list of the account's trades.
#[derive(Clone, Copy, Debug)]
pub struct ReportedTrade {
    /// The venue's id of the order.
    pub venue_order_id: VenueOrderId,
    /// The execution.
    pub fill: Fill,
}

/// What the venue said about one instrument. The trades are asked for first and the open orders after them, so that
/// every trade listed is part of the executed quantities listed.
#[derive(Clone, Copy, Debug)]
pub struct VenueReport<'a> {
    /// Which instrument.
    pub instrument: InstrumentId,
    /// When the open orders were asked for: a younger request proves nothing by its absence.
    pub asked: Nanos,
    /// All open orders of the account in the instrument.
    pub open: &'a [ReportedOrder<'a>],
    /// The account's trades in the instrument since the last one known, oldest first.
    pub trades: &'a [ReportedTrade],
}

/// What came of a reconciliation; what is left for the caller to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// An order of an earlier life is now in the table.
    Adopted(OrderHandle),
    /// The venue's word about a known order was applied.
    Confirmed(Applied),
    /// Send a cancel for this order, as the policy wants.
    Cancel(OrderHandle),
    /// A trade was counted: add it, with its fee, to the position.
    Filled {
        /// What it did to the order; its `fill` is present.
        applied: Applied,
        /// Which one of the report's trades it was.
        trade: usize,
    },
    /// The order is not among the open ones, so it ended unseen: it is `Unknown` now, send a query for it.
    Query(OrderHandle),
    /// The venue's word contradicts the table: stop trading the instrument and say so.
    Contradiction {
        /// The order.
        handle: OrderHandle,
        /// In which way.
        error: TransitionError,
    },
}

/// How a reconciliation went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Open orders that are not ours and were left alone.
    pub foreign_orders: u32,
    /// Own open orders that could not be adopted: no free slot, or an impossible quantity.
    pub not_adopted: u32,
    /// Trades of orders that the table does not know.
    pub unmatched_trades: u32,
    /// The list of actions was full before all was done: carry them out and reconcile with the same report again.
    pub truncated: bool,
}

/// The reusable working memory of reconciliations; running one does not allocate.
#[derive(Debug)]
pub struct Reconciliation {
    actions: Vec<Action>,
    capacity: usize,
    /// By slot: whether the venue listed the order as open.
    listed: Vec<bool>,
    summary: Summary,
}

impl Reconciliation {
    /// Memory for at most `capacity` actions a run, for tables of at most `slots` orders.
    #[must_use]
    pub fn new(capacity: usize, slots: usize) -> Self {
        let capacity = capacity.max(2);
        Self {
            actions: Vec::with_capacity(capacity),
            capacity,
            listed: vec![false; slots],
            summary: Summary::default(),
        }
    }

    /// What the last run left to do, in order.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Applies a report to the table. May be run again with the same report: nothing is counted twice.
    pub fn run(
        &mut self,
        table: &mut OrderTable,
        report: &VenueReport<'_>,
        policy: OpenOrderPolicy,
        now: Nanos,
    ) -> Summary {
        self.actions.clear();
        self.summary = Summary::default();
        self.listed.fill(false);
        for order in report.open {
            self.take_open_order(table, report.instrument, order, policy, now);
        }
        for (index, trade) in report.trades.iter().enumerate() {
            self.count_trade(table, report.instrument, index, trade, now);
        }
        // What an adopted order had executed before is in its oldest trades, so the newest are tried first.
        for (index, trade) in report.trades.iter().enumerate().rev() {
            self.count_trade_of_adopted(table, report.instrument, index, trade, now);
        }
        self.query_the_absent(table, report, now);
        self.summary
    }

    fn take_open_order(
        &mut self,
        table: &mut OrderTable,
        instrument: InstrumentId,
        reported: &ReportedOrder<'_>,
        policy: OpenOrderPolicy,
        now: Nanos,
    ) {
        let Some(id) = ClientOrderId::from_text(reported.client_order_id) else {
            self.summary.foreign_orders += 1;
            return;
        };
        // An order may need two actions.
        if self.capacity - self.actions.len() < 2 {
            self.summary.truncated = true;
            self.list(table, table.find(id));
            return;
        }
        let handle = match table.find(id) {
            Some(handle) => self.confirm(table, handle, &reported.state, now),
            None => self.adopt(table, instrument, id, reported, now),
        };
        self.list(table, handle);
        let Some(handle) = handle else { return };
        if policy == OpenOrderPolicy::Cancel && table.cancellable(handle) == RejectReason::Accepted {
            self.actions.push(Action::Cancel(handle));
        }
    }

    fn list(&mut self, table: &OrderTable, handle: Option<OrderHandle>) {
        if let Some(listed) = handle.and_then(|handle| self.listed.get_mut(table.slot_of(handle))) {
            *listed = true;
        }
    }

    fn confirm(
        &mut self,
        table: &mut OrderTable,
        handle: OrderHandle,
        state: &VenueState,
        now: Nanos,
    ) -> Option<OrderHandle> {
        match table.apply(handle, &Update::Found(*state), now) {
            Ok(applied) if applied.duplicate => {}
            Ok(applied) => self.actions.push(Action::Confirmed(applied)),
            Err(error) => self.actions.push(Action::Contradiction { handle, error }),
        }
        Some(handle)
    }

    fn adopt(
        &mut self,
        table: &mut OrderTable,
        instrument: InstrumentId,
        id: ClientOrderId,
        reported: &ReportedOrder<'_>,
        now: Nanos,
    ) -> Option<OrderHandle> {
        let executed = reported.state.executed;
        let plausible = executed.0 >= 0 && executed < reported.quantity && !reported.state.status.is_terminal();
        let adopted = plausible.then(|| table.adopt(|handle| adopted_order(handle, instrument, id, reported, now)));
        match adopted.flatten() {
            Some(handle) => self.actions.push(Action::Adopted(handle)),
            None => self.summary.not_adopted += 1,
        }
        adopted.flatten()
    }

    fn count_trade(
        &mut self,
        table: &mut OrderTable,
        instrument: InstrumentId,
        index: usize,
        trade: &ReportedTrade,
        now: Nanos,
    ) {
        if table.knows_trade(instrument, trade.fill.trade_id) {
            return;
        }
        match table.find_by_venue_id(instrument, trade.venue_order_id) {
            None => self.summary.unmatched_trades += 1,
            Some(order) if !order.adopted => {
                let (handle, filled) = (order.handle, order.filled);
                self.fill(table, handle, filled, index, trade, now);
            }
            Some(_) => {}
        }
    }

    fn count_trade_of_adopted(
        &mut self,
        table: &mut OrderTable,
        instrument: InstrumentId,
        index: usize,
        trade: &ReportedTrade,
        now: Nanos,
    ) {
        if table.knows_trade(instrument, trade.fill.trade_id) {
            return;
        }
        let Some(order) = table.find_by_venue_id(instrument, trade.venue_order_id).filter(|order| order.adopted) else {
            return;
        };
        let (handle, filled) = (order.handle, order.filled);
        if trade.fill.quantity.0 <= order.reported.0 - filled.0 {
            self.fill(table, handle, filled, index, trade, now);
        } else {
            table.remember_trade(instrument, trade.fill.trade_id);
        }
    }

    fn fill(
        &mut self,
        table: &mut OrderTable,
        handle: OrderHandle,
        filled: Quantity,
        trade: usize,
        reported: &ReportedTrade,
        now: Nanos,
    ) {
        if self.actions.len() == self.capacity {
            self.summary.truncated = true;
            return;
        }
        // The list of trades gives no cumulative quantity: the least that it can be is what the fills make it.
        let executed = Quantity(filled.0.saturating_add(reported.fill.quantity.0));
        let state =
            VenueState { venue_order_id: reported.venue_order_id, status: OrderStatus::PartiallyFilled, executed };
        let report = ExecutionReport { kind: ReportKind::Trade(reported.fill), state };
        self.actions.push(match table.apply(handle, &Update::Report(report), now) {
            Ok(applied) => Action::Filled { applied, trade },
            Err(error) => Action::Contradiction { handle, error },
        });
    }

    fn query_the_absent(&mut self, table: &mut OrderTable, report: &VenueReport<'_>, now: Nanos) {
        let mut cursor = LiveCursor::default();
        while let Some(handle) = table.next_live(&mut cursor) {
            let Some(order) = table.get(handle) else { continue };
            let listed = self.listed.get(table.slot_of(handle)).copied().unwrap_or(false);
            let concerned = order.instrument == report.instrument && !order.status.is_terminal();
            if listed || !concerned || order.requested >= report.asked {
                continue;
            }
            if self.actions.len() == self.capacity {
                self.summary.truncated = true;
                return;
            }
            self.actions.push(match table.apply(handle, &Update::OutcomeUnknown, now) {
                Ok(_) => Action::Query(handle),
                Err(error) => Action::Contradiction { handle, error },
            });
        }
    }
}

fn adopted_order(
    handle: OrderHandle,
    instrument: InstrumentId,
    id: ClientOrderId,
    reported: &ReportedOrder<'_>,
    now: Nanos,
) -> Order {
    let new = NewOrder {
        instrument,
        side: reported.side,
        kind: reported.kind,
        time_in_force: reported.time_in_force,
        price: reported.price,
        quantity: reported.quantity,
    };
    let executed = reported.state.executed;
    let mut order = Order::fresh(handle, id, &new, now);
    order.acknowledged = true;
    order.adopted = true;
    order.venue_order_id = Some(reported.state.venue_order_id);
    order.filled = executed;
    order.reported = executed;
    order.executed_before_adoption = executed;
    order.status = order.working_status();
    order
}
