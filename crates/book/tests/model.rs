//! The book against a model that cannot be wrong: a `BTreeMap` a side.

use proptest::prelude::*;
use std::collections::BTreeMap;
use tercel_book::{Kept, L2Book, LadderConfig, WINDOW_LEVELS_MIN};
use tercel_types::{Level, Price, Quantity, Side};

const TICK: i64 = 25;

#[derive(Default)]
struct Model {
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
}

impl Model {
    fn set(&mut self, side: Side, level: Level) {
        let levels = if side == Side::Buy { &mut self.bids } else { &mut self.asks };
        if level.quantity.0 > 0 {
            levels.insert(level.price.0, level.quantity.0);
        } else {
            levels.remove(&level.price.0);
        }
    }

    fn best_first(&self, side: Side) -> Vec<Level> {
        let level = |(&price, &quantity): (&i64, &i64)| Level::new(price, quantity);
        match side {
            Side::Buy => self.bids.iter().rev().map(level).collect(),
            Side::Sell => self.asks.iter().map(level).collect(),
        }
    }
}

fn assert_same(book: &L2Book, model: &Model) {
    for side in [Side::Buy, Side::Sell] {
        let expected = model.best_first(side);
        assert_eq!(book.levels(side).collect::<Vec<_>>(), expected);
        assert_eq!(book.level_count(side), expected.len());
        let best = if side == Side::Buy { book.best_bid() } else { book.best_ask() };
        assert_eq!(best, expected.first().copied());
        let mut depth = [Level::default(); 20];
        let count = book.depth(side, &mut depth);
        assert_eq!(depth[..count], expected[..expected.len().min(20)]);
        for level in expected {
            assert_eq!(book.quantity_at(side, level.price), level.quantity);
        }
    }
}

/// A market that wanders and jumps, so that windows move both ways and overflow levels come back.
#[derive(Clone, Debug)]
enum Step {
    Set { side: Side, ticks_from_market: i64, off_tick: i64, quantity: i64 },
    RemoveBest(Side),
    Jump(i64),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let distance = prop_oneof![
        6 => -50i64..50,
        3 => -40_000i64..40_000,
        1 => -3_000_000i64..3_000_000,
    ];
    let off_tick = prop_oneof![9 => Just(0i64), 1 => 1..TICK];
    prop_oneof![
        40 => (side.clone(), distance, off_tick, prop_oneof![1 => Just(0i64), 1 => 1i64..1_000_000])
            .prop_map(|(side, ticks_from_market, off_tick, quantity)| Step::Set { side, ticks_from_market, off_tick, quantity }),
        20 => side.prop_map(Step::RemoveBest),
        2 => (-200_000i64..200_000).prop_map(Step::Jump),
        1 => Just(Step::Clear),
    ]
}

fn run(steps: Vec<Step>) {
    let config = LadderConfig::new(Price(TICK), WINDOW_LEVELS_MIN).unwrap();
    let mut book = L2Book::new(config);
    let mut model = Model::default();
    let mut market = 1_000_000i64;
    for step in steps {
        match step {
            Step::Set { side, ticks_from_market, off_tick, quantity } => {
                let level = Level::new((market + ticks_from_market) * TICK + off_tick, quantity);
                model.set(side, level);
                assert_eq!(book.apply(side, &[level]), Kept::Everything);
            }
            Step::RemoveBest(side) => {
                let Some(best) = model.best_first(side).first().copied() else { continue };
                let gone = Level { quantity: Quantity::ZERO, ..best };
                model.set(side, gone);
                assert_eq!(book.apply(side, &[gone]), Kept::Everything);
            }
            Step::Jump(ticks) => market = (market + ticks).max(10),
            Step::Clear => {
                model = Model::default();
                book.clear();
            }
        }
        assert_same(&book, &model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn the_book_is_what_a_tree_map_is_however_the_market_moves(steps in proptest::collection::vec(step(), 1..400)) {
        run(steps);
    }

    #[test]
    fn a_snapshot_in_any_order_is_the_same_book(
        bids in proptest::collection::btree_map(1i64..5_000_000, 1i64..1_000, 0..300),
        asks in proptest::collection::btree_map(1i64..5_000_000, 1i64..1_000, 0..300),
        shuffle in any::<u64>(),
    ) {
        let levels = |of: &BTreeMap<i64, i64>| {
            let mut levels: Vec<_> = of.iter().map(|(&price, &quantity)| Level::new(price, quantity)).collect();
            levels.sort_by_key(|level| (level.price.0 as u64).wrapping_mul(shuffle | 1));
            levels
        };
        let mut book = L2Book::new(LadderConfig::new(Price(TICK), WINDOW_LEVELS_MIN).unwrap());
        let _ = book.apply(Side::Sell, &[Level::new(77, 1)]);
        prop_assert_eq!(book.load_snapshot(&levels(&bids), &levels(&asks)), Kept::Everything);
        assert_same(&book, &Model { bids, asks });
    }
}

#[test]
fn prices_at_the_ends_of_the_range_are_kept_exactly() {
    let mut book = L2Book::new(LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).unwrap());
    let mut model = Model::default();
    for side in [Side::Buy, Side::Sell] {
        for price in [i64::MAX, i64::MAX - 1, 1 << 62, (1 << 62) + 1, 0, 1, -1, -5, i64::MIN + 1] {
            let level = Level::new(price, 3);
            model.set(side, level);
            assert_eq!(book.apply(side, &[level]), Kept::Everything);
            assert_same(&book, &model);
        }
    }
}

#[test]
fn a_lone_stray_price_does_not_drag_the_window_away() {
    let mut book = L2Book::new(LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).unwrap());
    let market: Vec<_> = (0..1_000).map(|index| Level::new(1_000_000 - index, 1)).collect();
    assert_eq!(book.apply(Side::Buy, &market), Kept::Everything);
    let moves = book.window_moves();
    for _ in 0..100 {
        assert_eq!(book.apply(Side::Buy, &[Level::new(900_000_000, 1)]), Kept::Everything);
        assert_eq!(book.best_bid(), Some(Level::new(900_000_000, 1)));
        assert_eq!(book.apply(Side::Buy, &[Level::new(900_000_000, 0)]), Kept::Everything);
        assert_eq!(book.best_bid(), Some(Level::new(1_000_000, 1)));
    }
    assert_eq!(book.window_moves(), moves);
    assert_eq!(book.overflow_count(Side::Buy), 0);
}

