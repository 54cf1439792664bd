//! Own orders in recorded markets: scenarios, and properties over made-up recordings.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tercel_fill::{
    Fill, FillModel, FillRefusal, Liquidity, OwnOrder, Placed, Proportional, QueueModel, RecordedBook, RecordedTrade,
    RiskAverse,
};
use tercel_types::{Level, OrderKind, Price, Quantity, Side, TimeInForce};

#[derive(Clone, Default)]
struct Book {
    sides: [BTreeMap<i64, i64>; 2],
}

impl Book {
    fn new(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Self {
        Self { sides: [bids.iter().copied().collect(), asks.iter().copied().collect()] }
    }

    fn set(&mut self, side: Side, price: i64, quantity: i64) -> i64 {
        let levels = &mut self.sides[side as usize];
        let before = if quantity == 0 { levels.remove(&price) } else { levels.insert(price, quantity) };
        before.unwrap_or(0)
    }
}

impl RecordedBook for Book {
    fn best(&self, side: Side) -> Option<Level> {
        self.levels(side).next()
    }

    fn quantity_at(&self, side: Side, price: Price) -> Quantity {
        Quantity(self.sides[side as usize].get(&price.0).copied().unwrap_or(0))
    }

    fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        let mut levels: Vec<Level> = self.sides[side as usize].iter().map(|(&p, &q)| Level::new(p, q)).collect();
        levels.sort_by_key(|level| -level.price.0 * side.sign());
        levels.into_iter()
    }
}

fn order(id: u64, side: Side, price: i64, quantity: i64) -> OwnOrder {
    let (price, quantity) = (Price(price), Quantity(quantity));
    OwnOrder { id, side, kind: OrderKind::Limit, time_in_force: TimeInForce::Gtc, price, quantity }
}

fn trade(price: i64, quantity: i64, aggressor: Side) -> RecordedTrade {
    RecordedTrade { price: Price(price), quantity: Quantity(quantity), aggressor }
}

fn market() -> Book {
    Book::new(&[(99, 10), (98, 20)], &[(101, 10), (102, 20)])
}

fn ids_and_quantities(fills: &[Fill]) -> Vec<(u64, i64, i64)> {
    fills.iter().map(|fill| (fill.id, fill.price.0, fill.quantity.0)).collect()
}

#[test]
fn an_order_waits_until_the_queue_ahead_has_traded() {
    let mut model = FillModel::new(RiskAverse, 8);
    let mut fills = Vec::new();
    let mut sink = |fill: &Fill| fills.push(*fill);
    model.place(&order(1, Side::Buy, 99, 5), &market(), &mut sink).unwrap();
    model.on_trade(&trade(99, 9, Side::Sell), &mut sink);
    model.on_trade(&trade(99, 3, Side::Sell), &mut sink);
    model.on_trade(&trade(99, 100, Side::Sell), &mut sink);
    assert_eq!(ids_and_quantities(&fills), [(1, 99, 2), (1, 99, 3)]);
    assert!(fills.iter().all(|fill| fill.liquidity == Liquidity::Maker));
    assert_eq!(model.orders().count(), 0);
}

#[test]
fn two_own_orders_share_a_trade_in_the_order_of_their_arrival() {
    let mut model = FillModel::new(RiskAverse, 8);
    let mut fills = Vec::new();
    let mut sink = |fill: &Fill| fills.push(*fill);
    model.place(&order(1, Side::Buy, 99, 5), &market(), &mut sink).unwrap();
    model.place(&order(2, Side::Buy, 99, 5), &market(), &mut sink).unwrap();
    model.on_trade(&trade(99, 17, Side::Sell), &mut sink);
    assert_eq!(ids_and_quantities(&fills), [(1, 99, 5), (2, 99, 2)]);
}

#[test]
fn a_trade_on_the_other_side_of_the_book_moves_no_queue() {
    let mut model = FillModel::new(RiskAverse, 8);
    let mut sink = |fill: &Fill| panic!("{fill:?}");
    model.place(&order(1, Side::Buy, 99, 5), &market(), &mut sink).unwrap();
    model.on_trade(&trade(101, 1_000, Side::Buy), &mut sink);
    assert_eq!(model.orders().next().unwrap().ahead, Quantity(10));
}

#[test]
fn a_taker_gets_the_levels_quantities_and_the_rest_joins_the_queue() {
    let mut model = FillModel::new(RiskAverse, 8);
    let mut fills = Vec::new();
    let mut sink = |fill: &Fill| fills.push(*fill);
    let placed = model.place(&order(1, Side::Buy, 101, 15), &market(), &mut sink).unwrap();
    assert_eq!(placed, Placed { executed: Quantity(10), resting: Quantity(5) });
    assert_eq!((fills[0].liquidity, fills[0].leaves), (Liquidity::Taker, Quantity(5)));
}

#[test]
fn what_was_taken_is_not_there_again_until_the_recording_changes_the_level() {
    let mut model = FillModel::new(RiskAverse, 8);
    let mut sink = |_: &Fill| ();
    let immediate = OwnOrder { time_in_force: TimeInForce::Ioc, ..order(1, Side::Buy, 101, 8) };
    assert_eq!(model.place(&immediate, &market(), &mut sink).unwrap().executed, Quantity(8));
    assert_eq!(model.place(&immediate, &market(), &mut sink).unwrap().executed, Quantity(2));
    let kill = OwnOrder { time_in_force: TimeInForce::Fok, ..immediate };
    assert_eq!(model.place(&kill, &market(), &mut sink).unwrap(), Placed::default());
    model.on_level(Side::Sell, Price(101), Quantity(10), Quantity(9));
    assert_eq!(model.place(&kill, &market(), &mut sink).unwrap().executed, Quantity(8));
}

