//! What a socket call can come to. Plain values: making one neither allocates nor fails.

use std::fmt;
use tercel_types::UtcNanos;

/// What came of a receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Bytes were received.
    Bytes {
        /// How many, at least one.
        count: usize,
        /// When the kernel received the last packet they came in; none where it was not asked or gave none.
        kernel_time: Option<UtcNanos>,
    },
    /// Nothing is there yet.
    WouldBlock,
    /// The peer ended the connection in order.
    Closed,
    /// The connection broke.
    Failed(Failure),
}

/// What came of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// This many of the bytes were taken, at least one; the caller keeps the rest.
    Bytes(usize),
    /// The socket takes nothing at the moment.
    WouldBlock,
    /// The connection was ended before.
    Closed,
    /// The connection broke.
    Failed(Failure),
}

/// What came of sending through a [`SendQueue`](crate::SendQueue).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendOutcome {
    /// All bytes are with the kernel.
    Sent,
    /// All bytes were taken, some wait in the queue for [`SendQueue::flush`](crate::SendQueue::flush).
    Queued,
    /// The bytes do not fit into the queue; none of them was taken.
    Full,
    /// The connection was ended before.
    Closed,
    /// The connection broke.
    Failed(Failure),
}

/// What came of flushing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushed {
    /// Everything is with the kernel.
    Empty,
    /// The socket takes nothing more at the moment; bytes wait.
    Pending,
    /// The connection was ended before.
    Closed,
    /// The connection broke.
    Failed(Failure),
}

/// Why a connection broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The error number of the system call.
    System(i32),
    /// The TLS layer refused what came; [`Stream::tls_error`](crate::Stream::tls_error) says why.
    Tls,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(number) => std::io::Error::from_raw_os_error(*number).fmt(out),
            Self::Tls => out.write_str("the TLS layer refused what the peer sent"),
        }
    }
}
