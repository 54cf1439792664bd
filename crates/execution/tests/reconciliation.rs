//! What a start and a lost connection look like to the table.

use tercel_execution::{
    Action, Fill, NewOrder, OpenOrderPolicy, OrderHandle, OrderTable, Reconciliation, ReportedOrder, ReportedTrade,
    Summary, TableConfig, Update, VenueReport, VenueState,
};
use tercel_types::{
    ClientOrderId, InstrumentId, Nanos, OrderKind, OrderStatus, Price, Quantity, Side, TimeInForce, TradeId,
    VenueOrderId,
};

const INSTRUMENT: InstrumentId = InstrumentId(0);
const SENT: Nanos = Nanos(0);
const ASKED: Nanos = Nanos(10);
const NOW: Nanos = Nanos(20);

fn table() -> OrderTable {
    OrderTable::new(TableConfig { capacity: 64, ..TableConfig::new(1, 7) }).expect("a power of two")
}

fn open(table: &mut OrderTable, now: Nanos) -> OrderHandle {
    let new = NewOrder {
        instrument: INSTRUMENT,
        side: Side::Sell,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        price: Price(100),
        quantity: Quantity(10),
    };
    table.open(&new, now).expect("a free slot")
}

fn reported(id: &[u8], venue_id: u64, executed: i64) -> ReportedOrder<'_> {
    ReportedOrder {
        client_order_id: id,
        side: Side::Sell,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        price: Price(100),
        quantity: Quantity(10),
        state: VenueState {
            venue_order_id: VenueOrderId(venue_id),
            status: OrderStatus::New,
            executed: Quantity(executed),
        },
    }
}

fn traded(venue_id: u64, id: u64, quantity: i64) -> ReportedTrade {
    let fill = Fill { trade_id: TradeId(id), price: Price(100), quantity: Quantity(quantity), maker: true };
    ReportedTrade { venue_order_id: VenueOrderId(venue_id), fill }
}

fn run(
    table: &mut OrderTable,
    open: &[ReportedOrder<'_>],
    trades: &[ReportedTrade],
    policy: OpenOrderPolicy,
) -> (Vec<Action>, Summary) {
    let mut reconciliation = Reconciliation::new(64, 64);
    let report = VenueReport { instrument: INSTRUMENT, asked: ASKED, open, trades };
    let summary = reconciliation.run(table, &report, policy, NOW);
    (reconciliation.actions().to_vec(), summary)
}

#[test]
fn orders_of_an_earlier_epoch_are_adopted_with_what_they_had_executed_and_others_are_left_alone() {
    let mut table = table();
    let id = ClientOrderId::new(6, 4_097);
    let text = id.to_text();
    let list = [reported(&text, 1, 4), reported(b"web_1234", 2, 0)];
    let (actions, summary) = run(&mut table, &list, &[traded(1, 50, 4)], OpenOrderPolicy::Adopt);
    let handle = table.find(id).expect("adopted");
    assert_eq!(actions, [Action::Adopted(handle)], "its trades are part of what it had executed");
    assert_eq!(summary.foreign_orders, 1);
    assert_eq!(table.exposure(INSTRUMENT).sell.quantity, Quantity(6));
    let again = run(&mut table, &list, &[traded(1, 50, 4)], OpenOrderPolicy::Adopt);
    assert_eq!(again.0, []);
}

#[test]
fn an_adopted_orders_later_trades_count_and_its_earlier_ones_do_not() {
    let mut table = table();
    let text = ClientOrderId::new(6, 4_097).to_text();
    run(&mut table, &[reported(&text, 1, 4)], &[], OpenOrderPolicy::Adopt);
    let trades = [traded(1, 50, 4), traded(1, 51, 3)];
    let (actions, _) = run(&mut table, &[reported(&text, 1, 7)], &trades, OpenOrderPolicy::Adopt);
    let filled: Vec<usize> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Filled { trade, .. } => Some(*trade),
            _ => None,
        })
        .collect();
    assert_eq!(filled, [1]);
    assert!(table.knows_trade(INSTRUMENT, TradeId(50)));
}

