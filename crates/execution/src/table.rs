//! The table of orders: one slot an order, a generation a use, every index kept with every change.

use crate::exposure::{Contribution, InstrumentExposure, SideExposure};
use crate::fixed_map::FixedMap;
use crate::recent_trades::RecentTrades;
use crate::resting::RestingOrders;
use crate::slots::{LiveCursor, Slots};
use crate::transition::{self, Moment, Step};
use crate::update::{Applied, LegOutcome, ReplaceOutcome, Replaced, ReportKind, TransitionError, Update};
use crate::{NewOrder, Order, OrderHandle};
use tercel_types::{ClientOrderId, InstrumentId, Nanos, OrderStatus, RejectReason, Side, TradeId, VenueOrderId};

/// How large the table is and how patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableConfig {
    /// How many orders it holds at once: a power of two from 64 to 65,536.
    pub capacity: usize,
    /// How many instruments there are.
    pub instruments: usize,
    /// How many trades it remembers so as not to count one twice.
    pub recent_trades: usize,
    /// The restart epoch that goes into every client order id.
    pub epoch: u32,
    /// How long after a request its absence from the venue proves nothing. Above the venue's receive window, after which
    /// a late request is refused.
    pub not_found_grace_ns: i64,
    /// How long the fills of an ended order may be missing before they are asked for.
    pub settle_patience_ns: i64,
}

impl TableConfig {
    /// The usual table: 1,024 orders, 8,192 remembered trades, 10 s and 1 s of patience.
    #[must_use]
    pub const fn new(instruments: usize, epoch: u32) -> Self {
        Self {
            capacity: 1024,
            instruments,
            recent_trades: 8192,
            epoch,
            not_found_grace_ns: 10_000_000_000,
            settle_patience_ns: 1_000_000_000,
        }
    }
}

/// Why a table cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an order table of {0} slots: use a power of two from 64 to 65536")]
pub struct CapacityError(pub usize);

/// All orders of the engine. One writer, no lock; no call allocates once it is made.
#[derive(Debug)]
pub struct OrderTable {
    config: TableConfig,
    slots: Slots,
    resting: RestingOrders,
    exposures: Box<[InstrumentExposure]>,
    /// Orders whose client order id does not name their slot, because an earlier epoch or an earlier use issued it.
    adopted: FixedMap,
    trades: RecentTrades,
}

impl OrderTable {
    /// An empty table.
    ///
    /// # Errors
    /// [`CapacityError`] if the capacity is no power of two from 64 to 65,536.
    pub fn new(config: TableConfig) -> Result<Self, CapacityError> {
        if !config.capacity.is_power_of_two() || !(64..=65_536).contains(&config.capacity) {
            return Err(CapacityError(config.capacity));
        }
        Ok(Self {
            config,
            slots: Slots::new(config.capacity),
            resting: RestingOrders::new(config.capacity, config.instruments),
            exposures: vec![InstrumentExposure::default(); config.instruments].into_boxed_slice(),
            adopted: FixedMap::new(config.capacity),
            trades: RecentTrades::new(config.recent_trades),
        })
    }

