//! Our framing against tungstenite's, both ways, with the byte stream split anywhere.

use proptest::prelude::*;
use std::io::{Cursor, Read, Write};
use tercel_session::{Framing, MessageKind, Role, Session, SessionOptions};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::{Message, WebSocket};

const OPTIONS: SessionOptions =
    SessionOptions { receive_capacity: 96 << 10, message_capacity: 256 << 10, frame_capacity: 80 << 10, mask_seed: 3 };

/// A peer's socket: reads what we sent, keeps what it writes.
struct Wire {
    incoming: Cursor<Vec<u8>>,
    written: Vec<u8>,
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self.incoming.read(into)? {
            0 => Err(std::io::ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn peer(role: Role, incoming: Vec<u8>) -> WebSocket<Wire> {
    let role = match role {
        Role::Client => tungstenite::protocol::Role::Client,
        Role::Server => tungstenite::protocol::Role::Server,
    };
    let wire = Wire { incoming: Cursor::new(incoming), written: Vec::new() };
    WebSocket::from_raw_socket(wire, role, Some(WebSocketConfig::default()))
}

fn other(role: Role) -> Role {
    if role == Role::Client { Role::Server } else { Role::Client }
}

/// What is sent: a message in pieces, with a ping before each further piece.
#[derive(Debug, Clone)]
struct Script {
    is_text: bool,
    pieces: Vec<Vec<u8>>,
    ping: Option<Vec<u8>>,
}

fn script() -> impl Strategy<Value = Script> {
    let letters = |sizes| prop::collection::vec(prop::num::u8::ANY.prop_map(|byte| b'a' + byte % 26), sizes);
    let piece = prop_oneof![4 => letters(0..200), 1 => letters(65_530..65_540)];
    (any::<bool>(), prop::collection::vec(piece, 1..4), prop::option::of(letters(0..126)))
        .prop_map(|(is_text, pieces, ping)| Script { is_text, pieces, ping })
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1usize..4, 1usize..5000], 1..50)
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Client), Just(Role::Server)]
}

fn write_by_peer(role: Role, scripts: &[Script]) -> Vec<u8> {
    let mut socket = peer(role, Vec::new());
    for Script { is_text, pieces, ping } in scripts {
        for (index, piece) in pieces.iter().enumerate() {
            let opcode = match (index, is_text) {
                (0, true) => Data::Text,
                (0, false) => Data::Binary,
                _ => Data::Continue,
            };
            let frame = Frame::message(piece.clone(), OpCode::Data(opcode), index + 1 == pieces.len());
            socket.send(Message::Frame(frame)).unwrap();
            if let Some(ping) = ping {
                socket.send(Message::Ping(ping.clone().into())).unwrap();
            }
        }
    }
    socket.get_mut().written.clone()
}

/// The messages of the scripts in the order in which they end.
fn expected(scripts: &[Script]) -> Vec<(MessageKind, Vec<u8>)> {
    let mut messages = Vec::new();
    for Script { is_text, pieces, ping } in scripts {
        let kind = if *is_text { MessageKind::Text } else { MessageKind::Binary };
        let pings = || ping.iter().map(|ping| (MessageKind::Ping, ping.clone()));
        for _ in 1..pieces.len() {
            messages.extend(pings());
        }
        messages.push((kind, pieces.concat()));
        messages.extend(pings());
    }
    messages
}

