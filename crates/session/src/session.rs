//! One connection's framing, as the trading thread uses it.

use crate::buffer::ReceiveBuffer;
use crate::error::{CloseCode, SessionError};
use crate::line::LineDecoder;
use crate::message::{Message, MessageKind};
use crate::websocket::{FrameDecoder, FrameEncoder, MAX_CONTROL_PAYLOAD, MaskKeys, Opcode};

/// The longest single frame or line, by default: room for a depth snapshot in one frame.
pub const DEFAULT_RECEIVE_CAPACITY: usize = 1 << 20;
/// The longest message in several frames, by default.
pub const DEFAULT_MESSAGE_CAPACITY: usize = 4 << 20;
/// The longest outgoing payload, by default: far above any order.
pub const DEFAULT_FRAME_CAPACITY: usize = 16 << 10;

/// How messages are told apart in the byte stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// RFC 6455, after the opening handshake.
    WebSocket,
    /// One message a line, ended by a newline.
    Line,
}

/// Which end of a WebSocket connection this is; line framing has no roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Opened the connection; masks what it sends.
    Client,
    /// Accepted the connection.
    Server,
}

/// The sizes and the seed of a session. All memory is taken at construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionOptions {
    /// Bytes of the receive buffer, which bounds a single frame (with its header) or line.
    pub receive_capacity: usize,
    /// Bytes of a fragmented message; line framing does not use it.
    pub message_capacity: usize,
    /// Bytes of an outgoing payload.
    pub frame_capacity: usize,
    /// Seed of the mask keys: random bits from the operating system, or any constant in a test. See [`MaskKeys`].
    pub mask_seed: u64,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            receive_capacity: DEFAULT_RECEIVE_CAPACITY,
            message_capacity: DEFAULT_MESSAGE_CAPACITY,
            frame_capacity: DEFAULT_FRAME_CAPACITY,
            mask_seed: 0,
        }
    }
}

/// One connection: received bytes in, messages out; payloads in, frames out.
///
/// The loop of its user: write into [`receive_space`](Self::receive_space), say how much with
/// [`received`](Self::received), call [`next`](Self::next) until it yields none, then send what
/// [`take_reply`](Self::take_reply) has ready. As long as `next` is drained before each receive, the receive space is
/// never empty.
///
/// ```
/// use tercel_session::{Framing, Role, Session, SessionOptions};
///
/// let options = SessionOptions { receive_capacity: 4096, message_capacity: 4096, ..SessionOptions::default() };
/// let mut client = Session::new(Framing::WebSocket, Role::Client, &options);
/// let mut server = Session::new(Framing::WebSocket, Role::Server, &options);
///
/// client.frame_buffer()[..5].copy_from_slice(b"hello");
/// let frame = client.seal_text(5);
/// server.receive_space()[..frame.len()].copy_from_slice(frame);
/// server.received(frame.len());
/// assert_eq!(server.next()?.map(|message| message.payload), Some(&b"hello"[..]));
/// assert_eq!(server.next()?, None);
/// # Ok::<(), tercel_session::SessionError>(())
/// ```
#[derive(Debug)]
pub struct Session {
    role: Role,
    receive: ReceiveBuffer,
    decoder: Decoder,
    outgoing: FrameEncoder,
    masks: MaskKeys,
    reply: Reply,
}

#[derive(Debug)]
enum Decoder {
    WebSocket(FrameDecoder),
    Line(LineDecoder),
}

/// The one control frame that waits to be sent. A newer ping replaces an older one (RFC 6455 section 5.5.3 asks for an
/// answer to the latest only), a close replaces any pong, so one place is enough.
#[derive(Debug)]
struct Reply {
    frame: FrameEncoder,
    waiting: Option<(Opcode, usize)>,
    close_was_sent: bool,
}

impl Session {
    /// A session after the opening handshake (line framing needs none). Allocates and touches all its memory.
    #[must_use]
    pub fn new(framing: Framing, role: Role, options: &SessionOptions) -> Self {
        let decoder = match framing {
            Framing::WebSocket => Decoder::WebSocket(FrameDecoder::new(role, options.message_capacity)),
            Framing::Line => Decoder::Line(LineDecoder::new()),
        };
        Self {
            role,
            receive: ReceiveBuffer::new(options.receive_capacity),
            decoder,
            outgoing: FrameEncoder::new(options.frame_capacity),
            masks: MaskKeys::new(options.mask_seed),
            reply: Reply { frame: FrameEncoder::new(MAX_CONTROL_PAYLOAD), waiting: None, close_was_sent: false },
        }
    }

