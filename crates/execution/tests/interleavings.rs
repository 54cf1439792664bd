//! A venue that is never wrong but late, early and repetitive: whatever the order of its messages, the table ends with the
//! venue's truth; and any messages at all, however wrong, leave its invariants whole.

use proptest::prelude::*;
use tercel_execution::{
    ExecutionReport, Fill, NewOrder, OrderHandle, OrderTable, ReportKind, TableConfig, Update, VenueState, may_follow,
};
use tercel_types::{
    InstrumentId, Nanos, OrderKind, OrderStatus, Price, Quantity, Side, TimeInForce, TradeId, VenueOrderId,
};

const CAPACITY: usize = 64;
const ORDERS: usize = 4;

fn table() -> OrderTable {
    OrderTable::new(TableConfig { capacity: CAPACITY, not_found_grace_ns: 0, ..TableConfig::new(2, 1) })
        .expect("a power of two")
}

fn new_order(instrument: u16, buys: bool, price: i64, quantity: i64, rests: bool) -> NewOrder {
    NewOrder {
        instrument: InstrumentId(instrument % 2),
        side: if buys { Side::Buy } else { Side::Sell },
        kind: OrderKind::Limit,
        time_in_force: if rests { TimeInForce::Gtc } else { TimeInForce::Ioc },
        price: Price(price),
        quantity: Quantity(quantity),
    }
}

fn check_sums(table: &OrderTable) {
    for instrument in [InstrumentId(0), InstrumentId(1)] {
        for side in [Side::Buy, Side::Sell] {
            assert_eq!(*table.exposure(instrument).side(side), table.recount(instrument, side));
        }
    }
    assert_eq!(table.live_count(), table.live().count());
    for order in table.live() {
        assert!(!order.status.is_terminal() || order.is_settling(), "a slot is kept for nothing: {order:?}");
        assert!(order.filled <= order.reported && order.reported <= order.quantity, "{order:?}");
    }
}

/// The true life of one order at the venue, and every message that tells of it.
#[derive(Clone, Debug)]
struct Life {
    order: NewOrder,
    end: OrderStatus,
    filled: i64,
    messages: Vec<Update>,
}

fn life(index: u64, order: NewOrder, parts: &[i64], end: OrderStatus) -> Life {
    let state = |status, executed| VenueState {
        venue_order_id: VenueOrderId(1_000 + index),
        status,
        executed: Quantity(executed),
    };
    let report = |kind, status, executed| Update::Report(ExecutionReport { kind, state: state(status, executed) });
    if end == OrderStatus::Rejected {
        let messages = vec![Update::Refused, report(ReportKind::Rejected, end, 0)];
        return Life { order, end, filled: 0, messages };
    }
    let mut messages = vec![
        Update::Acknowledged(state(OrderStatus::New, 0)),
        report(ReportKind::New, OrderStatus::New, 0),
        Update::Found(state(OrderStatus::New, 0)),
    ];
    let mut filled = 0;
    for (part, &quantity) in parts.iter().enumerate() {
        let quantity = quantity.min(order.quantity.0 - filled);
        if quantity == 0 {
            break;
        }
        filled += quantity;
        let status = if filled == order.quantity.0 { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        let trade_id = TradeId(index * 100 + part as u64);
        let fill = Fill { trade_id, price: order.price, quantity: Quantity(quantity), maker: false };
        messages.push(report(ReportKind::Trade(fill), status, filled));
    }
    let end = if filled == order.quantity.0 { OrderStatus::Filled } else { end };
    messages.push(match end {
        OrderStatus::Filled => Update::Found(state(end, filled)),
        OrderStatus::Canceled => Update::CancelAcknowledged(state(end, filled)),
        _ => report(ReportKind::Expired, OrderStatus::Expired, filled),
    });
    if end == OrderStatus::Canceled {
        messages.push(report(ReportKind::Canceled, end, filled));
    }
    Life { order, end, filled, messages }
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let end = prop_oneof![Just(OrderStatus::Canceled), Just(OrderStatus::Expired), Just(OrderStatus::Rejected)];
    let order = (any::<u16>(), any::<bool>(), 1i64..5, 1i64..20, any::<bool>(), end);
    let one = (order, proptest::collection::vec(1i64..10, 0..4));
    proptest::collection::vec(one, ORDERS).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(index, ((instrument, buys, price, quantity, rests, end), parts))| {
                life(index as u64, new_order(instrument, buys, price, quantity, rests), &parts, end)
            })
            .collect()
    })
}

/// Any update for any order, sensible or not.
fn any_update() -> impl Strategy<Value = Update> {
    let status = (0usize..10).prop_map(|index| STATUSES[index]);
    let state = (0u64..2, status, -1i64..25).prop_map(|(id, status, executed)| VenueState {
        venue_order_id: VenueOrderId(id),
        status,
        executed: Quantity(executed),
    });
    let kind = (0u8..7, 0u64..12, -1i64..25).prop_map(|(kind, id, quantity)| match kind {
        0 => ReportKind::New,
        1 => ReportKind::Canceled,
        2 => ReportKind::Expired,
        3 => ReportKind::Rejected,
        4 => ReportKind::Replaced { quantity: Quantity(quantity) },
        5 => ReportKind::TradePrevention { prevented: Quantity(quantity) },
        _ => ReportKind::Trade(Fill {
            trade_id: TradeId(id),
            price: Price(quantity),
            quantity: Quantity(quantity),
            maker: true,
        }),
    });
    (0u8..12, state, kind, any::<bool>()).prop_map(|(which, state, kind, order_unknown)| match which {
        0 => Update::Acknowledged(state),
        1 => Update::Refused,
        2 => Update::CancelSent,
        3 => Update::CancelAcknowledged(state),
        4 => Update::CancelRefused { order_unknown },
        5 => Update::OutcomeUnknown,
        6 => Update::ConnectionLost,
        7 => Update::Found(state),
        8 => Update::NotFound,
        _ => Update::Report(ExecutionReport { kind, state }),
    })
}