/// Feeds the stream in pieces of these sizes and returns messages and the replies they caused.
fn read_in_pieces(session: &mut Session, stream: &[u8], cuts: &[usize]) -> (Vec<(MessageKind, Vec<u8>)>, Vec<u8>) {
    let (mut messages, mut replies) = (Vec::new(), Vec::new());
    let mut rest = stream;
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let space = session.receive_space();
        let count = cuts.next().unwrap().min(&rest.len()).min(&space.len()).to_owned();
        assert!(count > 0, "a drained session always has space");
        space[..count].copy_from_slice(&rest[..count]);
        session.received(count);
        rest = &rest[count..];
        while let Some(message) = session.next().unwrap() {
            messages.push((message.kind, message.payload.to_vec()));
            if let Some(reply) = session.take_reply() {
                replies.extend_from_slice(reply);
            }
        }
    }
    (messages, replies)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn we_read_what_tungstenite_writes(
        role in role(),
        scripts in prop::collection::vec(script(), 1..4),
        cuts in cuts(),
    ) {
        let stream = write_by_peer(other(role), &scripts);
        let mut session = Session::new(Framing::WebSocket, role, &OPTIONS);
        let (messages, replies) = read_in_pieces(&mut session, &stream, &cuts);
        prop_assert_eq!(&messages, &expected(&scripts));

        let mut socket = peer(other(role), replies);
        for (_, ping) in messages.iter().filter(|(kind, _)| *kind == MessageKind::Ping) {
            prop_assert_eq!(socket.read().unwrap(), Message::Pong(ping.clone().into()));
        }
    }

    #[test]
    fn tungstenite_reads_what_we_write(
        role in role(),
        payloads in prop::collection::vec((any::<bool>(), prop::collection::vec(b'a'..=b'z', 0..70_000)), 1..6),
    ) {
        let mut session = Session::new(Framing::WebSocket, role, &OPTIONS);
        let mut stream = Vec::new();
        for (is_text, payload) in &payloads {
            session.frame_buffer()[..payload.len()].copy_from_slice(payload);
            let length = payload.len();
            stream.extend_from_slice(if *is_text { session.seal_text(length) } else { session.seal_binary(length) });
        }
        stream.extend_from_slice(session.seal_close(tercel_session::CloseCode::NORMAL));
        let mut socket = peer(other(role), stream);
        for (is_text, payload) in payloads {
            let message = socket.read().unwrap();
            prop_assert_eq!(message.is_text(), is_text);
            prop_assert_eq!(message.into_data(), payload);
        }
        prop_assert!(socket.read().unwrap().is_close());
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_an_error_stays(
        role in role(),
        is_line in any::<bool>(),
        stream in prop::collection::vec(prop_oneof![any::<u8>(), Just(0x81u8), Just(0x01), Just(0x00), Just(0x88), Just(0x89)], 0..400),
        cuts in prop::collection::vec(1usize..20, 1..10),
    ) {
        let options = SessionOptions { receive_capacity: 64, message_capacity: 32, frame_capacity: 16, mask_seed: 1 };
        let framing = if is_line { Framing::Line } else { Framing::WebSocket };
        let mut session = Session::new(framing, role, &options);
        let mut rest = stream.as_slice();
        let mut cuts = cuts.iter().cycle();
        let mut failed = None;
        while !rest.is_empty() && failed.is_none() && !session.is_closed_by_peer() {
            let space = session.receive_space();
            prop_assert!(!space.is_empty());
            let count = *cuts.next().unwrap().min(&rest.len()).min(&space.len());
            space[..count].copy_from_slice(&rest[..count]);
            session.received(count);
            rest = &rest[count..];
            loop {
                match session.next() {
                    Ok(Some(message)) => prop_assert!(message.payload.len() <= 64),
                    Ok(None) => break,
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
                session.take_reply();
            }
        }
        if let Some(error) = failed {
            prop_assert_eq!(session.next(), Err(error));
            prop_assert!(error.close_code().may_be_sent());
        }
    }
}

#[test]
fn every_single_split_of_a_stream_yields_the_same_messages() {
    let scripts = [
        Script { is_text: true, pieces: vec![b"one".to_vec(), vec![b'x'; 300]], ping: Some(b"p".to_vec()) },
        Script { is_text: false, pieces: vec![vec![7; 130]], ping: None },
    ];
    for role in [Role::Client, Role::Server] {
        let stream = write_by_peer(other(role), &scripts);
        for cut in 1..stream.len() {
            let mut session = Session::new(Framing::WebSocket, role, &OPTIONS);
            let (messages, _) = read_in_pieces(&mut session, &stream, &[cut, stream.len()]);
            assert_eq!(messages, expected(&scripts), "split at {cut}");
        }
    }
}
