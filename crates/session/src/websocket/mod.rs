//! WebSocket (RFC 6455), both roles: the opening handshake, frames in, frames out.

mod decoder;
mod encoder;
mod frame;
mod handshake;
mod head;
mod mask;
mod upgrade;

pub use decoder::FrameDecoder;
pub use encoder::FrameEncoder;
pub use frame::{HEADER_ROOM, MAX_CONTROL_PAYLOAD, Opcode};
pub use handshake::{
    ClientHandshake, HandshakeError, HandshakeProgress, MAX_BODY_EXCERPT, NONCE_LENGTH, RequestError, UpgradeRequest,
};
pub use head::MAX_HEAD_LENGTH;
pub use mask::{MaskKeys, apply_mask};
pub use upgrade::{AcceptedUpgrade, ServerHandshake, UpgradeRefusal};
