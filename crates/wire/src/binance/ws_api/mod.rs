//! The WebSocket API: requests out, answers in.

mod decode;
mod encode;
mod writer;

pub use decode::{
    OrderAnswer, OrderDetails, ReplaceAnswer, Reply, ReplyOutcome, Step, WsApiMessage, decode, is_outcome_unknown,
};
pub use encode::{
    Authority, EncodeError, OrderEncoder, PlaceOrder, ResponseKind, encode_logon, encode_ping, encode_subscribe,
};

use tercel_types::ClientOrderId;

/// What a request is for. It travels in the request's id, so that an answer says what it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RequestKind {
    /// `order.place`.
    Place = b'p',
    /// `order.cancel`.
    Cancel = b'c',
    /// `order.cancelReplace`.
    Replace = b'r',
    /// `order.status`.
    Status = b'q',
    /// `session.logon`.
    Logon = b'l',
    /// `userDataStream.subscribe` or `userDataStream.subscribe.signature`.
    Subscribe = b's',
    /// `ping`.
    Ping = b'g',
}

/// A request's id: on the wire a letter and sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId {
    /// What was asked.
    pub kind: RequestKind,
    /// About which order (of a replacement: the new one); for requests that are about no order, any number.
    pub order: ClientOrderId,
}

impl RequestId {
    /// How many bytes the text form has.
    pub const TEXT_LENGTH: usize = 17;

    /// The id as it goes on the wire.
    #[must_use]
    pub fn to_text(self) -> [u8; Self::TEXT_LENGTH] {
        let mut text = [self.kind as u8; Self::TEXT_LENGTH];
        text[1..].copy_from_slice(&self.order.to_text()[2..]);
        text
    }

    /// Reads an id off the wire; `None` if it is not one of ours.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Option<Self> {
        let (&letter, digits) = text.split_first()?;
        let kind = match letter {
            b'p' => RequestKind::Place,
            b'c' => RequestKind::Cancel,
            b'r' => RequestKind::Replace,
            b'q' => RequestKind::Status,
            b'l' => RequestKind::Logon,
            b's' => RequestKind::Subscribe,
            b'g' => RequestKind::Ping,
            _ => return None,
        };
        let mut order = [0; ClientOrderId::TEXT_LENGTH];
        order[..2].copy_from_slice(b"tc");
        if digits.len() != order.len() - 2 {
            return None;
        }
        order[2..].copy_from_slice(digits);
        Some(Self { kind, order: ClientOrderId::from_text(&order)? })
    }
}

#[cfg(test)]
mod tests;