#[test]
fn a_market_order_by_quote_amount_buys_whole_lots() {
    let mut model = FillModel::new(RiskAverse, 8);
    let mut fills = Vec::new();
    let mut sink = |fill: &Fill| fills.push(*fill);
    let placed = model.place_market_by_quote(&order(1, Side::Buy, 0, 0), 1_500, Quantity(2), &market(), &mut sink);
    // Ten at 101 leave 490, which is two lots of two at 102.
    assert_eq!(placed.unwrap().executed, Quantity(14));
    assert_eq!(ids_and_quantities(&fills), [(1, 101, 10), (1, 102, 4)]);
}

#[test]
fn refused_orders_change_nothing() {
    let mut model = FillModel::new(RiskAverse, 1);
    let mut sink = |fill: &Fill| panic!("{fill:?}");
    let post_only = OwnOrder { kind: OrderKind::PostOnly, ..order(1, Side::Sell, 99, 1) };
    assert_eq!(model.place(&post_only, &market(), &mut sink), Err(FillRefusal::WouldCross));
    assert_eq!(model.place(&order(1, Side::Buy, 99, 0), &market(), &mut sink), Err(FillRefusal::NoQuantity));
    model.place(&order(1, Side::Buy, 99, 1), &market(), &mut sink).unwrap();
    assert_eq!(model.place(&order(2, Side::Buy, 98, 1), &market(), &mut sink), Err(FillRefusal::Full));
    assert_eq!(model.cancel(2), None);
    assert!(!model.reduce_to(1, Quantity(1)));
    assert_eq!(model.cancel(1), Some(Quantity(1)));
}

#[derive(Clone, Debug)]
enum Step {
    Place(OwnOrder),
    Cancel(u64),
    Trade(RecordedTrade),
    Level(Side, i64, i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let side = || prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let kind = prop_oneof![Just(OrderKind::Limit), Just(OrderKind::Market), Just(OrderKind::PostOnly)];
    let force = prop_oneof![Just(TimeInForce::Gtc), Just(TimeInForce::Ioc), Just(TimeInForce::Fok)];
    let place = (side(), kind, force, 90i64..110, 1i64..30).prop_map(|(side, kind, time_in_force, price, quantity)| {
        Step::Place(OwnOrder { kind, time_in_force, ..order(0, side, price, quantity) })
    });
    let step = prop_oneof![
        2 => place,
        1 => (0u64..60).prop_map(Step::Cancel),
        3 => (90i64..110, 1i64..40, side()).prop_map(|(price, quantity, side)| Step::Trade(trade(price, quantity, side))),
        4 => (side(), 0i64..10, 0i64..50).prop_map(|(side, far, quantity)| {
            Step::Level(side, if side == Side::Buy { 99 - far } else { 101 + far }, quantity)
        }),
    ];
    proptest::collection::vec(step, 1..80)
}

fn keeps_its_promises(queue: impl QueueModel, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut model = FillModel::new(queue, 64);
    let mut book = market();
    let mut unfilled: BTreeMap<u64, i64> = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        let before: Vec<_> = model.orders().collect();
        let mut fills: Vec<Fill> = Vec::new();
        let mut sink = |fill: &Fill| fills.push(*fill);
        match step {
            Step::Place(order) => {
                let order = OwnOrder { id: number as u64, ..*order };
                unfilled.insert(order.id, order.quantity.0);
                if let Ok(placed) = model.place(&order, &book, &mut sink) {
                    prop_assert_eq!(placed.executed.0, fills.iter().map(|fill| fill.quantity.0).sum::<i64>());
                    let whole = placed.executed == order.quantity;
                    prop_assert!(order.time_in_force != TimeInForce::Fok || whole || fills.is_empty());
                }
            }
            Step::Cancel(id) => {
                model.cancel(*id);
            }
            Step::Trade(trade) => {
                model.on_trade(trade, &mut sink);
                let through = |price: i64, side: Side| (price - trade.price.0) * side.sign() > 0;
                prop_assert!(model.orders().all(|order| !through(order.price.0, order.side)));
                let at_price: i64 = fills
                    .iter()
                    .filter(|fill| fill.price == trade.price && fill.side != trade.aggressor)
                    .map(|fill| fill.quantity.0)
                    .sum();
                prop_assert!(at_price <= trade.quantity.0);
            }
            Step::Level(side, price, quantity) => {
                let old = book.set(*side, *price, *quantity);
                model.on_level(*side, Price(*price), Quantity(old), Quantity(*quantity));
                model.on_top(book.best(Side::Buy), book.best(Side::Sell), &mut sink);
            }
        }
        for fill in &fills {
            let left = unfilled.get_mut(&fill.id).unwrap();
            *left -= fill.quantity.0;
            prop_assert!(fill.quantity.0 > 0 && *left == fill.leaves.0 && *left >= 0);
        }
        for order in model.orders() {
            prop_assert!(order.ahead.0 >= 0 && order.leaves.0 > 0);
            if let Some(earlier) = before.iter().find(|earlier| earlier.id == order.id) {
                prop_assert!(order.ahead <= earlier.ahead && order.leaves <= earlier.leaves);
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn filled_never_exceeds_the_order_and_trades_through_always_fill(steps in steps(), power in 1u32..=3) {
        keeps_its_promises(RiskAverse, &steps)?;
        keeps_its_promises(Proportional::new(power).unwrap(), &steps)?;
    }
}
