//! An engine and a venue whose every word is scripted, both on the test's own thread.
//!
//! Sockets on the loopback address hold what was sent until the other end looks, so a test can write a venue's frames and
//! then let the engine take its steps. Only connecting needs a second thread, because it waits for answers.

mod body;
mod frames;
mod rig;
mod setup;
mod venue;

pub use body::{OpenOrderBody, TradeBody, list, snapshot};
pub use frames::{Execution, ack, cancel_ack, diff, refusal, status_answer, ticker, trade};
pub use rig::Rig;
pub use setup::{API_KEY, SECRET, config, limit};
pub use venue::{Line, Request, listen};

use std::time::Duration;

/// How long anything may take. Generous, because nothing is measured here: it only keeps a failing test from hanging.
pub const PATIENCE: Duration = Duration::from_secs(30);
