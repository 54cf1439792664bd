//! The one instrument that all measurements are about.

use tercel_types::{ClientOrderId, Instrument, OrderKind, Price, Quantity, Side, TimeInForce, UtcNanos};
use tercel_wire::binance::rest::{RestError, parse_exchange_info};
use tercel_wire::binance::ws_api::{Authority, OrderEncoder, PlaceOrder, ResponseKind};

/// The symbol of every frame and every order.
pub const SYMBOL: &str = "BTCUSDT";

/// Body of `GET /api/v3/exchangeInfo`: the instrument's current filters, and no limits on the rate of orders.
pub const EXCHANGE_INFO: &str = include_str!("../exchange_info.json");

/// Decimals of a price in frames and in the reference book.
pub const PRICE_SCALE: u8 = 2;

/// Decimals of a quantity in frames and in the reference book.
pub const QUANTITY_SCALE: u8 = 8;

/// The instrument as the engine has it.
///
/// # Errors
/// Where the body above is wrong.
pub fn instrument() -> Result<Instrument, RestError> {
    let found = parse_exchange_info(EXCHANGE_INFO.as_bytes(), &[SYMBOL])?;
    found.into_iter().next().ok_or_else(|| RestError::UnknownSymbol(SYMBOL.to_owned()))
}

/// The quantity of every order: a thousandth.
pub const ORDER_QUANTITY: Quantity = Quantity(100_000);

/// An order as the engine writes it, newline included: what the echo answers with, so that it sends as many bytes.
///
/// # Errors
/// Where the instrument is wrong.
pub fn order_line() -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let encoder = OrderEncoder::new(&instrument()?, ResponseKind::Ack);
    let order = PlaceOrder {
        client_order_id: ClientOrderId::new(1, 1),
        side: Side::Buy,
        kind: OrderKind::Limit,
        time_in_force: TimeInForce::Ioc,
        price: Price(6_183_763),
        quantity: ORDER_QUANTITY,
    };
    let mut line = vec![0; OrderEncoder::REQUEST_LENGTH_MAX];
    let length = encoder.place(&Authority::LoggedOn, &order, UtcNanos(1_723_161_255_208_000_000), &mut line)?;
    line.truncate(length);
    line.push(b'\n');
    Ok(line)
}
