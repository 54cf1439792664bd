//! Pings and the pongs that must answer them.

use std::time::{Duration, Instant};

use axum::extract::ws::Message;
use tokio::time::{Interval, interval};

use super::now_us;

/// The server pings each WebSocket connection this often.
const PING_EVERY: Duration = Duration::from_secs(20);

/// A connection without a matching pong for this long is closed.
const PONG_WITHIN: Duration = Duration::from_secs(60);

/// One connection's pings.
pub(super) struct Heartbeat {
    pings: Interval,
    expected: String,
    heard: Instant,
}

/// No matching pong came in time.
pub(super) struct Dead;

impl Heartbeat {
    /// Of a connection that was made just now; the first ping comes after the interval.
    pub(super) fn new() -> Self {
        let mut pings = interval(PING_EVERY);
        pings.reset();
        Self { pings, expected: String::new(), heard: Instant::now() }
    }

    /// Waits for the next ping's time and gives the ping: the time in milliseconds, as the venue sends it.
    pub(super) async fn next(&mut self) -> Result<Message, Dead> {
        self.pings.tick().await;
        if self.heard.elapsed() > PONG_WITHIN {
            return Err(Dead);
        }
        self.expected = (now_us() / 1_000).to_string();
        Ok(Message::Ping(self.expected.clone().into_bytes().into()))
    }

    /// A pong came; one that repeats another payload than the last ping's does not count.
    pub(super) fn on_pong(&mut self, payload: &[u8]) {
        if payload == self.expected.as_bytes() {
            self.heard = Instant::now();
        }
    }
}
