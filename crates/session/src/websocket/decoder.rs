//! Frames in: whole messages out of a byte stream, in place.

use super::frame::{FrameHeader, Opcode, read_header};
use super::mask::apply_mask;
use crate::buffer::{ReceiveBuffer, touched_memory};
use crate::error::{CloseCode, SessionError};
use crate::message::{Message, MessageKind};
use crate::session::Role;

/// Turns received bytes into messages.
///
/// A message in one frame is handed out where it lies in the receive buffer. A fragmented message is gathered in a
/// bounded buffer of its own; control frames between its pieces are handed out as they come. After a close frame the
/// decoder yields nothing more, after a violation it repeats the error.
#[derive(Debug)]
pub struct FrameDecoder {
    receiver: Role,
    gathered: Box<[u8]>,
    gathered_length: usize,
    /// The kind of the message whose pieces are being gathered.
    gathering: Option<MessageKind>,
    end: Option<End>,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Closed,
    Failed(SessionError),
}

/// Where the next message lies.
enum Located {
    /// At the front of the receive buffer, not yet consumed.
    InFrame(MessageKind, FrameHeader),
    /// In the gathering buffer, its frames consumed.
    Gathered(MessageKind),
}

impl FrameDecoder {
    /// A decoder for the end that plays the role `receiver`; fragmented messages hold up to `message_capacity` bytes.
    #[must_use]
    pub fn new(receiver: Role, message_capacity: usize) -> Self {
        Self { receiver, gathered: touched_memory(message_capacity), gathered_length: 0, gathering: None, end: None }
    }

    /// The next message, or none until more bytes arrive.
    ///
    /// # Errors
    /// The peer's first violation of the protocol or of a limit; the same one from then on.
    #[inline]
    pub fn next<'a>(&'a mut self, buffer: &'a mut ReceiveBuffer) -> Result<Option<Message<'a>>, SessionError> {
        match self.end {
            None => {}
            Some(End::Closed) => return Ok(None),
            Some(End::Failed(error)) => return Err(error),
        }
        let located = self.locate(buffer).inspect_err(|error| self.end = Some(End::Failed(*error)))?;
        let (kind, payload) = match located {
            None => return Ok(None),
            Some(Located::InFrame(kind, header)) => (kind, take_payload(buffer, &header)),
            Some(Located::Gathered(kind)) => (kind, &self.gathered[..self.gathered_length]),
        };
        if kind == MessageKind::Close {
            self.end = Some(End::Closed);
            check_close(payload).inspect_err(|error| self.end = Some(End::Failed(*error)))?;
        }
        Ok(Some(Message { kind, payload }))
    }

    /// Whether the peer's close frame was seen.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.end, Some(End::Closed))
    }

    #[inline]
    fn locate(&mut self, buffer: &mut ReceiveBuffer) -> Result<Option<Located>, SessionError> {
        // Each turn consumes a frame of at least two bytes, so the buffer's capacity bounds the loop.
        loop {
            let Some(header) = read_header(buffer.unread(), self.receiver)? else { return Ok(None) };
            refuse_too_large(&header, buffer.capacity())?;
            if let Some(kind) = self.kind_of_whole(&header)? {
                let is_complete = frame_length(&header) <= buffer.unread().len();
                return Ok(is_complete.then_some(Located::InFrame(kind, header)));
            }
            self.refuse_beyond_capacity(&header)?;
            if frame_length(&header) > buffer.unread().len() {
                return Ok(None);
            }
            if let Some(kind) = self.gather(buffer, &header) {
                return Ok(Some(Located::Gathered(kind)));
            }
        }
    }

    /// The kind of a message that one frame holds whole; none for a piece of a fragmented message.
    #[inline]
    fn kind_of_whole(&self, header: &FrameHeader) -> Result<Option<MessageKind>, SessionError> {
        let kind = match header.opcode {
            Opcode::Ping => return Ok(Some(MessageKind::Ping)),
            Opcode::Pong => return Ok(Some(MessageKind::Pong)),
            Opcode::Close => return Ok(Some(MessageKind::Close)),
            Opcode::Continuation if self.gathering.is_none() => return Err(SessionError::UnexpectedContinuation),
            Opcode::Continuation => return Ok(None),
            Opcode::Text => MessageKind::Text,
            Opcode::Binary => MessageKind::Binary,
        };
        if self.gathering.is_some() {
            return Err(SessionError::InterruptedMessage);
        }
        Ok(header.is_final.then_some(kind))
    }

    fn refuse_beyond_capacity(&self, header: &FrameHeader) -> Result<(), SessionError> {
        let so_far = if self.gathering.is_some() { self.gathered_length } else { 0 };
        let length = so_far as u64 + header.payload_length;
        let limit = self.gathered.len();
        if length > limit as u64 {
            return Err(SessionError::MessageTooLarge { length, limit });
        }
        Ok(())
    }

    /// Takes one piece; the message's kind once it was the last one.
    fn gather(&mut self, buffer: &mut ReceiveBuffer, header: &FrameHeader) -> Option<MessageKind> {
        let kind = self.gathering.unwrap_or_else(|| {
            self.gathered_length = 0;
            if header.opcode == Opcode::Binary { MessageKind::Binary } else { MessageKind::Text }
        });
        let piece = take_payload(buffer, header);
        self.gathered[self.gathered_length..][..piece.len()].copy_from_slice(piece);
        self.gathered_length += piece.len();
        self.gathering = (!header.is_final).then_some(kind);
        header.is_final.then_some(kind)
    }
}

