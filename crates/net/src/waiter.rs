//! Sleeping until a socket or another thread has something, with an end to every sleep.

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;

/// The sockets one waiter looks after at most, one bit each in [`Wake::ready`].
pub const MAX_WAITED_SOCKETS: usize = 8;

/// The longest sleep; longer requests are shortened to it. A thread in a longer one could not be ended in order.
pub const MAX_PARK_NS: u64 = 1_000_000_000;

/// The token of the control descriptor, beyond those of the sockets.
const CONTROL_TOKEN: u64 = MAX_WAITED_SOCKETS as u64;
const EVENTS_AT_ONCE: usize = MAX_WAITED_SOCKETS + 1;
const NANOSECONDS_IN_SECOND: u64 = 1_000_000_000;
const NANOSECONDS_IN_MILLISECOND: u64 = 1_000_000;

/// Why a socket cannot be waited for.
#[derive(Debug, thiserror::Error)]
pub enum WaiterError {
    /// A token that is not below [`MAX_WAITED_SOCKETS`].
    #[error("the token {0} is not below {MAX_WAITED_SOCKETS}")]
    TokenOutOfRange(u8),
    /// The kernel refused.
    #[error("epoll refused: {0}")]
    System(#[from] io::Error),
}

/// What ended a sleep; neither when its time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wake {
    /// A bit for each socket that is ready, the lowest for token 0.
    pub ready: u8,
    /// Whether a [`Waker`] asked for it.
    pub by_waker: bool,
}

/// Waits on sockets and on a control descriptor that other threads can signal.
#[derive(Debug)]
pub struct Waiter {
    epoll: OwnedFd,
    control: Arc<OwnedFd>,
    has_nanosecond_wait: bool,
}

/// Ends a [`Waiter`]'s sleep from any thread; a wake before the sleep ends it at once.
#[derive(Debug, Clone)]
pub struct Waker {
    control: Arc<OwnedFd>,
}

impl Waiter {
    /// A waiter without sockets.
    ///
    /// # Errors
    /// The system's error when it has no descriptors left.
    pub fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointers.
        let epoll = owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the call takes no pointers.
        let control = owned(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        let mut waiter = Self { epoll, control: Arc::new(control), has_nanosecond_wait: true };
        waiter.control(libc::EPOLL_CTL_ADD, waiter.control.as_raw_fd(), CONTROL_TOKEN, libc::EPOLLIN)?;
        // Kernels before 5.11 and some sandboxes lack the call; they get milliseconds.
        waiter.has_nanosecond_wait = waiter.wait_nanoseconds(&mut [NO_EVENT; EVENTS_AT_ONCE], 0) >= 0;
        Ok(waiter)
    }

    /// Waits for this socket to be readable from now on; its wakes set bit `token`. A socket that is closed is
    /// forgotten by itself.
    ///
    /// # Errors
    /// [`WaiterError`] for a token out of range, a socket added twice, or when the kernel refuses.
    pub fn add(&mut self, socket: &impl AsFd, token: u8) -> Result<(), WaiterError> {
        self.change(libc::EPOLL_CTL_ADD, socket, token, libc::EPOLLIN)
    }

    /// Waits for this socket to take bytes too, or no longer: on while a send queue is not empty.
    ///
    /// # Errors
    /// As [`add`](Self::add), and for a socket that was not added.
    pub fn set_writable(&mut self, socket: &impl AsFd, token: u8, is_wanted: bool) -> Result<(), WaiterError> {
        let events = if is_wanted { libc::EPOLLIN | libc::EPOLLOUT } else { libc::EPOLLIN };
        self.change(libc::EPOLL_CTL_MOD, socket, token, events)
    }

    /// Waits for this socket no longer.
    ///
    /// # Errors
    /// [`WaiterError::System`] for a socket that was not added.
    pub fn remove(&mut self, socket: &impl AsFd) -> Result<(), WaiterError> {
        Ok(self.control(libc::EPOLL_CTL_DEL, socket.as_fd().as_raw_fd(), 0, 0)?)
    }