const STATUSES: [OrderStatus; 10] = [
    OrderStatus::PendingNew,
    OrderStatus::New,
    OrderStatus::PartiallyFilled,
    OrderStatus::PendingCancel,
    OrderStatus::PendingReplace,
    OrderStatus::Unknown,
    OrderStatus::Filled,
    OrderStatus::Canceled,
    OrderStatus::Rejected,
    OrderStatus::Expired,
];

#[test]
fn nothing_follows_an_end() {
    for from in STATUSES.into_iter().filter(|status| status.is_terminal()) {
        assert!(STATUSES.into_iter().all(|to| to == from || !may_follow(from, to)), "{from:?}");
    }
}

proptest! {
    #[test]
    fn whatever_the_order_of_a_truthful_venues_messages_the_table_ends_with_the_truth(
        lives in lives(),
        picks in proptest::collection::vec((0usize..ORDERS, any::<prop::sample::Index>(), 0u8..8), 0..60),
    ) {
        let mut table = table();
        let handles: Vec<OrderHandle> =
            lives.iter().map(|life| table.open(&life.order, Nanos(0)).expect("a free slot")).collect();
        let mut counted = [0i64; ORDERS];
        let mut deliver = |table: &mut OrderTable, index: usize, update: &Update| {
            match table.apply(handles[index], update, Nanos(0)) {
                Ok(applied) => counted[index] += applied.fill.map_or(0, |fill| fill.quantity.0),
                Err(error) => panic!("{update:?} of {:?}: {error}", lives[index]),
            }
            check_sums(table);
        };
        for (index, which, own) in picks {
            // Now and then this side does something of its own in between.
            let order = *table.get(handles[index]).expect("no slot was used again");
            let working = matches!(order.status, OrderStatus::New | OrderStatus::PartiallyFilled);
            match own {
                0 if working => deliver(&mut table, index, &Update::CancelSent),
                1 => deliver(&mut table, index, &Update::ConnectionLost),
                2 if !working => deliver(&mut table, index, &Update::OutcomeUnknown),
                _ => deliver(&mut table, index, which.get(&lives[index].messages)),
            }
        }
        // In the end everything has arrived at least once.
        for (index, life) in lives.iter().enumerate() {
            for update in &life.messages {
                deliver(&mut table, index, update);
            }
        }
        for (index, life) in lives.iter().enumerate() {
            let order = table.get(handles[index]).expect("no slot was used again");
            prop_assert_eq!(order.status, life.end);
            prop_assert_eq!(order.filled, Quantity(life.filled));
            prop_assert_eq!(counted[index], life.filled);
            prop_assert_eq!(order.cumulative_notional, i128::from(life.filled * life.order.price.0));
        }
        prop_assert_eq!(table.live_count(), 0);
    }

    #[test]
    fn no_messages_at_all_break_the_invariants(
        steps in proptest::collection::vec((0usize..100, any_update(), 0u8..6, any::<u16>(), 1i64..20), 0..300),
    ) {
        let mut table = table();
        let mut handles: Vec<OrderHandle> = Vec::new();
        for (now, (pick, update, act, noise, quantity)) in steps.into_iter().enumerate() {
            let now = Nanos(now as i64);
            let order = new_order(noise, noise & 2 == 0, i64::from(noise % 7) + 1, quantity, noise & 4 == 0);
            let picked = handles.get(pick % handles.len().max(1)).copied();
            match (act, picked) {
                (0, _) | (_, None) => handles.extend(table.open(&order, now)),
                (1, Some(old)) => handles.extend(table.open_replacement(old, &order, now)),
                (2, Some(new)) => drop(table.abandon(new, now)),
                (_, Some(handle)) => {
                    let before = table.get(handle).copied();
                    let result = table.apply(handle, &update, now);
                    if let (Some(before), Some(after)) = (before, table.get(handle)) {
                        prop_assert!(may_follow(before.status, after.status));
                        prop_assert!(result.is_ok() || after.status == before.status && after.filled == before.filled);
                        prop_assert!(before.filled <= after.filled && after.filled <= after.quantity);
                    }
                }
            }
            check_sums(&table);
        }
        // No slot leaks: when every order has ended and settled, the table is as empty as at first.
        let live: Vec<OrderHandle> = table.live().map(|order| order.handle).collect();
        for handle in live {
            let _ = table.apply(handle, &Update::OutcomeUnknown, Nanos(1_000));
            let _ = table.apply(handle, &Update::NotFound, Nanos(2_000));
            table.give_up_settling(handle);
        }
        check_sums(&table);
        prop_assert_eq!(table.live_count(), 0);
        let all = (0..CAPACITY).filter(|_| table.open(&new_order(0, true, 1, 1, true), Nanos(0)).is_ok()).count();
        prop_assert_eq!(all, CAPACITY);
    }
}
