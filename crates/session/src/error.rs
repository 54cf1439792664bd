//! What a peer can do wrong, and the close code that tells it so.

/// A WebSocket close code (RFC 6455 section 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// This end goes away: the process ends or the page is left.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// Text that is not UTF-8, or a payload that does not match its type.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// A message beyond what this end accepts.
    pub const TOO_BIG: Self = Self(1009);

    /// Whether an endpoint may put this code into a close frame: the assigned codes, and those for libraries and
    /// applications (3000 to 4999). 1004, 1005, 1006 and 1015 are reserved and never travel.
    #[must_use]
    pub fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

/// A violation by the peer. The connection cannot go on: send a close frame with [`close_code`](Self::close_code), then
/// drop the connection. A decoder that returned an error returns the same one from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// A reserved bit is set although no extension was agreed (section 5.2). Carries the frame's first byte.
    #[error("the frame sets reserved bits (first byte {0:#04x}) although no extension was agreed")]
    ReservedBits(u8),
    /// An opcode that the protocol does not define.
    #[error("the frame has the unknown opcode {0:#x}")]
    UnknownOpcode(u8),
    /// A server must not mask its frames (section 5.1).
    #[error("the server sent a masked frame")]
    MaskedByServer,
    /// A client must mask its frames (section 5.1).
    #[error("the client sent an unmasked frame")]
    UnmaskedByClient,
    /// A control frame of more than 125 bytes (section 5.5).
    #[error("a control frame announces more than 125 bytes")]
    ControlTooLong,
    /// A control frame without the final bit (section 5.5).
    #[error("a control frame is fragmented")]
    ControlFragmented,
    /// A length in more bytes than it needs (section 5.2).
    #[error("a frame's length is not written in the fewest bytes")]
    NonMinimalLength,
    /// A length with its highest bit set (section 5.2).
    #[error("a frame's 64-bit length has its highest bit set")]
    LengthOutOfRange,
    /// A frame that the receive buffer cannot hold.
    #[error("a frame of {length} bytes is beyond the limit of {limit}; raise SessionOptions::receive_capacity")]
    FrameTooLarge {
        /// Header and payload, as announced.
        length: u64,
        /// The capacity of the receive buffer.
        limit: usize,
    },
    /// A fragmented message that the reassembly buffer cannot hold.
    #[error("a fragmented message of at least {length} bytes is beyond the limit of {limit}")]
    MessageTooLarge {
        /// The bytes so far, with the fragment that did not fit.
        length: u64,
        /// The capacity of the reassembly buffer.
        limit: usize,
    },
    /// A continuation frame with nothing to continue (section 5.4).
    #[error("a continuation frame came without a message to continue")]
    UnexpectedContinuation,
    /// A new message before the fragmented one before it ended (section 5.4).
    #[error("a new message began inside a fragmented one")]
    InterruptedMessage,
    /// A close payload of one byte: a code has two (section 5.5.1).
    #[error("a close frame carries a single byte")]
    BadCloseLength,
    /// A close code that must not travel (section 7.4).
    #[error("a close frame carries the code {0}, which must not be sent")]
    BadCloseCode(u16),
    /// A close reason that is not UTF-8 (section 5.5.1).
    #[error("a close frame's reason is not UTF-8")]
    BadCloseReason,
    /// A line that does not end within the receive buffer.
    #[error("a line is longer than the limit of {limit} bytes; raise SessionOptions::receive_capacity")]
    LineTooLong {
        /// The capacity of the receive buffer.
        limit: usize,
    },
}

impl SessionError {
    /// The code to close the connection with.
    #[must_use]
    pub fn close_code(self) -> CloseCode {
        match self {
            Self::FrameTooLarge { .. } | Self::MessageTooLarge { .. } | Self::LineTooLong { .. } => CloseCode::TOO_BIG,
            Self::BadCloseReason => CloseCode::INVALID_PAYLOAD,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_close_codes_must_not_travel() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX] {
            assert!(!CloseCode(code).may_be_sent(), "{code}");
        }
        for code in [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999] {
            assert!(CloseCode(code).may_be_sent(), "{code}");
        }
    }
}