    /// The framing this session was made with.
    #[must_use]
    pub fn framing(&self) -> Framing {
        match self.decoder {
            Decoder::WebSocket(_) => Framing::WebSocket,
            Decoder::Line(_) => Framing::Line,
        }
    }

    /// Where the next received bytes go.
    #[inline]
    pub fn receive_space(&mut self) -> &mut [u8] {
        self.receive.spare()
    }

    /// Says that the first `count` bytes of the receive space were filled.
    ///
    /// # Panics
    /// When `count` is larger than that space.
    #[inline]
    pub fn received(&mut self, count: usize) {
        self.receive.advance(count);
    }

    /// The next message, or none until more bytes arrive. A ping or a close has its answer prepared, see
    /// [`take_reply`](Self::take_reply).
    ///
    /// # Errors
    /// The peer's first violation, repeated from then on; close the connection with its code, see
    /// [`seal_close`](Self::seal_close).
    #[expect(
        clippy::should_implement_trait,
        reason = "messages borrow from the session, which Iterator cannot express"
    )]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Message<'_>>, SessionError> {
        let message = match &mut self.decoder {
            Decoder::WebSocket(decoder) => decoder.next(&mut self.receive)?,
            Decoder::Line(decoder) => decoder.next(&mut self.receive)?,
        };
        if let Some(message) = &message {
            self.reply.prepare(message);
        }
        Ok(message)
    }

    /// The bytes that answer the latest ping or the peer's close, once; none when nothing is to be answered.
    #[inline]
    pub fn take_reply(&mut self) -> Option<&[u8]> {
        let (opcode, length) = self.reply.waiting.take()?;
        self.reply.close_was_sent |= opcode == Opcode::Close;
        let mask = next_mask(self.role, &mut self.masks);
        Some(self.reply.frame.seal(opcode, length, mask))
    }

    /// Where an outgoing payload is written, from its first byte; its length is the longest payload.
    #[inline]
    pub fn frame_buffer(&mut self) -> &mut [u8] {
        self.outgoing.payload()
    }

    /// Makes the first `length` bytes of the frame buffer a text frame (or a line) and returns the bytes to send. A
    /// client's payload is masked in place, so it is gone from the frame buffer afterwards.
    ///
    /// # Panics
    /// When `length` is beyond the frame buffer.
    #[inline]
    pub fn seal_text(&mut self, length: usize) -> &[u8] {
        self.seal(Opcode::Text, length)
    }

    /// As [`seal_text`](Self::seal_text) for binary payloads; a line is a line.
    ///
    /// # Panics
    /// When `length` is beyond the frame buffer.
    #[inline]
    pub fn seal_binary(&mut self, length: usize) -> &[u8] {
        self.seal(Opcode::Binary, length)
    }

    /// An empty ping to see whether the peer lives; for line framing an empty line, which peers skip.
    pub fn seal_ping(&mut self) -> &[u8] {
        self.seal(Opcode::Ping, 0)
    }

    /// A close frame with this code and no text, empty when one was sent before; for line framing, which has no close,
    /// always empty.
    ///
    /// # Panics
    /// When the code must not be sent, see [`CloseCode::may_be_sent`].
    pub fn seal_close(&mut self, code: CloseCode) -> &[u8] {
        assert!(code.may_be_sent(), "close code {} must not be sent", code.0);
        if self.reply.close_was_sent || self.framing() == Framing::Line {
            return &[];
        }
        self.reply.close_was_sent = true;
        self.reply.waiting = None;
        self.reply.frame.payload()[..2].copy_from_slice(&code.0.to_be_bytes());
        let mask = next_mask(self.role, &mut self.masks);
        self.reply.frame.seal(Opcode::Close, 2, mask)
    }

    /// Whether the peer's close frame was seen: nothing more will come.
    #[must_use]
    pub fn is_closed_by_peer(&self) -> bool {
        matches!(&self.decoder, Decoder::WebSocket(decoder) if decoder.is_closed())
    }

    #[inline]
    fn seal(&mut self, opcode: Opcode, length: usize) -> &[u8] {
        match self.decoder {
            Decoder::WebSocket(_) => {
                let mask = next_mask(self.role, &mut self.masks);
                self.outgoing.seal(opcode, length, mask)
            }
            Decoder::Line(_) => self.outgoing.seal_line(length),
        }
    }
}

