//! Encoding orders for the WebSocket API: on a connection that has logged on, and signed one by one.

use std::hint::black_box;

use crate::beside::{Effort, best_of, timed};
use crate::contestant::Failure;
use crate::venue::instrument;
use tercel_types::{ClientOrderId, OrderKind, Price, Quantity, Side, TimeInForce, UtcNanos};
use tercel_wire::binance::ws_api::{Authority, OrderEncoder, PlaceOrder, ResponseKind};
use tercel_wire::binance::{Credentials, Signer};

use super::Row;

/// Orders of a burst, all different.
const ORDERS: u32 = 2_000;

/// The key of Binance's own documentation.
const DOCUMENTED_KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ja91duEh8A";

/// The row of an order without key and signature.
pub fn logged_on(effort: Effort) -> Result<Row, Failure> {
    encode("order_encode", effort, &Authority::LoggedOn)
}

/// The row of an order with an HMAC signature.
pub fn hmac(effort: Effort) -> Result<Row, Failure> {
    let credentials = Credentials::new(DOCUMENTED_KEY, Signer::hmac(DOCUMENTED_KEY)?, 5_000)?;
    encode("order_encode_hmac", effort, &Authority::Signed(Box::new(credentials)))
}

fn encode(name: &'static str, effort: Effort, authority: &Authority) -> Result<Row, Failure> {
    let encoder = OrderEncoder::new(&instrument()?, ResponseKind::Ack);
    let mut out = [0; OrderEncoder::REQUEST_LENGTH_MAX];
    let mut first = 0u32;
    let mut encode_next = |sequence: u32| {
        let (terms, now) = order(sequence);
        let length = encoder.place(black_box(authority), black_box(&terms), now, &mut out);
        black_box(&out);
        length
    };
    encode_next(0)?;
    let best = best_of(
        effort,
        &mut [Box::new(|| {
            first = first.wrapping_add(ORDERS);
            timed(ORDERS as usize, || {
                for index in 0..ORDERS {
                    let _ = black_box(encode_next(first.wrapping_add(index)));
                }
            })
        })],
    );
    Ok(Row::new(name, "ns an order", &best, &[]))
}

fn order(sequence: u32) -> (PlaceOrder, UtcNanos) {
    let terms = PlaceOrder {
        client_order_id: ClientOrderId::new(7, sequence),
        side: if sequence.is_multiple_of(2) { Side::Buy } else { Side::Sell },
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Gtc,
        price: Price(6_183_763 + i64::from(sequence % 1_009)),
        quantity: Quantity(1_000 * i64::from(sequence % 4_001 + 1)),
    };
    (terms, UtcNanos(1_723_161_255_208_000_000 + i64::from(sequence) * 1_000_000))
}
