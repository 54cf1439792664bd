//! Where to connect to: a URL taken apart.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// How to talk at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `ws://`: WebSocket over plain TCP.
    WebSocket,
    /// `wss://`: WebSocket over TLS.
    SecureWebSocket,
    /// `tcp://`: one message a line over plain TCP.
    Tcp,
}

impl Scheme {
    /// Whether bytes are encrypted.
    #[must_use]
    pub fn is_secure(self) -> bool {
        self == Self::SecureWebSocket
    }

    /// Whether the connection opens with a WebSocket handshake.
    #[must_use]
    pub fn is_websocket(self) -> bool {
        self != Self::Tcp
    }

    fn default_port(self) -> Option<u16> {
        match self {
            Self::WebSocket => Some(80),
            Self::SecureWebSocket => Some(443),
            Self::Tcp => None,
        }
    }
}

/// A parsed URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

/// What is wrong with a URL. The URL itself is not repeated: its path may hold a listen key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Another scheme, or none.
    #[error("the URL must begin with ws://, wss:// or tcp://, this one begins with {0:?}")]
    UnknownScheme(String),
    /// Nothing between the scheme and the port or path.
    #[error("the URL names no host")]
    NoHost,
    /// A host that is neither a name nor an address.
    #[error("{0:?} is no host name; an IPv6 address stands in brackets, as in ws://[::1]:80/")]
    BadHost(String),
    /// A port that is not a number from 1 to 65535.
    #[error("{0:?} is no port; it must be a number from 1 to 65535")]
    BadPort(String),
    /// `tcp://` has no port of its own.
    #[error("a tcp:// URL must name its port, as in tcp://127.0.0.1:9000")]
    NoPort,
    /// `user:password@`, which would end up in logs.
    #[error("the URL must not contain a user or password")]
    Credentials,
    /// White space, a control character or a fragment.
    #[error("the path of the URL contains white space, a control character or '#'")]
    BadPath,
}

impl Endpoint {
    /// Takes a URL apart: `ws://127.0.0.1:9443/ws?x=1`, `wss://stream.example.com/stream`, `tcp://[::1]:9000`.
    ///
    /// # Errors
    /// [`EndpointError`] says which part is wrong.
    pub fn parse(url: &str) -> Result<Self, EndpointError> {
        let (scheme, rest) = split_scheme(url)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(EndpointError::Credentials);
        }
        let (host, port) = split_authority(authority)?;
        let port = match port {
            Some(text) => parse_port(text)?,
            None => scheme.default_port().ok_or(EndpointError::NoPort)?,
        };
        Ok(Self { scheme, host: host.to_owned(), port, path: normal_path(path)? })
    }

    /// How to talk.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Name or address, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, the scheme's own where the URL names none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, `/` when there is none. `tcp://` has no use for it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of an HTTP `Host` header: the host, and the port unless it is the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.scheme.default_port() == Some(self.port) { host } else { format!("{host}:{}", self.port) }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;
    fn from_str(url: &str) -> Result<Self, EndpointError> {
        Self::parse(url)
    }
}

fn split_scheme(url: &str) -> Result<(Scheme, &str), EndpointError> {
    let (name, rest) = url.split_once("://").ok_or_else(|| EndpointError::UnknownScheme(excerpt(url)))?;
    let scheme = match name.to_ascii_lowercase().as_str() {
        "ws" => Scheme::WebSocket,
        "wss" => Scheme::SecureWebSocket,
        "tcp" => Scheme::Tcp,
        _ => return Err(EndpointError::UnknownScheme(excerpt(name))),
    };
    Ok((scheme, rest))
}

