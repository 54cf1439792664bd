//! A socket and its framing, as the trading thread holds them: ready for use, handshake and logon done.

use std::fmt;

use std::os::fd::{AsFd, BorrowedFd};

use tercel_net::{Failure, Flushed, Received, SendOutcome, SendQueue, Stream};
use tercel_session::{Framing, Session, SessionError};
use tercel_types::{Nanos, UtcNanos};

use crate::silence::Silence;

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
    /// How a send failed: part of a message may have left, so nothing may follow it.
    broken: Option<Loss>,
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
        Self {
            stream,
            queue: SendQueue::default(),
            silence: Silence::default(),
            unanswered: None,
            broken: None,
            session,
        }
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
        if let Some(loss) = self.broken {
            return Err(loss);
        }
        let is_quiet =
            self.silence.look(now, LOOK_NS_MAX) > SILENCE_NS_MAX && self.session.framing() == Framing::WebSocket;
        let is_ignored =
            self.unanswered.as_mut().is_some_and(|silence| silence.look(now, LOOK_NS_MAX) > ANSWER_TIMEOUT_NS);
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
    /// [`Loss::SendQueueFull`] for now; any other [`Loss`] for good. Either way the message never leaves as a whole.
    #[inline]
    pub fn send_text(&mut self, length: usize) -> Result<(), Loss> {
        if let Some(loss) = self.broken {
            return Err(loss);
        }
        self.unanswered.get_or_insert_default();
        let outcome = sent(self.queue.send(&mut self.stream, self.session.seal_text(length)));
        self.broken = outcome.err().filter(|&loss| loss != Loss::SendQueueFull);
        outcome
    }

    /// Sends the answer to a ping or a close, if one is due.
    ///
    /// # Errors
    /// [`Loss::Closed`] after the peer's close, else as [`Self::send_text`].
    pub fn answer(&mut self) -> Result<(), Loss> {
        if let Some(loss) = self.broken {
            return Err(loss);
        }
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

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use tercel_net::SocketOptions;
    use tercel_session::{Role, SessionOptions};

    use super::*;

    #[test]
    fn after_a_send_that_failed_nothing_leaves_and_the_next_look_says_so() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        drop(listener.accept().unwrap());
        let stream = Stream::from_std(socket, &SocketOptions::default()).unwrap();
        let mut connection =
            Connection::new(stream, Session::new(Framing::Line, Role::Client, &SessionOptions::default()));
        // The first send tells the peer's system that nobody is there; its answer makes a later one fail.
        let mut sends = (0..1_000).map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            connection.send_text(10)
        });
        let loss = sends.find_map(Result::err).expect("the peer is gone");
        drop(sends);
        assert_eq!(connection.send_text(10), Err(loss));
        assert_eq!(connection.answer(), Err(loss));
        assert_eq!(connection.look_after(Nanos(0)), Err(loss));
    }
}
