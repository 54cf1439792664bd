//! Plain TCP against peers on 127.0.0.1.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime};
use tercel_net::{
    ConnectError, Endpoint, Failure, Flushed, Received, SendOutcome, SendQueue, Sent, SocketOptions, Stream,
};

const PATIENCE: Duration = Duration::from_secs(5);

fn deadline() -> Instant {
    Instant::now() + PATIENCE
}

fn connected(options: &SocketOptions) -> (Stream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::parse(&format!("tcp://{}", listener.local_addr().unwrap())).unwrap();
    let stream = Stream::connect_blocking(&endpoint, options, deadline()).unwrap();
    let (peer, _) = listener.accept().unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    (stream, peer)
}

#[test]
fn bytes_cross_both_ways_without_blocking() {
    let everything_on = SocketOptions {
        quickack: true,
        busy_poll_us: Some(50),
        receive_buffer: Some(1 << 18),
        send_buffer: Some(1 << 18),
        ..SocketOptions::default()
    };
    for options in [SocketOptions::default(), everything_on] {
        let (mut stream, mut peer) = connected(&options);
        let mut into = [0; 64];
        assert_eq!(stream.recv(&mut into), Received::WouldBlock);
        assert_eq!(stream.send(b"order"), Sent::Bytes(5));
        peer.read_exact(&mut into[..5]).unwrap();
        assert_eq!(&into[..5], b"order");
        peer.write_all(b"fill").unwrap();
        assert!(stream.wait_readable(deadline()));
        assert!(matches!(stream.recv(&mut into), Received::Bytes { count: 4, .. }));
        assert_eq!(&into[..4], b"fill");
    }
}

#[test]
fn the_kernel_says_when_it_received_a_packet() {
    // The kernel switches its stamps on in the background, so the first packets after the option may have none.
    const ATTEMPTS: usize = 200;
    let (mut stream, mut peer) = connected(&SocketOptions::default());
    let mut into = [0; 64];
    let utc_now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as i64;
    for _ in 0..ATTEMPTS {
        let before = utc_now();
        peer.write_all(b"x").unwrap();
        assert!(stream.wait_readable(deadline()));
        let Received::Bytes { count: 1, kernel_time } = stream.recv(&mut into) else { panic!("one byte was sent") };
        let after = utc_now();
        if let Some(time) = kernel_time {
            assert!((before..=after).contains(&time.0), "{before} <= {} <= {after}", time.0);
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("no packet of {ATTEMPTS} carried a kernel timestamp");
}

#[test]
fn without_the_option_the_kernels_time_is_absent() {
    let (mut stream, mut peer) = connected(&SocketOptions { kernel_timestamps: false, ..SocketOptions::default() });
    peer.write_all(b"x").unwrap();
    assert!(stream.wait_readable(deadline()));
    assert_eq!(stream.recv(&mut [0; 8]), Received::Bytes { count: 1, kernel_time: None });
}

#[test]
fn the_end_of_the_peer_is_seen_as_closed_and_an_empty_space_is_not() {
    let (mut stream, peer) = connected(&SocketOptions::default());
    drop(peer);
    assert!(stream.wait_readable(deadline()));
    assert_eq!(stream.recv(&mut []), Received::WouldBlock);
    assert_eq!(stream.recv(&mut [0; 8]), Received::Closed);
}

#[test]
fn a_reset_is_a_failure_with_its_error_number() {
    let (mut stream, peer) = connected(&SocketOptions::default());
    // Unread bytes make the kernel reset the connection when the peer closes it.
    assert_eq!(stream.send(b"never read"), Sent::Bytes(10));
    let mut first = [0; 1];
    assert_eq!(peer.peek(&mut first).unwrap(), 1);
    drop(peer);
    assert!(stream.wait_readable(deadline()));
    let failed = stream.recv(&mut [0; 8]);
    let Received::Failed(failure @ Failure::System(_)) = failed else { panic!("{failed:?}") };
    assert!(failure.to_string().contains("reset"), "{failure}");
    assert_eq!(stream.send(b"more"), Sent::Closed);
}

#[test]
fn what_the_socket_does_not_take_waits_in_order_up_to_the_bound() {
    let (mut stream, mut peer) = connected(&SocketOptions { send_buffer: Some(4096), ..SocketOptions::default() });
    let message: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    let mut queue = SendQueue::new(35_000);
    let mut accepted = 0;
    let refused = loop {
        match queue.send(&mut stream, &message) {
            SendOutcome::Sent | SendOutcome::Queued => accepted += 1,
            other => break other,
        }
        assert!(accepted < 10_000, "a peer that reads nothing must fill the queue");
    };
    assert_eq!(refused, SendOutcome::Full);
    assert!(queue.needs_flush(&stream) && queue.pending_bytes() > 25_000);

    let reader = std::thread::spawn(move || {
        let mut read = vec![0; accepted * 10_000];
        peer.read_exact(&mut read).unwrap();
        read
    });
    while queue.flush(&mut stream) == Flushed::Pending {
        assert!(stream.wait_writable(deadline()));
    }
    assert!(!queue.needs_flush(&stream));
    assert_eq!(reader.join().unwrap(), message.repeat(accepted));
}

#[test]
fn a_refused_connection_names_the_address() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = Endpoint::parse(&format!("tcp://{free}")).unwrap();
    let error = Stream::connect_blocking(&endpoint, &SocketOptions::default(), deadline()).unwrap_err();
    assert!(matches!(error, ConnectError::Tcp { address, .. } if address == free), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
fn a_name_is_resolved_and_an_unknown_one_reported_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let endpoint = Endpoint::parse(&format!("tcp://localhost:{port}")).unwrap();
    Stream::connect_blocking(&endpoint, &SocketOptions::default(), deadline()).unwrap();

    let unknown = Endpoint::parse("tcp://no-such-host.invalid:1").unwrap();
    let begin = Instant::now();
    let soon = begin + Duration::from_millis(300);
    let error = Stream::connect_blocking(&unknown, &SocketOptions::default(), soon).unwrap_err();
    assert!(matches!(error, ConnectError::Resolve { .. } | ConnectError::TimedOut { .. }), "{error}");
    assert!(begin.elapsed() < PATIENCE);
}
