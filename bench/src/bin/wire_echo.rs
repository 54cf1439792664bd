//! The bare echo that wire-to-wire figures are measured against: it waits for a frame on one socket and sends a fixed
//! order of the same size as the engine's on another, polling both in the way of the engine and doing nothing else.
//!
//! Usage: `wire_echo MARKET_PORT ORDERS_PORT`; runs until the peer closes.

use std::io::Error;
use std::net::TcpStream;

use tercel_bench::socket::Polled;

/// An order of the engine as it goes on the wire, newline included.
const ORDER: &[u8] = b"{\"id\":\"ptc0000000100000000\",\"method\":\"order.place\",\"params\":{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"timeInForce\":\"IOC\",\"price\":\"61837.63\",\"quantity\":\"0.00100\",\"newClientOrderId\":\"tc0000000100000000\",\"newOrderRespType\":\"ACK\",\"timestamp\":1723161255342}}\n";

fn main() -> Result<(), Error> {
    let ports: Vec<u16> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let [market, orders] = ports[..] else { return Err(Error::other("usage: wire_echo MARKET_PORT ORDERS_PORT")) };
    let mut market = Polled::new(TcpStream::connect(("127.0.0.1", market))?)?;
    let mut orders = Polled::new(TcpStream::connect(("127.0.0.1", orders))?)?;
    loop {
        if market.receive()? > 0 {
            while market.line().is_some() {
                orders.send(ORDER)?;
            }
        }
        if orders.receive()? > 0 {
            while orders.line().is_some() {}
        }
    }
}
