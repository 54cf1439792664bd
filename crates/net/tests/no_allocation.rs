//! A connected plain stream allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use tercel_net::{Idle, Received, SendOutcome, SendQueue, SocketOptions, Stream, WaitStrategy, Waiter};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counting the calls of each thread.
struct Counting;

// SAFETY: every call goes to the system's allocator with the arguments unchanged; the counter is a plain thread-local
// without a destructor, so reading it allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller upholds the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System.alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn receiving_sending_and_waiting_allocate_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let options = SocketOptions { quickack: true, ..SocketOptions::default() };
    let mut stream = Stream::from_std(listener.accept().unwrap().0, &options).unwrap();
    let mut queue = SendQueue::new(1024);
    let mut waiter = Waiter::new().unwrap();
    waiter.add(&stream, 0).unwrap();
    let waker = waiter.waker();
    let mut idle = Idle::new(WaitStrategy::Park);
    let mut into = [0; 256];

    let before = ALLOCATIONS.with(Cell::get);
    for _ in 0..2000 {
        assert_eq!(queue.send(&mut stream, b"order"), SendOutcome::Sent);
        peer.read_exact(&mut into[..5]).unwrap();
        assert_eq!(stream.recv(&mut into), Received::WouldBlock);
        peer.write_all(b"fill").unwrap();
        waker.wake();
        assert_ne!(idle.idle(&mut waiter, 1_000_000_000).ready, 0);
        assert!(matches!(stream.recv(&mut into), Received::Bytes { count: 4, .. }));
    }
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0);
}
