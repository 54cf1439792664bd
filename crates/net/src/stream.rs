//! A connection, plain or encrypted.

use crate::connect::{self, ConnectError, wait_until_ready};
use crate::endpoint::Endpoint;
use crate::options::SocketOptions;
use crate::outcome::{Flushed, Received, Sent};
use crate::tcp::TcpSocket;
use crate::tls::TlsSocket;
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

/// A connected, non-blocking byte stream. Dropping it closes the connection.
#[derive(Debug)]
pub struct Stream {
    transport: Transport,
}

#[derive(Debug)]
enum Transport {
    Plain(TcpSocket),
    // Boxed, so that a plain connection does not carry the size of a TLS state through rings.
    Secure(Box<TlsSocket>),
}

impl Stream {
    /// Connects within the deadline: name service, TCP, and the TLS handshake for `wss://`. Blocks, so it belongs on a
    /// cold thread; the stream it returns never blocks.
    ///
    /// # Errors
    /// [`ConnectError`] says which step failed and why.
    pub fn connect_blocking(
        endpoint: &Endpoint,
        options: &SocketOptions,
        deadline: Instant,
    ) -> Result<Self, ConnectError> {
        connect::connect(endpoint, options, deadline)
    }

    /// A connection that was made or accepted elsewhere. Buffer sizes and roots of the options do not apply any more.
    ///
    /// # Errors
    /// [`ConnectError::Option`] when the kernel refuses an option.
    pub fn from_std(socket: TcpStream, options: &SocketOptions) -> Result<Self, ConnectError> {
        TcpSocket::new(socket.into(), options).map(Self::plain)
    }

    pub(crate) fn plain(tcp: TcpSocket) -> Self {
        Self { transport: Transport::Plain(tcp) }
    }

    pub(crate) fn secure(tls: TlsSocket) -> Self {
        Self { transport: Transport::Secure(Box::new(tls)) }
    }

    /// Receives what is there. An empty `into` receives nothing and says [`Received::WouldBlock`].
    ///
    /// Over TLS, decrypted bytes may be left after a receive although the socket itself has none: park only after
    /// [`Received::WouldBlock`].
    #[inline]
    pub fn recv(&mut self, into: &mut [u8]) -> Received {
        match &mut self.transport {
            Transport::Plain(tcp) => tcp.recv(into),
            Transport::Secure(tls) => tls.recv(into),
        }
    }

    /// Sends as much as is taken. Over TLS, what was taken may still wait to be sent, see [`flush`](Self::flush).
    #[inline]
    pub fn send(&mut self, bytes: &[u8]) -> Sent {
        match &mut self.transport {
            Transport::Plain(tcp) => tcp.send(bytes),
            Transport::Secure(tls) => tls.send(bytes),
        }
    }

    /// Sends what the TLS layer has taken and the socket has not; plain TCP keeps nothing back.
    #[inline]
    pub fn flush(&mut self) -> Flushed {
        match &mut self.transport {
            Transport::Plain(_) => Flushed::Empty,
            Transport::Secure(tls) => tls.flush(),
        }
    }

    /// Whether the TLS layer holds bytes for the socket.
    #[inline]
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        match &self.transport {
            Transport::Plain(_) => false,
            Transport::Secure(tls) => tls.has_unsent(),
        }
    }

    /// Whether the bytes are encrypted.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        matches!(self.transport, Transport::Secure(_))
    }

    /// Why the TLS layer refused what came, after [`Failure::Tls`](crate::Failure::Tls).
    #[must_use]
    pub fn tls_error(&self) -> Option<&rustls::Error> {
        match &self.transport {
            Transport::Plain(_) => None,
            Transport::Secure(tls) => tls.error(),
        }
    }

    /// Tells the peer that nothing more will be sent; receiving goes on.
    pub fn shutdown(&mut self) {
        match &mut self.transport {
            Transport::Plain(tcp) => tcp.shutdown(),
            Transport::Secure(tls) => tls.shutdown(),
        }
    }

    /// Blocks until there is something to receive, for a cold thread; false once the deadline has passed.
    #[must_use]
    pub fn wait_readable(&self, deadline: Instant) -> bool {
        wait_until_ready(self.as_fd(), libc::POLLIN, deadline)
    }

    /// Blocks until the socket takes bytes again, for a cold thread; false once the deadline has passed.
    #[must_use]
    pub fn wait_writable(&self, deadline: Instant) -> bool {
        wait_until_ready(self.as_fd(), libc::POLLOUT, deadline)
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.transport {
            Transport::Plain(tcp) => tcp.as_fd(),
            Transport::Secure(tls) => tls.as_fd(),
        }
    }
}
