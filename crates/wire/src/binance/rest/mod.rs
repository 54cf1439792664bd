//! Answers of REST, read off the hot path: instruments, orders, balances, fills, time. These may allocate. Numbers are
//! exact decimals here too.

mod account;
mod exchange_info;
mod order_limits;

use serde::Deserialize;
use tercel_types::UtcNanos;

use super::error::WireErrorKind;
use super::numbers;

pub use account::{AssetBalance, RestOrder, RestTrade, parse_account, parse_my_trades, parse_open_orders, parse_order};
pub use exchange_info::parse_exchange_info;
pub use order_limits::{OrderLimit, parse_order_limits};

/// Why an answer of REST could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestError {
    /// Not JSON, or not of the shape that this answer has.
    #[error("{answer}: {message}")]
    Shape {
        /// Which answer.
        answer: &'static str,
        /// What was found where, in the parser's words.
        message: String,
    },
    /// A field whose value cannot be used.
    #[error("{subject}: {field} is {text:?}: {kind}")]
    Field {
        /// The symbol or asset that it belongs to.
        subject: String,
        /// Its name.
        field: &'static str,
        /// Its value.
        text: String,
        /// What is wrong with it.
        kind: WireErrorKind,
    },
    /// A filter that every instrument must have is not there.
    #[error("{symbol}: the venue gives no {filter} filter")]
    MissingFilter {
        /// The instrument.
        symbol: String,
        /// The filter.
        filter: &'static str,
    },
    /// An instrument that was asked for is not in the answer.
    #[error("{0}: the venue has no such instrument; symbols are written like BTCUSDT")]
    UnknownSymbol(String),
}

/// The body of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RestRefusal {
    /// The venue's code, negative.
    pub code: i64,
    /// Its message.
    #[serde(rename = "msg")]
    pub message: String,
}

/// The answer of `GET /api/v3/time`.
///
/// # Errors
/// [`RestError`] says what is wrong.
pub fn parse_server_time(body: &[u8]) -> Result<UtcNanos, RestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        server_time: u64,
    }
    let answer: Answer = read("server time", body)?;
    time("server time", "serverTime", answer.server_time)
}

/// The code and message of a refusal; `None` where the body is something else, such as a proxy's web page.
#[must_use]
pub fn parse_error(body: &[u8]) -> Option<RestRefusal> {
    serde_json::from_slice(body).ok()
}

fn read<'a, T: Deserialize<'a>>(answer: &'static str, body: &'a [u8]) -> Result<T, RestError> {
    serde_json::from_slice(body).map_err(|error| RestError::Shape { answer, message: error.to_string() })
}

fn time(subject: &str, field: &'static str, stamp: u64) -> Result<UtcNanos, RestError> {
    let error = || wrong(subject, field, &stamp.to_string(), WireErrorKind::OutOfRange);
    numbers::venue_time(stamp).ok_or_else(error)
}

fn wrong(subject: &str, field: &'static str, text: &str, kind: WireErrorKind) -> RestError {
    RestError::Field { subject: subject.to_owned(), field, text: text.to_owned(), kind }
}

#[cfg(test)]
mod tests;
