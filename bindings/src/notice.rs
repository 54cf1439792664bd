//! Notices as JavaScript objects.

use napi_derive::napi;
use tercel_engine::notices::{NO_INSTRUMENT, Notice as Native};

/// What the trading thread tells the main thread.
///
/// `kind` is one of `snapshot-needed`, `synchronised`, `gap`, `market-lost`, `orders-lost`, `reconcile-needed`,
/// `orders-ready`, `query-order`, `venue-reject`, `stale`, `malformed`, `log`, `strategy-failed`, `killed`, `drained`,
/// `venue-shutdown`, `warning`, `hung`.
#[napi(object)]
pub struct Notice {
    /// What it is about.
    pub kind: String,
    /// Index of the instrument, or -1.
    pub instrument: i32,
    /// A venue's error code, the level of a log line (0 debug to 3 error), or 0.
    pub code: i32,
    /// The details.
    pub text: String,
    /// UTC milliseconds.
    pub time_ms: f64,
}

impl From<Native> for Notice {
    fn from(notice: Native) -> Self {
        let instrument = if notice.instrument == NO_INSTRUMENT { -1 } else { i32::from(notice.instrument.0) };
        Self {
            kind: notice.kind.key().to_owned(),
            instrument,
            code: notice.code,
            text: notice.text(),
            time_ms: notice.time_ms as f64,
        }
    }
}

impl Notice {
    /// The watchdog found that the worker does not come back.
    pub fn hung() -> Self {
        Self { kind: "hung".to_owned(), instrument: -1, code: 0, text: String::new(), time_ms: 0.0 }
    }
}
