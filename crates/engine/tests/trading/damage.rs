//! Frames that were damaged on their way: nothing that a venue sends brings the engine down.

use tercel_types::{EventKind, Side};

use crate::support::{Execution, Rig, ack, cancel_ack, diff, limit, refusal, status_answer, ticker, trade};

/// How many damaged frames each connection gets.
const FRAMES: usize = 4_000;

/// How many runs with damage of their own there are.
const SEEDS: u64 = 2;

/// How many of them are sent before the engine takes a step.
const FRAMES_A_STEP: usize = 20;

/// Bytes that hurt where they do not belong.
const WRONG: &[u8] = b"0129-.\"{}[],:eEx\\ \xff";

/// Numbers that look random and are the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    /// A frame with up to three faults: a wrong byte, an end that is missing, a piece that is missing or there twice.
    fn damage(&mut self, frame: &str) -> Vec<u8> {
        let mut bytes = frame.as_bytes().to_vec();
        for _ in 0..1 + self.below(3) {
            let (one, other) = (self.below(bytes.len()), self.below(bytes.len()));
            let (start, end) = (one.min(other), one.max(other).min(one.min(other) + 40));
            match self.below(4) {
                0 => {
                    if let Some(byte) = bytes.get_mut(start) {
                        *byte = WRONG[self.below(WRONG.len())];
                    }
                }
                1 => bytes.truncate(start.max(1)),
                2 => drop(bytes.drain(start..end)),
                _ => bytes.extend_from_within(start..end),
            }
        }
        bytes.push(b'\n');
        bytes
    }
}

#[test]
fn no_damaged_frame_makes_the_engine_panic_or_stop_reading() {
    for seed in 1..=SEEDS {
        #[expect(clippy::print_stderr, reason = "a failing run says how to repeat it")]
        {
            eprintln!("seed {seed}");
        }
        survive(seed);
    }
}

fn survive(seed: u64) {
    let mut rig = Rig::trading_with(|config| config.drain_ns = 200_000_000);
    let (_, placed) = rig.place_working(&limit(Side::Buy, 6_000_000, 1_000), 1);
    let order = placed.new_order();
    let report = Execution { order, ..Execution::default() };
    let fill = Execution {
        kind: "TRADE",
        status: "PARTIALLY_FILLED",
        fill: Some(("0.00400000", "60000.00000000", 71)),
        executed: "0.00400000",
        commission: Some(("0.00100000", "BNB")),
        ..report.clone()
    };
    let market = [
        diff(101, 105, &[("60000.05000000", "3.00000000")], &[("60000.10000000", "0.00000000")]),
        ticker(150, ("60000.03000000", "0.50000000"), ("60000.04000000", "0.25000000")),
        trade(9, "60000.00000000", "0.10000000"),
    ];
    assert!(rig.drive().cancel(tercel_execution::OrderHandle::from_code(1_024)).is_ok());
    let cancel = rig.orders.expect("order.cancel");
    let orders = [
        report.frame(),
        fill.frame(),
        ack(&placed, 1),
        cancel_ack(&cancel, 1, "0.00000000"),
        status_answer(&cancel, 1, "NEW", "0.00000000"),
        refusal(&cancel, 400, -2011, "Unknown order sent."),
    ];
    let mut random = Random(seed);
    for count in 0..FRAMES {
        rig.market.send_raw(&random.damage(&market[count % market.len()]));
        rig.orders.send_raw(&random.damage(&orders[count % orders.len()]));
        if count % FRAMES_A_STEP == 0 {
            rig.step();
        }
    }
    rig.hear_orders();
    rig.market.send(&trade(u64::from(u32::MAX), "60000.00000000", "0.10000000"));
    rig.expect_event("the last trade", |event| event.kind == EventKind::Trade && event.id == u64::from(u32::MAX));
    assert!(rig.engine.shared().counters.malformed.get() > FRAMES as u64, "most of them cannot be read");
    rig.engine.stop();
    rig.expect_kind(EventKind::Drained);
    rig.summary();
}