impl Reply {
    #[inline]
    fn prepare(&mut self, message: &Message<'_>) {
        match message.kind {
            MessageKind::Text | MessageKind::Binary | MessageKind::Pong => {}
            MessageKind::Ping => self.keep(Opcode::Pong, message.payload),
            // The answer to a close repeats its code (section 5.5.1); without a code it has none either.
            MessageKind::Close => self.keep(Opcode::Close, &message.payload[..message.payload.len().min(2)]),
        }
    }

    fn keep(&mut self, opcode: Opcode, payload: &[u8]) {
        if self.close_was_sent {
            return;
        }
        self.frame.payload()[..payload.len()].copy_from_slice(payload);
        self.waiting = Some((opcode, payload.len()));
    }
}

#[inline]
fn next_mask(role: Role, masks: &mut MaskKeys) -> Option<[u8; 4]> {
    match role {
        Role::Client => Some(masks.next_key()),
        Role::Server => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: SessionOptions =
        SessionOptions { receive_capacity: 1024, message_capacity: 1024, frame_capacity: 512, mask_seed: 7 };

    fn pair(framing: Framing) -> (Session, Session) {
        (Session::new(framing, Role::Client, &SMALL), Session::new(framing, Role::Server, &SMALL))
    }

    fn deliver(bytes: &[u8], receiver: &mut Session) {
        receiver.receive_space()[..bytes.len()].copy_from_slice(bytes);
        receiver.received(bytes.len());
    }

    #[test]
    fn text_crosses_both_framings_both_ways() {
        for framing in [Framing::WebSocket, Framing::Line] {
            let (mut client, mut server) = pair(framing);
            client.frame_buffer()[..5].copy_from_slice(b"there");
            deliver(client.seal_text(5), &mut server);
            assert_eq!(server.next(), Ok(Some(Message { kind: MessageKind::Text, payload: b"there" })));
            server.frame_buffer()[..4].copy_from_slice(b"back");
            deliver(server.seal_text(4), &mut client);
            assert_eq!(client.next(), Ok(Some(Message { kind: MessageKind::Text, payload: b"back" })));
            assert_eq!((client.next(), server.next()), (Ok(None), Ok(None)));
        }
    }

    #[test]
    fn a_ping_is_answered_with_its_own_payload_once() {
        let (mut client, mut server) = pair(Framing::WebSocket);
        deliver(b"\x89\x04beat", &mut client);
        assert_eq!(client.next().unwrap().unwrap().kind, MessageKind::Ping);
        deliver(client.take_reply().unwrap(), &mut server);
        assert_eq!(client.take_reply(), None);
        assert_eq!(server.next(), Ok(Some(Message { kind: MessageKind::Pong, payload: b"beat" })));
    }

    #[test]
    fn a_close_is_answered_with_its_code_and_replaces_a_waiting_pong() {
        let (mut client, mut server) = pair(Framing::WebSocket);
        deliver(b"\x89\x00\x88\x05\x03\xE9bye", &mut client);
        client.next().unwrap().unwrap();
        client.next().unwrap().unwrap();
        deliver(client.take_reply().unwrap(), &mut server);
        assert_eq!(client.take_reply(), None);
        assert!(client.is_closed_by_peer());
        let reason = server.next().unwrap().unwrap().close_reason().map(|reason| reason.code);
        assert_eq!(reason, Some(CloseCode::GOING_AWAY));
    }

    #[test]
    fn a_close_is_sent_once_and_not_answered_again() {
        let (mut client, mut server) = pair(Framing::WebSocket);
        deliver(client.seal_close(CloseCode::NORMAL), &mut server);
        assert!(client.seal_close(CloseCode::NORMAL).is_empty());
        server.next().unwrap().unwrap();
        deliver(server.take_reply().unwrap(), &mut client);
        assert_eq!(client.next().unwrap().unwrap().kind, MessageKind::Close);
        assert_eq!(client.take_reply(), None);
    }

    #[test]
    fn a_sign_of_life_disturbs_no_peer() {
        for framing in [Framing::WebSocket, Framing::Line] {
            let (mut client, mut server) = pair(framing);
            deliver(client.seal_ping(), &mut server);
            let kind = server.next().unwrap().map(|message| message.kind);
            assert_eq!(kind, (framing == Framing::WebSocket).then_some(MessageKind::Ping));
        }
    }
}
