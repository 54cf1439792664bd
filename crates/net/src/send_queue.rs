//! Bytes that a socket did not take at once.

use crate::outcome::{Flushed, SendOutcome, Sent};
use crate::stream::Stream;

/// The bytes that may wait for one connection, by default: hundreds of orders.
pub const DEFAULT_PENDING_CAPACITY: usize = 256 << 10;

/// Bytes written over fresh memory so that its pages are mapped; not zero, because zeroed memory comes untouched.
const TOUCH: u8 = 0xA5;

/// The bounded bytes that wait for one connection.
///
/// A message is taken whole or not at all: half a frame on the wire would break the stream. In the steady state nothing
/// waits and bytes go straight from the caller's memory to the socket.
#[derive(Debug)]
pub struct SendQueue {
    pending: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Default for SendQueue {
    fn default() -> Self {
        Self::new(DEFAULT_PENDING_CAPACITY)
    }
}

impl SendQueue {
    /// A queue of `capacity` bytes, touched at once. No message longer than that can be sent through it.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { pending: vec![TOUCH; capacity].into_boxed_slice(), start: 0, end: 0 }
    }

    /// Sends `bytes` behind everything that waits.
    #[inline]
    pub fn send(&mut self, stream: &mut Stream, bytes: &[u8]) -> SendOutcome {
        if self.pending_bytes() + bytes.len() > self.pending.len() {
            return SendOutcome::Full;
        }
        if self.pending_bytes() > 0 {
            self.keep(bytes);
            return self.flush(stream).into();
        }
        if bytes.is_empty() {
            return SendOutcome::Sent;
        }
        match stream.send(bytes) {
            Sent::Bytes(count) if count == bytes.len() && !stream.has_unsent() => SendOutcome::Sent,
            Sent::Bytes(count) => {
                self.keep(&bytes[count..]);
                SendOutcome::Queued
            }
            Sent::WouldBlock => {
                self.keep(bytes);
                SendOutcome::Queued
            }
            Sent::Closed => SendOutcome::Closed,
            Sent::Failed(failure) => SendOutcome::Failed(failure),
        }
    }

    /// Sends what waits, as far as the socket takes it.
    pub fn flush(&mut self, stream: &mut Stream) -> Flushed {
        // Each turn sends at least one byte or returns, so the capacity bounds the loop.
        while self.pending_bytes() > 0 {
            match stream.send(&self.pending[self.start..self.end]) {
                Sent::Bytes(count) => self.start += count,
                Sent::WouldBlock => return Flushed::Pending,
                Sent::Closed => return Flushed::Closed,
                Sent::Failed(failure) => return Flushed::Failed(failure),
            }
        }
        (self.start, self.end) = (0, 0);
        stream.flush()
    }

    /// How many bytes wait here, apart from what the TLS layer holds.
    #[inline]
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.end - self.start
    }

    /// Whether [`flush`](Self::flush) has something to do, here or in the TLS layer: wait for the socket to be writable.
    #[inline]
    #[must_use]
    pub fn needs_flush(&self, stream: &Stream) -> bool {
        self.pending_bytes() > 0 || stream.has_unsent()
    }

    /// Forgets what waits, for a connection that was lost.
    pub fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Keeps bytes that were checked to fit.
    #[cold]
    fn keep(&mut self, bytes: &[u8]) {
        if self.pending.len() - self.end < bytes.len() {
            self.pending.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.pending_bytes());
        }
        self.pending[self.end..][..bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }
}

impl From<Flushed> for SendOutcome {
    fn from(flushed: Flushed) -> Self {
        match flushed {
            Flushed::Empty => Self::Sent,
            Flushed::Pending => Self::Queued,
            Flushed::Closed => Self::Closed,
            Flushed::Failed(failure) => Self::Failed(failure),
        }
    }
}
