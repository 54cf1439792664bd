//! A market maker in Rust, for decisions under a microsecond: the `Strategy` trait has the callbacks of the TypeScript API.
//!
//! ```text
//! cargo run --release -p tercel-engine --example native_maker -- [SECONDS]
//! ```
//!
//! Starts the exchange in a box in this process, connects to it over real sockets (WebSocket, Ed25519 logon) as it would
//! to Binance, quotes both sides for ten seconds or as many as are given, has its orders cancelled and confirmed, and
//! prints what came of it. Read `maker.rs` for the strategy; `session.rs` is what the command line does for a strategy in
//! TypeScript: configuration, connecting, snapshots, stopping.

mod maker;
mod session;

use std::io::{Write as _, stdout};
use std::time::Duration;

use session::{Failure, trade};
use tercel_engine::summary::Summary;

/// How long it trades unless told otherwise.
const SECONDS: u64 = 10;

fn main() -> Result<(), Failure> {
    let seconds = match std::env::args().nth(1) {
        Some(text) => text.parse().map_err(|_| format!("{text:?} is no number of seconds"))?,
        None => SECONDS,
    };
    let summary = trade(Duration::from_secs(seconds))?;
    report(&summary)?;
    if summary.orders_left > 0 {
        return Err(format!("{} orders are not confirmed gone", summary.orders_left).into());
    }
    Ok(())
}

fn report(summary: &Summary) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{} messages, {} gaps", summary.messages, summary.gaps)?;
    writeln!(
        out,
        "{} orders, {} fills, {} refused by the venue",
        summary.orders, summary.fills, summary.venue_rejects
    )?;
    for (reason, count) in &summary.risk_rejects {
        writeln!(out, "{count} refused before sending: {} ({})", reason.key(), reason.fix())?;
    }
    for result in &summary.instruments {
        let (symbol, base, quote) = (&result.symbol, &result.base, &result.quote);
        writeln!(out, "{symbol}: position {} {base}, net {} {quote}", result.position, result.pnl)?;
    }
    for (stage, figures) in &summary.stages {
        if let Some(figures) = figures {
            writeln!(out, "{:>8}: p50 {:>6} ns, p99 {:>7} ns", stage.key(), figures.p50, figures.p99)?;
        }
    }
    writeln!(out, "{} allocations on the trading thread", summary.allocations)
}