    /// The restart epoch of the ids issued here.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.config.epoch
    }

    /// How long the fills of an ended order may be missing before they are asked for.
    pub(crate) const fn settle_patience_ns(&self) -> i64 {
        self.config.settle_patience_ns
    }

    /// The order with this handle: working, or ended and not yet forgotten (its slot was not used again).
    #[must_use]
    pub fn get(&self, handle: OrderHandle) -> Option<&Order> {
        self.slots.get(handle)
    }

    /// The order with this client order id, if it is remembered.
    #[must_use]
    pub fn find(&self, id: ClientOrderId) -> Option<OrderHandle> {
        if id.epoch() == self.config.epoch {
            let handle = OrderHandle::from_code(id.sequence());
            // An adopted order may sit in the very slot that its id names: only the id itself is proof.
            if self.slots.get(handle).is_some_and(|order| order.client_order_id == id) {
                return Some(handle);
            }
        }
        let slot = self.adopted.get(u128::from(id.0))?;
        Some(self.slots.at(slot).handle)
    }

    /// What the orders of an instrument add up to.
    ///
    /// # Panics
    /// If the table was made for fewer instruments.
    #[must_use]
    pub fn exposure(&self, instrument: InstrumentId) -> &InstrumentExposure {
        &self.exposures[usize::from(instrument.0)]
    }

    /// How many slots are taken: orders that have not ended, or whose fills are not complete.
    #[must_use]
    pub const fn live_count(&self) -> usize {
        self.slots.live_count()
    }

    /// The orders that have not ended, or whose fills are not complete, by slot.
    pub fn live(&self) -> impl Iterator<Item = &Order> {
        self.slots.live()
    }

    /// The next live order after the cursor, for walks during which orders change.
    pub fn next_live(&self, cursor: &mut LiveCursor) -> Option<OrderHandle> {
        self.slots.next_live(cursor)
    }

    /// Makes an order in the state `PendingNew`. It is then sent, or [abandoned](Self::abandon).
    ///
    /// # Errors
    /// [`RejectReason::TooManyOrders`] when every slot is taken, [`RejectReason::Lot`] when the open quantity of the side
    /// would not fit its mantissa.
    pub fn open(&mut self, new: &NewOrder, now: Nanos) -> Result<OrderHandle, RejectReason> {
        let handle = self.slots.reserve().ok_or(RejectReason::TooManyOrders)?;
        let order = Order::fresh(handle, ClientOrderId::new(self.config.epoch, handle.code()), new, now);
        self.admit(order)
    }

    /// Makes an order that replaces another in one request, and marks the other as `PendingReplace`.
    ///
    /// # Errors
    /// [`RejectReason::UnknownOrder`] if the old order has ended or is of another instrument or side,
    /// [`RejectReason::PendingRequest`] if a request about it is under way, else as [`Self::open`].
    pub fn open_replacement(
        &mut self,
        old: OrderHandle,
        new: &NewOrder,
        now: Nanos,
    ) -> Result<OrderHandle, RejectReason> {
        let replaced = match self.cancellable(old) {
            RejectReason::Accepted => *self.slots.at(self.slots.slot(old)),
            reason => return Err(reason),
        };
        if replaced.instrument != new.instrument || replaced.side != new.side {
            return Err(RejectReason::UnknownOrder);
        }
        let handle = self.open(new, now)?;
        let slot = self.slots.slot(handle);
        self.slots.at_mut(slot).replaces = Some(old);
        let marked = transition::send_replace(self.slots.at_mut(self.slots.slot(old)), handle, now);
        debug_assert!(marked.is_ok(), "a cancellable order may be replaced");
        Ok(handle)
    }

    /// Whether a cancel or a replace of this order may be sent now: `Accepted`, or why not.
    #[must_use]
    pub fn cancellable(&self, handle: OrderHandle) -> RejectReason {
        match self.slots.get(handle).map(|order| order.status) {
            None => RejectReason::UnknownOrder,
            Some(status) if status.is_terminal() => RejectReason::UnknownOrder,
            Some(OrderStatus::PendingNew | OrderStatus::New | OrderStatus::PartiallyFilled) => RejectReason::Accepted,
            Some(_) => RejectReason::PendingRequest,
        }
    }

    /// Takes back an order that could not be sent; an order that it was to replace works on.
    ///
    /// # Errors
    /// [`TransitionError::Unexpected`] if the order is not freshly opened.
    pub fn abandon(&mut self, handle: OrderHandle, now: Nanos) -> Result<Applied, TransitionError> {
        let replaced = self.slots.get(handle).and_then(|order| order.replaces);
        let applied = self.change(handle, |order| {
            order.updated = now;
            transition::abandon(order).map(|()| Step::default())
        })?;
        if let Some(old) = replaced.filter(|old| self.is_replaced_by(*old, handle)) {
            self.change(old, |order| transition::resume(order).map(|()| Step::default()))?;
        }
        Ok(applied)
    }

    /// Moves an order by one update.
    ///
    /// # Errors
    /// [`TransitionError`] if the update cannot be; nothing is changed then.
    pub fn apply(&mut self, handle: OrderHandle, update: &Update, now: Nanos) -> Result<Applied, TransitionError> {
        let order = self.slots.get(handle).ok_or(TransitionError::UnknownOrder(handle))?;
        let instrument = order.instrument;
        let trade = trade_of(update);
        let moment = Moment {
            now,
            not_found_grace_ns: self.config.not_found_grace_ns,
            trade_was_counted: trade.is_some_and(|trade| self.trades.contains(instrument, trade)),
        };
        let mut applied = self.change(handle, |order| transition::advance(order, update, moment))?;
        if let Some(trade) = trade {
            self.trades.insert(instrument, trade);
        }
        applied.query |= matches!(update, Update::NotFound) && !applied.after.is_terminal();
        Ok(applied)
    }

    /// Moves both orders of a cancel-replace by the answer to it. Either leg may fail on its own.
    pub fn apply_replace(&mut self, new: OrderHandle, outcome: &ReplaceOutcome, now: Nanos) -> Replaced {
        let cancel = match outcome.cancel {
            LegOutcome::Accepted(state) => Update::CancelAcknowledged(state),
            LegOutcome::Refused { order_unknown } => Update::CancelRefused { order_unknown },
            LegOutcome::NotAttempted => Update::CancelRefused { order_unknown: false },
            LegOutcome::Unknown => Update::OutcomeUnknown,
        };
        let place = match outcome.place {
            LegOutcome::Accepted(state) => Update::Acknowledged(state),
            LegOutcome::Refused { .. } | LegOutcome::NotAttempted => Update::Refused,
            LegOutcome::Unknown => Update::OutcomeUnknown,
        };
        let old = match self.slots.get(new).and_then(|order| order.replaces) {
            Some(old) => self.apply(old, &cancel, now),
            None => Err(TransitionError::UnknownOrder(new)),
        };
        Replaced { old, new: self.apply(new, &place, now) }
    }

    /// Remembers a trade that was counted elsewhere, so that it is not counted again; `false` if it was known.
    pub fn remember_trade(&mut self, instrument: InstrumentId, trade: TradeId) -> bool {
        self.trades.insert(instrument, trade)
    }

    /// Whether a trade was counted already, as far back as the table remembers.
    #[must_use]
    pub fn knows_trade(&self, instrument: InstrumentId, trade: TradeId) -> bool {
        self.trades.contains(instrument, trade)
    }

    /// Notes that a query about the order has left.
    pub fn mark_queried(&mut self, handle: OrderHandle, now: Nanos) {
        if self.slots.get(handle).is_some() {
            let slot = self.slots.slot(handle);
            self.slots.at_mut(slot).queried = Some(now);
        }
    }

    /// Gives up on the fills of an ended order, after the venue's list of its trades did not hold them either. Returns the
    /// quantity that is missing; the caller says so loudly, since the position may be wrong by it.
    pub fn give_up_settling(&mut self, handle: OrderHandle) -> Option<i64> {
        let order = *self.slots.get(handle)?;
        if !order.is_settling() {
            return None;
        }
        let mut settled = order;
        settled.reported = settled.filled;
        self.commit(&order, settled);
        Some(order.reported.0 - order.filled.0)
    }

    /// Finds a free slot for an order that the venue has and this table does not.
    pub(crate) fn adopt(&mut self, build: impl FnOnce(OrderHandle) -> Order) -> Option<OrderHandle> {
        let handle = self.slots.reserve()?;
        let order = build(handle);
        self.admit(order).ok()?;
        // Never full: it has as many entries as there are slots, and each slot's last entry went when it was used again.
        let entered = self.adopted.insert(u128::from(order.client_order_id.0), self.slots.slot(handle));
        debug_assert!(entered);
        Some(handle)
    }

    /// The slot of a handle, as an index.
    pub(crate) const fn slot_of(&self, handle: OrderHandle) -> usize {
        self.slots.slot(handle) as usize
    }

    /// The remembered order with this venue id: one pass over all slots, for reconciliation only.
    pub(crate) fn find_by_venue_id(&self, instrument: InstrumentId, id: VenueOrderId) -> Option<&Order> {
        self.slots.all().find(|order| order.instrument == instrument && order.venue_order_id == Some(id))
    }

    fn is_replaced_by(&self, old: OrderHandle, new: OrderHandle) -> bool {
        self.slots
            .get(old)
            .is_some_and(|order| order.status == OrderStatus::PendingReplace && order.replaced_by == Some(new))
    }

    /// Puts an order into the slot that its handle reserved.
    fn admit(&mut self, order: Order) -> Result<OrderHandle, RejectReason> {
        let side = self.exposures[usize::from(order.instrument.0)].side_mut(order.side);
        if !side.add(order.side, Contribution::of(&order)) {
            return Err(RejectReason::Lot);
        }
        let slot = self.slots.slot(order.handle);
        if order.can_rest() {
            self.resting.insert(order.instrument, order.side, slot, order.price);
        }
        self.forget_adoption(slot);
        self.slots.occupy(order);
        Ok(order.handle)
    }

    /// The slot's last occupant may have been an adopted order: its id leads here no more.
    fn forget_adoption(&mut self, slot: u32) {
        let last = self.slots.at(slot);
        if last.adopted {
            self.adopted.remove(u128::from(last.client_order_id.0));
        }
    }

    /// Changes a copy of an order and, if that worked, puts it back with all that depends on it.
    fn change(
        &mut self,
        handle: OrderHandle,
        step: impl FnOnce(&mut Order) -> Result<Step, TransitionError>,
    ) -> Result<Applied, TransitionError> {
        let before = *self.slots.get(handle).ok_or(TransitionError::UnknownOrder(handle))?;
        let mut after = before;
        let done = step(&mut after)?;
        self.commit(&before, after);
        Ok(Applied {
            handle,
            before: before.status,
            after: after.status,
            fill: done.fill,
            duplicate: done.duplicate,
            query: after.status == OrderStatus::Unknown,
        })
    }

    fn commit(&mut self, before: &Order, after: Order) {
        let was = Contribution::of(before);
        let is = Contribution::of(&after);
        let instrument = after.instrument;
        let side = after.side;
        let slot = self.slots.slot(after.handle);
        let occupied = !after.status.is_terminal() || after.is_settling();
        *self.slots.at_mut(slot) = after;
        self.slots.set_occupied(slot, occupied);
        if was == is {
            return;
        }
        if was.price.is_some() && is.price.is_none() {
            self.resting.remove(instrument, side, slot);
        }
        let exposure = self.exposures[usize::from(instrument.0)].side_mut(side);
        if exposure.replace(was, is) {
            exposure.best = self.resting.best(instrument, side);
        }
    }

    /// What the orders of an instrument and side add up to, counted afresh.
    #[must_use]
    pub fn recount(&self, instrument: InstrumentId, side: Side) -> SideExposure {
        let mut sum = SideExposure::default();
        for order in self.slots.live().filter(|order| order.instrument == instrument && order.side == side) {
            sum.add(side, Contribution::of(order));
        }
        sum
    }
}

fn trade_of(update: &Update) -> Option<TradeId> {
    match update {
        Update::Report(report) => match report.kind {
            ReportKind::Trade(fill) => Some(fill.trade_id),
            _ => None,
        },
        _ => None,
    }
}
