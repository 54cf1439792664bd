//! The life of one order, by example.

use tercel_execution::{
    ExecutionReport, Fill, LegOutcome, NewOrder, OrderHandle, OrderTable, Question, ReplaceOutcome, ReportKind,
    TableConfig, TransitionError, Update, VenueState,
};
use tercel_types::{
    ClientOrderId, InstrumentId, Nanos, OrderKind, OrderStatus, Price, Quantity, RejectReason, Side, TimeInForce,
    TradeId, VenueOrderId,
};

const INSTRUMENT: InstrumentId = InstrumentId(0);
const NOW: Nanos = Nanos(1_000);

fn table() -> OrderTable {
    OrderTable::new(TableConfig { capacity: 64, ..TableConfig::new(2, 7) }).expect("a power of two")
}

fn buy(price: i64, quantity: i64) -> NewOrder {
    NewOrder {
        instrument: INSTRUMENT,
        side: Side::Buy,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        price: Price(price),
        quantity: Quantity(quantity),
    }
}

fn open(table: &mut OrderTable, price: i64, quantity: i64) -> OrderHandle {
    table.open(&buy(price, quantity), NOW).expect("a free slot")
}

fn state(status: OrderStatus, executed: i64) -> VenueState {
    VenueState { venue_order_id: VenueOrderId(900), status, executed: Quantity(executed) }
}

fn acknowledged() -> Update {
    Update::Acknowledged(state(OrderStatus::New, 0))
}

fn report(kind: ReportKind, status: OrderStatus, executed: i64) -> Update {
    Update::Report(ExecutionReport { kind, state: state(status, executed) })
}

fn trade(id: u64, quantity: i64, executed: i64) -> Update {
    let fill = Fill { trade_id: TradeId(id), price: Price(100), quantity: Quantity(quantity), maker: true };
    report(ReportKind::Trade(fill), OrderStatus::PartiallyFilled, executed)
}

fn apply(table: &mut OrderTable, handle: OrderHandle, update: &Update) -> OrderStatus {
    table.apply(handle, update, NOW).expect("an allowed transition").after
}

#[test]
fn an_order_is_acknowledged_filled_in_parts_and_ends_filled() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    assert_eq!(apply(&mut table, handle, &acknowledged()), OrderStatus::New);
    assert_eq!(apply(&mut table, handle, &trade(1, 4, 4)), OrderStatus::PartiallyFilled);
    assert_eq!(table.exposure(INSTRUMENT).buy.quantity, Quantity(6));
    assert_eq!(apply(&mut table, handle, &trade(2, 6, 10)), OrderStatus::Filled);
    assert_eq!(table.live_count(), 0);
    let order = table.get(handle).expect("ended orders are remembered until their slot is used again");
    assert_eq!((order.filled, order.cumulative_notional), (Quantity(10), 1_000));
}

#[test]
fn the_client_order_id_leads_to_the_order_without_a_search() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    let id = table.get(handle).expect("open").client_order_id;
    assert_eq!(id, ClientOrderId::new(7, handle.code()));
    assert_eq!(table.find(id), Some(handle));
    assert_eq!(table.find(ClientOrderId::new(6, handle.code())), None);
    assert_eq!(table.find(ClientOrderId::new(7, u32::MAX)), None);
}

#[test]
fn a_fill_before_the_acknowledgement_counts_and_the_acknowledgement_changes_nothing() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    assert_eq!(apply(&mut table, handle, &trade(1, 4, 4)), OrderStatus::PartiallyFilled);
    let late = table.apply(handle, &acknowledged(), NOW).expect("late, but allowed");
    assert!(late.duplicate);
    assert_eq!(late.after, OrderStatus::PartiallyFilled);
}

#[test]
fn a_fill_counts_once_however_often_it_is_reported() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    assert!(table.apply(handle, &trade(1, 4, 4), NOW).is_ok_and(|applied| applied.fill.is_some()));
    assert!(table.apply(handle, &trade(1, 4, 4), NOW).is_ok_and(|applied| applied.fill.is_none() && applied.duplicate));
    assert_eq!(table.get(handle).map(|order| order.filled), Some(Quantity(4)));
}

#[test]
fn a_fill_after_the_cancel_was_confirmed_still_reaches_the_position() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &acknowledged());
    apply(&mut table, handle, &Update::CancelSent);
    let canceled = Update::CancelAcknowledged(state(OrderStatus::Canceled, 4));
    assert_eq!(apply(&mut table, handle, &canceled), OrderStatus::Canceled);
    assert_eq!(table.live_count(), 1, "four are reported as executed and their fill is missing");
    assert_eq!(table.exposure(INSTRUMENT).buy.quantity, Quantity(4));
    let applied = table.apply(handle, &trade(1, 4, 4), NOW).expect("a late fill");
    assert_eq!((applied.after, applied.fill.map(|fill| fill.quantity)), (OrderStatus::Canceled, Some(Quantity(4))));
    assert_eq!(table.live_count(), 0);
}

