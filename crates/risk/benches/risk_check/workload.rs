//! What the gate is asked: 4,096 different orders, markets and exposures of 16 instruments, in batches.

use std::hint::black_box;

use tercel_risk::{Exposure, KillSwitch, MarketState, OrderIntent, RateLimits, RiskGate, RiskLimits, WindowLimit};
use tercel_types::{Asset, Instrument, InstrumentId, Level, Nanos, OrderKind, Price, Quantity, RejectReason, Side};

/// How many different questions.
pub const CASES: usize = 4096;
/// How many are asked between two looks at the clock.
pub const BATCH: usize = 64;
const INSTRUMENTS: u16 = 16;
/// As far apart as orders of a fast strategy, so that the rate windows move on.
const STEP_NS: i64 = 300_000;

/// One question.
#[derive(Clone, Copy)]
pub struct Case {
    intent: OrderIntent,
    market: MarketState,
    exposure: Exposure,
}

fn instrument(index: u16) -> Instrument {
    let name = |name| Asset::new(name).unwrap_or_default();
    Instrument {
        id: InstrumentId(index),
        symbol: name("BTCUSDT"),
        base: name("BTC"),
        quote: name("USDT"),
        price_scale: 2,
        quantity_scale: 5,
        tick: Price(1 + i64::from(index % 3)),
        lot: Quantity(1 + i64::from(index % 2)),
        min_price: Price(1),
        max_price: Price(100_000_000),
        min_quantity: Quantity(1),
        max_quantity: Quantity(900_000_000),
        min_notional: 50_000_000,
        max_notional: 0,
    }
}

fn limits() -> RiskLimits {
    RiskLimits {
        max_order_quantity: Quantity(1_000_000),
        max_notional: 10_000_000_000_000,
        price_collar_bps: 200,
        max_position: Quantity(10_000_000),
        max_open_orders: 200,
        max_data_age_ns: 500_000_000,
    }
}

/// A gate with limits of every kind.
pub fn gate() -> RiskGate {
    let rates = RateLimits {
        max_orders_per_second: 4_000,
        venue: [
            Some(WindowLimit { orders: 40_000, window_ns: 10_000_000_000 }),
            Some(WindowLimit { orders: 1_000_000_000, window_ns: 86_400_000_000_000 }),
            None,
            None,
        ],
    };
    let instruments: Vec<_> = (0..INSTRUMENTS).map(|index| (instrument(index), limits())).collect();
    let mut gate = RiskGate::new(&instruments, &rates, KillSwitch::new()).expect("the limits are valid");
    gate.set_orders_possible(true);
    gate
}

/// A small generator with a fixed seed: the same cases on every machine.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound) as i64
    }
}

/// About nine in ten orders are sound; the others fail one check or another.
pub fn cases() -> Vec<Case> {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    (0..CASES).map(|_| case(&mut noise)).collect()
}

fn case(noise: &mut Noise) -> Case {
    let index = noise.below(u64::from(INSTRUMENTS)) as u16;
    let (tick, lot) = (instrument(index).tick.0, instrument(index).lot.0);
    let bid = (6_000_000 + noise.below(100_000)) / tick * tick;
    let flaw = noise.below(100);
    let side = if noise.below(2) == 0 { Side::Buy } else { Side::Sell };
    let away = noise.below(500) * tick * -side.sign();
    let price = bid + away + i64::from(flaw == 1) + if flaw == 2 { 600_000 / tick * tick } else { 0 };
    let intent = OrderIntent {
        instrument: InstrumentId(index),
        side,
        kind: if noise.below(20) == 0 { OrderKind::Market } else { OrderKind::PostOnly },
        price: Price(price),
        quantity: Quantity((1_000 + noise.below(100_000)) / lot * lot + if flaw == 3 { 900_000_000 } else { 0 }),
        replaces: noise.below(3) == 0,
    };
    let market = MarketState {
        bid: Some(Level::new(bid, 1 + noise.below(1_000_000))),
        ask: Some(Level::new(bid + tick, 1 + noise.below(1_000_000))),
        synchronised: flaw != 4,
        received: Nanos(0),
    };
    let exposure = Exposure {
        position: Quantity(noise.below(8_000_000) - 4_000_000),
        open_buy: Quantity(noise.below(if flaw == 5 { 20_000_000 } else { 4_000_000 })),
        open_sell: Quantity(noise.below(4_000_000)),
        open_orders: noise.below(190) as u32,
        best_own_buy: (noise.below(2) == 0 && side == Side::Buy || flaw == 6).then_some(Price(price)),
        best_own_sell: (noise.below(2) == 0 && side == Side::Sell || flaw == 7).then_some(Price(price)),
    };
    Case { intent, market, exposure }
}

/// The whole run of one batch: data is always fresh, time goes on.
pub fn check_batch(gate: &mut RiskGate, cases: &[Case], now: &mut Nanos) -> u32 {
    let mut accepted = 0;
    for case in cases {
        *now = now.plus(STEP_NS);
        let market = MarketState { received: *now, ..case.market };
        let reason = gate.check(black_box(&case.intent), &market, &case.exposure, *now);
        accepted += u32::from(reason == RejectReason::Accepted);
    }
    accepted
}
