//! Each check of the gate on its own, and their order.

use crate::{
    Exposure, KillReason, KillSwitch, LimitError, MarketState, OrderIntent, RateLimits, RiskGate, RiskLimits,
    WindowLimit,
};
use proptest::prelude::*;
use tercel_types::{Asset, Instrument, InstrumentId, Level, Nanos, OrderKind, Price, Quantity, RejectReason, Side};

const NOW: Nanos = Nanos(1_000_000_000);

fn instrument() -> Instrument {
    Instrument {
        id: InstrumentId(0),
        symbol: Asset::new("BTCUSDT").unwrap_or_default(),
        base: Asset::new("BTC").unwrap_or_default(),
        quote: Asset::new("USDT").unwrap_or_default(),
        price_scale: 2,
        quantity_scale: 5,
        tick: Price(10),
        lot: Quantity(5),
        min_price: Price(100),
        max_price: Price(100_000_000),
        min_quantity: Quantity(10),
        max_quantity: Quantity(1_000_000),
        min_notional: 50_000_000,
        max_notional: 0,
    }
}

fn limits() -> RiskLimits {
    RiskLimits {
        max_order_quantity: Quantity(100_000),
        max_notional: 500_000_000_000,
        price_collar_bps: 100,
        max_position: Quantity(150_000),
        max_open_orders: 3,
        max_data_age_ns: 500_000_000,
    }
}

fn rates() -> RateLimits {
    let ten_seconds = WindowLimit { orders: 50, window_ns: 10_000_000_000 };
    RateLimits { max_orders_per_second: 5, venue: [Some(ten_seconds), None, None, None] }
}

fn gate() -> RiskGate {
    let mut gate =
        RiskGate::new(&[(instrument(), limits())], &rates(), KillSwitch::new()).expect("the limits are valid");
    gate.set_orders_possible(true);
    gate
}

fn intent() -> OrderIntent {
    OrderIntent {
        instrument: InstrumentId(0),
        side: Side::Buy,
        kind: OrderKind::Limit,
        price: Price(6_000_000),
        quantity: Quantity(10_000),
        replaces: false,
    }
}

fn market() -> MarketState {
    MarketState {
        bid: Some(Level::new(6_000_000, 100)),
        ask: Some(Level::new(6_000_010, 100)),
        synchronised: true,
        received: NOW,
    }
}

fn answer(intent: &OrderIntent, market: &MarketState, exposure: &Exposure) -> RejectReason {
    gate().check(intent, market, exposure, NOW)
}

fn answer_to(change: impl FnOnce(&mut OrderIntent)) -> RejectReason {
    let mut intent = intent();
    change(&mut intent);
    answer(&intent, &market(), &Exposure::default())
}

fn answer_in(change: impl FnOnce(&mut MarketState), kind: OrderKind) -> RejectReason {
    let mut market = market();
    change(&mut market);
    answer(&OrderIntent { kind, ..intent() }, &market, &Exposure::default())
}

fn answer_with(side: Side, change: impl FnOnce(&mut Exposure)) -> RejectReason {
    let mut exposure = Exposure::default();
    change(&mut exposure);
    answer(&OrderIntent { side, ..intent() }, &market(), &exposure)
}

#[test]
fn a_sound_order_is_accepted_and_counted() {
    let mut gate = gate();
    assert_eq!(gate.check(&intent(), &market(), &Exposure::default(), NOW), RejectReason::Accepted);
    assert_eq!(gate.counts()[RejectReason::Accepted as usize], 1);
}

#[test]
fn the_kill_switch_comes_before_everything_and_the_connection_next() {
    let mut gate = gate();
    gate.set_orders_possible(false);
    let hopeless = OrderIntent { price: Price(-1), quantity: Quantity(-1), ..intent() };
    assert_eq!(gate.check(&hopeless, &market(), &Exposure::default(), NOW), RejectReason::NotConnected);
    gate.kill_switch().engage(KillReason::Operator);
    assert_eq!(gate.check(&hopeless, &market(), &Exposure::default(), NOW), RejectReason::KillSwitch);
    assert_eq!(gate.counts()[RejectReason::KillSwitch as usize], 1);
}

#[test]
fn a_price_off_the_tick_or_outside_the_limits_is_refused() {
    for price in [6_000_001, 0, -10, 90, 100_000_010] {
        assert_eq!(answer_to(|intent| intent.price = Price(price)), RejectReason::Tick, "{price}");
    }
}

