//! A socket and its framing, as the trading thread holds them: ready for use, handshake and logon done.

use std::fmt;

use std::os::fd::{AsFd, BorrowedFd};

use tercel_net::{Failure, Flushed, Received, SendOutcome, SendQueue, Stream};
use tercel_session::{Session, SessionError};
use tercel_types::UtcNanos;

/// A ready connection.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    queue: SendQueue,
    /// The framing; its buffer may hold bytes that came with the handshake.
    pub session: Session,
}

/// What a look at the socket brought.
#[derive(Clone, Copy, Debug)]
pub enum Arrival {
    /// Nothing now.
    Nothing,
    /// More bytes, now in the session.
    Bytes {
        /// When the kernel got the newest of them, if it says.
        kernel_time: Option<UtcNanos>,
    },
    /// The connection is gone.
    Lost(Loss),
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The peer closed it.
    Closed,
    /// The system or the TLS layer gave up.
    Failed(Failure),
    /// The peer broke the protocol.
    Protocol(SessionError),
    /// The peer does not read what is sent, and the send queue is full.
    SendQueueFull,
    /// The venue ended the session by a message.
    Session,
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => formatter.write_str("the venue closed the connection"),
            Self::Failed(failure) => write!(formatter, "the connection broke: {failure}"),
            Self::Protocol(error) => write!(formatter, "the venue broke the protocol: {error}"),
            Self::SendQueueFull => formatter.write_str("the venue does not read what is sent"),
            Self::Session => formatter.write_str("the venue ended the session"),
        }
    }
}

impl Connection {
    /// A connection whose handshake is done.
    #[must_use]
    pub fn new(stream: Stream, session: Session) -> Self {
        Self { stream, queue: SendQueue::default(), session }
    }

    /// Receives what is there.
    #[inline]
    pub fn receive(&mut self) -> Arrival {
        match self.stream.recv(self.session.receive_space()) {
            Received::Bytes { count, kernel_time } => {
                self.session.received(count);
                Arrival::Bytes { kernel_time }
            }
            Received::WouldBlock => Arrival::Nothing,
            Received::Closed => Arrival::Lost(Loss::Closed),
            Received::Failed(failure) => Arrival::Lost(Loss::Failed(failure)),
        }
    }

    /// Waits until there is something to receive; `false` at the deadline. For cold threads only.
    #[must_use]
    pub fn wait_readable(&self, deadline: std::time::Instant) -> bool {
        self.stream.wait_readable(deadline)
    }

    /// Sends the first `length` bytes of the session's frame buffer as a text message.
    ///
    /// # Errors
    /// [`Loss`] if the connection cannot go on.
    #[inline]
    pub fn send_text(&mut self, length: usize) -> Result<(), Loss> {
        sent(self.queue.send(&mut self.stream, self.session.seal_text(length)))
    }

    /// Sends the answer to a ping or a close, if one is due.
    ///
    /// # Errors
    /// [`Loss::Closed`] after the peer's close, else as [`Self::send_text`].
    pub fn answer(&mut self) -> Result<(), Loss> {
        if let Some(reply) = self.session.take_reply() {
            sent(self.queue.send(&mut self.stream, reply))?;
        }
        if self.session.is_closed_by_peer() { Err(Loss::Closed) } else { Ok(()) }
    }

    /// Sends what the kernel did not take before, if anything waits.
    ///
    /// # Errors
    /// [`Loss`] if the connection cannot go on.
    #[inline]
    pub fn flush(&mut self) -> Result<(), Loss> {
        if !self.queue.needs_flush(&self.stream) {
            return Ok(());
        }
        match self.queue.flush(&mut self.stream) {
            Flushed::Empty | Flushed::Pending => Ok(()),
            Flushed::Closed => Err(Loss::Closed),
            Flushed::Failed(failure) => Err(Loss::Failed(failure)),
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

#[inline]
fn sent(outcome: SendOutcome) -> Result<(), Loss> {
    match outcome {
        SendOutcome::Sent | SendOutcome::Queued => Ok(()),
        SendOutcome::Full => Err(Loss::SendQueueFull),
        SendOutcome::Closed => Err(Loss::Closed),
        SendOutcome::Failed(failure) => Err(Loss::Failed(failure)),
    }
}
