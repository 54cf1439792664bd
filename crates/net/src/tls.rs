//! TLS over a non-blocking socket, by rustls with the ring provider.
//!
//! rustls allocates for each record, so this path is not free of allocation; its buffers are bounded by rustls' limits
//! and by [`CIPHERTEXT_CAPACITY`].

use crate::address::remaining;
use crate::connect::{ConnectError, wait_until_ready};
use crate::options::TlsRoots;
use crate::outcome::{Failure, Flushed, Received, Sent};
use crate::tcp::TcpSocket;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::io::{ErrorKind, Read as _, Write};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::Arc;
use std::time::Instant;
use tercel_types::UtcNanos;

/// Encrypted bytes that one receive takes from the kernel: a full record and some.
const CIPHERTEXT_CAPACITY: usize = 32 << 10;

/// Plain bytes that may wait inside rustls for the socket.
const UNSENT_LIMIT: usize = 64 << 10;

/// A TLS connection after its handshake.
pub(crate) struct TlsSocket {
    tcp: TcpSocket,
    connection: ClientConnection,
    /// Received bytes from `start` to `end` that rustls has not taken yet.
    ciphertext: Box<[u8]>,
    start: usize,
    end: usize,
    /// When the kernel received the latest ciphertext.
    kernel_time: Option<UtcNanos>,
    error: Option<rustls::Error>,
}

