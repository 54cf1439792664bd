//! Market streams: `/ws…` carries raw messages, `/stream` wraps each with its stream's name.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::Uri;
use axum::response::Response;
use futures_util::SinkExt as _;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use crate::auth::{Plus, percent_decode};
use crate::engine::{Command, SUBSCRIBER_QUEUE_FRAMES, StreamCommand, SubscriberId};
use crate::market_data::StreamFrame;

use super::heartbeat::{Dead, Heartbeat};
use super::params::Params;
use super::{Doors, MESSAGE_BYTES_MAX, written};

/// The most streams of one connection.
const STREAMS_MAX: usize = 1_024;

/// How many frames are written before the socket is flushed.
const FRAMES_IN_A_ROW: usize = 64;

#[derive(Deserialize)]
struct Control<'a> {
    method: &'a str,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
}

struct Connection {
    doors: Arc<Doors>,
    id: SubscriberId,
    combined: bool,
    streams: BTreeSet<Arc<str>>,
}

/// Accepts a stream connection. A stream that does not exist is accepted like any other, and stays silent.
pub async fn upgrade(State(doors): State<Arc<Doors>>, uri: Uri, socket: WebSocketUpgrade) -> Response {
    let path = uri.path().trim_end_matches('/');
    let combined = path == "/stream";
    let mut names = Vec::new();
    if combined {
        let params = Params::from_forms(uri.query().unwrap_or_default(), "");
        names.extend(params.get("streams").unwrap_or_default().split('/').map(str::to_owned));
    } else {
        let rest = path.trim_start_matches("/stream").trim_start_matches("/ws");
        names.extend(percent_decode(rest, Plus::Literal).split('/').map(str::to_owned));
    }
    names.retain(|name| name.contains('@'));
    socket.max_message_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| run(doors, socket, combined, names))
}

async fn run(doors: Arc<Doors>, mut socket: WebSocket, combined: bool, names: Vec<String>) {
    let (queue, frames) = mpsc::channel(SUBSCRIBER_QUEUE_FRAMES);
    let (reply, id) = oneshot::channel();
    if doors.engine.send(Command::Stream(StreamCommand::Open(queue, reply))).is_err() {
        return;
    }
    let Ok(id) = id.await else { return };
    let mut connection = Connection { doors, id, combined, streams: BTreeSet::new() };
    connection.subscribe(names);
    let reason = connection.pump(&mut socket, frames).await;
    // The engine thread may be gone already, and so may the client.
    let _ = connection.doors.engine.send(Command::Stream(StreamCommand::Close(id)));
    if let Some((code, reason)) = reason {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        written(socket.send(Message::Close(Some(frame)))).await;
    }
}

