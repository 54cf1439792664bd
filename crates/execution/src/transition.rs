//! The state machine of one order: pure, every change of status checked against one table.

use crate::update::{ExecutionReport, Fill, ReportKind, TransitionError, Update, VenueState};
use crate::{Order, OrderHandle};
use tercel_types::{Nanos, OrderStatus, Quantity};

/// What a step did besides changing the order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Step {
    /// A fill to be counted.
    pub fill: Option<Fill>,
    /// The update told nothing new.
    pub duplicate: bool,
}

const STEP: Step = Step { fill: None, duplicate: false };
const DUPLICATE: Step = Step { fill: None, duplicate: true };

/// The statuses that may follow each status, as a bit set indexed by `OrderStatus as u8`. An ended order stays ended.
const FOLLOWERS: [u16; 10] = {
    use OrderStatus as S;
    const fn set(statuses: &[OrderStatus]) -> u16 {
        let mut bits = 0;
        let mut index = 0;
        while index < statuses.len() {
            bits |= 1 << statuses[index] as u16;
            index += 1;
        }
        bits
    }
    let ends = set(&[S::Filled, S::Canceled, S::Expired]);
    let requests = set(&[S::PendingCancel, S::PendingReplace, S::Unknown]);
    let refused = set(&[S::Rejected]);
    let works = set(&[S::New, S::PartiallyFilled]);
    let unsent = set(&[S::PendingNew]);
    let mut table = [0; 10];
    table[S::PendingNew as usize] = works | requests | ends | refused;
    table[S::New as usize] = set(&[S::PartiallyFilled]) | requests | ends;
    table[S::PartiallyFilled as usize] = requests | ends;
    table[S::PendingCancel as usize] = unsent | works | set(&[S::Unknown]) | ends | refused;
    table[S::PendingReplace as usize] = unsent | works | set(&[S::Unknown]) | ends | refused;
    table[S::Unknown as usize] = works | ends | refused;
    table
};

/// Whether an order may go from one status to another. Staying is always allowed.
#[must_use]
pub const fn may_follow(from: OrderStatus, to: OrderStatus) -> bool {
    from as u8 == to as u8 || FOLLOWERS[from as usize] & (1 << to as u16) != 0
}

/// What a step needs to know beyond the order.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// The time.
    pub now: Nanos,
    /// How long after a request its absence from the venue proves nothing.
    pub not_found_grace_ns: i64,
    /// Whether the update's trade, if it has one, was counted before.
    pub trade_was_counted: bool,
}

/// Moves `order` by one update. On an error the caller drops the changed copy.
pub(crate) fn advance(order: &mut Order, update: &Update, moment: Moment) -> Result<Step, TransitionError> {
    let step = match update {
        Update::Acknowledged(state) => follow_placement(order, state),
        Update::Refused => refuse(order),
        Update::Report(report) => follow_report(order, report, moment),
        Update::CancelSent => send_cancel(order, moment.now),
        Update::CancelAcknowledged(state) => end(order, state, OrderStatus::Canceled),
        Update::CancelRefused { order_unknown } => keep_after_refused_cancel(order, *order_unknown),
        Update::OutcomeUnknown => lose_outcome(order),
        Update::ConnectionLost => lose_connection(order),
        Update::Found(state) => follow_query(order, state),
        Update::NotFound => conclude_absence(order, moment),
    }?;
    order.updated = if step.duplicate { order.updated } else { moment.now };
    Ok(step)
}

/// Puts an order whose replacement was not sent or not made back to work.
pub(crate) fn resume(order: &mut Order) -> Result<(), TransitionError> {
    order.replaced_by = None;
    move_to(order, order.working_status())
}

/// Marks an order as being replaced.
pub(crate) fn send_replace(order: &mut Order, by: OrderHandle, now: Nanos) -> Result<(), TransitionError> {
    move_to(order, OrderStatus::PendingReplace)?;
    order.replaced_by = Some(by);
    order.requested = now;
    order.updated = now;
    Ok(())
}

/// Ends an order that never left.
pub(crate) fn abandon(order: &mut Order) -> Result<(), TransitionError> {
    if order.status != OrderStatus::PendingNew || order.acknowledged {
        return Err(TransitionError::Unexpected(order.status));
    }
    move_to(order, OrderStatus::Rejected)
}

/// The only place where a status changes.
fn move_to(order: &mut Order, to: OrderStatus) -> Result<(), TransitionError> {
    if !may_follow(order.status, to) {
        return Err(TransitionError::Forbidden { from: order.status, to });
    }
    order.status = to;
    if to.is_terminal() {
        order.replaced_by = None;
    }
    Ok(())
}

