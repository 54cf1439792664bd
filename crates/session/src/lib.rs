//! Connection state machines without I/O, both ends: WebSocket framing (RFC 6455) and newline framing.
//!
//! Bytes that a socket received are written into [`Session::receive_space`]; [`Session::next`] hands out whole messages
//! that lie in that same memory. Outgoing payloads are written into [`Session::frame_buffer`], which leaves room in front
//! for a frame header, so that nothing is moved when the frame is sealed:
//!
//! ```text
//!   offset  0                    14                    14 + length
//!           │ room for the header │ payload, in place    │ one byte for a line's end
//!                ▲───────────────────────────────────────▲
//!                └ what `seal_text` returns: header (2 to 14 bytes) and payload, contiguous
//! ```
//!
//! All memory is allocated and touched at construction. Nothing here validates that text is UTF-8: the decoders of
//! `tercel-wire` refuse every byte that their formats do not allow, and a second pass over each message would cost more
//! than the first. This is the one deliberate departure from RFC 6455 section 8.1.

mod buffer;
mod error;
mod line;
mod message;
mod session;
pub mod websocket;

pub use buffer::ReceiveBuffer;
pub use error::{CloseCode, SessionError};
pub use line::LineDecoder;
pub use message::{CloseReason, Message, MessageKind};
pub use session::{
    DEFAULT_FRAME_CAPACITY, DEFAULT_MESSAGE_CAPACITY, DEFAULT_RECEIVE_CAPACITY, Framing, Role, Session, SessionOptions,
};
