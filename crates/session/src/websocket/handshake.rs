//! The opening handshake as the client sees it (RFC 6455 section 4.1). Cold path.

use super::head::Head;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Random bytes in a `Sec-WebSocket-Key`.
pub const NONCE_LENGTH: usize = 16;

/// The longest start of a refusal's body that is kept for the error message, in bytes.
pub const MAX_BODY_EXCERPT: usize = 512;

/// Appended to the key before hashing (section 1.3).
const ACCEPT_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const SWITCHING_PROTOCOLS: u16 = 101;

/// What a client asks for.
#[derive(Debug, Clone, Copy)]
pub struct UpgradeRequest<'a> {
    /// The value of `Host`: name, and port unless it is the scheme's own.
    pub host: &'a str,
    /// Path and query, beginning with `/`.
    pub path: &'a str,
    /// Further headers: names and values.
    pub headers: &'a [(&'a str, &'a str)],
}

/// Why an upgrade request cannot be written. Values are not repeated: they may hold keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The host is empty or holds white space or control characters.
    #[error("the host of the WebSocket URL is empty or contains white space")]
    BadHost,
    /// The path does not begin with a slash or holds white space or control characters.
    #[error("the path of the WebSocket URL must begin with '/' and contain no white space")]
    BadPath,
    /// A header name or value that would break the request apart.
    #[error("an extra header has an empty name or contains a control character")]
    BadHeader,
}