#[test]
fn missing_fills_are_asked_for_after_some_patience_and_can_be_given_up() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &Update::Acknowledged(state(OrderStatus::Filled, 10)));
    assert_eq!(table.questions(NOW, 1).count(), 0);
    let later = NOW.plus(2_000_000_000);
    assert_eq!(table.questions(later, 1).collect::<Vec<_>>(), [Question::Trades(handle)]);
    table.mark_queried(handle, later);
    assert_eq!(table.questions(later, 1).count(), 0);
    assert_eq!(table.give_up_settling(handle), Some(10));
    assert_eq!(table.live_count(), 0);
}

#[test]
fn more_than_was_ordered_is_an_error_and_changes_nothing() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &trade(1, 8, 8));
    let over = table.apply(handle, &trade(2, 3, 11), NOW);
    assert_eq!(over, Err(TransitionError::Overfill { executed: Quantity(11), quantity: Quantity(10) }));
    assert_eq!(table.get(handle).map(|order| order.filled), Some(Quantity(8)));
    assert!(!table.knows_trade(INSTRUMENT, TradeId(2)));
}

#[test]
fn an_unknown_outcome_is_queried_and_the_answer_is_the_last_word() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    assert!(table.apply(handle, &Update::ConnectionLost, NOW).is_ok_and(|applied| applied.query));
    assert_eq!(table.questions(NOW, 1).collect::<Vec<_>>(), [Question::Status(handle)]);
    assert_eq!(table.cancellable(handle), RejectReason::PendingRequest);
    assert_eq!(apply(&mut table, handle, &Update::Found(state(OrderStatus::New, 0))), OrderStatus::New);
    assert_eq!(table.cancellable(handle), RejectReason::Accepted);
}

#[test]
fn absence_is_believed_only_when_the_request_is_too_old_to_be_accepted() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &Update::OutcomeUnknown);
    let early = table.apply(handle, &Update::NotFound, NOW.plus(9_999_999_999)).expect("an answer to a query");
    assert_eq!((early.after, early.query), (OrderStatus::Unknown, true));
    let late = table.apply(handle, &Update::NotFound, NOW.plus(10_000_000_000)).expect("an answer to a query");
    assert_eq!(late.after, OrderStatus::Rejected);
    let back = table.apply(handle, &acknowledged(), NOW);
    assert!(matches!(back, Err(TransitionError::Contradiction { .. })), "a live order that was given up is no detail");
}

#[test]
fn a_cancel_refused_because_the_order_is_unknown_leads_to_a_query_and_any_other_refusal_back_to_work() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &acknowledged());
    apply(&mut table, handle, &Update::CancelSent);
    assert_eq!(apply(&mut table, handle, &Update::CancelRefused { order_unknown: false }), OrderStatus::New);
    apply(&mut table, handle, &Update::CancelSent);
    let applied = table.apply(handle, &Update::CancelRefused { order_unknown: true }, NOW).expect("allowed");
    assert_eq!((applied.after, applied.query), (OrderStatus::Unknown, true));
    assert_eq!(
        table.apply(handle, &Update::CancelSent, NOW),
        Err(TransitionError::Forbidden { from: OrderStatus::Unknown, to: OrderStatus::PendingCancel })
    );
}

#[test]
fn a_cancel_that_is_not_answered_is_overdue() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &acknowledged());
    assert_eq!(table.overdue(NOW.plus(500), 100).count(), 0);
    apply(&mut table, handle, &Update::CancelSent);
    assert_eq!(table.overdue(NOW.plus(500), 100).collect::<Vec<_>>(), [handle]);
}

#[test]
fn a_replacement_ends_the_old_order_and_starts_the_new_one() {
    let mut table = table();
    let old = open(&mut table, 100, 10);
    apply(&mut table, old, &acknowledged());
    let new = table.open_replacement(old, &buy(101, 10), NOW).expect("the old order works");
    assert_eq!(table.get(old).map(|order| order.status), Some(OrderStatus::PendingReplace));
    assert_eq!(table.open_replacement(old, &buy(102, 10), NOW), Err(RejectReason::PendingRequest));
    assert_eq!(table.exposure(INSTRUMENT).buy.best, Some(Price(101)));
    let placed = VenueState { venue_order_id: VenueOrderId(901), ..state(OrderStatus::New, 0) };
    let outcome = ReplaceOutcome {
        cancel: LegOutcome::Accepted(state(OrderStatus::Canceled, 0)),
        place: LegOutcome::Accepted(placed),
    };
    let done = table.apply_replace(new, &outcome, NOW);
    assert_eq!(done.old.map(|applied| applied.after), Ok(OrderStatus::Canceled));
    assert_eq!(done.new.map(|applied| applied.after), Ok(OrderStatus::New));
    assert_eq!(table.exposure(INSTRUMENT).buy.orders, 1);
}

