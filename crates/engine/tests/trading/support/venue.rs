//! The venue's ends of the two sockets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};

use serde_json::Value;

use super::PATIENCE;

/// One of the venue's sockets, a message a line.
pub struct Line {
    reader: BufReader<TcpStream>,
}

/// A request that the engine sent.
#[derive(Clone, Debug)]
pub struct Request(Value);

/// What a venue's socket holds unread, so that one which does not read is noticed soon.
const RECEIVE_BUFFER: usize = 1 << 16;

/// A listener on a port of its own.
pub fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    socket2::SockRef::from(&listener).set_recv_buffer_size(RECEIVE_BUFFER).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

impl Line {
    /// The next connection of a listener.
    pub fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { reader: BufReader::new(stream) }
    }

    /// Sends one message.
    pub fn send(&mut self, message: &str) {
        self.send_raw(format!("{message}\n").as_bytes());
    }

    /// Sends bytes as they are, so that one write can hold several messages or a part of one.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        self.reader.get_mut().write_all(bytes).unwrap();
    }

    /// Sends bytes; `false` once the connection is closed.
    pub fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.reader.get_mut().write_all(bytes).is_ok()
    }

    /// The next request.
    pub fn request(&mut self) -> Request {
        self.try_request().expect("the engine closed the connection instead of sending a request")
    }

    /// The next request, or none once the connection is closed.
    pub fn try_request(&mut self) -> Option<Request> {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        (!line.is_empty()).then(|| Request(serde_json::from_str(&line).unwrap()))
    }

    /// Whether a request is there to be read.
    pub fn has_request(&self) -> bool {
        let stream = self.reader.get_ref();
        stream.set_nonblocking(true).unwrap();
        let peeked = stream.peek(&mut [0]);
        stream.set_nonblocking(false).unwrap();
        !self.reader.buffer().is_empty() || peeked.is_ok_and(|count| count > 0)
    }

    /// The next request, which must be of this method.
    pub fn expect(&mut self, method: &str) -> Request {
        let request = self.request();
        assert_eq!(request.method(), method, "{request:?}");
        request
    }

    /// Answers a request that has to succeed before the connection is ready.
    pub fn accept_session(&mut self) -> Request {
        let request = self.request();
        let id = request.id();
        self.send(&format!(r#"{{"id":"{id}","status":200,"result":{{"subscriptionId":0}}}}"#));
        request
    }

    /// Nothing more will be sent; the engine sees the end of the stream.
    pub fn close(&self) {
        self.reader.get_ref().shutdown(Shutdown::Both).unwrap();
    }

    /// A second handle of the socket, for another thread.
    pub fn for_another_thread(&self) -> Self {
        Self { reader: BufReader::new(self.reader.get_ref().try_clone().unwrap()) }
    }
}

impl Request {
    /// The id that the answer must carry.
    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    /// What is asked for.
    pub fn method(&self) -> &str {
        self.0["method"].as_str().unwrap()
    }

    /// A parameter's text.
    pub fn text(&self, name: &str) -> &str {
        self.0["params"][name].as_str().unwrap_or_else(|| panic!("{name} is no text in {self:?}"))
    }

    /// Whether there is such a parameter.
    pub fn has(&self, name: &str) -> bool {
        !self.0["params"][name].is_null()
    }

    /// The client order id of the order that is placed.
    pub fn new_order(&self) -> &str {
        self.text("newClientOrderId")
    }

    /// The client order id of the order that is cancelled or asked for.
    pub fn old_order(&self) -> &str {
        self.text("origClientOrderId")
    }
}
