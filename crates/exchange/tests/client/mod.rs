//! A small client of the exchange: plain HTTP, signatures, WebSocket.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::Ed25519KeyPair;
use serde_json::Value;
use tercel_exchange::{ExchangeConfig, RunningExchange, start};
use tungstenite::{Message, WebSocket};

/// An exchange and how to talk to it.
pub struct Client {
    pub exchange: RunningExchange,
    address: String,
}

/// An HTTP answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

pub type Socket = WebSocket<TcpStream>;

/// An exchange without order flow.
pub fn quiet() -> Client {
    Client::start(&ExchangeConfig { flow_rate: 0.0, ..ExchangeConfig::default() })
}

impl Client {
    pub fn start(config: &ExchangeConfig) -> Self {
        let exchange = start(config).expect("the exchange starts");
        let address = exchange.rest_url.trim_start_matches("http://").to_owned();
        Self { exchange, address }
    }

    /// Sends a request as it stands.
    pub fn raw(&self, method: &str, target: &str, headers: &str, body: &str) -> Answer {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let length = body.len();
        write!(
            socket,
            "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        )
        .unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_ascii_lowercase(), body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }

    pub fn get(&self, target: &str) -> Answer {
        self.raw("GET", target, "", "")
    }

    /// Sends a request signed with HMAC, everything in the query.
    pub fn signed(&self, method: &str, path: &str, params: &str) -> Answer {
        let joint = if params.is_empty() { "" } else { "&" };
        let query = format!("{params}{joint}timestamp={}", now_ms());
        let signature = self.hmac(&query);
        self.raw(method, &format!("{path}?{query}&signature={signature}"), &self.key_header(), "")
    }

    pub fn key_header(&self) -> String {
        format!("X-MBX-APIKEY: {}\r\n", self.exchange.api_key)
    }

    pub fn hmac(&self, payload: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.exchange.api_secret.as_bytes());
        hmac::sign(&key, payload.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn ed25519(&self, payload: &str) -> String {
        let body: String =
            self.exchange.ed25519_private_key_pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&STANDARD.decode(body).unwrap()).unwrap();
        STANDARD.encode(pair.sign(payload.as_bytes()))
    }

    /// Opens a WebSocket at a path of the exchange.
    pub fn open(&self, path: &str) -> Socket {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.set_nodelay(true).unwrap();
        tungstenite::client(format!("ws://{}{path}", self.address), stream).unwrap().0
    }

    /// Opens the WebSocket API, logged on.
    pub fn logged_on(&self) -> Socket {
        let mut socket = self.open("/ws-api/v3");
        let payload = format!("apiKey={}&timestamp={}", self.exchange.api_key, now_ms());
        let (key, signature) = (&self.exchange.api_key, self.ed25519(&payload));
        let stamp = payload.rsplit('=').next().unwrap();
        let reply = call(
            &mut socket,
            &format!(
                r#"{{"id":"logon","method":"session.logon","params":{{"apiKey":"{key}","timestamp":{stamp},"signature":"{signature}"}}}}"#
            ),
        );
        assert_eq!(reply["status"], 200, "{reply}");
        socket
    }
}

/// The next text message.
pub fn next(socket: &mut Socket) -> Value {
    loop {
        if let Message::Text(text) = socket.read().expect("a message within ten seconds") {
            return serde_json::from_str(text.as_str()).unwrap();
        }
    }
}

/// Sends a text and gives the next text message.
pub fn call(socket: &mut Socket, text: &str) -> Value {
    socket.send(Message::text(text.to_owned())).unwrap();
    next(socket)
}

pub fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}
