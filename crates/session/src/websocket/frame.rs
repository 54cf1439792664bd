//! The frame header (RFC 6455 section 5.2).
//!
//! ```text
//!   byte 0: F R R R o o o o    final bit, reserved bits, opcode
//!   byte 1: M l l l l l l l    mask bit, length 0..125, or 126: 2 more bytes, or 127: 8 more bytes
//!   0, 2 or 8 bytes of length, big endian; 4 bytes of mask key where M is set; then the payload
//! ```

use crate::error::SessionError;
use crate::session::Role;

/// The longest header: two bytes, eight of length, four of mask key. Payloads are written at this offset.
pub const HEADER_ROOM: usize = 14;

/// The longest payload of a ping, pong or close frame (section 5.5).
pub const MAX_CONTROL_PAYLOAD: usize = 125;

const FINAL_BIT: u8 = 0x80;
const RESERVED_BITS: u8 = 0x70;
const OPCODE_BITS: u8 = 0x0F;
const MASK_BIT: u8 = 0x80;
const LENGTH_BITS: u8 = 0x7F;
const LENGTH_IN_TWO_BYTES: u8 = 126;
const LENGTH_IN_EIGHT_BYTES: u8 = 127;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// A further piece of a fragmented message.
    Continuation = 0x0,
    /// Text, or the first piece of it.
    Text = 0x1,
    /// Binary, or the first piece of it.
    Binary = 0x2,
    /// The end of the connection.
    Close = 0x8,
    /// A request for a pong.
    Ping = 0x9,
    /// The answer to a ping.
    Pong = 0xA,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }

    /// Whether this is a control frame: short, whole, and allowed between the pieces of a message.
    #[must_use]
    pub fn is_control(self) -> bool {
        self as u8 >= Self::Close as u8
    }
}

/// A header that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub is_final: bool,
    pub opcode: Opcode,
    pub mask: Option<[u8; 4]>,
    /// How many bytes the header itself takes.
    pub header_length: usize,
    pub payload_length: u64,
}

/// Reads the header at the front of `bytes` as the end of the given role receives it; none until it is complete.
/// Everything that the first two bytes give away is refused before the rest arrives.
#[inline]
pub(crate) fn read_header(bytes: &[u8], receiver: Role) -> Result<Option<FrameHeader>, SessionError> {
    let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
    if first & RESERVED_BITS != 0 {
        return Err(SessionError::ReservedBits(first));
    }
    let opcode = Opcode::from_bits(first & OPCODE_BITS).ok_or(SessionError::UnknownOpcode(first & OPCODE_BITS))?;
    let is_final = first & FINAL_BIT != 0;
    let short_length = second & LENGTH_BITS;
    if opcode.is_control() {
        refuse_bad_control(is_final, short_length)?;
    }
    let is_masked = second & MASK_BIT != 0;
    match receiver {
        Role::Client if is_masked => return Err(SessionError::MaskedByServer),
        Role::Server if !is_masked => return Err(SessionError::UnmaskedByClient),
        _ => {}
    }
    let Some((payload_length, length_bytes)) = read_length(short_length, rest)? else { return Ok(None) };
    let mask = match (is_masked, rest[length_bytes..].first_chunk::<4>()) {
        (false, _) => None,
        (true, Some(key)) => Some(*key),
        (true, None) => return Ok(None),
    };
    let header_length = 2 + length_bytes + if is_masked { 4 } else { 0 };
    Ok(Some(FrameHeader { is_final, opcode, mask, header_length, payload_length }))
}

fn refuse_bad_control(is_final: bool, short_length: u8) -> Result<(), SessionError> {
    if !is_final {
        return Err(SessionError::ControlFragmented);
    }
    if usize::from(short_length) > MAX_CONTROL_PAYLOAD {
        return Err(SessionError::ControlTooLong);
    }
    Ok(())
}

