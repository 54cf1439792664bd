//! Frames out: the payload is written in place, the header is put in front of it.

use super::frame::{HEADER_ROOM, Opcode, write_header_before_payload};
use super::mask::apply_mask;
use crate::buffer::touched_memory;

/// Memory for one outgoing frame with header room in front of the payload.
#[derive(Debug)]
pub struct FrameEncoder {
    bytes: Box<[u8]>,
}

/// Behind the payload, for the end of a line.
const LINE_END_ROOM: usize = 1;

impl FrameEncoder {
    /// Room for payloads of up to `capacity` bytes, touched at once.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { bytes: touched_memory(HEADER_ROOM + capacity + LINE_END_ROOM) }
    }

    /// Where the payload is written; its length is the capacity.
    #[inline]
    pub fn payload(&mut self) -> &mut [u8] {
        let end = self.bytes.len() - LINE_END_ROOM;
        &mut self.bytes[HEADER_ROOM..end]
    }

    /// Makes the first `length` bytes of the payload one whole frame and returns its bytes. With a mask (a client's
    /// frame) the payload is masked in place, so it must be written anew before the next frame.
    ///
    /// # Panics
    /// When `length` is beyond the capacity.
    #[inline]
    pub fn seal(&mut self, opcode: Opcode, length: usize, mask: Option<[u8; 4]>) -> &[u8] {
        assert!(
            length <= self.bytes.len() - HEADER_ROOM - LINE_END_ROOM,
            "the payload is longer than the frame buffer"
        );
        let Some((room, payload)) = self.bytes.split_first_chunk_mut::<HEADER_ROOM>() else {
            unreachable!("the buffer is made with header room")
        };
        if let Some(key) = mask {
            apply_mask(&mut payload[..length], key);
        }
        let start = write_header_before_payload(room, opcode, length, mask);
        &self.bytes[start..HEADER_ROOM + length]
    }

    /// Ends the first `length` bytes of the payload with a newline and returns the line.
    ///
    /// # Panics
    /// When `length` is beyond the capacity.
    #[inline]
    pub fn seal_line(&mut self, length: usize) -> &[u8] {
        assert!(
            length <= self.bytes.len() - HEADER_ROOM - LINE_END_ROOM,
            "the payload is longer than the frame buffer"
        );
        self.bytes[HEADER_ROOM + length] = b'\n';
        &self.bytes[HEADER_ROOM..=HEADER_ROOM + length]
    }
}
