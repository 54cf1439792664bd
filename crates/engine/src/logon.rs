//! Makes an order connection ready: logs on with Ed25519 keys, subscribes to the account's events. Blocks, so it runs on
//! a cold thread.

use std::time::Instant;

use tercel_types::UtcNanos;
use tercel_wire::binance::ws_api::{
    self, Authority, EncodeError, ReplyOutcome, RequestKind, WsApiMessage, encode_logon, encode_subscribe,
};
use tercel_wire::binance::{KeyError, WireError};

use crate::config::ApiKey;
use crate::connect::{OpenError, OpenRequest, open};
use crate::connection::{Arrival, Connection, Loss};

/// Why an order connection did not become ready. No text shows a key.
#[derive(Debug, thiserror::Error)]
pub enum LogonError {
    /// There is no connection.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The key is wrong.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The request does not fit a frame.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The connection ended meanwhile.
    #[error("{0} while logging on")]
    Lost(Loss),
    /// An answer that cannot be read.
    #[error("the answer to the logon cannot be read: {0}")]
    Answer(#[from] WireError),
    /// The venue refused.
    #[error("the venue refused to {what}: {message} ({code}){fix}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// The venue's words.
        message: String,
        /// The venue's code.
        code: i64,
        /// What to do, where the code says it.
        fix: &'static str,
    },
    /// No answer in time.
    #[error("no answer to the {0} before the deadline")]
    TimedOut(&'static str),
}

/// Opens an order connection and makes it ready. `clock_offset_ns` is the venue's clock minus ours; `utc` tells ours.
///
/// # Errors
/// [`LogonError`] says which step failed and why.
pub fn open_order_connection(
    request: &OpenRequest<'_>,
    key: &ApiKey,
    utc: impl Fn() -> UtcNanos,
) -> Result<Connection, LogonError> {
    let (stream, session) = open(request)?;
    let mut connection = Connection::new(stream, session);
    let deadline = request.deadline;
    if key.logs_on() {
        let length = encode_logon(&key.credentials()?, 0, utc(), connection.session.frame_buffer())?;
        ask(&mut connection, length, RequestKind::Logon, "log on", deadline)?;
    }
    let authority = if key.logs_on() { Authority::LoggedOn } else { Authority::Signed(Box::new(key.credentials()?)) };
    let length = encode_subscribe(&authority, 0, utc(), connection.session.frame_buffer())?;
    ask(&mut connection, length, RequestKind::Subscribe, "subscribe to account events", deadline)?;
    Ok(connection)
}

fn ask(
    connection: &mut Connection,
    length: usize,
    kind: RequestKind,
    what: &'static str,
    deadline: Instant,
) -> Result<(), LogonError> {
    connection.send_text(length).map_err(LogonError::Lost)?;
    loop {
        while let Some(message) = connection.session.next().map_err(|error| LogonError::Lost(Loss::Protocol(error)))? {
            let WsApiMessage::Reply(reply) = ws_api::decode(message.payload, |_| None)? else { continue };
            if reply.id.is_some_and(|id| id.kind != kind) {
                continue;
            }
            return match reply.outcome {
                ReplyOutcome::Refused(refusal) => Err(LogonError::Refused {
                    what,
                    message: String::from_utf8_lossy(refusal.message).into_owned(),
                    code: refusal.code,
                    fix: fix_for(refusal.code),
                }),
                _ => Ok(()),
            };
        }
        connection.answer().map_err(LogonError::Lost)?;
        connection.flush().map_err(LogonError::Lost)?;
        match connection.receive() {
            Arrival::Bytes { .. } => {}
            Arrival::Nothing if connection.wait_readable(deadline) => {}
            Arrival::Nothing => return Err(LogonError::TimedOut(what)),
            Arrival::Lost(loss) => return Err(LogonError::Lost(loss)),
        }
    }
}

const fn fix_for(code: i64) -> &'static str {
    match code {
        -1021 => "; check this machine's clock, or raise venue.recv_window_ms",
        -1022 => "; the secret does not belong to the API key",
        -2014 | -2015 => "; check the API key, its IP allow-list and its permissions",
        _ => "",
    }
}
