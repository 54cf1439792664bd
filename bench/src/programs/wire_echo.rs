//! The bare echo that wire-to-wire figures are measured against: it waits for a frame on one socket and sends a fixed
//! order of the same size as the engine's on another, polling both in the way of the engine and doing nothing else.
//!
//! Usage: `wire-echo --market PORT --orders PORT [--cpu CPU]`; runs until the peer closes.

use std::convert::Infallible;
use std::io::{Error, ErrorKind};
use std::net::TcpStream;

use crate::arguments::Arguments;
use crate::contestant::Failure;
use crate::socket::Polled;
use crate::venue::order_line;

/// Runs the echo.
///
/// # Errors
/// A connection's, but for its end.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let connect = |name: &str| -> Result<Polled, Failure> {
        Ok(Polled::new(TcpStream::connect(("127.0.0.1", arguments.number(name, 0)?))?)?)
    };
    let (mut market, mut orders) = (connect("--market")?, connect("--orders")?);
    if arguments.text("--cpu").is_some() {
        tercel_host::pin_current_thread(arguments.number("--cpu", 0)?)?;
    }
    let order = order_line()?;
    println!("{{\"ready\":true}}");
    match echo(&mut market, &mut orders, &order) {
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(never) => match never {},
    }
}

/// Runs until a connection ends.
fn echo(market: &mut Polled, orders: &mut Polled, order: &[u8]) -> Result<Infallible, Error> {
    loop {
        if market.receive()? > 0 {
            while market.line().is_some() {
                orders.send(order)?;
            }
        }
        if orders.receive()? > 0 {
            while orders.line().is_some() {}
        }
    }
}