/// How a TLS client behaves; cold, as it may read the system's certificates.
pub(crate) fn client_config(roots: &TlsRoots) -> Result<Arc<ClientConfig>, ConnectError> {
    let certificates = match roots {
        TlsRoots::System => system_roots(),
        TlsRoots::Pem(text) => given_roots(text)?,
    };
    let mut store = RootCertStore::empty();
    let (usable, unusable) = store.add_parsable_certificates(certificates);
    if usable == 0 {
        return Err(ConnectError::Roots(format!("none found that can be used, {unusable} that cannot")));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectError::Roots(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    // WebSocket upgrades HTTP/1.1; a server that prefers HTTP/2 must know that it cannot have it.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// What of the system's certificates can be read; that some cannot is common and harmless, that none can is reported
/// by the caller.
fn system_roots() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

fn given_roots(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    certificates.map_err(|error| ConnectError::Roots(format!("the PEM text cannot be read: {error}")))
}

impl TlsSocket {
    /// Shakes hands within the deadline.
    pub fn handshake(
        tcp: TcpSocket,
        config: Arc<ClientConfig>,
        host: &str,
        deadline: Instant,
    ) -> Result<Self, ConnectError> {
        let failed = |reason: String| ConnectError::Tls { host: host.to_owned(), reason };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string()))?;
        let mut connection = ClientConnection::new(config, name).map_err(|error| failed(error.to_string()))?;
        connection.set_buffer_limit(Some(UNSENT_LIMIT));
        let ciphertext = vec![0; CIPHERTEXT_CAPACITY].into_boxed_slice();
        let mut socket = Self { tcp, connection, ciphertext, start: 0, end: 0, kernel_time: None, error: None };
        // The last flight of the handshake is still to be sent when rustls stops shaking hands.
        while socket.connection.is_handshaking() || socket.connection.wants_write() {
            if remaining(deadline).is_zero() {
                return Err(ConnectError::TimedOut { step: "shaking hands over TLS" });
            }
            socket.step_handshake(deadline).map_err(failed)?;
        }
        Ok(socket)
    }

    /// Sends and receives as far as possible, then waits until more is.
    fn step_handshake(&mut self, deadline: Instant) -> Result<(), String> {
        let awaited = match self.flush() {
            Flushed::Empty => libc::POLLIN,
            Flushed::Pending => libc::POLLIN | libc::POLLOUT,
            Flushed::Closed => return Err("the connection was closed".to_owned()),
            Flushed::Failed(failure) => return Err(self.describe(failure)),
        };
        if !self.connection.is_handshaking() && awaited == libc::POLLIN {
            return Ok(());
        }
        match self.advance() {
            Advance::Taken => {}
            Advance::Stopped(Received::Closed) => return Err("the server closed the connection".to_owned()),
            Advance::Stopped(Received::Failed(failure)) => return Err(self.describe(failure)),
            Advance::Stopped(_) => {
                // Whether it became ready or the deadline passed is seen by the caller's next turn.
                wait_until_ready(self.tcp.as_fd(), awaited, deadline);
            }
        }
        Ok(())
    }

    fn describe(&self, failure: Failure) -> String {
        match (&self.error, failure) {
            (Some(error), Failure::Tls) => error.to_string(),
            (_, failure) => failure.to_string(),
        }
    }

    /// Receives decrypted bytes.
    pub fn recv(&mut self, into: &mut [u8]) -> Received {
        if into.is_empty() {
            return Received::WouldBlock;
        }
        // Each turn either returns or takes ciphertext out of a bounded buffer.
        loop {
            match self.connection.reader().read(into) {
                Ok(0) => return Received::Closed,
                Ok(count) => return Received::Bytes { count, kernel_time: self.kernel_time },
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // The peer left without saying goodbye, which TCP reports in the same way.
                Err(_) => return Received::Closed,
            }
            if let Advance::Stopped(received) = self.advance() {
                return received;
            }
        }
    }

    /// Encrypts and sends. Bytes that were taken may still wait inside rustls, see [`flush`](Self::flush).
    pub fn send(&mut self, bytes: &[u8]) -> Sent {
        match self.flush() {
            Flushed::Empty => {}
            Flushed::Pending => return Sent::WouldBlock,
            Flushed::Closed => return Sent::Closed,
            Flushed::Failed(failure) => return Sent::Failed(failure),
        }
        let Ok(count) = self.connection.writer().write(bytes) else { return Sent::Failed(Failure::Tls) };
        match self.flush() {
            Flushed::Empty | Flushed::Pending if count > 0 => Sent::Bytes(count),
            Flushed::Empty | Flushed::Pending => Sent::WouldBlock,
            Flushed::Closed => Sent::Closed,
            Flushed::Failed(failure) => Sent::Failed(failure),
        }
    }

    /// Sends ciphertext that waits inside rustls.
    pub fn flush(&mut self) -> Flushed {
        while self.connection.wants_write() {
            let mut socket = Ciphertext { tcp: &mut self.tcp, last: Sent::WouldBlock };
            let written = self.connection.write_tls(&mut socket);
            match socket.last {
                Sent::Bytes(_) if written.is_ok() => {}
                Sent::Bytes(_) => return Flushed::Failed(Failure::Tls),
                Sent::WouldBlock => return Flushed::Pending,
                Sent::Closed => return Flushed::Closed,
                Sent::Failed(failure) => return Flushed::Failed(failure),
            }
        }
        Flushed::Empty
    }

    /// Whether ciphertext waits for the socket.
    pub fn has_unsent(&self) -> bool {
        self.connection.wants_write()
    }

    /// Says goodbye and tells the peer that nothing more will be sent.
    pub fn shutdown(&mut self) {
        self.connection.send_close_notify();
        self.flush();
        self.tcp.shutdown();
    }

    /// Why the TLS layer refused what came.
    pub fn error(&self) -> Option<&rustls::Error> {
        self.error.as_ref()
    }

    /// Gives rustls ciphertext, from the kernel when none is left.
    fn advance(&mut self) -> Advance {
        if self.start == self.end {
            match self.tcp.recv(&mut self.ciphertext) {
                Received::Bytes { count, kernel_time } => {
                    (self.start, self.end, self.kernel_time) = (0, count, kernel_time);
                }
                stopped => return Advance::Stopped(stopped),
            }
        }
        let mut rest = &self.ciphertext[self.start..self.end];
        let taken = match self.connection.read_tls(&mut rest) {
            Ok(taken) if taken > 0 => taken,
            _ => return Advance::Stopped(Received::Failed(Failure::Tls)),
        };
        self.start += taken;
        let processed = self.connection.process_new_packets();
        // Key updates want an answer, errors an alert; either waits inside rustls if the socket is full.
        self.flush();
        match processed {
            Ok(_) => Advance::Taken,
            Err(error) => {
                self.error = Some(error);
                Advance::Stopped(Received::Failed(Failure::Tls))
            }
        }
    }
}

impl std::fmt::Debug for TlsSocket {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("TlsSocket").field("tcp", &self.tcp).field("error", &self.error).finish_non_exhaustive()
    }
}

impl std::os::fd::AsFd for TlsSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.tcp.as_fd()
    }
}

/// Whether rustls got something to work on.
enum Advance {
    Taken,
    Stopped(Received),
}

/// The socket as rustls writes to it, remembering the outcome in our own terms.
struct Ciphertext<'a> {
    tcp: &'a mut TcpSocket,
    last: Sent,
}

impl Write for Ciphertext<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.last = self.tcp.send(bytes);
        match self.last {
            Sent::Bytes(count) => Ok(count),
            Sent::WouldBlock => Err(ErrorKind::WouldBlock.into()),
            Sent::Closed => Err(ErrorKind::BrokenPipe.into()),
            Sent::Failed(_) => Err(ErrorKind::ConnectionReset.into()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
