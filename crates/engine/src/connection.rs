//! A socket and its framing, as the trading thread holds them: ready for use, handshake and logon done.

use std::fmt;

use std::os::fd::{AsFd, BorrowedFd};

use tercel_net::{Failure, Flushed, Received, SendOutcome, SendQueue, Stream};
use tercel_session::{Framing, Session, SessionError};
use tercel_types::{Nanos, UtcNanos};

/// How long a request may be unanswered, in nanoseconds.
pub const ANSWER_TIMEOUT_NS: i64 = 5_000_000_000;

/// How long a WebSocket connection may be silent: three of the pings that Binance sends every 20 s.
const SILENCE_NS_MAX: i64 = 60_000_000_000;

/// As how much silence the time between two looks counts at most.
const LOOK_NS_MAX: i64 = 100_000_000;

/// A ready connection.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    queue: SendQueue,
    /// Since anything came.
    silence: Silence,
    /// Since the first request left after which nothing came.
    unanswered: Option<Silence>,
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
    /// Nothing came for so long that nobody is there any more.
    Silent,
}

/// How long nothing came, in time during which somebody looked: a pause of this process is no silence of the peer.
#[derive(Clone, Copy, Debug, Default)]
struct Silence {
    looked: Option<Nanos>,
    length_ns: i64,
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => formatter.write_str("the venue closed the connection"),
            Self::Failed(failure) => write!(formatter, "the connection broke: {failure}"),
            Self::Protocol(error) => write!(formatter, "the venue broke the protocol: {error}"),
            Self::SendQueueFull => formatter.write_str("the venue does not read what is sent"),
            Self::Session => formatter.write_str("the venue ended the session"),
            Self::Silent => formatter.write_str("the venue says nothing any more"),
        }
    }
}

impl Connection {
    /// A connection whose handshake is done.
    #[must_use]
    pub fn new(stream: Stream, session: Session) -> Self {
        Self { stream, queue: SendQueue::default(), silence: Silence::default(), unanswered: None, session }
    }

    /// Receives what is there.
    #[inline]
    pub fn receive(&mut self) -> Arrival {
        match self.stream.recv(self.session.receive_space()) {
            Received::Bytes { count, kernel_time } => {
                self.session.received(count);
                self.silence = Silence::default();
                self.unanswered = None;
                Arrival::Bytes { kernel_time }
            }
            Received::WouldBlock => Arrival::Nothing,
            Received::Closed => Arrival::Lost(Loss::Closed),
            Received::Failed(failure) => Arrival::Lost(Loss::Failed(failure)),
        }
    }

    /// Sends what waits, and looks whether the peer is still there: it has to answer requests, and to ping a WebSocket
    /// connection that is quiet. Called once in a while.
    ///
    /// # Errors
    /// [`Loss`] if the connection cannot go on.
    pub fn look_after(&mut self, now: Nanos) -> Result<(), Loss> {
        let is_quiet = self.silence.look(now) > SILENCE_NS_MAX && self.session.framing() == Framing::WebSocket;
        let is_ignored = self.unanswered.as_mut().is_some_and(|silence| silence.look(now) > ANSWER_TIMEOUT_NS);
        if is_quiet || is_ignored { Err(Loss::Silent) } else { self.flush() }
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
        self.unanswered.get_or_insert_default();
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

impl Silence {
    fn look(&mut self, now: Nanos) -> i64 {
        let since = self.looked.replace(now).map_or(0, |looked| now.since(looked));
        self.length_ns += since.clamp(0, LOOK_NS_MAX);
        self.length_ns
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_of_this_process_is_no_silence_of_the_peer() {
        let mut silence = Silence::default();
        assert_eq!(silence.look(Nanos(5_000_000_000)), 0);
        assert_eq!(silence.look(Nanos(5_001_000_000)), 1_000_000);
        assert_eq!(silence.look(Nanos(95_001_000_000)), 1_000_000 + LOOK_NS_MAX);
    }
}
