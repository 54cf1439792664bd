//! The opening handshake as the server sees it (RFC 6455 section 4.2). Cold path.

use super::handshake::{HandshakeError, NONCE_LENGTH, accept_key, check_upgrade_headers};
use super::head::Head;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// A request that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedUpgrade {
    /// Path and query of the request.
    pub path: String,
    /// The bytes to send before the first frame.
    pub response: Vec<u8>,
    /// Bytes of the request; frames follow them.
    pub consumed: usize,
}

/// A request that was refused: why, and what to answer before closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeRefusal {
    /// What was wrong.
    pub reason: HandshakeError,
    /// The bytes to send before closing the connection.
    pub response: Vec<u8>,
}

/// A server's opening handshake. It keeps no state between calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerHandshake;

impl ServerHandshake {
    /// Looks at everything received so far; none until the request is complete.
    ///
    /// # Errors
    /// [`UpgradeRefusal`] when the request is no WebSocket upgrade of version 13.
    pub fn read(received: &[u8]) -> Result<Option<AcceptedUpgrade>, UpgradeRefusal> {
        let head = match Head::read(received) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(None),
            Err(reason) => return Err(refuse(reason)),
        };
        accept(&head).map(Some).map_err(refuse)
    }
}

fn accept(head: &Head<'_>) -> Result<AcceptedUpgrade, HandshakeError> {
    let path = read_path(head.start_line)?;
    check_upgrade_headers(head)?;
    if head.value("Sec-WebSocket-Version") != Some("13") {
        return Err(HandshakeError::MissingHeader("Sec-WebSocket-Version: 13"));
    }
    let key = head.value("Sec-WebSocket-Key").ok_or(HandshakeError::MissingHeader("Sec-WebSocket-Key"))?;
    if BASE64.decode(key).map(|nonce| nonce.len()) != Ok(NONCE_LENGTH) {
        return Err(HandshakeError::Malformed("a Sec-WebSocket-Key that is not 16 bytes in base64"));
    }
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        accept_key(key)
    );
    Ok(AcceptedUpgrade { path: path.to_owned(), response: response.into_bytes(), consumed: head.length })
}

fn read_path(start_line: &str) -> Result<&str, HandshakeError> {
    let mut words = start_line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("GET"), Some(path), Some("HTTP/1.1"), None) if path.starts_with('/') => Ok(path),
        _ => Err(HandshakeError::Malformed("another first line than a GET request")),
    }
}

fn refuse(reason: HandshakeError) -> UpgradeRefusal {
    let (status, hint) = match &reason {
        HandshakeError::HeadTooLong { .. } => ("431 Request Header Fields Too Large", ""),
        HandshakeError::MissingHeader(_) => {
            ("426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n")
        }
        _ => ("400 Bad Request", ""),
    };
    let response = format!("HTTP/1.1 {status}\r\n{hint}Connection: close\r\nContent-Length: 0\r\n\r\n");
    UpgradeRefusal { reason, response: response.into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::super::{ClientHandshake, HandshakeProgress, UpgradeRequest};
    use super::*;

    #[test]
    fn the_two_ends_agree() {
        let request = UpgradeRequest { host: "localhost", path: "/stream?streams=a", headers: &[] };
        let client = ClientHandshake::new(&request, [9; NONCE_LENGTH]).unwrap();
        assert_eq!(ServerHandshake::read(&client.request()[..40]), Ok(None));
        let accepted = ServerHandshake::read(client.request()).unwrap().unwrap();
        assert_eq!(accepted.path, "/stream?streams=a");
        assert_eq!(accepted.consumed, client.request().len());
        let consumed = accepted.response.len();
        assert_eq!(client.read(&accepted.response), Ok(HandshakeProgress::Open { consumed }));
    }

    #[test]
    fn a_plain_request_is_told_to_upgrade() {
        let refusal = ServerHandshake::read(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap_err();
        assert_eq!(refusal.reason, HandshakeError::MissingHeader("Upgrade: websocket"));
        assert!(refusal.response.starts_with(b"HTTP/1.1 426 "));
        let refusal = ServerHandshake::read(b"POST / HTTP/1.1\r\n\r\n").unwrap_err();
        assert!(refusal.response.starts_with(b"HTTP/1.1 400 "));
    }
}