#[inline]
fn refuse_too_large(header: &FrameHeader, limit: usize) -> Result<(), SessionError> {
    let length = header.payload_length + header.header_length as u64;
    if length > limit as u64 {
        return Err(SessionError::FrameTooLarge { length, limit });
    }
    Ok(())
}

/// Header and payload together; only for headers that passed `refuse_too_large`, so the cast loses nothing.
#[inline]
fn frame_length(header: &FrameHeader) -> usize {
    header.header_length + header.payload_length as usize
}

#[inline]
fn take_payload<'a>(buffer: &'a mut ReceiveBuffer, header: &FrameHeader) -> &'a [u8] {
    let payload = &mut buffer.consume(frame_length(header))[header.header_length..];
    if let Some(key) = header.mask {
        apply_mask(payload, key);
    }
    payload
}

fn check_close(payload: &[u8]) -> Result<(), SessionError> {
    if payload.is_empty() {
        return Ok(());
    }
    let (code, reason) = payload.split_first_chunk::<2>().ok_or(SessionError::BadCloseLength)?;
    let code = CloseCode(u16::from_be_bytes(*code));
    if !code.may_be_sent() {
        return Err(SessionError::BadCloseCode(code.0));
    }
    std::str::from_utf8(reason).map(|_| ()).map_err(|_| SessionError::BadCloseReason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_after(bytes: &[u8]) -> (FrameDecoder, ReceiveBuffer) {
        let mut buffer = ReceiveBuffer::new(256);
        buffer.spare()[..bytes.len()].copy_from_slice(bytes);
        buffer.advance(bytes.len());
        (FrameDecoder::new(Role::Client, 8), buffer)
    }

    fn first_error(bytes: &[u8]) -> SessionError {
        let (mut decoder, mut buffer) = client_after(bytes);
        loop {
            match decoder.next(&mut buffer) {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the bytes were taken without an error"),
                Err(error) => break error,
            }
        }
    }

    #[test]
    fn a_whole_message_is_not_copied() {
        let (mut decoder, mut buffer) = client_after(b"\x81\x05hello");
        let lies_at = buffer.unread().as_ptr().wrapping_add(2);
        let message = decoder.next(&mut buffer).unwrap().unwrap();
        assert_eq!(message, Message { kind: MessageKind::Text, payload: b"hello" });
        assert_eq!(message.payload.as_ptr(), lies_at);
    }

    #[test]
    fn a_ping_between_two_pieces_comes_first_and_the_message_whole() {
        let (mut decoder, mut buffer) = client_after(b"\x01\x02he\x89\x01p\x80\x03llo\x82\x00");
        let mut next = || decoder.next(&mut buffer).unwrap().map(|message| (message.kind, message.payload.to_vec()));
        assert_eq!(next(), Some((MessageKind::Ping, b"p".to_vec())));
        assert_eq!(next(), Some((MessageKind::Text, b"hello".to_vec())));
        assert_eq!(next(), Some((MessageKind::Binary, Vec::new())));
        assert_eq!(next(), None);
    }

    #[test]
    fn each_violation_of_the_order_of_frames_has_its_own_error() {
        assert_eq!(first_error(b"\x80\x00"), SessionError::UnexpectedContinuation);
        assert_eq!(first_error(b"\x01\x01a\x81\x01b"), SessionError::InterruptedMessage);
        assert_eq!(first_error(b"\x88\x01a"), SessionError::BadCloseLength);
        assert_eq!(first_error(b"\x88\x02\x03\xED"), SessionError::BadCloseCode(1005));
        assert_eq!(first_error(b"\x88\x03\x03\xE8\xFF"), SessionError::BadCloseReason);
    }

    #[test]
    fn what_does_not_fit_is_refused_before_it_arrives() {
        assert_eq!(first_error(b"\x81\x7E\x01\x00"), SessionError::FrameTooLarge { length: 260, limit: 256 });
        assert_eq!(first_error(b"\x01\x05hello\x80\x04"), SessionError::MessageTooLarge { length: 9, limit: 8 });
    }

    #[test]
    fn after_a_close_nothing_more_is_read() {
        let (mut decoder, mut buffer) = client_after(b"\x88\x05\x03\xE8bye\x81\x01x");
        let close = decoder.next(&mut buffer).unwrap().unwrap();
        let reason = close.close_reason().unwrap();
        assert_eq!((reason.code, reason.text), (CloseCode::NORMAL, "bye"));
        assert_eq!(decoder.next(&mut buffer), Ok(None));
        assert!(decoder.is_closed());
    }

    #[test]
    fn an_error_is_repeated_for_good() {
        let (mut decoder, mut buffer) = client_after(b"\x83\x00\x81\x00");
        let failed = Err(SessionError::UnknownOpcode(3));
        assert_eq!(decoder.next(&mut buffer), failed);
        assert_eq!(decoder.next(&mut buffer), failed);
    }
}