    /// What other threads end the sleep with.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker { control: Arc::clone(&self.control) }
    }

    /// Sleeps until a socket is ready or a waker calls, at most `limit_ns` and [`MAX_PARK_NS`]. A signal ends it too.
    pub fn park(&mut self, limit_ns: u64) -> Wake {
        let limit_ns = limit_ns.min(MAX_PARK_NS);
        let mut events = [NO_EVENT; EVENTS_AT_ONCE];
        let count = if self.has_nanosecond_wait {
            self.wait_nanoseconds(&mut events, limit_ns)
        } else {
            self.wait_milliseconds(&mut events, limit_ns)
        };
        // A negative count is a signal: as if the time had run out.
        let happened = &events[..usize::try_from(count).unwrap_or(0)];
        let mut wake = Wake::default();
        for event in happened {
            match event.u64 {
                CONTROL_TOKEN => wake.by_waker = true,
                token => wake.ready |= 1 << token,
            }
        }
        if wake.by_waker {
            self.forget_calls();
        }
        wake
    }

    fn change(&self, operation: i32, socket: &impl AsFd, token: u8, events: i32) -> Result<(), WaiterError> {
        if usize::from(token) >= MAX_WAITED_SOCKETS {
            return Err(WaiterError::TokenOutOfRange(token));
        }
        Ok(self.control(operation, socket.as_fd().as_raw_fd(), u64::from(token), events)?)
    }

    fn control(&self, operation: i32, descriptor: RawFd, token: u64, events: i32) -> io::Result<()> {
        let mut event = libc::epoll_event { events: events as u32, u64: token };
        // SAFETY: the pointer is to a live event; the kernel copies it.
        let result = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), operation, descriptor, &raw mut event) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    fn wait_nanoseconds(&self, events: &mut [libc::epoll_event; EVENTS_AT_ONCE], limit_ns: u64) -> i64 {
        let limit = libc::timespec {
            tv_sec: (limit_ns / NANOSECONDS_IN_SECOND) as libc::time_t,
            tv_nsec: (limit_ns % NANOSECONDS_IN_SECOND) as libc::c_long,
        };
        // By number, because C libraries older than the kernel's call do not export it.
        // SAFETY: `events` is writable for the count that is passed, `limit` is live, no signal mask is given.
        unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.epoll.as_raw_fd(),
                events.as_mut_ptr(),
                EVENTS_AT_ONCE as libc::c_int,
                &raw const limit,
                std::ptr::null::<libc::sigset_t>(),
                0usize,
            )
        }
    }

    fn wait_milliseconds(&self, events: &mut [libc::epoll_event; EVENTS_AT_ONCE], limit_ns: u64) -> i64 {
        // Rounded up: rounded down, a short park would be a busy loop. Bounded by MAX_PARK_NS, so the cast is exact.
        let limit_ms = limit_ns.div_ceil(NANOSECONDS_IN_MILLISECOND) as libc::c_int;
        let room = EVENTS_AT_ONCE as libc::c_int;
        // SAFETY: `events` is writable for the count that is passed.
        i64::from(unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), events.as_mut_ptr(), room, limit_ms) })
    }

    fn forget_calls(&self) {
        let mut calls = 0u64;
        // SAFETY: an eventfd is read as eight bytes into a live integer. The descriptor does not block, and if another
        // wake was already taken there is nothing to do, so the result does not matter.
        unsafe { libc::read(self.control.as_raw_fd(), (&raw mut calls).cast(), size_of::<u64>()) };
    }
}

impl Waker {
    /// Ends the current or the next sleep.
    pub fn wake(&self) {
        let one = 1u64;
        // SAFETY: an eventfd is written as eight bytes from a live integer. It fails only when the counter is full,
        // which means that a wake is already waiting.
        unsafe { libc::write(self.control.as_raw_fd(), (&raw const one).cast(), size_of::<u64>()) };
    }
}

const NO_EVENT: libc::epoll_event = libc::epoll_event { events: 0, u64: 0 };

fn owned(descriptor: RawFd) -> io::Result<OwnedFd> {
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made this descriptor for us; nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (client, listener.accept().unwrap().0)
    }

    #[test]
    fn a_park_ends_when_its_time_is_over() {
        for has_nanosecond_wait in [true, false] {
            let mut waiter = Waiter::new().unwrap();
            waiter.has_nanosecond_wait &= has_nanosecond_wait;
            let begin = Instant::now();
            assert_eq!(waiter.park(2_000_000), Wake::default());
            assert!(begin.elapsed() >= Duration::from_millis(2), "{:?}", begin.elapsed());
        }
    }

    #[test]
    fn a_waker_ends_the_sleep_once() {
        let mut waiter = Waiter::new().unwrap();
        let waker = waiter.waker();
        let thread = std::thread::spawn(move || waker.wake());
        assert_eq!(waiter.park(MAX_PARK_NS), Wake { ready: 0, by_waker: true });
        thread.join().unwrap();
        assert_eq!(waiter.park(0), Wake::default());
    }

    #[test]
    fn a_ready_socket_is_named_by_its_token() {
        let (first, mut first_peer) = pair();
        let (second, _second_peer) = pair();
        let mut waiter = Waiter::new().unwrap();
        waiter.add(&first, 0).unwrap();
        waiter.add(&second, 7).unwrap();
        first_peer.write_all(b"x").unwrap();
        assert_eq!(waiter.park(MAX_PARK_NS).ready, 1);
        waiter.set_writable(&second, 7, true).unwrap();
        assert_eq!(waiter.park(MAX_PARK_NS).ready, 1 | 1 << 7);
        waiter.set_writable(&second, 7, false).unwrap();
        waiter.remove(&first).unwrap();
        assert_eq!(waiter.park(0), Wake::default());
    }

    #[test]
    fn a_token_out_of_range_is_refused() {
        let (socket, _peer) = pair();
        let refused = Waiter::new().unwrap().add(&socket, 8);
        assert!(matches!(refused, Err(WaiterError::TokenOutOfRange(8))));
    }
}
