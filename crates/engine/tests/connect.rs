//! Opening connections against servers on 127.0.0.1.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tercel_engine::connect::{OpenError, OpenRequest, open};
use tercel_net::{Endpoint, Received, Sent, SocketOptions, Stream};
use tercel_session::websocket::{HandshakeError, ServerHandshake};
use tercel_session::{Framing, Role, Session, SessionOptions};

const PATIENCE: Duration = Duration::from_secs(5);
const SMALL: SessionOptions =
    SessionOptions { receive_capacity: 4096, message_capacity: 4096, frame_capacity: 1024, mask_seed: 0 };

fn serve(serve: impl FnOnce(TcpStream) + Send + 'static) -> (std::net::SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        serve(socket);
    });
    (address, thread)
}

fn open_url(url: &str, patience: Duration) -> Result<(Stream, Session), OpenError> {
    open(&OpenRequest {
        endpoint: &Endpoint::parse(url).unwrap(),
        socket: &SocketOptions::default(),
        session: &SMALL,
        headers: &[("X-MBX-APIKEY", "key")],
        deadline: Instant::now() + patience,
    })
}

fn read_request(socket: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    request
}

fn next_payload(stream: &mut Stream, session: &mut Session) -> Vec<u8> {
    loop {
        if let Some(message) = session.next().unwrap() {
            return message.payload.to_vec();
        }
        assert!(stream.wait_readable(Instant::now() + PATIENCE), "a message was sent");
        if let Received::Bytes { count, .. } = stream.recv(session.receive_space()) {
            session.received(count);
        }
    }
}

#[test]
fn frames_that_come_with_the_upgrade_are_not_lost() {
    let (address, server) = serve(|mut socket| {
        let request = read_request(&mut socket);
        assert!(String::from_utf8_lossy(&request).contains("X-MBX-APIKEY: key\r\n"));
        let accepted = ServerHandshake::read(&request).unwrap().unwrap();
        assert_eq!(accepted.path, "/stream?streams=a");
        let mut session = Session::new(Framing::WebSocket, Role::Server, &SMALL);
        session.frame_buffer()[..5].copy_from_slice(b"first");
        let mut bytes = accepted.response;
        bytes.extend_from_slice(session.seal_text(5));
        socket.write_all(&bytes).unwrap();
        let count = socket.read(session.receive_space()).unwrap();
        session.received(count);
        assert_eq!(session.next().unwrap().unwrap().payload, b"order");
    });
    let (mut stream, mut session) = open_url(&format!("ws://{address}/stream?streams=a"), PATIENCE).unwrap();
    assert_eq!(next_payload(&mut stream, &mut session), b"first");
    session.frame_buffer()[..5].copy_from_slice(b"order");
    let frame = session.seal_text(5);
    assert_eq!(stream.send(frame), Sent::Bytes(frame.len()));
    server.join().unwrap();
}

#[test]
fn a_tcp_endpoint_speaks_in_lines_at_once() {
    let (address, server) = serve(|mut socket| socket.write_all(b"{}\n").unwrap());
    let (mut stream, mut session) = open_url(&format!("tcp://{address}"), PATIENCE).unwrap();
    assert_eq!(session.framing(), Framing::Line);
    assert_eq!(next_payload(&mut stream, &mut session), b"{}");
    server.join().unwrap();
}

#[test]
fn a_refusal_is_reported_with_its_status_and_body() {
    let (address, server) = serve(|mut socket| {
        read_request(&mut socket);
        socket.write_all(b"HTTP/1.1 429 Too Many Requests\r\n\r\nbanned until noon").unwrap();
    });
    let error = open_url(&format!("ws://{address}/ws?listenKey=secret"), PATIENCE).unwrap_err();
    let refused = matches!(&error, OpenError::Handshake(HandshakeError::Refused { status: 429, .. }));
    assert!(refused && error.to_string().contains("banned until noon"), "{error}");
    assert!(!format!("{error:?}").contains("secret"), "the path must not appear");
    server.join().unwrap();
}

#[test]
fn a_server_that_says_nothing_meets_the_deadline_and_one_that_leaves_is_noticed() {
    let (address, server) = serve(|mut socket| {
        read_request(&mut socket);
        // Stays silent until the client gives up.
        assert_eq!(socket.read(&mut [0; 8]).unwrap(), 0);
    });
    let error = open_url(&format!("ws://{address}/"), Duration::from_millis(200)).unwrap_err();
    assert!(matches!(error, OpenError::TimedOut), "{error}");
    server.join().unwrap();

    let (address, server) = serve(|mut socket| {
        read_request(&mut socket);
    });
    let error = open_url(&format!("ws://{address}/"), PATIENCE).unwrap_err();
    assert!(matches!(error, OpenError::Handshake(HandshakeError::Ended { received: 0 })), "{error}");
    server.join().unwrap();
}
