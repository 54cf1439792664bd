//! Sends the capture's own mix of messages at a fixed rate for a minute and says what the book must be at the end.
//!
//! Messages go over plain TCP, one a line, or over WebSocket. Ids are rewritten, so that the recording can be repeated
//! without a gap. Like `wire_load` it prints its ports, answers the session requests of the order connection, waits for
//! `start` on standard input, and prints one line of JSON at the end. It keeps its sockets open until standard input ends.

use std::io::{Error, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::contestant::Failure;
use crate::frames::{FrameKind, Frames};
use crate::session_phase::{Doors, serve_until_start, tell};
use crate::socket::Polled;
use serde_json::json;
use tercel_session::websocket::ServerHandshake;

/// The most messages sent in one write, so that a generator that was held up does not send one huge burst.
const BURST: u64 = 64;

struct Report {
    messages: u64,
    bytes: u64,
    behind: Duration,
    elapsed: Duration,
}

/// Runs the load.
///
/// # Errors
/// The engine's connection, or the options.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (rate, seconds) = (arguments.number("--rate", 100_000)?, arguments.number("--seconds", 60)?);
    let websocket = arguments.text("--framing") == Some("websocket");
    let frames = Frames::load(&arguments.path("--capture")?)?;
    std::fs::write(arguments.path("--snapshot-out")?, &frames.snapshot)?;

    let doors = Doors::open()?;
    tell(&doors.ports()?)?;
    let mut market = doors.accept_market()?;
    if websocket {
        upgrade(&mut market)?;
    }
    let (mut market, mut orders) = (Polled::new(market)?, doors.accept_orders()?);
    serve_until_start(&mut [&mut orders])?;

    let report = send(&mut market, &frames, rate, rate * seconds, websocket)?;
    tell(&json!({
        "recorded": frames.recorded,
        "messages": report.messages,
        "bytes": report.bytes,
        "behind_ms_max": report.behind.as_millis() as u64,
        "elapsed_ms": report.elapsed.as_millis() as u64,
        "book": frames.book_after(report.messages).digest().to_text(),
    }))?;
    // Whoever started this ends it once everything has been read.
    Ok(std::io::stdin().read_to_end(&mut Vec::new()).map(drop)?)
}

fn upgrade(stream: &mut TcpStream) -> Result<(), Error> {
    let mut received = Vec::new();
    loop {
        let mut chunk = [0u8; 4096];
        let size = stream.read(&mut chunk)?;
        received.extend_from_slice(&chunk[..size]);
        let accepted = ServerHandshake::read(&received).map_err(|_| Error::other("not a WebSocket upgrade"))?;
        match accepted {
            Some(accepted) => return stream.write_all(&accepted.response),
            None if size == 0 => return Err(Error::other("the peer closed during the upgrade")),
            None => {}
        }
    }
}

fn send(market: &mut Polled, frames: &Frames, rate: u64, total: u64, websocket: bool) -> Result<Report, Error> {
    let interval_ns = 1_000_000_000 / rate;
    let mut report = Report { messages: 0, bytes: 0, behind: Duration::ZERO, elapsed: Duration::ZERO };
    let mut update_id = 0;
    let (mut burst, mut frame) = (Vec::with_capacity(1 << 20), Vec::with_capacity(1 << 16));
    let mut rounds = frames.templates.iter().cycle();
    let start = Instant::now();
    while report.messages < total {
        let elapsed = start.elapsed();
        let due = (elapsed.as_nanos() as u64 / interval_ns).min(total);
        if due <= report.messages {
            std::hint::spin_loop();
            continue;
        }
        let behind = elapsed.saturating_sub(Duration::from_nanos(report.messages * interval_ns));
        report.behind = report.behind.max(behind);
        burst.clear();
        for template in rounds.by_ref().take((due - report.messages).min(BURST) as usize) {
            update_id += u64::from(matches!(template.kind, FrameKind::Diff(_)));
            frame.clear();
            let id = if template.kind == FrameKind::Trade { report.messages } else { update_id };
            template.write(update_id, id, &mut frame);
            append(&mut burst, &frame, websocket);
            report.messages += 1;
        }
        report.bytes += burst.len() as u64;
        market.send(&burst)?;
    }
    report.elapsed = start.elapsed();
    Ok(report)
}

/// Frames a message: a line, or an unmasked text frame of a server.
fn append(burst: &mut Vec<u8>, frame: &[u8], websocket: bool) {
    if !websocket {
        burst.extend_from_slice(frame);
        burst.push(b'\n');
        return;
    }
    burst.push(0x81);
    match frame.len() {
        length @ ..=125 => burst.push(length as u8),
        length @ 126..=0xffff => {
            burst.push(126);
            burst.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            burst.push(127);
            burst.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    burst.extend_from_slice(frame);
}