/// Takes over ids and the cumulative quantity, which only ever grows. Returns whether anything was new.
fn absorb(order: &mut Order, state: &VenueState) -> Result<bool, TransitionError> {
    let id_is_new = match order.venue_order_id {
        Some(known) if known != state.venue_order_id => {
            return Err(TransitionError::VenueOrderIdChanged { known, reported: state.venue_order_id });
        }
        Some(_) => false,
        None => true,
    };
    if state.executed.0 < 0 {
        return Err(TransitionError::ImpossibleNumber);
    }
    let bound = Quantity(order.quantity.0 - order.prevented.0);
    if state.executed > bound {
        return Err(TransitionError::Overfill { executed: state.executed, quantity: bound });
    }
    order.venue_order_id = Some(state.venue_order_id);
    let grew = state.executed > order.reported;
    order.reported = order.reported.max(state.executed);
    Ok(id_is_new || grew)
}

/// An answer to a placement, or a report that the order was taken: may be late, and may already say how the order ended.
fn follow_placement(order: &mut Order, state: &VenueState) -> Result<Step, TransitionError> {
    if state.status == OrderStatus::Rejected {
        return refuse(order);
    }
    let told_more = absorb(order, state)?;
    if order.status.is_terminal() {
        return late(order, state.status, told_more);
    }
    if state.status.is_terminal() {
        order.acknowledged = true;
        return move_to(order, state.status).map(|()| STEP);
    }
    let was_acknowledged = order.acknowledged;
    order.acknowledged = true;
    keep_working(order, !was_acknowledged)?;
    Ok(Step { duplicate: was_acknowledged && !told_more, ..STEP })
}

/// Word from the venue about an order that has ended already.
fn late(order: &Order, reported: OrderStatus, told_more: bool) -> Result<Step, TransitionError> {
    let ended = order.status;
    let agrees = ended == reported || (!reported.is_terminal() && ended != OrderStatus::Rejected);
    if !agrees {
        return Err(TransitionError::Contradiction { ended, reported });
    }
    Ok(Step { duplicate: !told_more, ..STEP })
}

/// The order works: requests under way stay under way, and an unknown outcome is resolved only where `resolves`.
fn keep_working(order: &mut Order, resolves: bool) -> Result<(), TransitionError> {
    match order.status {
        OrderStatus::PendingCancel | OrderStatus::PendingReplace => Ok(()),
        OrderStatus::Unknown if !resolves => Ok(()),
        _ => move_to(order, order.working_status()),
    }
}

fn refuse(order: &mut Order) -> Result<Step, TransitionError> {
    if order.status == OrderStatus::Rejected {
        return Ok(DUPLICATE);
    }
    if order.status.is_terminal() || order.acknowledged || order.reported > Quantity::ZERO {
        return Err(TransitionError::Contradiction { ended: order.status, reported: OrderStatus::Rejected });
    }
    move_to(order, OrderStatus::Rejected).map(|()| STEP)
}

fn follow_report(order: &mut Order, report: &ExecutionReport, moment: Moment) -> Result<Step, TransitionError> {
    match report.kind {
        ReportKind::New => follow_placement(order, &report.state),
        ReportKind::Trade(fill) => count_fill(order, &report.state, fill, moment.trade_was_counted),
        ReportKind::Canceled => end(order, &report.state, OrderStatus::Canceled),
        ReportKind::Expired => end(order, &report.state, OrderStatus::Expired),
        ReportKind::Rejected => refuse(order),
        ReportKind::Replaced { quantity } => amend(order, &report.state, quantity),
        ReportKind::TradePrevention { prevented } => prevent(order, &report.state, prevented),
    }
}

/// Counts a fill. It may come before the acknowledgement, and after the end: an execution is a fact whatever the status.
fn count_fill(order: &mut Order, state: &VenueState, fill: Fill, was_counted: bool) -> Result<Step, TransitionError> {
    if was_counted || (order.adopted && state.executed <= order.executed_before_adoption) {
        return Ok(DUPLICATE);
    }
    if fill.quantity.0 <= 0 || fill.price.0 <= 0 {
        return Err(TransitionError::ImpossibleNumber);
    }
    let bound = Quantity(order.quantity.0 - order.prevented.0);
    let filled = order.filled.0.checked_add(fill.quantity.0).map(Quantity);
    let filled = match filled {
        Some(filled) if filled <= bound => filled,
        _ => return Err(TransitionError::Overfill { executed: filled.unwrap_or(bound), quantity: bound }),
    };
    absorb(order, state)?;
    order.filled = filled;
    order.reported = order.reported.max(filled);
    order.cumulative_notional += i128::from(fill.price.0) * i128::from(fill.quantity.0);
    let counted = Step { fill: Some(fill), duplicate: false };
    if order.status.is_terminal() {
        return Ok(counted);
    }
    let was_acknowledged = order.acknowledged;
    order.acknowledged = true;
    if order.filled == bound || state.status == OrderStatus::Filled {
        move_to(order, OrderStatus::Filled)?;
    } else {
        keep_working(order, !was_acknowledged)?;
    }
    Ok(counted)
}

