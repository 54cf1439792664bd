//! Single steps of the engine beside their peers, in one process: bursts in turn, the best of each kept.
//!
//! Usage: `steps --capture FILE --frames-out FILE --snapshot-out FILE [--only NAME,NAME] [--effort-ms N]`. Prints one line
//! of JSON with the rows. The frames are written too, a line each, for the peers that live in Node.

mod books;
mod decoding;
mod encoding;
mod rings;
mod risk;

use std::time::Duration;

use crate::arguments::Arguments;
use crate::beside::Effort;
use crate::contestant::Failure;
use crate::frames::Frames;
use crate::session_phase::tell;
use serde_json::{Value, json};

/// The fewest bursts of a contender.
const BURSTS_MIN: usize = 10;

/// What one comparison came to, in nanoseconds an operation.
struct Row {
    name: &'static str,
    unit: &'static str,
    value: f64,
    peers: Vec<(&'static str, f64)>,
}

/// Measures one row.
type Measure<'a> = &'a dyn Fn() -> Result<Row, Failure>;

impl Row {
    /// Of the best times of ours and of the named peers, in that order.
    fn new(name: &'static str, unit: &'static str, best: &[f64], peers: &[&'static str]) -> Self {
        let times = best.iter().skip(1).copied();
        Self {
            name,
            unit,
            value: best.first().copied().unwrap_or(f64::NAN),
            peers: peers.iter().copied().zip(times).collect(),
        }
    }

    fn to_json(&self) -> Value {
        let peers: serde_json::Map<_, _> =
            self.peers.iter().map(|&(name, time)| (name.to_owned(), json!(time))).collect();
        json!({"name": self.name, "unit": self.unit, "value": self.value, "peers": peers})
    }
}

/// Measures the steps that are wanted.
///
/// # Errors
/// Where contenders disagree about what comes out, or the options.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let only: Option<Vec<&str>> = arguments.text("--only").map(|names| names.split(',').collect());
    let wanted = |name: &str| only.as_ref().is_none_or(|names| names.contains(&name));
    let effort =
        Effort { bursts_min: BURSTS_MIN, time_max: Duration::from_millis(arguments.number("--effort-ms", 4_000)?) };
    let frames = Frames::load(&arguments.path("--capture")?)?.folded_to_one_kilobyte();
    let texts = frames.texts();
    std::fs::write(arguments.path("--frames-out")?, texts.join(&b'\n'))?;
    std::fs::write(arguments.path("--snapshot-out")?, &frames.snapshot)?;

    let measures: [(&str, Measure<'_>); 9] = [
        ("binance_depth_decode", &|| decoding::depth(effort, &texts)),
        ("l2_update", &|| Ok(books::level_update(effort))),
        ("ccxt_book", &|| books::decode_and_apply(effort, &frames, &texts)),
        ("order_encode", &|| encoding::logged_on(effort)),
        ("order_encode_hmac", &|| encoding::hmac(effort)),
        ("risk_check", &|| Ok(risk::check(effort))),
        ("spsc_single", &|| Ok(rings::single(effort))),
        ("spsc_batch", &|| Ok(rings::batch(effort))),
        ("clock_read", &|| Ok(clock_read())),
    ];
    let rows = measures.iter().filter(|(name, _)| wanted(name)).map(|(_, measure)| Ok(measure()?.to_json()));
    let rows: Vec<Value> = rows.collect::<Result<_, Failure>>()?;
    Ok(tell(&json!({"rows": rows, "recorded": frames.recorded, "frames": texts.len()}))?)
}

/// What a stage time has in it of the measuring itself.
fn clock_read() -> Row {
    Row::new("clock_read", "ns", &[tercel_clock::Clock::new().read_cost_ns()], &[])
}
