//! Positions by example, and against a model in rational numbers.

use crate::{Execution, Fee, Position, PositionError, Rate};
use proptest::prelude::*;
use tercel_types::{Asset, Instrument, InstrumentId, Price, Quantity, Side};

fn asset(name: &str) -> Asset {
    Asset::new(name).unwrap_or_default()
}

fn instrument() -> Instrument {
    Instrument {
        id: InstrumentId(0),
        symbol: asset("BTCUSDT"),
        base: asset("BTC"),
        quote: asset("USDT"),
        price_scale: 2,
        quantity_scale: 3,
        tick: Price(1),
        lot: Quantity(1),
        min_price: Price(1),
        max_price: Price(0),
        min_quantity: Quantity(1),
        max_quantity: Quantity(0),
        min_notional: 0,
        max_notional: 0,
    }
}

fn execution(side: Side, price: i64, quantity: i64) -> Execution {
    Execution { side, price: Price(price), quantity: Quantity(quantity), fee: None }
}

fn fee(name: &str, amount: i64) -> Option<Fee> {
    Some(Fee { asset: asset(name), amount, scale: 8, rate: None })
}

fn booked(executions: &[Execution]) -> Position {
    let mut position = Position::new(&instrument());
    for execution in executions {
        position.book(execution).expect("the numbers fit");
    }
    position
}

fn net(position: &Position, bid: i64, ask: i64) -> String {
    position.marked_at(Price(bid), Price(ask)).expect("the numbers fit").net_text().to_string()
}

#[test]
fn buying_and_selling_half_realises_half_of_the_profit() {
    let position = booked(&[execution(Side::Buy, 10_000, 2_000), execution(Side::Sell, 11_000, 1_000)]);
    let pnl = position.marked_at(Price(12_000), Price(12_001)).expect("the numbers fit");
    assert_eq!(position.quantity_text().as_str(), "1");
    assert_eq!(pnl.text(pnl.realised).as_str(), "10");
    assert_eq!(pnl.text(pnl.unrealised).as_str(), "20.005");
    assert_eq!(pnl.net_text().as_str(), "30.005");
    assert_eq!(position.average_price().map(|price| price.to_string()), Some("100".to_owned()));
}

#[test]
fn a_trade_through_zero_closes_the_old_side_and_opens_the_new_one_at_its_price() {
    let position = booked(&[execution(Side::Buy, 10_000, 1_000), execution(Side::Sell, 10_500, 3_000)]);
    assert_eq!(position.quantity(), Quantity(-2_000));
    assert_eq!(position.average_price().map(|price| price.to_string()), Some("105".to_owned()));
    assert_eq!(net(&position, 10_500, 10_500), "5");
    assert_eq!(net(&position, 10_400, 10_400), "7");
}

#[test]
fn a_fee_in_the_base_asset_leaves_less_of_it() {
    let bought = Execution { fee: fee("BTC", 100_000), ..execution(Side::Buy, 10_000, 1_000) };
    let mut position = Position::new(&instrument());
    assert_eq!(position.book(&bought).map(|booked| booked.fee), Ok(10_000));
    assert_eq!(position.quantity_text().as_str(), "0.999");
    assert_eq!(net(&position, 10_000, 10_000), "-0.1");
    assert_eq!(net(&position, 20_000, 20_000), "99.8");
}

#[test]
fn a_fraction_of_a_lot_counts_as_a_whole_lot_against_the_limits() {
    let bought = Execution { fee: fee("BTC", 1), ..execution(Side::Buy, 10_000, 1_000) };
    assert_eq!(booked(&[bought]).quantity(), Quantity(1_000));
    let sold = Execution { fee: fee("BTC", 1), ..execution(Side::Sell, 10_000, 1_000) };
    assert_eq!(booked(&[sold]).quantity(), Quantity(-1_001));
}

#[test]
fn a_fee_in_the_quote_asset_is_taken_from_the_profit_and_a_rebate_added() {
    let bought = Execution { fee: fee("USDT", 10_000_000), ..execution(Side::Buy, 10_000, 1_000) };
    assert_eq!(net(&booked(&[bought]), 10_000, 10_000), "-0.1");
    let rebated = Execution { fee: fee("USDT", -10_000_000), ..execution(Side::Buy, 10_000, 1_000) };
    assert_eq!(net(&booked(&[rebated]), 10_000, 10_000), "0.1");
}

#[test]
fn a_fee_in_a_third_asset_is_converted_where_a_rate_is_known_and_kept_apart_where_not() {
    let with_rate = |rate| {
        let bnb = Fee { asset: asset("BNB"), amount: 100_000, scale: 8, rate };
        booked(&[Execution { fee: Some(bnb), ..execution(Side::Buy, 10_000, 1_000) }])
    };
    let converted = with_rate(Some(Rate { mantissa: 60_000, scale: 2 }));
    assert_eq!(net(&converted, 10_000, 10_000), "-0.6");
    assert_eq!(converted.unconverted_fees().count(), 0);
    let apart = with_rate(None);
    assert_eq!(net(&apart, 10_000, 10_000), "0");
    let sums: Vec<String> = apart.unconverted_fees().map(|fee| format!("{} {}", fee.text(), fee.asset)).collect();
    assert_eq!(sums, ["0.001 BNB"]);
}

