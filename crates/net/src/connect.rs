//! Making a connection within a deadline. Cold path.

use crate::address::{remaining, resolve};
use crate::endpoint::Endpoint;
use crate::options::SocketOptions;
use crate::stream::Stream;
use crate::tcp::TcpSocket;
use crate::tls::{TlsSocket, client_config};
use socket2::{Domain, Protocol, Socket, Type};
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::time::Instant;

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The name service does not know the host, or does not answer.
    #[error("the host {host:?} cannot be resolved: {source}")]
    Resolve {
        /// The host as the URL names it.
        host: String,
        /// The resolver's error.
        source: std::io::Error,
    },
    /// The name service knows no address for the host.
    #[error("the host {host:?} has no address")]
    NoAddress {
        /// The host as the URL names it.
        host: String,
    },
    /// No address took the connection; the last attempt is reported.
    #[error("no connection to {address}: {source}")]
    Tcp {
        /// The last address that was tried.
        address: SocketAddr,
        /// Its error.
        source: std::io::Error,
    },
    /// The deadline passed.
    #[error("the deadline passed while {step}")]
    TimedOut {
        /// What was being done.
        step: &'static str,
    },
    /// A socket option was refused.
    #[error("the socket option {option} was refused: {source}")]
    Option {
        /// The option's name as the kernel spells it.
        option: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// There is no usable certificate authority.
    #[error("no usable TLS root certificates: {0}")]
    Roots(String),
    /// The TLS handshake failed.
    #[error("the TLS handshake with {host:?} failed: {reason}")]
    Tls {
        /// The host whose certificate was expected.
        host: String,
        /// What went wrong.
        reason: String,
    },
}

/// TCP, options, and TLS where the scheme asks for it.
pub(crate) fn connect(endpoint: &Endpoint, options: &SocketOptions, deadline: Instant) -> Result<Stream, ConnectError> {
    // Roots first: a missing certificate file should not cost a connection.
    let config = endpoint.scheme().is_secure().then(|| client_config(&options.tls_roots)).transpose()?;
    let socket = connect_any(&resolve(endpoint, deadline)?, options, deadline)?;
    let tcp = TcpSocket::new(socket, options)?;
    match config {
        None => Ok(Stream::plain(tcp)),
        Some(config) => Ok(Stream::secure(TlsSocket::handshake(tcp, config, endpoint.host(), deadline)?)),
    }
}

/// The first address that takes the connection.
fn connect_any(addresses: &[SocketAddr], options: &SocketOptions, deadline: Instant) -> Result<Socket, ConnectError> {
    let mut last_error = ConnectError::TimedOut { step: "connecting" };
    for address in addresses {
        let patience = remaining(deadline);
        if patience.is_zero() {
            return Err(ConnectError::TimedOut { step: "connecting" });
        }
        match connect_one(*address, options, patience) {
            Ok(socket) => return Ok(socket),
            Err(source) => last_error = ConnectError::Tcp { address: *address, source },
        }
    }
    Err(last_error)
}

fn connect_one(address: SocketAddr, options: &SocketOptions, patience: std::time::Duration) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Buffer sizes decide the window that is offered in the first packet, so they come before it.
    if let Some(bytes) = options.receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.send_buffer {
        socket.set_send_buffer_size(bytes)?;
    }
    socket.connect_timeout(&address.into(), patience)?;
    Ok(socket)
}

/// Whether the socket becomes ready for one of the `poll(2)` events before the deadline.
pub(crate) fn wait_until_ready(socket: BorrowedFd<'_>, events: libc::c_short, deadline: Instant) -> bool {
    use std::os::fd::AsRawFd as _;
    loop {
        let patience = remaining(deadline);
        if patience.is_zero() {
            return false;
        }
        // Rounded up, so that the last fraction of a millisecond does not become a busy loop.
        let patience_ms = libc::c_int::try_from(patience.as_millis() + 1).unwrap_or(libc::c_int::MAX);
        let mut waited = libc::pollfd { fd: socket.as_raw_fd(), events, revents: 0 };
        // SAFETY: one `pollfd` is passed, by a pointer to a live one, with the count 1.
        if unsafe { libc::poll(&raw mut waited, 1, patience_ms) } > 0 {
            return true;
        }
    }
}