/// The venue says that the order is over.
fn end(order: &mut Order, state: &VenueState, status: OrderStatus) -> Result<Step, TransitionError> {
    let told_more = absorb(order, state)?;
    if order.status.is_terminal() {
        return late(order, status, told_more);
    }
    order.acknowledged = true;
    move_to(order, status).map(|()| STEP)
}

fn amend(order: &mut Order, state: &VenueState, quantity: Quantity) -> Result<Step, TransitionError> {
    if quantity.0 <= 0
        || quantity > order.quantity
        || quantity.0 - order.prevented.0 < order.reported.0.max(state.executed.0)
    {
        return Err(TransitionError::ImpossibleNumber);
    }
    let told_more = absorb(order, state)? || quantity != order.quantity;
    if order.status.is_terminal() {
        return late(order, state.status, false);
    }
    order.quantity = quantity;
    order.acknowledged = true;
    keep_working(order, false)?;
    Ok(Step { duplicate: !told_more, ..STEP })
}

fn prevent(order: &mut Order, state: &VenueState, prevented: Quantity) -> Result<Step, TransitionError> {
    if prevented.0 < 0 || prevented.0 > order.quantity.0 - order.reported.0.max(state.executed.0) {
        return Err(TransitionError::ImpossibleNumber);
    }
    let told_more = absorb(order, state)? || prevented > order.prevented;
    if order.status.is_terminal() {
        return late(order, if state.status.is_terminal() { OrderStatus::Expired } else { state.status }, told_more);
    }
    order.prevented = order.prevented.max(prevented);
    order.acknowledged = true;
    if state.status.is_terminal() {
        return move_to(order, OrderStatus::Expired).map(|()| STEP);
    }
    keep_working(order, false)?;
    Ok(Step { duplicate: !told_more, ..STEP })
}

fn send_cancel(order: &mut Order, now: Nanos) -> Result<Step, TransitionError> {
    match order.status {
        OrderStatus::PendingNew | OrderStatus::New | OrderStatus::PartiallyFilled => {
            order.requested = now;
            move_to(order, OrderStatus::PendingCancel).map(|()| STEP)
        }
        from => Err(TransitionError::Forbidden { from, to: OrderStatus::PendingCancel }),
    }
}

fn keep_after_refused_cancel(order: &mut Order, order_unknown: bool) -> Result<Step, TransitionError> {
    match order.status {
        OrderStatus::PendingCancel | OrderStatus::PendingReplace if order_unknown => {
            order.replaced_by = None;
            move_to(order, OrderStatus::Unknown).map(|()| STEP)
        }
        OrderStatus::PendingCancel | OrderStatus::PendingReplace => resume(order).map(|()| STEP),
        OrderStatus::Unknown => Ok(DUPLICATE),
        status if status.is_terminal() => Ok(DUPLICATE),
        status => Err(TransitionError::Unexpected(status)),
    }
}

fn lose_outcome(order: &mut Order) -> Result<Step, TransitionError> {
    if order.status.is_terminal() || order.status == OrderStatus::Unknown {
        return Ok(DUPLICATE);
    }
    order.replaced_by = None;
    move_to(order, OrderStatus::Unknown).map(|()| STEP)
}

fn lose_connection(order: &mut Order) -> Result<Step, TransitionError> {
    match order.status {
        OrderStatus::PendingNew | OrderStatus::PendingCancel | OrderStatus::PendingReplace => lose_outcome(order),
        _ => Ok(DUPLICATE),
    }
}

/// A query is the last word on an unknown outcome, but no answer to a request that is under way.
fn follow_query(order: &mut Order, state: &VenueState) -> Result<Step, TransitionError> {
    if state.status == OrderStatus::Rejected && !order.acknowledged {
        return refuse(order);
    }
    let told_more = absorb(order, state)?;
    if order.status.is_terminal() {
        return late(order, state.status, told_more);
    }
    let before = order.status;
    let was_acknowledged = order.acknowledged;
    order.acknowledged = true;
    if state.status.is_terminal() {
        move_to(order, state.status)?;
    } else {
        keep_working(order, true)?;
    }
    Ok(Step { duplicate: !told_more && was_acknowledged && before == order.status, ..STEP })
}

/// A venue may still be working on a request while its query side knows nothing of it, so that absence is believed only
/// when the request is too old to be accepted any more.
fn conclude_absence(order: &mut Order, moment: Moment) -> Result<Step, TransitionError> {
    if order.status.is_terminal() || moment.now.since(order.requested) < moment.not_found_grace_ns {
        return Ok(DUPLICATE);
    }
    let status = if order.acknowledged { OrderStatus::Canceled } else { OrderStatus::Rejected };
    move_to(order, status).map(|()| STEP)
}
