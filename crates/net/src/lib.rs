//! Sockets for the trading thread: tuned TCP, TLS, kernel receive timestamps, bounded waiting. Linux only.
//!
//! A connection is made on a cold thread by [`Stream::connect_blocking`] and is non-blocking from then on.
//! [`Stream::recv`] and [`Stream::send`] return plain enums, so an expected outcome such as "nothing there yet" costs
//! neither an allocation nor an error object. What a socket does not take at once goes through a bounded [`SendQueue`].
//! A thread with nothing to do waits by a [`WaitStrategy`], and every wait has an end.
//!
//! Plain TCP allocates nothing after it is connected. rustls allocates for each TLS record.

mod address;
mod connect;
mod endpoint;
mod entropy;
mod idle;
mod options;
mod outcome;
mod send_queue;
mod stream;
mod tcp;
mod tls;
mod waiter;

pub use connect::ConnectError;
pub use endpoint::{Endpoint, EndpointError, Scheme};
pub use entropy::random_bytes;
pub use idle::{BACKOFF_SPIN_TURNS, BACKOFF_YIELD_TURNS, Idle, UnknownWaitStrategy, WaitStrategy};
pub use options::{SocketOptions, TlsRoots};
pub use outcome::{Failure, Flushed, Received, SendOutcome, Sent};
pub use send_queue::{DEFAULT_PENDING_CAPACITY, SendQueue};
pub use stream::Stream;
pub use waiter::{MAX_PARK_NS, MAX_WAITED_SOCKETS, Waiter, WaiterError, Wake, Waker};
