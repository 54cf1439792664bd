//! The steady state of a session allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use tercel_session::{Framing, MessageKind, Role, Session, SessionOptions};

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

const OPTIONS: SessionOptions =
    SessionOptions { receive_capacity: 4096, message_capacity: 4096, frame_capacity: 1024, mask_seed: 11 };

fn deliver(bytes: &[u8], receiver: &mut Session) {
    receiver.receive_space()[..bytes.len()].copy_from_slice(bytes);
    receiver.received(bytes.len());
}

fn allocations_of(exchanges: usize, framing: Framing) -> usize {
    let mut client = Session::new(framing, Role::Client, &OPTIONS);
    let mut server = Session::new(framing, Role::Server, &OPTIONS);
    let before = ALLOCATIONS.with(Cell::get);
    for length in (0..exchanges).map(|index| 1 + index % 900) {
        client.frame_buffer()[..length].fill(b'x');
        deliver(client.seal_text(length), &mut server);
        assert_eq!(server.next().map(|message| message.map(|message| message.payload.len())), Ok(Some(length)));
        deliver(server.seal_ping(), &mut client);
        if framing == Framing::WebSocket {
            deliver(b"\x01\x02he\x80\x03llo", &mut client);
            assert_eq!(client.next().map(|message| message.map(|message| message.kind)), Ok(Some(MessageKind::Ping)));
            assert_eq!(client.next().map(|message| message.map(|message| message.payload.len())), Ok(Some(5)));
            deliver(client.take_reply().unwrap_or_default(), &mut server);
            assert_eq!(server.next().map(|message| message.map(|message| message.kind)), Ok(Some(MessageKind::Pong)));
        }
        assert_eq!((client.next(), server.next()), (Ok(None), Ok(None)));
    }
    ALLOCATIONS.with(Cell::get) - before
}

#[test]
fn messages_cross_without_an_allocation() {
    assert_eq!(allocations_of(10_000, Framing::WebSocket), 0);
    assert_eq!(allocations_of(10_000, Framing::Line), 0);
}

#[test]
fn the_counter_sees_a_deliberate_allocation() {
    let before = ALLOCATIONS.with(Cell::get);
    std::hint::black_box(Box::new(1u64));
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 1);
}
