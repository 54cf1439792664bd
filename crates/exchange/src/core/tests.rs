//! The exchange over real matching books, without doors.

use std::sync::Arc;

use tercel_matching::BookShape;
use tercel_types::{OrderKind, Price, Quantity, Side, TimeInForce};

use super::*;
use crate::config::{SymbolConfig, build_listing};
use crate::matched::MatchedMarket;

const MAKER: AccountId = AccountId(0);
const TAKER: AccountId = AccountId(1);
const BTCUSDT: SymbolId = SymbolId(0);

fn venue() -> Venue<MatchedMarket> {
    venue_with_limits(OrderLimits::default())
}

fn venue_with_limits(order_limits: OrderLimits) -> Venue<MatchedMarket> {
    let listing = Arc::new(build_listing(&[SymbolConfig::btcusdt()]).unwrap());
    let btc = AssetId(0);
    let usdt = AssetId(1);
    let start = vec![(btc, amount("10")), (usdt, amount("1000000"))];
    Venue::new(VenueSetup {
        listing,
        markets: vec![MatchedMarket::new(BookShape::default(), None).unwrap()],
        accounts: vec![start.clone(), start],
        fees: FeeRates { maker: amount("0.001"), taker: amount("0.002") },
        order_limits,
    })
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn limit(side: Side, price: i64, quantity: i64) -> NewOrder {
    NewOrder {
        symbol: BTCUSDT,
        side,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        price: Price(price),
        size: OrderSize::Base(Quantity(quantity)),
        client_order_id: None,
        self_trade_prevention: SelfTradePrevention::default(),
    }
}

fn market(side: Side, size: OrderSize) -> NewOrder {
    NewOrder { kind: OrderKind::Market, price: Price(0), size, ..limit(side, 0, 0) }
}

fn cancel_of(id: u64) -> CancelOrder {
    let order = OrderReference { order_id: Some(id), client_order_id: None };
    CancelOrder { symbol: BTCUSDT, order, cancel_id: None, restriction: None }
}

fn balance(venue: &Venue<MatchedMarket>, account: AccountId, asset: &str) -> (String, String) {
    let (balances, _) = venue.balances(account);
    let found = balances.iter().find(|balance| balance.asset.as_str() == asset).unwrap();
    (found.free.to_string(), found.locked.to_string())
}

#[test]
fn a_resting_buy_locks_its_cost_and_a_cancel_gives_it_back() {
    let mut venue = venue();
    let placed = venue.place(MAKER, &limit(Side::Buy, 6_000_000, 10_000), 1).unwrap();
    assert_eq!(placed.order.state, OrderState::New);
    assert_eq!(balance(&venue, MAKER, "USDT"), ("994000.00000000".into(), "6000.00000000".into()));
    let canceled = venue.cancel(MAKER, &cancel_of(placed.order.id), 2).unwrap();
    assert_eq!(canceled.order.state, OrderState::Canceled);
    assert_eq!(balance(&venue, MAKER, "USDT"), ("1000000.00000000".into(), "0.00000000".into()));
}

#[test]
fn a_trade_moves_both_assets_and_takes_each_fee_from_what_is_received() {
    let mut venue = venue();
    venue.place(MAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap();
    let placed = venue.place(TAKER, &limit(Side::Buy, 6_100_000, 10_000), 2).unwrap();
    assert_eq!(placed.order.state, OrderState::Filled);
    assert_eq!(placed.fills.len(), 1);
    assert_eq!(placed.fills[0].commission, amount("0.0002"));
    // The buyer's hold at the worse limit is given back.
    assert_eq!(balance(&venue, TAKER, "USDT"), ("994000.00000000".into(), "0.00000000".into()));
    assert_eq!(balance(&venue, TAKER, "BTC"), ("10.09980000".into(), "0.00000000".into()));
    assert_eq!(balance(&venue, MAKER, "USDT"), ("1005994.00000000".into(), "0.00000000".into()));
    assert_eq!(balance(&venue, MAKER, "BTC"), ("9.90000000".into(), "0.00000000".into()));
}

#[test]
fn an_order_beyond_the_balance_is_refused_and_leaves_no_trace() {
    let mut venue = venue();
    let refusal = venue.place(MAKER, &limit(Side::Sell, 6_000_000, 1_000_001), 1).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.message.as_ref()),
        (-2010, "Account has insufficient balance for requested action.")
    );
    assert!(venue.open_orders(MAKER, None).is_empty());
    assert_eq!(venue.drain_tape().count(), 0);
}