#[test]
fn the_policy_to_cancel_holds_for_known_and_adopted_orders() {
    let mut table = table();
    let known = open(&mut table, SENT);
    let known_text = ClientOrderId::new(7, known.code()).to_text();
    let adopted_text = ClientOrderId::new(6, 1).to_text();
    let list = [reported(&known_text, 1, 0), reported(&adopted_text, 2, 0)];
    let (actions, _) = run(&mut table, &list, &[], OpenOrderPolicy::Cancel);
    let adopted = table.find(ClientOrderId::new(6, 1)).expect("adopted");
    assert!(actions.contains(&Action::Cancel(known)) && actions.contains(&Action::Cancel(adopted)));
}

#[test]
fn after_a_lost_connection_the_list_confirms_what_works_and_the_rest_is_queried() {
    let mut table = table();
    let works = open(&mut table, SENT);
    let vanished = open(&mut table, SENT);
    let young = open(&mut table, ASKED);
    for handle in [works, vanished] {
        table.apply(handle, &Update::ConnectionLost, NOW).expect("in flight");
    }
    let text = ClientOrderId::new(7, works.code()).to_text();
    let (actions, _) = run(&mut table, &[reported(&text, 1, 3)], &[traded(1, 9, 3)], OpenOrderPolicy::Adopt);
    assert!(matches!(actions[0], Action::Confirmed(applied) if applied.after == OrderStatus::PartiallyFilled));
    assert!(matches!(actions[1], Action::Filled { trade: 0, .. }));
    assert_eq!(actions[2..], [Action::Query(vanished)]);
    assert_eq!(table.get(young).map(|order| order.status), Some(OrderStatus::PendingNew));
}

#[test]
fn an_order_that_the_trades_complete_is_not_queried() {
    let mut table = table();
    let handle = open(&mut table, SENT);
    let state = VenueState { venue_order_id: VenueOrderId(1), status: OrderStatus::New, executed: Quantity(0) };
    table.apply(handle, &Update::Acknowledged(state), SENT).expect("an answer");
    let (actions, _) = run(&mut table, &[], &[traded(1, 9, 10), traded(8, 10, 1)], OpenOrderPolicy::Adopt);
    assert!(matches!(actions[..], [Action::Filled { applied, .. }] if applied.after == OrderStatus::Filled));
}

#[test]
fn a_run_that_is_cut_short_is_completed_by_the_next() {
    let mut table = table();
    let texts: Vec<_> = (1..=5).map(|sequence| ClientOrderId::new(6, sequence).to_text()).collect();
    let list: Vec<_> = texts.iter().zip(1..).map(|(text, venue_id)| reported(text, venue_id, 0)).collect();
    let report = VenueReport { instrument: INSTRUMENT, asked: ASKED, open: &list, trades: &[] };
    let mut reconciliation = Reconciliation::new(2, 64);
    let mut runs = 1;
    while reconciliation.run(&mut table, &report, OpenOrderPolicy::Adopt, NOW).truncated {
        runs += 1;
        assert!(runs < 10, "each run gets further");
    }
    assert_eq!(table.live_count(), 5);
}

#[test]
fn an_adopted_orders_id_is_forgotten_with_its_slot() {
    let mut table = table();
    let id = ClientOrderId::new(6, 1);
    run(&mut table, &[reported(&id.to_text(), 1, 0)], &[], OpenOrderPolicy::Adopt);
    let adopted = table.find(id).expect("adopted");
    let gone = VenueState { venue_order_id: VenueOrderId(1), status: OrderStatus::Canceled, executed: Quantity(0) };
    table.apply(adopted, &Update::CancelAcknowledged(gone), NOW).expect("cancelled");
    assert_eq!(table.find(id), Some(adopted));
    for _ in 0..64 {
        open(&mut table, NOW);
    }
    assert_eq!(table.find(id), None);
}
