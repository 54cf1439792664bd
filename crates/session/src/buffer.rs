//! The fixed memory that a socket is read into and that messages are handed out from.

/// Bytes written over fresh memory so that every page is mapped before the first packet. Not zero, because the
/// allocator serves zeroed memory from untouched pages.
const TOUCH: u8 = 0xA5;

/// The share of the capacity that must be free behind the unread bytes; with less, they are moved to the front first.
const COMPACT_BELOW_SHARE: usize = 4;

/// Memory of `length` bytes, every page of it already mapped.
pub(crate) fn touched_memory(length: usize) -> Box<[u8]> {
    vec![TOUCH; length].into_boxed_slice()
}

/// A fixed buffer between a socket and a frame decoder.
///
/// ```text
///   0        start            end           capacity
///   │ consumed │ unread bytes   │ spare        │
/// ```
///
/// Whenever everything was consumed both marks return to 0, so in the steady state the same few cache lines are used
/// again and nothing is ever moved. Only a frame that is cut off near the end of the buffer is moved to the front.
#[derive(Debug)]
pub struct ReceiveBuffer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl ReceiveBuffer {
    /// A buffer of `capacity` bytes, which is also the longest frame it can hold. The memory is touched at once.
    ///
    /// # Panics
    /// When `capacity` is 0.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a receive buffer holds at least one byte");
        Self { bytes: touched_memory(capacity), start: 0, end: 0 }
    }

    /// How many bytes the buffer holds at most.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// The free space that the next received bytes go to; it is empty only when `capacity` bytes are unread.
    #[inline]
    pub fn spare(&mut self) -> &mut [u8] {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        } else if self.start > 0 && self.bytes.len() - self.end < self.bytes.len() / COMPACT_BELOW_SHARE {
            self.compact();
        }
        &mut self.bytes[self.end..]
    }

    /// Says that the first `count` bytes of [`spare`](Self::spare) were filled.
    ///
    /// # Panics
    /// When `count` is larger than the spare space: the caller would declare bytes received that were not.
    #[inline]
    pub fn advance(&mut self, count: usize) {
        assert!(count <= self.bytes.len() - self.end, "more bytes were declared received than there was space for");
        self.end += count;
    }

    /// The bytes that were received and not yet consumed.
    #[inline]
    #[must_use]
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Consumes `count` bytes and returns them; they stay where they are until the next call of [`spare`](Self::spare).
    ///
    /// # Panics
    /// When fewer than `count` bytes are unread.
    #[inline]
    pub fn consume(&mut self, count: usize) -> &mut [u8] {
        assert!(count <= self.end - self.start, "more bytes were consumed than were unread");
        let from = self.start;
        self.start += count;
        &mut self.bytes[from..from + count]
    }

    #[cold]
    fn compact(&mut self) {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(buffer: &mut ReceiveBuffer, bytes: &[u8]) {
        buffer.spare()[..bytes.len()].copy_from_slice(bytes);
        buffer.advance(bytes.len());
    }

    #[test]
    fn bytes_come_out_in_the_order_they_went_in() {
        let mut buffer = ReceiveBuffer::new(16);
        receive(&mut buffer, b"abcdef");
        assert_eq!(buffer.consume(2), b"ab");
        receive(&mut buffer, b"gh");
        assert_eq!(buffer.unread(), b"cdefgh");
    }

    #[test]
    fn the_whole_space_is_free_again_once_everything_is_consumed() {
        let mut buffer = ReceiveBuffer::new(8);
        receive(&mut buffer, b"12345678");
        assert!(buffer.spare().is_empty());
        buffer.consume(8);
        assert_eq!(buffer.spare().len(), 8);
    }

    #[test]
    fn a_cut_off_tail_moves_to_the_front_when_space_runs_short() {
        let mut buffer = ReceiveBuffer::new(8);
        receive(&mut buffer, b"12345678");
        buffer.consume(6);
        assert_eq!(buffer.spare().len(), 6);
        assert_eq!(buffer.unread(), b"78");
    }

    #[test]
    #[should_panic(expected = "more bytes were declared received")]
    fn declaring_more_than_the_space_is_a_broken_invariant() {
        ReceiveBuffer::new(4).advance(5);
    }
}
