use tercel_matching::{BookShape, MatchSink, MatchingBook, NewOrder, SelfTrade, Trade};
use tercel_types::{Level, OrderKind, Price, Quantity, Side, TimeInForce};

use super::*;

const SECOND_NS: i64 = 1_000_000_000;
const FLOW: u32 = u32::MAX;

/// Folds everything that the public can see into one number (FNV-1a).
struct Digest(u64);

impl Digest {
    fn fold(&mut self, words: [i64; 3]) {
        for byte in words.into_iter().flat_map(i64::to_le_bytes) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

impl MatchSink for Digest {
    fn trade(&mut self, trade: &Trade) {
        self.fold([trade.price.0, trade.quantity.0, trade.maker_id as i64]);
    }

    fn level_changed(&mut self, side: Side, level: Level) {
        self.fold([side as i64, level.price.0, level.quantity.0]);
    }
}

fn btcusdt() -> FlowMarket {
    let (tick, lot) = (Price(1), Quantity(1));
    FlowMarket { tick, lot, initial_price: Price(6_180_000), notional_scale: 7, owner: FLOW }
}

fn book(tick: i64) -> MatchingBook {
    MatchingBook::new(BookShape { tick: Price(tick), ..BookShape::default() }).unwrap()
}

fn digest_of(seed: u64, seconds: i64) -> u64 {
    let (mut book, mut flow) = (book(1), OrderFlow::new(FITTED, btcusdt(), 1_000, seed));
    let mut digest = Digest(0xcbf2_9ce4_8422_2325);
    while flow.due_ns() < seconds * SECOND_NS {
        digest.fold([flow.due_ns(), 0, 0]);
        flow.act(&mut book, &mut digest);
    }
    digest.0
}

#[test]
fn a_seed_gives_the_same_events_on_every_machine() {
    // The number changes with every fit of the parameters, and with nothing else.
    assert_eq!(digest_of(1, 60), 0x642d_3c38_3db7_e386);
    assert_ne!(digest_of(2, 60), digest_of(1, 60));
}

fn lives(market: FlowMarket, seconds: i64) -> MatchingBook {
    let tick = market.tick.0;
    let (mut book, mut flow) = (book(tick), OrderFlow::new(FITTED, market, 1_000, 3));
    while flow.due_ns() == 0 {
        flow.act(&mut book, &mut ());
    }
    let (mut actions, mut narrow) = (0u64, 0u64);
    while flow.due_ns() < seconds * SECOND_NS {
        flow.act(&mut book, &mut ());
        let (bid, ask) = (book.best_bid().expect("bids").price.0, book.best_ask().expect("asks").price.0);
        assert!(bid < ask, "crossed: {bid} and {ask}");
        assert!(bid > market.initial_price.0 * 9 / 10 && ask < market.initial_price.0 * 11 / 10, "ran away: {bid}");
        assert!(book.order_count() < 16_000);
        actions += 1;
        narrow += u64::from(ask - bid <= 3 * tick);
    }
    assert!(narrow * 10 > actions * 8, "the spread was narrow after {narrow} of {actions} actions");
    book
}

#[test]
fn a_market_lives_for_half_an_hour_without_running_away_or_dry() {
    let book = lives(btcusdt(), 1_800);
    assert!(book.level_count(Side::Buy) > 500 && book.level_count(Side::Sell) > 500);
}

#[test]
fn a_market_with_other_scales_lives_as_well() {
    // Ether at 2,683.50 with a lot of 0.0001, and a coin at 0.4321 whose tick is a fiftieth of a per cent.
    let market = FlowMarket { initial_price: Price(268_350), notional_scale: 6, ..btcusdt() };
    lives(market, 300);
    let market = FlowMarket {
        tick: Price(100),
        lot: Quantity(10),
        initial_price: Price(432_100),
        notional_scale: 7,
        owner: FLOW,
    };
    lives(market, 300);
}

fn sweep(book: &mut MatchingBook, side: Side) {
    let order = NewOrder {
        id: 0,
        owner: 1,
        side,
        kind: OrderKind::Market,
        time_in_force: TimeInForce::Ioc,
        self_trade: SelfTrade::Allow,
        price: Price(0),
        quantity: Quantity(i64::MAX),
    };
    book.place(&order, &mut ()).unwrap();
}

#[test]
fn a_book_that_a_client_has_swept_is_quoted_again_within_a_second() {
    let (mut book, mut flow) = (book(1), OrderFlow::new(FITTED, btcusdt(), 1_000, 5));
    for (seconds, side) in [(10, Side::Buy), (20, Side::Sell)] {
        while flow.due_ns() < seconds * SECOND_NS {
            flow.act(&mut book, &mut ());
        }
        sweep(&mut book, side);
        assert_eq!(book.best(side.opposite()), None);
        while flow.due_ns() < (seconds + 1) * SECOND_NS {
            flow.act(&mut book, &mut ());
        }
        let (bid, ask) = (book.best_bid().unwrap().price.0, book.best_ask().unwrap().price.0);
        assert!(ask - bid < 5_000, "quoted again at {bid} and {ask}");
    }
}

#[test]
fn twice_the_rate_halves_the_time_of_the_same_orders() {
    let act_for = |rate_per_mille: u32| {
        let (mut book, mut flow) = (book(1), OrderFlow::new(FITTED, btcusdt(), rate_per_mille, 9));
        for _ in 0..20_000 {
            flow.act(&mut book, &mut ());
        }
        (flow.due_ns() as f64, book.best_bid())
    };
    let (slow, fast) = (act_for(1_000), act_for(2_000));
    assert_eq!(slow.1, fast.1);
    assert!((slow.0 / fast.0 - 2.0).abs() < 1e-4);
}
