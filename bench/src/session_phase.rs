//! How a load program and its contestants come together: ports out, connections in, session requests answered until
//! standard input says `start`.

use std::io::{BufRead, Error, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::socket::Polled;
use crate::venue_replies::accept_session;

/// The two ports of one contestant.
#[derive(Debug)]
pub struct Doors {
    market: TcpListener,
    orders: TcpListener,
}

impl Doors {
    /// Opens two ephemeral ports on loopback.
    ///
    /// # Errors
    /// The system's.
    pub fn open() -> Result<Self, Error> {
        Ok(Self { market: TcpListener::bind("127.0.0.1:0")?, orders: TcpListener::bind("127.0.0.1:0")? })
    }

    /// Their numbers, for whoever starts the contestant.
    ///
    /// # Errors
    /// The system's.
    pub fn ports(&self) -> Result<Value, Error> {
        let port = |listener: &TcpListener| Ok::<_, Error>(listener.local_addr()?.port());
        Ok(json!({"market": port(&self.market)?, "orders": port(&self.orders)?}))
    }

    /// Waits for the market-data connection.
    ///
    /// # Errors
    /// The system's.
    pub fn accept_market(&self) -> Result<TcpStream, Error> {
        Ok(self.market.accept()?.0)
    }

    /// Waits for the order connection.
    ///
    /// # Errors
    /// The system's.
    pub fn accept_orders(&self) -> Result<Polled, Error> {
        Polled::accept(&self.orders)
    }
}

/// Answers logons and subscriptions on all order connections until a line comes in on standard input, and returns it.
///
/// # Errors
/// A connection's, or that standard input ended.
pub fn serve_until_start(orders: &mut [&mut Polled]) -> Result<String, Error> {
    let lines = standard_input();
    let mut reply = String::new();
    loop {
        for connection in orders.iter_mut() {
            connection.receive()?;
            reply.clear();
            while let Some(line) = connection.line() {
                accept_session(&String::from_utf8_lossy(line), &mut reply);
            }
            connection.send(reply.as_bytes())?;
        }
        match lines.try_recv() {
            Ok(line) => return Ok(line),
            Err(TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(1)),
            Err(TryRecvError::Disconnected) => return Err(Error::other("standard input ended before `start`")),
        }
    }
}

/// Prints one line of JSON.
///
/// # Errors
/// Where standard output is closed.
pub fn tell(value: &Value) -> Result<(), Error> {
    println!("{value}");
    std::io::stdout().flush()
}

/// The lines of standard input, read by a thread of their own.
#[must_use]
pub fn standard_input() -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
