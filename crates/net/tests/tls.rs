//! TLS against a rustls server on 127.0.0.1 with a certificate made for the test.

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tercel_net::{
    ConnectError, Endpoint, Failure, Flushed, Received, SendOutcome, SendQueue, SocketOptions, Stream, TlsRoots,
};

const PATIENCE: Duration = Duration::from_secs(10);

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

/// What the server does once the handshake is over.
type Serve = fn(StreamOwned<ServerConnection, std::net::TcpStream>);

struct TestServer {
    endpoint: Endpoint,
    certificate_pem: String,
    thread: JoinHandle<()>,
}

fn certificate() -> rcgen::CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap()
}

fn start(serve: Serve) -> TestServer {
    let made = certificate();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::parse(&format!("wss://{}", listener.local_addr().unwrap())).unwrap();
    let thread = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        serve(StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), socket));
    });
    TestServer { endpoint, certificate_pem: made.cert.pem(), thread }
}

fn trusting(certificate_pem: &str) -> SocketOptions {
    let roots = TlsRoots::Pem(Arc::from(certificate_pem.as_bytes()));
    SocketOptions { tls_roots: roots, send_buffer: Some(4096), ..SocketOptions::default() }
}

fn receive(stream: &mut Stream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match stream.recv(&mut bytes[filled..]) {
            Received::Bytes { count, .. } => filled += count,
            Received::WouldBlock => assert!(stream.wait_readable(deadline())),
            ended => panic!("{ended:?} after {filled} bytes"),
        }
    }
    bytes
}

/// Until something else than waiting happens.
fn next_end(stream: &mut Stream) -> Received {
    loop {
        match stream.recv(&mut [0; 64]) {
            Received::WouldBlock => assert!(stream.wait_readable(deadline())),
            other => break other,
        }
    }
}

#[test]
fn bytes_beyond_every_buffer_cross_both_ways() {
    const LENGTH: usize = 1 << 20;
    let server = start(|mut peer| {
        let mut bytes = vec![0; LENGTH];
        peer.read_exact(&mut bytes).unwrap();
        peer.write_all(&bytes).unwrap();
        peer.conn.send_close_notify();
        peer.flush().unwrap();
    });
    let mut stream =
        Stream::connect_blocking(&server.endpoint, &trusting(&server.certificate_pem), deadline()).unwrap();
    assert!(stream.is_secure());
    assert_eq!(stream.recv(&mut [0; 8]), Received::WouldBlock);

    let sent: Vec<u8> = (0..=250).cycle().take(LENGTH).collect();
    let mut queue = SendQueue::new(LENGTH);
    assert_eq!(queue.send(&mut stream, &sent), SendOutcome::Queued);
    while queue.flush(&mut stream) == Flushed::Pending {
        assert!(stream.wait_writable(deadline()));
    }
    assert!(!queue.needs_flush(&stream));
    assert_eq!(receive(&mut stream, LENGTH), sent);
    assert_eq!(next_end(&mut stream), Received::Closed);
    server.thread.join().unwrap();
}

#[test]
fn an_unknown_certificate_authority_is_refused_by_name() {
    let server = start(|mut peer| {
        // The client breaks off, so whatever this read says is an error.
        peer.read(&mut [0; 8]).unwrap_err();
    });
    let error =
        Stream::connect_blocking(&server.endpoint, &trusting(&certificate().cert.pem()), deadline()).unwrap_err();
    assert!(matches!(&error, ConnectError::Tls { host, .. } if host == "127.0.0.1"), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
    server.thread.join().unwrap();
}

#[test]
fn roots_without_a_certificate_are_refused_before_connecting() {
    let endpoint = Endpoint::parse("wss://127.0.0.1:1/").unwrap();
    let options = SocketOptions { tls_roots: TlsRoots::Pem(Arc::from(&b"no pem"[..])), ..SocketOptions::default() };
    let error = Stream::connect_blocking(&endpoint, &options, deadline()).unwrap_err();
    assert!(matches!(error, ConnectError::Roots(_)), "{error}");
}

#[test]
fn a_server_that_says_nothing_meets_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::parse(&format!("wss://{}", listener.local_addr().unwrap())).unwrap();
    let soon = Instant::now() + Duration::from_millis(200);
    let error = Stream::connect_blocking(&endpoint, &trusting(&certificate().cert.pem()), soon).unwrap_err();
    assert!(matches!(error, ConnectError::TimedOut { .. }), "{error}");
}

#[test]
fn a_peer_that_breaks_the_encryption_is_a_tls_failure_with_a_reason() {
    let server = start(|mut peer| {
        let mut hello = [0; 1];
        peer.read_exact(&mut hello).unwrap();
        // A record of application data that nobody encrypted.
        peer.sock.write_all(b"\x17\x03\x03\x00\x20garbagegarbagegarbagegarbagegarb").unwrap();
        // The connection stays until the client's alert is here, or the client is gone.
        peer.sock.peek(&mut [0; 1]).ok();
    });
    let mut stream =
        Stream::connect_blocking(&server.endpoint, &trusting(&server.certificate_pem), deadline()).unwrap();
    assert_eq!(SendQueue::default().send(&mut stream, b"h"), SendOutcome::Sent);
    assert_eq!(next_end(&mut stream), Received::Failed(Failure::Tls));
    assert!(stream.tls_error().is_some());
    server.thread.join().unwrap();
}
