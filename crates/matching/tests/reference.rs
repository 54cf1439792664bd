//! The book against a model of it that is plain lists, searched from the start every time.

mod model;

use model::{Event, Model, Recorder};
use proptest::prelude::*;
use tercel_matching::{BookShape, MatchingBook, NewOrder, OrderHandle, QuoteBudget, SelfTrade};
use tercel_types::{Level, OrderKind, Price, Quantity, Side, TimeInForce};

const TICK: i64 = 5;

#[derive(Clone, Debug)]
enum Step {
    Place(NewOrder),
    PlaceByQuote(NewOrder, QuoteBudget),
    /// The handles are chosen among all that were ever issued, so that dead ones are tried too.
    Cancel(usize),
    ReduceTo(usize, i64),
}

fn order() -> impl Strategy<Value = NewOrder> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let kind = prop_oneof![6 => Just(OrderKind::Limit), 1 => Just(OrderKind::Market), 2 => Just(OrderKind::PostOnly)];
    let time_in_force =
        prop_oneof![6 => Just(TimeInForce::Gtc), 1 => Just(TimeInForce::Ioc), 2 => Just(TimeInForce::Fok)];
    let self_trade = prop_oneof![
        3 => Just(SelfTrade::Allow),
        1 => Just(SelfTrade::ExpireTaker),
        1 => Just(SelfTrade::ExpireMaker),
        1 => Just(SelfTrade::ExpireBoth),
        1 => Just(SelfTrade::Decrement),
    ];
    // Mostly around the touch, sometimes outside the window of 64 ticks, rarely off tick or not positive.
    let price = prop_oneof![
        12 => (190i64..210).prop_map(|ticks| ticks * TICK),
        3 => (1i64..1_000).prop_map(|ticks| ticks * TICK),
        1 => -3i64..3_000,
    ];
    (side, kind, time_in_force, self_trade, price, -1i64..40, 0u32..4).prop_map(
        |(side, kind, time_in_force, self_trade, price, quantity, owner)| NewOrder {
            id: 0,
            owner,
            side,
            kind,
            time_in_force,
            self_trade,
            price: Price(price),
            quantity: Quantity(quantity),
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let budget = (-1i128..60_000, 0i64..4).prop_map(|(amount, lot)| QuoteBudget { amount, lot: Quantity(lot) });
    prop_oneof![
        8 => order().prop_map(Step::Place),
        1 => (order(), budget).prop_map(|(order, budget)| Step::PlaceByQuote(order, budget)),
        4 => any::<usize>().prop_map(Step::Cancel),
        2 => (any::<usize>(), -1i64..30).prop_map(|(which, leaves)| Step::ReduceTo(which, leaves)),
    ]
}

fn chosen(handles: &[(OrderHandle, u64)], which: usize) -> Option<(OrderHandle, u64)> {
    (!handles.is_empty()).then(|| handles[which % handles.len()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_book_tells_the_same_events_as_the_model(steps in proptest::collection::vec(step(), 1..150)) {
        let shape = BookShape { tick: Price(TICK), order_capacity: 48, level_capacity: 24, window_levels: 64 };
        let mut book = MatchingBook::new(shape).unwrap();
        let mut model = Model::new(TICK, 48, 24);
        let mut recorder = Recorder::default();
        for (number, step) in steps.into_iter().enumerate() {
            let id = number as u64 + 1;
            match step {
                Step::Place(order) => {
                    let order = NewOrder { id, ..order };
                    let placed = book.place(&order, &mut recorder);
                    let expected = model.place(&order);
                    let placed = placed.map(|placed| (placed.executed.0, placed.resting.0));
                    prop_assert_eq!(placed, expected, "{:?}", order);
                }
                Step::PlaceByQuote(order, budget) => {
                    let order = NewOrder { id, ..order };
                    let placed = book.place_market_by_quote(&order, budget, &mut recorder);
                    prop_assert_eq!(placed.map(|placed| placed.executed.0), model.place_by_quote(&order, budget));
                }
                Step::Cancel(which) => {
                    if let Some((handle, id)) = chosen(&recorder.handles, which) {
                        let left = book.cancel(handle, &mut recorder).map(|order| order.leaves.0);
                        prop_assert_eq!(left, model.cancel(id));
                        prop_assert!(book.order(handle).is_none());
                    }
                }
                Step::ReduceTo(which, leaves) => {
                    if let Some((handle, id)) = chosen(&recorder.handles, which) {
                        let left = book.reduce_to(handle, Quantity(leaves), &mut recorder).map(|order| order.leaves.0);
                        prop_assert_eq!(left, model.reduce_to(id, leaves));
                    }
                }
            }
            prop_assert_eq!(&recorder.events, &model.events);
            recorder.events.clear();
            model.events.clear();
            same_state(&book, &model)?;
        }
    }
}

fn same_state(book: &MatchingBook, model: &Model) -> Result<(), TestCaseError> {
    for side in [Side::Buy, Side::Sell] {
        let levels: Vec<Level> = book.levels(side).collect();
        let expected = model.levels(side);
        prop_assert_eq!(&levels, &expected);
        prop_assert_eq!(book.best(side), expected.first().copied());
        prop_assert_eq!(book.level_count(side) as usize, expected.len());
        let mut top = [Level::default(); 3];
        let copied = book.depth(side, &mut top);
        prop_assert_eq!(&top[..copied], &expected[..expected.len().min(3)]);
        for price in (0..1_100).step_by(3) {
            let at = expected.iter().find(|level| level.price.0 == price).map_or(0, |level| level.quantity.0);
            prop_assert_eq!(book.quantity_at(side, Price(price)).0, at);
        }
    }
    prop_assert_eq!(book.order_count() as usize, model.orders.len());
    Ok(())
}

#[test]
fn a_level_that_cannot_hold_more_expires_the_order_instead_of_overflowing() {
    let mut book = MatchingBook::new(BookShape::default()).unwrap();
    let mut recorder = Recorder::default();
    let order = NewOrder {
        id: 1,
        owner: 1,
        side: Side::Buy,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        self_trade: SelfTrade::Allow,
        price: Price(100),
        quantity: Quantity(i64::MAX),
    };
    assert!(book.place(&order, &mut recorder).unwrap().handle.is_some());
    assert!(book.place(&order, &mut recorder).unwrap().handle.is_none());
    assert!(matches!(recorder.events.last(), Some(Event::Removed(_, _, reason)) if reason == "LevelFull"));
    assert_eq!(book.best_bid(), Some(Level::new(100, i64::MAX)));
}
