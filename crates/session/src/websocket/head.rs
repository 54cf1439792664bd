//! The head of an HTTP/1.1 message, as far as the opening handshake needs it. Cold path.

use super::handshake::HandshakeError;

/// The longest head of a request or response that is accepted, in bytes.
pub const MAX_HEAD_LENGTH: usize = 16 << 10;

const HEAD_END: &[u8] = b"\r\n\r\n";

/// A head that was read: its first line and its headers, still text.
pub(crate) struct Head<'a> {
    pub start_line: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    /// Bytes of the head with the empty line that ends it.
    pub length: usize,
}

impl<'a> Head<'a> {
    /// Reads the head at the front of `bytes`; none until its empty line is there.
    pub fn read(bytes: &'a [u8]) -> Result<Option<Self>, HandshakeError> {
        let searched = &bytes[..bytes.len().min(MAX_HEAD_LENGTH)];
        let Some(end) = memchr::memmem::find(searched, HEAD_END) else {
            let is_too_long = bytes.len() >= MAX_HEAD_LENGTH;
            return if is_too_long { Err(HandshakeError::HeadTooLong { limit: MAX_HEAD_LENGTH }) } else { Ok(None) };
        };
        let text =
            std::str::from_utf8(&bytes[..end]).map_err(|_| HandshakeError::Malformed("bytes that are not text"))?;
        let mut lines = text.split("\r\n");
        let start_line = lines.next().unwrap_or_default();
        let headers = lines.map(read_header_line).collect::<Result<_, _>>()?;
        Ok(Some(Self { start_line, headers, length: end + HEAD_END.len() }))
    }

    /// The value of the first header of this name.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Whether any header of this name lists the token, without regard to case.
    pub fn lists_token(&self, name: &str, token: &str) -> bool {
        let of_name = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        of_name.flat_map(|(_, value)| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
    }
}

fn read_header_line(line: &str) -> Result<(&str, &str), HandshakeError> {
    let (name, value) = line.split_once(':').ok_or(HandshakeError::Malformed("a header line without a colon"))?;
    if name.is_empty() || name.contains(|c: char| c.is_ascii_whitespace()) {
        return Err(HandshakeError::Malformed("a header name that is empty or contains white space"));
    }
    Ok((name, value.trim()))
}