/// The payload length and how many bytes it takes behind the second byte; none until those bytes are here.
#[inline]
fn read_length(short_length: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, SessionError> {
    match short_length {
        LENGTH_IN_TWO_BYTES => {
            let Some(bytes) = rest.first_chunk::<2>() else { return Ok(None) };
            let length = u16::from_be_bytes(*bytes);
            if length < u16::from(LENGTH_IN_TWO_BYTES) {
                return Err(SessionError::NonMinimalLength);
            }
            Ok(Some((u64::from(length), 2)))
        }
        LENGTH_IN_EIGHT_BYTES => {
            let Some(bytes) = rest.first_chunk::<8>() else { return Ok(None) };
            let length = u64::from_be_bytes(*bytes);
            if length >> 63 != 0 {
                return Err(SessionError::LengthOutOfRange);
            }
            if length <= u64::from(u16::MAX) {
                return Err(SessionError::NonMinimalLength);
            }
            Ok(Some((length, 8)))
        }
        short => Ok(Some((u64::from(short), 0))),
    }
}

/// Writes the header of a whole, unfragmented frame so that it ends at [`HEADER_ROOM`], and returns where it starts.
#[inline]
pub(crate) fn write_header_before_payload(
    room: &mut [u8; HEADER_ROOM],
    opcode: Opcode,
    payload_length: usize,
    mask: Option<[u8; 4]>,
) -> usize {
    let mut start = HEADER_ROOM;
    if let Some(key) = mask {
        start -= 4;
        room[start..].copy_from_slice(&key);
    }
    let short_length = if payload_length <= MAX_CONTROL_PAYLOAD {
        payload_length as u8
    } else if let Ok(length) = u16::try_from(payload_length) {
        start -= 2;
        room[start..start + 2].copy_from_slice(&length.to_be_bytes());
        LENGTH_IN_TWO_BYTES
    } else {
        start -= 8;
        room[start..start + 8].copy_from_slice(&(payload_length as u64).to_be_bytes());
        LENGTH_IN_EIGHT_BYTES
    };
    start -= 2;
    room[start] = FINAL_BIT | opcode as u8;
    room[start + 1] = short_length | if mask.is_some() { MASK_BIT } else { 0 };
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_violation_of_the_header_has_its_own_error() {
        let client = |bytes: &[u8]| read_header(bytes, Role::Client);
        assert_eq!(client(&[0xC1, 0]), Err(SessionError::ReservedBits(0xC1)));
        assert_eq!(client(&[0x83, 0]), Err(SessionError::UnknownOpcode(3)));
        assert_eq!(client(&[0x81, 0x81]), Err(SessionError::MaskedByServer));
        assert_eq!(client(&[0x89, 126]), Err(SessionError::ControlTooLong));
        assert_eq!(client(&[0x09, 0]), Err(SessionError::ControlFragmented));
        assert_eq!(client(&[0x81, 126, 0, 125]), Err(SessionError::NonMinimalLength));
        assert_eq!(client(&[0x81, 127, 0, 0, 0, 0, 0, 0, 255, 255]), Err(SessionError::NonMinimalLength));
        assert_eq!(client(&[0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), Err(SessionError::LengthOutOfRange));
        assert_eq!(read_header(&[0x81, 0x01], Role::Server), Err(SessionError::UnmaskedByClient));
    }

    proptest! {
        #[test]
        fn a_written_header_reads_back(length in prop_oneof![0usize..200, 65_000usize..70_000, 0usize..1 << 40], mask: Option<[u8; 4]>) {
            let mut room = [0; HEADER_ROOM];
            let start = write_header_before_payload(&mut room, Opcode::Text, length, mask);
            let receiver = if mask.is_some() { Role::Server } else { Role::Client };
            let header = read_header(&room[start..], receiver).unwrap().unwrap();
            prop_assert_eq!(header, FrameHeader {
                is_final: true,
                opcode: Opcode::Text,
                mask,
                header_length: HEADER_ROOM - start,
                payload_length: length as u64,
            });
            for cut in start..HEADER_ROOM {
                prop_assert_eq!(read_header(&room[start..cut], receiver), Ok(None));
            }
        }
    }
}