#[test]
fn each_leg_of_a_replacement_may_fail_on_its_own() {
    let legs = [
        (
            LegOutcome::Refused { order_unknown: true },
            LegOutcome::NotAttempted,
            OrderStatus::Unknown,
            OrderStatus::Rejected,
        ),
        (
            LegOutcome::Refused { order_unknown: false },
            LegOutcome::NotAttempted,
            OrderStatus::New,
            OrderStatus::Rejected,
        ),
        (LegOutcome::NotAttempted, LegOutcome::NotAttempted, OrderStatus::New, OrderStatus::Rejected),
        (LegOutcome::Unknown, LegOutcome::Unknown, OrderStatus::Unknown, OrderStatus::Unknown),
        (
            LegOutcome::Accepted(state(OrderStatus::Canceled, 0)),
            LegOutcome::Refused { order_unknown: false },
            OrderStatus::Canceled,
            OrderStatus::Rejected,
        ),
    ];
    for (cancel, place, old_status, new_status) in legs {
        let mut table = table();
        let old = open(&mut table, 100, 10);
        apply(&mut table, old, &acknowledged());
        let new = table.open_replacement(old, &buy(101, 10), NOW).expect("the old order works");
        let done = table.apply_replace(new, &ReplaceOutcome { cancel, place }, NOW);
        assert_eq!(done.old.map(|applied| applied.after), Ok(old_status), "{cancel:?}");
        assert_eq!(done.new.map(|applied| applied.after), Ok(new_status), "{place:?}");
    }
}

#[test]
fn an_order_that_could_not_be_sent_is_taken_back_and_the_one_it_was_to_replace_works_on() {
    let mut table = table();
    let old = open(&mut table, 100, 10);
    apply(&mut table, old, &acknowledged());
    let new = table.open_replacement(old, &buy(101, 10), NOW).expect("the old order works");
    assert_eq!(table.abandon(new, NOW).map(|applied| applied.after), Ok(OrderStatus::Rejected));
    assert_eq!(table.get(old).map(|order| order.status), Some(OrderStatus::New));
    assert_eq!(table.exposure(INSTRUMENT).buy.quantity, Quantity(10));
    assert!(matches!(table.abandon(old, NOW), Err(TransitionError::Unexpected(OrderStatus::New))));
}

#[test]
fn self_trade_prevention_takes_quantity_away_or_ends_the_order() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    let reduced = report(ReportKind::TradePrevention { prevented: Quantity(4) }, OrderStatus::New, 0);
    assert_eq!(apply(&mut table, handle, &reduced), OrderStatus::New);
    assert_eq!(table.get(handle).map(|order| order.leaves().0), Some(6));
    assert_eq!(apply(&mut table, handle, &trade(1, 6, 6)), OrderStatus::Filled);
    let ended = open(&mut table, 100, 10);
    let expired = report(ReportKind::TradePrevention { prevented: Quantity(10) }, OrderStatus::Expired, 0);
    assert_eq!(apply(&mut table, ended, &expired), OrderStatus::Expired);
}

#[test]
fn an_amended_order_keeps_its_place_with_less_quantity() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &acknowledged());
    let amended = report(ReportKind::Replaced { quantity: Quantity(6) }, OrderStatus::New, 0);
    assert_eq!(apply(&mut table, handle, &amended), OrderStatus::New);
    assert_eq!(table.exposure(INSTRUMENT).buy.quantity, Quantity(6));
    let more = report(ReportKind::Replaced { quantity: Quantity(7) }, OrderStatus::New, 0);
    assert_eq!(table.apply(handle, &more, NOW), Err(TransitionError::ImpossibleNumber));
}

#[test]
fn an_ended_order_contradicts_every_other_end() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &acknowledged());
    apply(&mut table, handle, &report(ReportKind::Canceled, OrderStatus::Canceled, 0));
    for kind in [ReportKind::Expired, ReportKind::Rejected] {
        let error = table.apply(handle, &report(kind, OrderStatus::Expired, 0), NOW);
        assert!(matches!(error, Err(TransitionError::Contradiction { .. })), "{kind:?}: {error:?}");
    }
    assert!(table.apply(handle, &report(ReportKind::New, OrderStatus::New, 0), NOW).is_ok_and(|late| late.duplicate));
}

#[test]
fn a_venue_that_changes_its_id_of_an_order_is_not_believed() {
    let mut table = table();
    let handle = open(&mut table, 100, 10);
    apply(&mut table, handle, &acknowledged());
    let other = VenueState { venue_order_id: VenueOrderId(1), ..state(OrderStatus::New, 0) };
    assert!(matches!(
        table.apply(handle, &Update::Found(other), NOW),
        Err(TransitionError::VenueOrderIdChanged { known: VenueOrderId(900), reported: VenueOrderId(1) })
    ));
}

#[test]
fn a_full_table_refuses_and_a_stale_handle_names_nothing() {
    let mut table = table();
    let first = open(&mut table, 100, 10);
    apply(&mut table, first, &Update::Refused);
    for _ in 0..64 {
        open(&mut table, 100, 1);
    }
    assert_eq!(table.open(&buy(100, 1), NOW), Err(RejectReason::TooManyOrders));
    assert!(table.get(first).is_none());
    assert_eq!(table.apply(first, &acknowledged(), NOW), Err(TransitionError::UnknownOrder(first)));
    assert_eq!(table.cancellable(OrderHandle::from_code(3)), RejectReason::UnknownOrder);
}
