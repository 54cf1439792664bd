//! What a session hands out, whatever its framing.

use crate::error::CloseCode;

/// The kind of a message. Ping, pong and close come only from WebSocket framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Text; not validated as UTF-8 here.
    Text,
    /// Binary.
    Binary,
    /// The peer asks for a pong; the session has prepared it, see [`Session::take_reply`](crate::Session::take_reply).
    Ping,
    /// The answer to a ping, or an unsolicited sign of life.
    Pong,
    /// The peer closes the connection; see [`Message::close_reason`].
    Close,
}

/// A whole message. The payload lies in the session's own memory until the session is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// What the payload is.
    pub kind: MessageKind,
    /// The payload, unmasked and without framing.
    pub payload: &'a [u8],
}

/// Why the peer closed the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseReason<'a> {
    /// The code, one that may travel.
    pub code: CloseCode,
    /// The explanation, possibly empty.
    pub text: &'a str,
}

impl<'a> Message<'a> {
    /// The code and text of a close message; none for other kinds and for a close without a code.
    #[must_use]
    pub fn close_reason(&self) -> Option<CloseReason<'a>> {
        if self.kind != MessageKind::Close {
            return None;
        }
        let (code, text) = self.payload.split_first_chunk::<2>()?;
        // The decoder refuses a reason that is not UTF-8, so the fallback is for messages made by hand.
        let text = std::str::from_utf8(text).unwrap_or_default();
        Some(CloseReason { code: CloseCode(u16::from_be_bytes(*code)), text })
    }
}
