//! From an endpoint to a connection that carries messages: TCP, TLS and the WebSocket upgrade within one deadline.
//!
//! This blocks, so it runs on a cold thread; the trading thread gets the result. `net` knows no framing and `session` no
//! sockets, so the two meet here.

use std::io;
use std::time::Instant;
use tercel_net::{ConnectError, Endpoint, Failure, Flushed, Received, Sent, SocketOptions, Stream, random_bytes};
use tercel_session::websocket::{
    ClientHandshake, HandshakeError, HandshakeProgress, MAX_BODY_EXCERPT, MAX_HEAD_LENGTH, RequestError, UpgradeRequest,
};
use tercel_session::{Framing, Role, Session, SessionOptions};

/// What the server's response is read into. Frames that arrive with it are moved to the session.
const RESPONSE_CAPACITY: usize = MAX_HEAD_LENGTH + MAX_BODY_EXCERPT;

/// What to connect to, and how.
#[derive(Debug, Clone, Copy)]
pub struct OpenRequest<'a> {
    /// Where to.
    pub endpoint: &'a Endpoint,
    /// The socket's settings.
    pub socket: &'a SocketOptions,
    /// The session's sizes; its seed is drawn anew for each connection.
    pub session: &'a SessionOptions,
    /// Further headers of the upgrade request, names and values, such as an API key.
    pub headers: &'a [(&'a str, &'a str)],
    /// When to give up.
    pub deadline: Instant,
}

/// Why no connection came about. No message repeats the path or a header: they may hold keys.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// TCP or TLS failed.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The upgrade request cannot be written.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The server refused the upgrade or answered wrongly.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// The connection broke during the upgrade.
    #[error("the connection broke during the WebSocket upgrade: {0}")]
    Lost(Failure),
    /// The server did not answer the upgrade in time.
    #[error("the deadline passed while waiting for the WebSocket upgrade")]
    TimedOut,
    /// The system gave no randomness.
    #[error("no random bytes from the system: {0}")]
    Randomness(#[from] io::Error),
    /// More came with the response than the session holds.
    #[error("{length} bytes came with the WebSocket upgrade; SessionOptions::receive_capacity is only {capacity}")]
    ReceiveCapacity {
        /// Bytes of frames behind the response.
        length: usize,
        /// The session's receive capacity.
        capacity: usize,
    },
}

/// Makes a connection that is ready for messages. What the server sent right behind its response is already in the
/// session, so call [`Session::next`] before the first receive.
///
/// # Errors
/// [`OpenError`] says which step failed and why.
pub fn open(request: &OpenRequest<'_>) -> Result<(Stream, Session), OpenError> {
    let options = SessionOptions { mask_seed: u64::from_ne_bytes(random_bytes()?), ..*request.session };
    if !request.endpoint.scheme().is_websocket() {
        let stream = Stream::connect_blocking(request.endpoint, request.socket, request.deadline)?;
        return Ok((stream, Session::new(Framing::Line, Role::Client, &options)));
    }
    let handshake = write_request(request)?;
    let mut stream = Stream::connect_blocking(request.endpoint, request.socket, request.deadline)?;
    send_all(&mut stream, handshake.request(), request.deadline)?;
    let first_frames = read_response(&mut stream, &handshake, request.deadline)?;
    let mut session = Session::new(Framing::WebSocket, Role::Client, &options);
    hand_over(&first_frames, &mut session)?;
    Ok((stream, session))
}

fn write_request(request: &OpenRequest<'_>) -> Result<ClientHandshake, OpenError> {
    let host = request.endpoint.authority();
    let upgrade = UpgradeRequest { host: &host, path: request.endpoint.path(), headers: request.headers };
    Ok(ClientHandshake::new(&upgrade, random_bytes()?)?)
}

fn send_all(stream: &mut Stream, bytes: &[u8], deadline: Instant) -> Result<(), OpenError> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match stream.send(rest) {
            Sent::Bytes(count) => rest = &rest[count..],
            Sent::WouldBlock => wait(stream.wait_writable(deadline))?,
            Sent::Closed => return Err(HandshakeError::Ended { received: 0 }.into()),
            Sent::Failed(failure) => return Err(OpenError::Lost(failure)),
        }
    }
    loop {
        match stream.flush() {
            Flushed::Empty => return Ok(()),
            Flushed::Pending => wait(stream.wait_writable(deadline))?,
            Flushed::Closed => return Err(HandshakeError::Ended { received: 0 }.into()),
            Flushed::Failed(failure) => return Err(OpenError::Lost(failure)),
        }
    }
}

/// Reads until the response is whole and returns what came behind it.
fn read_response(stream: &mut Stream, handshake: &ClientHandshake, deadline: Instant) -> Result<Vec<u8>, OpenError> {
    let mut response = vec![0; RESPONSE_CAPACITY];
    let mut filled = 0;
    // The handshake refuses a head that fills the buffer, so there is always space for the next turn.
    loop {
        match stream.recv(&mut response[filled..]) {
            Received::Bytes { count, .. } => filled += count,
            Received::WouldBlock if stream.wait_readable(deadline) => continue,
            Received::WouldBlock => return Err(at_deadline(handshake, &response[..filled])),
            Received::Closed => return Err(handshake.at_end(&response[..filled]).into()),
            Received::Failed(failure) => return Err(OpenError::Lost(failure)),
        }
        if let HandshakeProgress::Open { consumed } = handshake.read(&response[..filled])? {
            return Ok(response[consumed..filled].to_vec());
        }
    }
}

/// A refusal whose body is late is a refusal all the same.
fn at_deadline(handshake: &ClientHandshake, received: &[u8]) -> OpenError {
    match handshake.at_end(received) {
        HandshakeError::Ended { .. } => OpenError::TimedOut,
        refused => refused.into(),
    }
}

fn hand_over(first_frames: &[u8], session: &mut Session) -> Result<(), OpenError> {
    let space = session.receive_space();
    let (length, capacity) = (first_frames.len(), space.len());
    if length > capacity {
        return Err(OpenError::ReceiveCapacity { length, capacity });
    }
    space[..length].copy_from_slice(first_frames);
    session.received(length);
    Ok(())
}

fn wait(was_ready: bool) -> Result<(), OpenError> {
    if was_ready { Ok(()) } else { Err(OpenError::TimedOut) }
}