#[test]
fn fees_in_too_many_assets_are_refused_and_nothing_is_booked() {
    let mut position = Position::new(&instrument());
    let charged = |index: usize| Execution { fee: fee(&format!("A{index}"), 1), ..execution(Side::Buy, 10_000, 1) };
    for index in 0..8 {
        assert!(position.book(&charged(index)).is_ok());
    }
    assert_eq!(position.book(&charged(8)), Err(PositionError::TooManyFeeAssets));
    assert_eq!(position.quantity(), Quantity(8));
    assert!(position.book(&charged(3)).is_ok());
}

#[test]
fn a_position_taken_over_starts_at_its_price() {
    let position = Position::opening(&instrument(), Quantity(-500), Price(10_000)).expect("the numbers fit");
    assert_eq!(net(&position, 10_000, 10_000), "0");
    assert_eq!(net(&position, 9_000, 9_000), "5");
}

#[test]
fn numbers_that_do_not_fit_are_refused_not_wrapped() {
    let deep = Instrument { price_scale: 18, quantity_scale: 18, ..instrument() };
    let mut position = Position::new(&deep);
    let huge = execution(Side::Buy, i64::MAX, i64::MAX);
    assert_eq!(position.book(&huge), Err(PositionError::Overflow));
    assert_eq!(position.exact_quantity(), 0);
    assert_eq!(position.book(&execution(Side::Buy, 0, 1)), Err(PositionError::NotPositive));
}

/// What a bookkeeper would know without any notion of cost: cash, holdings and fees.
#[derive(Default)]
struct Model {
    quantity: i128,
    cash: i128,
    base_fees: i128,
    quote_fees: i128,
}

impl Model {
    /// In units of 1e-8 base and 1e-11 quote.
    fn book(&mut self, execution: &Execution) {
        let quantity = i128::from(execution.quantity.0) * 100_000 * i128::from(execution.side.sign());
        self.quantity += quantity;
        self.cash -= quantity * i128::from(execution.price.0) * 10;
        match execution.fee {
            Some(fee) if fee.asset == asset("BTC") => self.base_fees += i128::from(fee.amount),
            Some(fee) => self.quote_fees += i128::from(fee.amount) * 1_000,
            None => {}
        }
    }

    fn net(&self, bid: i64, ask: i64) -> i128 {
        let held = self.quantity - self.base_fees;
        self.cash - self.quote_fees + held * (i128::from(bid) + i128::from(ask)) * 5
    }
}

/// A rational number, reduced as it is made: the exact average cost.
#[derive(Clone, Copy)]
struct Fraction {
    over: i128,
    under: i128,
}

impl Fraction {
    fn new(over: i128, under: i128) -> Self {
        let (mut one, mut other) = (over.abs().max(1), under.abs());
        while other != 0 {
            (one, other) = (other, one % other);
        }
        Self { over: over / one, under: under / one }
    }
}

fn executions() -> impl Strategy<Value = Vec<Execution>> {
    let one = (any::<bool>(), 1i64..100_000, 1i64..1_000, 0u8..3, -50i64..500).prop_map(
        |(buys, price, quantity, asset, amount)| {
            let side = if buys { Side::Buy } else { Side::Sell };
            let fee = match asset {
                0 => None,
                1 => fee("BTC", amount),
                _ => fee("USDT", amount),
            };
            Execution { side, price: Price(price), quantity: Quantity(quantity), fee }
        },
    );
    proptest::collection::vec(one, 0..60)
}

proptest! {
    #[test]
    fn the_net_is_cash_and_holdings_to_the_last_digit(all in executions(), bid in 1i64..100_000, spread in 0i64..9) {
        let position = booked(&all);
        let mut model = Model::default();
        all.iter().for_each(|execution| model.book(execution));
        let pnl = position.marked_at(Price(bid), Price(bid + spread)).expect("the numbers fit");
        prop_assert_eq!(pnl.net, model.net(bid, bid + spread));
        prop_assert_eq!(position.exact_quantity(), model.quantity - model.base_fees);
        prop_assert_eq!(pnl.net, pnl.realised + pnl.unrealised - pnl.fees);
        if position.exact_quantity() == 0 {
            prop_assert_eq!(position.cost(), 0);
        }
    }

    #[test]
    fn the_cost_is_within_a_unit_a_trade_of_the_exact_average(
        // Few and small trades, so that the exact fractions stay within their integers.
        all in proptest::collection::vec((any::<bool>(), 1i64..50, 1i64..8), 0..12)
    ) {
        let mut position = Position::new(&instrument());
        let (mut held, mut average) = (0i128, Fraction::new(0, 1));
        for (trades, (buys, price, quantity)) in all.into_iter().enumerate() {
            let side = if buys { Side::Buy } else { Side::Sell };
            position.book(&execution(side, price, quantity)).expect("the numbers fit");
            let signed = i128::from(quantity * side.sign());
            let next = held + signed;
            let price = i128::from(price);
            if held.signum() * signed.signum() >= 0 && next != 0 {
                average = Fraction::new(average.over * held + price * signed * average.under, average.under * next);
            } else if held.signum() * next.signum() < 0 {
                average = Fraction::new(price, 1);
            }
            held = next;
            let exact = average.over * held * 100_000 * 10;
            let difference = (position.cost() * average.under - exact).abs();
            prop_assert!(difference <= (trades as i128 + 1) * average.under.abs(), "{difference} over {}", average.under);
        }
    }
}