/// Why the opening handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// The server answered with another status than 101.
    #[error("the server refused the WebSocket upgrade with status {status}: {body:?}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The start of the body, up to [`MAX_BODY_EXCERPT`] bytes; bytes that are not text are replaced.
        body: String,
    },
    /// The head did not end within the limit.
    #[error("the head of the handshake is longer than {limit} bytes")]
    HeadTooLong {
        /// [`MAX_HEAD_LENGTH`](super::MAX_HEAD_LENGTH).
        limit: usize,
    },
    /// What came is not HTTP/1.1.
    #[error("the handshake is not HTTP/1.1: it has {0}")]
    Malformed(&'static str),
    /// `Upgrade: websocket` or `Connection: upgrade` is missing.
    #[error("the handshake lacks the header {0}")]
    MissingHeader(&'static str),
    /// `Sec-WebSocket-Accept` does not prove that the server understood this request.
    #[error("the server's Sec-WebSocket-Accept does not match the key that was sent")]
    WrongAcceptKey,
    /// The server chose an extension or subprotocol that was not offered.
    #[error("the server chose a {0} that was not offered")]
    NotOffered(&'static str),
    /// The connection ended in the middle of the handshake.
    #[error("the connection ended after {received} bytes of the handshake")]
    Ended {
        /// How much had come.
        received: usize,
    },
}

/// How far the server's response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandshakeProgress {
    /// More bytes are needed.
    Incomplete,
    /// The connection is open; the response took this many bytes, frames follow.
    Open {
        /// Bytes of the response's head.
        consumed: usize,
    },
}

/// A client's opening handshake: the request's bytes out, the response's bytes in.
#[derive(Debug, Clone)]
pub struct ClientHandshake {
    request: Vec<u8>,
    accept: String,
}

impl ClientHandshake {
    /// Writes the request. The nonce is random bytes from the operating system, new for each connection.
    ///
    /// # Errors
    /// [`RequestError`] when host, path or a header would not stay within its line.
    pub fn new(request: &UpgradeRequest<'_>, nonce: [u8; NONCE_LENGTH]) -> Result<Self, RequestError> {
        check_request(request)?;
        let key = BASE64.encode(nonce);
        let mut text = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n",
            request.path, request.host
        );
        for (name, value) in request.headers {
            text.extend([*name, ": ", *value, "\r\n"]);
        }
        text.push_str("\r\n");
        Ok(Self { request: text.into_bytes(), accept: accept_key(&key) })
    }

    /// The bytes to send.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Looks at everything received so far; call it again with more after [`HandshakeProgress::Incomplete`]. A refusal
    /// waits for the start of its body, as far as its length was announced.
    ///
    /// # Errors
    /// [`HandshakeError`] when the server refuses or answers wrongly.
    pub fn read(&self, received: &[u8]) -> Result<HandshakeProgress, HandshakeError> {
        let Some(head) = Head::read(received)? else { return Ok(HandshakeProgress::Incomplete) };
        let status = read_status(head.start_line)?;
        if status == SWITCHING_PROTOCOLS {
            self.check_response(&head)?;
            return Ok(HandshakeProgress::Open { consumed: head.length });
        }
        let body = &received[head.length..];
        let announced = head.value("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(usize::MAX);
        if body.len() < announced.min(MAX_BODY_EXCERPT) {
            return Ok(HandshakeProgress::Incomplete);
        }
        Err(refusal(status, body))
    }

    /// What the end of the connection, or of patience, after these bytes means.
    #[must_use]
    pub fn at_end(&self, received: &[u8]) -> HandshakeError {
        let refused = Head::read(received).ok().flatten().and_then(|head| {
            let status = read_status(head.start_line).ok()?;
            (status != SWITCHING_PROTOCOLS).then(|| refusal(status, &received[head.length..]))
        });
        refused.unwrap_or(HandshakeError::Ended { received: received.len() })
    }

    fn check_response(&self, head: &Head<'_>) -> Result<(), HandshakeError> {
        check_upgrade_headers(head)?;
        if head.value("Sec-WebSocket-Accept") != Some(self.accept.as_str()) {
            return Err(HandshakeError::WrongAcceptKey);
        }
        if head.value("Sec-WebSocket-Extensions").is_some_and(|value| !value.is_empty()) {
            return Err(HandshakeError::NotOffered("extension"));
        }
        if head.value("Sec-WebSocket-Protocol").is_some() {
            return Err(HandshakeError::NotOffered("subprotocol"));
        }
        Ok(())
    }
}

/// `Upgrade: websocket` and `Connection: upgrade`, which both directions carry.
pub(crate) fn check_upgrade_headers(head: &Head<'_>) -> Result<(), HandshakeError> {
    if !head.lists_token("Upgrade", "websocket") {
        return Err(HandshakeError::MissingHeader("Upgrade: websocket"));
    }
    if !head.lists_token("Connection", "upgrade") {
        return Err(HandshakeError::MissingHeader("Connection: Upgrade"));
    }
    Ok(())
}

/// The proof that a server understood the key (section 4.2.2): SHA-1 is what the protocol prescribes, nothing rests on
/// its strength.
pub(crate) fn accept_key(key: &str) -> String {
    let mut hash = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(ACCEPT_SUFFIX);
    BASE64.encode(hash.finish())
}

fn check_request(request: &UpgradeRequest<'_>) -> Result<(), RequestError> {
    let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if request.host.is_empty() || !is_visible(request.host) {
        return Err(RequestError::BadHost);
    }
    if !request.path.starts_with('/') || !is_visible(request.path) {
        return Err(RequestError::BadPath);
    }
    let breaks_line = |(name, value): &(&str, &str)| {
        name.is_empty() || !is_visible(name) || name.contains(':') || value.contains(|c: char| c.is_control())
    };
    if request.headers.iter().any(breaks_line) {
        return Err(RequestError::BadHeader);
    }
    Ok(())
}

fn read_status(start_line: &str) -> Result<u16, HandshakeError> {
    let rest = start_line.strip_prefix("HTTP/1.1 ").ok_or(HandshakeError::Malformed("another first line"))?;
    let digits = rest.get(..3).ok_or(HandshakeError::Malformed("a status line without a status"))?;
    digits.parse().map_err(|_| HandshakeError::Malformed("a status that is not a number"))
}

fn refusal(status: u16, body: &[u8]) -> HandshakeError {
    let excerpt = &body[..body.len().min(MAX_BODY_EXCERPT)];
    HandshakeError::Refused { status, body: String::from_utf8_lossy(excerpt).trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The key and accept value of RFC 6455 section 1.3.
    const NONCE: [u8; NONCE_LENGTH] = *b"the sample nonce";
    const OPEN: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

    fn handshake() -> ClientHandshake {
        let request = UpgradeRequest { host: "localhost:1", path: "/ws?x=1", headers: &[("X-Key", "abc")] };
        ClientHandshake::new(&request, NONCE).unwrap()
    }

    #[test]
    fn the_request_is_what_the_specification_shows() {
        let text = String::from_utf8(handshake().request().to_vec()).unwrap();
        assert!(text.starts_with("GET /ws?x=1 HTTP/1.1\r\nHost: localhost:1\r\n"), "{text}");
        assert!(text.contains("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), "{text}");
        assert!(text.ends_with("X-Key: abc\r\n\r\n"), "{text}");
    }

    #[test]
    fn a_response_opens_at_its_last_byte_and_leaves_the_frames() {
        let response = format!("{OPEN}\r\n\u{1}\u{2}");
        let length = response.len() - 2;
        for cut in 0..length {
            assert_eq!(handshake().read(&response.as_bytes()[..cut]), Ok(HandshakeProgress::Incomplete));
        }
        assert_eq!(handshake().read(response.as_bytes()), Ok(HandshakeProgress::Open { consumed: length }));
    }

    #[test]
    fn a_refusal_carries_its_status_and_the_start_of_its_body() {
        let response = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 9\r\n\r\nslow down";
        let refused = HandshakeError::Refused { status: 429, body: "slow down".into() };
        assert_eq!(handshake().read(&response.as_bytes()[..response.len() - 1]), Ok(HandshakeProgress::Incomplete));
        assert_eq!(handshake().read(response.as_bytes()), Err(refused));
    }

    #[test]
    fn the_end_of_the_connection_tells_a_refusal_from_silence() {
        let refused = handshake().at_end(b"HTTP/1.1 503 Gone\r\n\r\nbye");
        assert_eq!(refused, HandshakeError::Refused { status: 503, body: "bye".into() });
        assert_eq!(handshake().at_end(b"HTTP/1.1 1"), HandshakeError::Ended { received: 10 });
    }

    #[test]
    fn wrong_answers_each_have_their_error() {
        let read = |text: &str| handshake().read(text.as_bytes()).unwrap_err();
        let wrong_key = OPEN.replace("s3pP", "AAAA") + "\r\n";
        assert_eq!(read(&wrong_key), HandshakeError::WrongAcceptKey);
        assert_eq!(
            read(&(OPEN.replace("Upgrade: w", "X: w") + "\r\n")),
            HandshakeError::MissingHeader("Upgrade: websocket")
        );
        let extension = format!("{OPEN}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
        assert_eq!(read(&extension), HandshakeError::NotOffered("extension"));
        assert_eq!(read("SSH-2.0\r\n\r\n"), HandshakeError::Malformed("another first line"));
        let endless = "x".repeat(super::super::MAX_HEAD_LENGTH);
        assert_eq!(read(&endless), HandshakeError::HeadTooLong { limit: super::super::MAX_HEAD_LENGTH });
    }

    #[test]
    fn nothing_can_be_smuggled_into_the_request() {
        let try_request = |host, path, headers: &[(&str, &str)]| {
            ClientHandshake::new(&UpgradeRequest { host, path, headers }, NONCE).map(|_| ()).unwrap_err()
        };
        assert_eq!(try_request("a\r\nb", "/", &[]), RequestError::BadHost);
        assert_eq!(try_request("a", "/ HTTP/1.1\r\nX: y", &[]), RequestError::BadPath);
        assert_eq!(try_request("a", "/", &[("x", "y\r\nz: 1")]), RequestError::BadHeader);
    }
}