#[test]
fn a_quantity_off_the_lot_or_outside_the_limits_is_refused() {
    for quantity in [10_001, 0, -5, 5, 100_005, 1_000_005, i64::MAX] {
        assert_eq!(answer_to(|intent| intent.quantity = Quantity(quantity)), RejectReason::Lot, "{quantity}");
    }
}

#[test]
fn a_notional_outside_the_venues_and_own_limits_is_refused_for_market_orders_too() {
    assert_eq!(answer_to(|intent| intent.quantity = Quantity(10)), RejectReason::Accepted);
    assert_eq!(answer_to(|intent| intent.quantity = Quantity(85_000)), RejectReason::Notional);
    let market_order = |intent: &mut OrderIntent| {
        intent.kind = OrderKind::Market;
        intent.price = Price(0);
        intent.quantity = Quantity(85_000);
    };
    assert_eq!(answer_to(market_order), RejectReason::Notional);
    let cheap = |market: &mut MarketState| market.ask = Some(Level::new(4_990, 1));
    let mut small = market();
    cheap(&mut small);
    let order = OrderIntent { kind: OrderKind::Market, ..intent() };
    assert_eq!(answer(&order, &small, &Exposure::default()), RejectReason::Notional);
}

#[test]
fn data_that_is_old_unsynchronised_or_absent_is_stale() {
    assert_eq!(
        answer_in(|market| market.received = Nanos(NOW.0 - 500_000_001), OrderKind::Limit),
        RejectReason::StaleBook
    );
    assert_eq!(
        answer_in(|market| market.received = Nanos(NOW.0 - 500_000_000), OrderKind::Limit),
        RejectReason::Accepted
    );
    assert_eq!(answer_in(|market| market.synchronised = false, OrderKind::Limit), RejectReason::StaleBook);
    let nothing = |market: &mut MarketState| (market.bid, market.ask) = (None, None);
    assert_eq!(answer_in(nothing, OrderKind::Limit), RejectReason::StaleBook);
    assert_eq!(answer_in(|market| market.bid = None, OrderKind::Market), RejectReason::StaleBook);
    assert_eq!(answer_in(|market| market.ask = None, OrderKind::Market), RejectReason::StaleBook);
}

#[test]
fn the_collar_is_measured_from_the_opposite_best_and_includes_its_edge() {
    // One percent of 60000.10 is 600.001: the farthest tick above is at 60600.10.
    assert_eq!(answer_to(|intent| intent.price = Price(6_060_010)), RejectReason::Accepted);
    assert_eq!(answer_to(|intent| intent.price = Price(6_060_020)), RejectReason::PriceCollar);
    assert_eq!(answer_to(|intent| intent.price = Price(5_940_010)), RejectReason::Accepted);
    assert_eq!(answer_to(|intent| intent.price = Price(5_940_000)), RejectReason::PriceCollar);
    assert_eq!(answer_in(|market| market.ask = None, OrderKind::Limit), RejectReason::Accepted);
}

#[test]
fn a_market_order_into_a_torn_book_is_outside_the_collar() {
    assert_eq!(answer_in(|_| (), OrderKind::Market), RejectReason::Accepted);
    let torn = |market: &mut MarketState| market.ask = Some(Level::new(6_200_000, 1));
    assert_eq!(answer_in(torn, OrderKind::Market), RejectReason::PriceCollar);
}

#[test]
fn the_position_limit_counts_all_working_orders_of_the_side() {
    let buy = |position, open| {
        answer_with(Side::Buy, |exposure| {
            exposure.position = Quantity(position);
            exposure.open_buy = Quantity(open);
            exposure.open_sell = Quantity(1_000_000);
        })
    };
    assert_eq!(buy(100_000, 40_000), RejectReason::Accepted);
    assert_eq!(buy(100_000, 40_001), RejectReason::PositionLimit);
    assert_eq!(buy(i64::MAX, i64::MAX), RejectReason::PositionLimit);
    assert_eq!(buy(-500_000, 40_000), RejectReason::Accepted);
    let sell = |position, open| {
        answer_with(Side::Sell, |exposure| {
            exposure.position = Quantity(position);
            exposure.open_sell = Quantity(open);
        })
    };
    assert_eq!(sell(-100_000, 40_000), RejectReason::Accepted);
    assert_eq!(sell(-100_000, 40_001), RejectReason::PositionLimit);
    assert_eq!(sell(i64::MIN, 0), RejectReason::PositionLimit);
}