#[test]
fn the_window_follows_a_market_that_rises_and_falls() {
    let mut book = L2Book::new(LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).unwrap());
    let mut model = Model::default();
    let rising = 1_000_000..2_000_000i64;
    let falling = (1_000_000..2_000_000i64).rev();
    for price in rising.chain(falling).step_by(997) {
        for (side, distance) in [(Side::Buy, -1), (Side::Sell, 1)] {
            let level = Level::new(price + distance, price);
            model.set(side, level);
            assert_eq!(book.apply(side, &[level]), Kept::Everything);
            while let Some(worst) =
                model.best_first(side).first().copied().filter(|best| (best.price.0 - price) * side.sign() > 0)
            {
                let gone = Level { quantity: Quantity::ZERO, ..worst };
                model.set(side, gone);
                assert_eq!(book.apply(side, &[gone]), Kept::Everything);
            }
        }
    }
    assert_same(&book, &model);
    assert!(book.window_moves() > 20, "the window moved {} times", book.window_moves());
    assert!(book.window_moves() < 200, "the window moved {} times", book.window_moves());
}

#[test]
fn a_full_overflow_list_drops_the_worst_and_says_how_many() {
    let config = LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).unwrap().with_overflow_levels(4);
    let mut book = L2Book::new(config);
    let far: Vec<_> = (0..6).map(|index| Level::new(100_000 + index, 1)).collect();
    assert_eq!(book.apply(Side::Buy, &[Level::new(10_000_000, 1)]), Kept::Everything);
    assert_eq!(book.apply(Side::Buy, &far), Kept::DroppedWorst(2));
    assert_eq!(book.dropped_levels(), 2);
    assert_eq!(book.quantity_at(Side::Buy, Price(100_001)), Quantity::ZERO);
    assert_eq!(book.quantity_at(Side::Buy, Price(100_002)), Quantity(1));
}

#[test]
fn a_crossed_book_is_stored_as_it_is() {
    let mut book = L2Book::new(LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).unwrap());
    assert_eq!(book.load_snapshot(&[Level::new(101, 1)], &[Level::new(100, 2)]), Kept::Everything);
    assert!(book.is_crossed());
    assert_eq!((book.best_bid(), book.best_ask()), (Some(Level::new(101, 1)), Some(Level::new(100, 2))));
}

#[test]
fn a_budget_buys_the_largest_window_that_fits() {
    let small = LadderConfig::for_budget(Price(1), 0).unwrap();
    let large = LadderConfig::for_budget(Price(1), usize::MAX).unwrap();
    assert_eq!(small, LadderConfig::new(Price(1), 1 << 16).unwrap());
    assert_eq!(large, LadderConfig::new(Price(1), 1 << 20).unwrap());
    let middle = LadderConfig::for_budget(Price(1), 8 << 20).unwrap();
    assert!(middle.bytes() <= 8 << 20);
    assert_eq!(middle, LadderConfig::new(Price(1), 1 << 18).unwrap());
    assert!(LadderConfig::new(Price(0), 1 << 16).is_err());
    assert!(LadderConfig::new(Price(1), 100_000).is_err());
}