type CloseReason = Option<(u16, &'static str)>;

impl Connection {
    /// Carries frames out and control messages in until one side ends; says why the server ends it.
    async fn pump(&mut self, socket: &mut WebSocket, mut frames: mpsc::Receiver<StreamFrame>) -> CloseReason {
        let mut heartbeat = Heartbeat::new();
        loop {
            tokio::select! {
                frame = frames.recv() => {
                    let Some(frame) = frame else {
                        return Some((close_code::POLICY, "the client reads too slowly"));
                    };
                    written(self.write(socket, frame, &mut frames)).await?;
                }
                message = socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let answer = self.control(text.as_str());
                        written(socket.send(Message::text(answer))).await?;
                    }
                    Some(Ok(Message::Pong(payload))) => heartbeat.on_pong(&payload),
                    Some(Ok(Message::Ping(_) | Message::Binary(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                },
                ping = heartbeat.next() => match ping {
                    Ok(ping) => written(socket.send(ping)).await?,
                    Err(Dead) => return Some((close_code::POLICY, "no pong within a minute")),
                },
            }
        }
    }

    /// Writes a frame and those that wait behind it, then flushes once.
    async fn write(
        &self,
        socket: &mut WebSocket,
        frame: StreamFrame,
        frames: &mut mpsc::Receiver<StreamFrame>,
    ) -> Result<(), axum::Error> {
        socket.feed(self.message(frame)).await?;
        for _ in 0..FRAMES_IN_A_ROW {
            let Ok(frame) = frames.try_recv() else { break };
            socket.feed(self.message(frame)).await?;
        }
        socket.flush().await
    }

    fn message(&self, frame: StreamFrame) -> Message {
        if !self.combined {
            return Message::Text(frame.payload);
        }
        let payload = frame.payload.as_str();
        let mut text = String::with_capacity(payload.len() + frame.stream.len() + 24);
        // Writing into a string cannot fail.
        let _ = write!(text, r#"{{"stream":"{}","data":{payload}}}"#, frame.stream);
        Message::text(text)
    }

    fn subscribe(&mut self, names: Vec<String>) {
        let names: Vec<Arc<str>> = names.into_iter().map(|name| canonical(&name)).collect();
        self.streams.extend(names.iter().cloned());
        self.tell(StreamCommand::Subscribe(self.id, names));
    }

    fn tell(&self, command: StreamCommand) {
        // A full or closed command queue also fails the client's next request, where it can be told.
        let _ = self.doors.engine.send(Command::Stream(command));
    }

    fn control(&mut self, text: &str) -> String {
        let control: Control<'_> = match serde_json::from_str(text) {
            Ok(control) => control,
            Err(error) if error.is_data() => return error_json(2, &format!("Invalid request: {error}"), "null"),
            Err(error) => return error_json(3, &format!("Invalid JSON: {error}"), "null"),
        };
        let id = control.id.map_or("null", RawValue::get);
        let params = control.params.map_or("[]", RawValue::get);
        match control.method {
            "SUBSCRIBE" | "UNSUBSCRIBE" => match serde_json::from_str::<Vec<String>>(params) {
                Ok(names) => self.change(control.method == "SUBSCRIBE", names, id),
                Err(_) => error_json(2, "Invalid request: params must be an array of stream names", id),
            },
            "LIST_SUBSCRIPTIONS" => {
                let names: Vec<&str> = self.streams.iter().map(AsRef::as_ref).collect();
                format!(r#"{{"result":{},"id":{id}}}"#, super::render::to_json(&names))
            }
            "SET_PROPERTY" => match serde_json::from_str::<(String, bool)>(params) {
                Ok((name, value)) if name == "combined" => {
                    self.combined = value;
                    format!(r#"{{"result":null,"id":{id}}}"#)
                }
                Ok(_) => error_json(0, "Unknown property", id),
                Err(_) => error_json(1, "Invalid value type: expected Boolean", id),
            },
            "GET_PROPERTY" => match serde_json::from_str::<Vec<String>>(params).as_deref() {
                Ok([name]) if name == "combined" => format!(r#"{{"result":{},"id":{id}}}"#, self.combined),
                _ => error_json(0, "Unknown property", id),
            },
            other => {
                let expected = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`";
                error_json(2, &format!("Invalid request: unknown variant {other}, expected one of {expected}"), id)
            }
        }
    }

    fn change(&mut self, subscribe: bool, names: Vec<String>, id: &str) -> String {
        if subscribe && self.streams.len() + names.len() > STREAMS_MAX {
            return error_json(2, "Invalid request: a connection has at most 1024 streams", id);
        }
        if subscribe {
            self.subscribe(names);
        } else {
            let names: Vec<Arc<str>> = names.into_iter().map(|name| canonical(&name)).collect();
            self.streams.retain(|name| !names.contains(name));
            self.tell(StreamCommand::Unsubscribe(self.id, names));
        }
        format!(r#"{{"result":null,"id":{id}}}"#)
    }
}

/// `depth@1000ms` is another name of `depth`.
fn canonical(name: &str) -> Arc<str> {
    Arc::from(name.strip_suffix("@1000ms").unwrap_or(name))
}

fn error_json(code: u32, message: &str, id: &str) -> String {
    let message = super::render::to_json(&message);
    format!(r#"{{"code":{code},"msg":{message},"id":{id}}}"#)
}
