//! Capture replay as a promise.

use std::path::PathBuf;

use napi::bindgen_prelude::{AsyncTask, Env, Result, Task};
use napi_derive::napi;
use tercel_engine::replay;

use crate::failure;

/// What a replay came to.
#[napi(object)]
pub struct ReplaySummary {
    /// Lines that were decoded.
    pub messages: f64,
    /// Depth diffs among them.
    pub depth_diffs: f64,
    /// Diffs that changed the book.
    pub applied: f64,
    /// Gaps in the update ids.
    pub gaps: f64,
    /// Public trades.
    pub trades: f64,
    /// Best-price messages.
    pub tickers: f64,
    /// How long it took, in milliseconds.
    pub elapsed_ms: f64,
    /// Decoded messages a second.
    pub messages_per_second: f64,
    /// `spot` or `usd-m`.
    pub kind: String,
}

/// A replay in a pool thread.
pub struct ReplayTask {
    files: Vec<PathBuf>,
    bbo: Option<PathBuf>,
}

impl Task for ReplayTask {
    type Output = replay::ReplaySummary;
    type JsValue = ReplaySummary;

    fn compute(&mut self) -> Result<Self::Output> {
        replay::replay_files(&self.files, self.bbo.as_deref(), |_| {}).map_err(failure)
    }

    fn resolve(&mut self, _env: Env, output: Self::Output) -> Result<ReplaySummary> {
        Ok(ReplaySummary {
            messages: output.messages as f64,
            depth_diffs: output.depth_diffs as f64,
            applied: output.applied as f64,
            gaps: output.gaps as f64,
            trades: output.trades as f64,
            tickers: output.tickers as f64,
            elapsed_ms: output.elapsed_ns as f64 / 1e6,
            messages_per_second: output.messages_per_second,
            kind: output.kind.key().to_owned(),
        })
    }
}

/// Feeds captures through the production decoders into a book, flat out. Writes the best bid and ask after every applied
/// diff to `bbo`, if given.
#[napi(ts_return_type = "Promise<ReplaySummary>")]
pub fn replay(files: Vec<String>, bbo: Option<String>) -> AsyncTask<ReplayTask> {
    AsyncTask::new(ReplayTask { files: files.into_iter().map(PathBuf::from).collect(), bbo: bbo.map(PathBuf::from) })
}