#[test]
fn each_filter_names_itself() {
    let mut venue = venue();
    let cases = [
        (limit(Side::Buy, 0, 10_000), "Filter failure: PRICE_FILTER"),
        (limit(Side::Buy, 6_000_000, 0), "Filter failure: LOT_SIZE"),
        (limit(Side::Buy, 100, 10), "Filter failure: NOTIONAL"),
    ];
    for (order, message) in cases {
        let refusal = venue.place(MAKER, &order, 1).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_ref()), (-1013, message));
    }
}

#[test]
fn a_post_only_order_that_would_take_is_refused() {
    let mut venue = venue();
    venue.place(MAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap();
    let order = NewOrder { kind: OrderKind::PostOnly, ..limit(Side::Buy, 6_000_000, 10_000) };
    assert_eq!(venue.place(TAKER, &order, 2).unwrap_err(), Refusal::WOULD_TAKE);
}

#[test]
fn a_client_order_id_is_unique_among_open_orders_only() {
    let mut venue = venue();
    let order = NewOrder { client_order_id: Some("mine".into()), ..limit(Side::Buy, 6_000_000, 10_000) };
    let first = venue.place(MAKER, &order, 1).unwrap();
    assert_eq!(venue.place(MAKER, &order, 2).unwrap_err(), Refusal::DUPLICATE_ORDER);
    venue.cancel(MAKER, &cancel_of(first.order.id), 3).unwrap();
    assert!(venue.place(MAKER, &order, 4).is_ok());
}

#[test]
fn immediate_and_fill_or_kill_orders_expire_with_what_is_left() {
    let mut venue = venue();
    venue.place(MAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap();
    let kill = NewOrder { time_in_force: TimeInForce::Fok, ..limit(Side::Buy, 6_000_000, 20_000) };
    let killed = venue.place(TAKER, &kill, 2).unwrap();
    assert_eq!((killed.order.state, killed.fills.len()), (OrderState::Expired, 0));
    let immediate = NewOrder { time_in_force: TimeInForce::Ioc, ..kill };
    let partly = venue.place(TAKER, &immediate, 3).unwrap();
    assert_eq!((partly.order.state, partly.order.executed), (OrderState::Expired, Quantity(10_000)));
    assert_eq!(balance(&venue, TAKER, "USDT").1, "0.00000000");
}

#[test]
fn a_market_order_by_quote_amount_spends_no_more_than_that() {
    let mut venue = venue();
    venue.place(MAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap();
    venue.place(MAKER, &limit(Side::Sell, 6_100_000, 10_000), 1).unwrap();
    let placed = venue.place(TAKER, &market(Side::Buy, OrderSize::Quote(amount("9050"))), 2).unwrap();
    assert_eq!(placed.order.state, OrderState::Filled);
    assert_eq!(placed.order.quantity, Quantity(15_000));
    assert_eq!(placed.order.quote_executed, amount("9050"));
}

#[test]
fn an_order_never_trades_with_its_own_owner_by_default() {
    let mut venue = venue();
    let first = venue.place(MAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap();
    let second = venue.place(MAKER, &limit(Side::Buy, 6_000_000, 10_000), 2).unwrap();
    let reference = OrderReference { order_id: Some(first.order.id), client_order_id: None };
    assert_eq!(venue.order(MAKER, BTCUSDT, &reference).unwrap().state, OrderState::ExpiredInMatch);
    assert_eq!(second.order.state, OrderState::New);
    assert_eq!(balance(&venue, MAKER, "BTC").1, "0.00000000");
}

#[test]
fn a_market_order_does_not_count_on_own_orders_that_will_be_taken_out_of_its_way() {
    let mut venue = venue();
    venue.place(TAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap();
    venue.place(MAKER, &limit(Side::Sell, 6_100_000, 20_000), 1).unwrap();
    let placed = venue.place(TAKER, &market(Side::Buy, OrderSize::Quote(amount("6100"))), 2).unwrap();
    assert_eq!((placed.order.state, placed.order.quantity), (OrderState::Filled, Quantity(10_000)));
    assert_eq!(placed.order.quote_executed, amount("6100"));
}

#[test]
fn a_replace_that_cannot_cancel_stops_or_goes_on_by_its_mode() {
    let mut venue = venue();
    let order = limit(Side::Buy, 6_000_000, 10_000);
    let stopped = venue.replace(MAKER, &cancel_of(99), &order, ReplaceMode::StopOnFailure, 1).unwrap_err();
    assert!(matches!(stopped, ReplaceFailure::Cancel(_, None)));
    let went_on = venue.replace(MAKER, &cancel_of(99), &order, ReplaceMode::AllowFailure, 2).unwrap_err();
    let ReplaceFailure::Cancel(refusal, Some(Ok(placed))) = went_on else { panic!("the new order was not placed") };
    assert_eq!(refusal, Refusal::UNKNOWN_ORDER);
    let both = venue.replace(MAKER, &cancel_of(placed.order.id), &order, ReplaceMode::StopOnFailure, 3).unwrap();
    assert_eq!(both.canceled.order.id, placed.order.id);
}

#[test]
fn a_restriction_on_a_cancel_is_kept() {
    let mut venue = venue();
    let placed = venue.place(MAKER, &limit(Side::Buy, 6_000_000, 10_000), 1).unwrap();
    let only_filled =
        CancelOrder { restriction: Some(CancelRestriction::OnlyPartiallyFilled), ..cancel_of(placed.order.id) };
    assert_eq!(venue.cancel(MAKER, &only_filled, 2).unwrap_err(), Refusal::CANCEL_RESTRICTED);
}

#[test]
fn the_order_rate_is_counted_and_a_first_fill_gives_back() {
    let mut venue = venue_with_limits(OrderLimits { per_ten_seconds: 1, per_day: 10 });
    venue.place(MAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap();
    let refusal = venue.place(MAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap_err();
    assert_eq!((refusal.code, refusal.status), (-1015, 429));
    venue.place(TAKER, &limit(Side::Buy, 6_000_000, 10_000), 1).unwrap();
    assert_eq!(venue.order_counts(MAKER, 1), OrderCounts { ten_seconds: 0, day: 0 });
}

#[test]
fn reports_come_in_the_order_in_which_things_happened() {
    let mut venue = venue();
    venue.place(MAKER, &limit(Side::Sell, 6_000_000, 10_000), 1).unwrap();
    venue.place(TAKER, &limit(Side::Buy, 6_000_000, 10_000), 2).unwrap();
    let told: Vec<String> = venue
        .drain_notices()
        .map(|addressed| match addressed.notice {
            Notice::Execution(report) => {
                let kind = match report.kind {
                    ExecutionKind::New => "new",
                    ExecutionKind::Trade(_) => "trade",
                    _ => "other",
                };
                format!("{} {kind}", addressed.account.0)
            }
            Notice::Position(_) => format!("{} position", addressed.account.0),
        })
        .collect();
    assert_eq!(told, ["0 new", "0 position", "1 new", "1 trade", "0 trade", "1 position", "0 position"]);
}

mod conservation {
    use super::*;
    use proptest::prelude::*;

    fn arbitrary_order() -> impl Strategy<Value = (bool, NewOrder)> {
        (any::<bool>(), any::<bool>(), 5_999_990i64..6_000_010, 1i64..40_000, 0u8..5).prop_map(
            |(taker, buy, price, quantity, shape)| {
                let side = if buy { Side::Buy } else { Side::Sell };
                let order = limit(side, price, quantity * 10);
                let order = match shape {
                    0 => NewOrder { time_in_force: TimeInForce::Ioc, ..order },
                    1 => NewOrder { time_in_force: TimeInForce::Fok, ..order },
                    2 => market(side, OrderSize::Base(Quantity(quantity * 10))),
                    3 => market(side, OrderSize::Quote(Amount(i128::from(quantity) * 10_000_000_000))),
                    _ => order,
                };
                (taker, order)
            },
        )
    }

    proptest! {
        #[test]
        fn no_sequence_of_orders_creates_or_loses_money(orders in proptest::collection::vec(arbitrary_order(), 1..120)) {
            let mut venue = venue();
            for (index, (taker, order)) in orders.iter().enumerate() {
                let account = if *taker { TAKER } else { MAKER };
                let _ = venue.place(account, order, index as i64);
            }
            let mut fees = [Amount::ZERO; 2];
            for addressed in venue.drain_notices() {
                if let Notice::Execution(report) = addressed.notice
                    && let ExecutionKind::Trade(fill) = report.kind
                {
                    fees[usize::from(fill.commission_asset.0)] += fill.commission;
                }
            }
            for account in [MAKER, TAKER] {
                for id in venue.open_orders(account, None).iter().map(|order| order.id).collect::<Vec<_>>() {
                    venue.cancel(account, &cancel_of(id), 0).unwrap();
                }
            }
            let mut totals = fees;
            for account in [MAKER, TAKER] {
                for (index, balance) in venue.balances(account).0.iter().enumerate() {
                    prop_assert!(balance.free >= Amount::ZERO);
                    prop_assert_eq!(balance.locked, Amount::ZERO);
                    totals[index] += balance.free;
                }
            }
            prop_assert_eq!(totals, [amount("20"), amount("2000000")]);
        }
    }
}