fn split_authority(authority: &str) -> Result<(&str, Option<&str>), EndpointError> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or_else(|| EndpointError::BadHost(excerpt(authority)))?;
        let port = rest.strip_prefix(':');
        if Ipv6Addr::from_str(host).is_err() || (port.is_none() && !rest.is_empty()) {
            return Err(EndpointError::BadHost(excerpt(authority)));
        }
        return Ok((host, port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    if host.is_empty() {
        return Err(EndpointError::NoHost);
    }
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    let is_second_colon = port.is_some_and(|port| port.contains(':'));
    if !is_name || is_second_colon {
        return Err(EndpointError::BadHost(excerpt(authority)));
    }
    Ok((host, port))
}

fn parse_port(text: &str) -> Result<u16, EndpointError> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if port > 0 && is_digits => Ok(port),
        _ => Err(EndpointError::BadPort(excerpt(text))),
    }
}

fn normal_path(path: &str) -> Result<String, EndpointError> {
    if !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err(EndpointError::BadPath);
    }
    Ok(if path.starts_with('/') { path.to_owned() } else { format!("/{path}") })
}

/// Whether the host is an address, which needs no name service.
pub(crate) fn as_address(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// Enough of a wrong part to recognise it.
fn excerpt(text: &str) -> String {
    const LONGEST_EXCERPT: usize = 40;
    text.chars().take(LONGEST_EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> (Scheme, String, u16, String) {
        let Endpoint { scheme, host, port, path } = Endpoint::parse(url).unwrap();
        (scheme, host, port, path)
    }

    #[test]
    fn a_url_comes_apart_into_scheme_host_port_and_path() {
        let local = "127.0.0.1".to_owned();
        assert_eq!(parts("ws://127.0.0.1:1234/path?x"), (Scheme::WebSocket, local.clone(), 1234, "/path?x".into()));
        assert_eq!(parts("WSS://a.example"), (Scheme::SecureWebSocket, "a.example".into(), 443, "/".into()));
        assert_eq!(parts("wss://a.example?x=1"), (Scheme::SecureWebSocket, "a.example".into(), 443, "/?x=1".into()));
        assert_eq!(parts("tcp://[::1]:9"), (Scheme::Tcp, "::1".into(), 9, "/".into()));
        assert_eq!(parts("tcp://127.0.0.1:9/"), (Scheme::Tcp, local, 9, "/".into()));
    }

    #[test]
    fn the_host_header_names_the_port_unless_it_is_the_schemes_own() {
        let authority = |url| Endpoint::parse(url).unwrap().authority();
        assert_eq!(authority("wss://a.example:443/x"), "a.example");
        assert_eq!(authority("wss://a.example:9443/x"), "a.example:9443");
        assert_eq!(authority("ws://[::1]:81/x"), "[::1]:81");
    }

    #[test]
    fn each_wrong_part_is_named() {
        let wrong = |url| Endpoint::parse(url).unwrap_err();
        assert_eq!(wrong("http://a"), EndpointError::UnknownScheme("http".into()));
        assert_eq!(wrong("a:1"), EndpointError::UnknownScheme("a:1".into()));
        assert_eq!(wrong("ws://:80/"), EndpointError::NoHost);
        assert_eq!(wrong("ws:///x"), EndpointError::NoHost);
        assert_eq!(wrong("ws://::1/"), EndpointError::NoHost);
        assert_eq!(wrong("ws://a:1:2/"), EndpointError::BadHost("a:1:2".into()));
        assert_eq!(wrong("ws://[::1/"), EndpointError::BadHost("[::1".into()));
        assert_eq!(wrong("ws://a b/"), EndpointError::BadHost("a b".into()));
        assert_eq!(wrong("ws://a:0/"), EndpointError::BadPort("0".into()));
        assert_eq!(wrong("ws://a:+1/"), EndpointError::BadPort("+1".into()));
        assert_eq!(wrong("ws://a:70000/"), EndpointError::BadPort("70000".into()));
        assert_eq!(wrong("tcp://a/"), EndpointError::NoPort);
        assert_eq!(wrong("ws://user:secret@a/"), EndpointError::Credentials);
        assert_eq!(wrong("ws://a/b c"), EndpointError::BadPath);
        assert_eq!(wrong("ws://a/#b"), EndpointError::BadPath);
    }
}
