//! Newline framing: one message a line.

use crate::buffer::ReceiveBuffer;
use crate::error::SessionError;
use crate::message::{Message, MessageKind};

/// Cuts received bytes into lines.
///
/// A line ends with `\n`; a `\r` before it is dropped; empty lines are skipped, so that a peer can send them as a sign of
/// life. The longest line is what the receive buffer holds.
#[derive(Debug, Default)]
pub struct LineDecoder {
    /// How many unread bytes are known to hold no newline, so that a line in many pieces is searched once.
    searched: usize,
    failed: Option<SessionError>,
}

impl LineDecoder {
    /// A decoder at the start of a line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next line, or none until more bytes arrive.
    ///
    /// # Errors
    /// [`SessionError::LineTooLong`] when the buffer is full and holds no end of line.
    #[inline]
    pub fn next<'a>(&mut self, buffer: &'a mut ReceiveBuffer) -> Result<Option<Message<'a>>, SessionError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let Some(length) = self.skip_to_line(buffer)? else { return Ok(None) };
        let line = buffer.consume(length);
        Ok(Some(Message { kind: MessageKind::Text, payload: without_line_end(line) }))
    }

    /// The length of the first non-empty line with its end; empty lines before it are consumed.
    fn skip_to_line(&mut self, buffer: &mut ReceiveBuffer) -> Result<Option<usize>, SessionError> {
        loop {
            let unread = buffer.unread();
            let Some(position) = memchr::memchr(b'\n', &unread[self.searched..]) else {
                self.searched = unread.len();
                return self.refuse_full(buffer);
            };
            let length = self.searched + position + 1;
            self.searched = 0;
            if !without_line_end(&unread[..length]).is_empty() {
                return Ok(Some(length));
            }
            buffer.consume(length);
        }
    }

    fn refuse_full(&mut self, buffer: &ReceiveBuffer) -> Result<Option<usize>, SessionError> {
        let limit = buffer.capacity();
        if self.searched < limit {
            return Ok(None);
        }
        let error = SessionError::LineTooLong { limit };
        self.failed = Some(error);
        Err(error)
    }
}

fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn receive(buffer: &mut ReceiveBuffer, bytes: &[u8]) {
        buffer.spare()[..bytes.len()].copy_from_slice(bytes);
        buffer.advance(bytes.len());
    }

    #[test]
    fn lines_come_whole_and_without_their_ends() {
        let mut buffer = ReceiveBuffer::new(64);
        let mut decoder = LineDecoder::new();
        receive(&mut buffer, b"one\r\n\n\r\ntwo\nthr");
        assert_eq!(decoder.next(&mut buffer).unwrap().unwrap().payload, b"one");
        assert_eq!(decoder.next(&mut buffer).unwrap().unwrap().payload, b"two");
        assert_eq!(decoder.next(&mut buffer), Ok(None));
        receive(&mut buffer, b"ee\n");
        assert_eq!(decoder.next(&mut buffer).unwrap().unwrap().payload, b"three");
    }

    #[test]
    fn a_line_beyond_the_buffer_is_refused_for_good() {
        let mut buffer = ReceiveBuffer::new(8);
        let mut decoder = LineDecoder::new();
        receive(&mut buffer, b"12345678");
        let refused = Err(SessionError::LineTooLong { limit: 8 });
        assert_eq!(decoder.next(&mut buffer), refused);
        assert_eq!(decoder.next(&mut buffer), refused);
    }

    proptest! {
        #[test]
        fn any_split_yields_the_same_lines(lines in prop::collection::vec("[a-z]{1,20}", 0..20), cuts in prop::collection::vec(1usize..12, 1..200)) {
            let stream: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
            let mut buffer = ReceiveBuffer::new(32);
            let mut decoder = LineDecoder::new();
            let mut seen = Vec::new();
            let mut rest = stream.as_slice();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let count = (*cut).min(rest.len()).min(buffer.spare().len());
                receive(&mut buffer, &rest[..count]);
                rest = &rest[count..];
                while let Some(message) = decoder.next(&mut buffer).unwrap() {
                    seen.push(String::from_utf8(message.payload.to_vec()).unwrap());
                }
            }
            prop_assert_eq!(seen, lines);
        }
    }
}
