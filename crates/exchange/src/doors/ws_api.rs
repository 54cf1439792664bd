//! The WebSocket API: requests in, replies and user events out, on one connection.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::Uri;
use axum::response::Response;
use futures_util::SinkExt as _;

use crate::engine::{ApiInbox, ApiMessage, ApiQueue};

use super::heartbeat::{Dead, Heartbeat};
use super::params::Params;
use super::user_events::notice_json;
use super::ws_session::Session;
use super::{Doors, MESSAGE_BYTES_MAX, written};

/// How many replies and events may wait for a client before its connection is ended.
const QUEUE_MESSAGES: usize = 16_384;

/// How many requests of one connection may be under way; more are not read before some are answered.
const IN_FLIGHT_MAX: usize = 1_024;

/// How many messages are written before the socket is flushed.
const MESSAGES_IN_A_ROW: usize = 64;

/// What connecting weighs.
const CONNECT_WEIGHT: u32 = 2;

/// Accepts a connection.
pub async fn upgrade(State(doors): State<Arc<Doors>>, uri: Uri, socket: WebSocketUpgrade) -> Response {
    let params = Params::from_forms(uri.query().unwrap_or_default(), "");
    let show_limits = params.get("returnRateLimits") != Some("false");
    // A connection over the limit is accepted; its first request is refused, which says more than a failed upgrade.
    let _ = doors.weight.take(CONNECT_WEIGHT, super::now_us() / 1_000);
    socket.max_message_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| run(doors, socket, show_limits))
}

async fn run(doors: Arc<Doors>, mut socket: WebSocket, show_limits: bool) {
    let (queue, inbox) = ApiQueue::new(QUEUE_MESSAGES);
    let mut session = Session::new(doors, queue, show_limits);
    let reason = pump(&mut session, &mut socket, inbox).await;
    session.close();
    if let Some((code, reason)) = reason {
        let reason = Utf8Bytes::from_static(reason);
        // The client may be gone already.
        written(socket.send(Message::Close(Some(CloseFrame { code, reason })))).await;
    }
}

/// Carries messages until one side ends; says why the server ends it.
async fn pump(session: &mut Session, socket: &mut WebSocket, mut inbox: ApiInbox) -> Option<(u16, &'static str)> {
    let mut heartbeat = Heartbeat::new();
    loop {
        tokio::select! {
            message = inbox.messages.recv() => {
                // The session holds a sender, so the queue never closes by itself.
                let message = message?;
                written(write_all(session, socket, message, &mut inbox)).await?;
                if inbox.is_overflowed() {
                    return Some((close_code::POLICY, "the client reads too slowly"));
                }
            }
            message = socket.recv(), if session.in_flight() < IN_FLIGHT_MAX => match message {
                Some(Ok(Message::Text(text))) => {
                    if let Some(reply) = session.on_request(text.as_str()) {
                        written(socket.send(Message::text(reply))).await?;
                    }
                }
                Some(Ok(Message::Pong(payload))) => heartbeat.on_pong(&payload),
                Some(Ok(Message::Ping(_))) => {}
                Some(Ok(Message::Binary(_))) => return Some((close_code::UNSUPPORTED, "requests are JSON text")),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            },
            ping = heartbeat.next() => match ping {
                Ok(ping) => written(socket.send(ping)).await?,
                Err(Dead) => return Some((close_code::POLICY, "no pong within a minute")),
            },
        }
    }
}

/// Writes a message and those that wait behind it, then flushes once.
async fn write_all(
    session: &mut Session,
    socket: &mut WebSocket,
    message: ApiMessage,
    inbox: &mut ApiInbox,
) -> Result<(), axum::Error> {
    socket.feed(write(session, message)).await?;
    for _ in 0..MESSAGES_IN_A_ROW {
        let Ok(message) = inbox.messages.try_recv() else { break };
        socket.feed(write(session, message)).await?;
    }
    socket.flush().await
}

fn write(session: &mut Session, message: ApiMessage) -> Message {
    Message::text(match message {
        ApiMessage::Reply(ticket, served) => session.on_served(ticket, &served),
        ApiMessage::Notice(subscription, notice) => notice_json(session.listing(), subscription, &notice),
    })
}