#[test]
fn a_replacement_may_take_the_last_place() {
    let full = Exposure { open_orders: 3, ..Exposure::default() };
    assert_eq!(answer(&intent(), &market(), &full), RejectReason::TooManyOrders);
    let replacement = OrderIntent { replaces: true, ..intent() };
    assert_eq!(answer(&replacement, &market(), &full), RejectReason::Accepted);
}

#[test]
fn an_order_that_would_meet_an_own_one_is_refused() {
    let sell_at = |price| answer_with(Side::Buy, |exposure| exposure.best_own_sell = Some(Price(price)));
    assert_eq!(sell_at(6_000_000), RejectReason::SelfCross);
    assert_eq!(sell_at(6_000_010), RejectReason::Accepted);
    let buy_at = |price| answer_with(Side::Sell, |exposure| exposure.best_own_buy = Some(Price(price)));
    assert_eq!(buy_at(6_000_000), RejectReason::SelfCross);
    assert_eq!(buy_at(5_999_990), RejectReason::Accepted);
    let market_order = OrderIntent { kind: OrderKind::Market, ..intent() };
    let resting = Exposure { best_own_sell: Some(Price(9_000_000)), ..Exposure::default() };
    assert_eq!(answer(&market_order, &market(), &resting), RejectReason::SelfCross);
}

#[test]
fn refused_orders_take_no_place_in_the_rate_windows() {
    let mut gate = gate();
    let off_tick = OrderIntent { price: Price(6_000_001), ..intent() };
    let none = Exposure::default();
    for _ in 0..100 {
        assert_eq!(gate.check(&off_tick, &market(), &none, NOW), RejectReason::Tick);
    }
    for _ in 0..5 {
        assert_eq!(gate.check(&intent(), &market(), &none, NOW), RejectReason::Accepted);
    }
    assert_eq!(gate.check(&intent(), &market(), &none, NOW), RejectReason::OrderRate);
    assert_eq!(gate.check(&intent(), &market(), &none, NOW.plus(499_999_999)), RejectReason::OrderRate);
}

#[test]
fn orders_of_the_run_before_count_in_the_venues_window() {
    let mut gate = gate();
    gate.count_orders_sent_elsewhere(48, 10_000_000_000, NOW);
    let answers: Vec<_> = (0..3).map(|_| gate.check(&intent(), &market(), &Exposure::default(), NOW)).collect();
    assert_eq!(answers, [RejectReason::Accepted, RejectReason::Accepted, RejectReason::OrderRate]);
}

#[test]
fn a_limit_of_zero_is_named_and_the_old_limits_stay() {
    let mut gate = gate();
    let wrong = RiskLimits { max_position: Quantity(0), ..limits() };
    let error = gate.set_limits(&instrument(), &wrong).expect_err("zero is no limit");
    assert_eq!(error.to_string(), "risk.max_position of BTCUSDT must be above zero");
    assert_eq!(gate.check(&intent(), &market(), &Exposure::default(), NOW), RejectReason::Accepted);
    let rates = RateLimits { max_orders_per_second: 0, ..rates() };
    assert!(matches!(rates.validate(), Err(LimitError::Rate { .. })));
}

proptest! {
    #[test]
    fn no_numbers_make_the_gate_panic(
        price in any::<i64>(), quantity in any::<i64>(), bid in any::<i64>(), ask in any::<i64>(),
        position in any::<i64>(), open in 0..=i64::MAX, own in any::<i64>(), kind in 0u8..3, buys in any::<bool>(),
    ) {
        let intent = OrderIntent {
            instrument: InstrumentId(0),
            side: if buys { Side::Buy } else { Side::Sell },
            kind: OrderKind::from_code(kind).unwrap_or(OrderKind::Limit),
            price: Price(price),
            quantity: Quantity(quantity),
            replaces: false,
        };
        let state = MarketState { bid: Some(Level::new(bid, 1)), ask: Some(Level::new(ask, 1)), ..market() };
        let exposure = Exposure {
            position: Quantity(position),
            open_buy: Quantity(open),
            open_sell: Quantity(open),
            open_orders: 0,
            best_own_buy: Some(Price(own)),
            best_own_sell: Some(Price(own)),
        };
        let _ = answer(&intent, &state, &exposure);
    }
}
