//! Plain TCP: one system call a receive or send, kernel receive timestamps.
//!
//! Where it counts the calls go past the C library's functions of the same names: those are points at which a thread can
//! be cancelled, and preparing for that takes a tenth of the time of a receive that finds nothing.

use crate::connect::ConnectError;
use crate::options::SocketOptions;
use crate::outcome::{Failure, Received, Sent};
use socket2::Socket;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use tercel_types::UtcNanos;

/// Room for the control messages of one receive: a header and three `timespec`s take 64 bytes.
const CONTROL_WORDS: usize = 16;

/// A connected, non-blocking TCP socket.
#[derive(Debug)]
pub(crate) struct TcpSocket {
    socket: Socket,
    has_timestamps: bool,
    rearms_quickack: bool,
}

impl TcpSocket {
    /// Takes a connected socket and sets the options that act on a connection. Its buffer sizes are set before.
    pub fn new(socket: Socket, options: &SocketOptions) -> Result<Self, ConnectError> {
        let refused = |option| move |source| ConnectError::Option { option, source };
        socket.set_nonblocking(true).map_err(refused("O_NONBLOCK"))?;
        socket.set_tcp_nodelay(options.nodelay).map_err(refused("TCP_NODELAY"))?;
        if let Some(microseconds) = options.busy_poll_us {
            // A value beyond the kernel's own type is beyond what it would take.
            let value = libc::c_int::try_from(microseconds).unwrap_or(libc::c_int::MAX);
            set_option(&socket, libc::SOL_SOCKET, libc::SO_BUSY_POLL, value).map_err(refused("SO_BUSY_POLL"))?;
        }
        if options.kernel_timestamps {
            let flags = (libc::SOF_TIMESTAMPING_RX_SOFTWARE | libc::SOF_TIMESTAMPING_SOFTWARE) as libc::c_int;
            set_option(&socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, flags).map_err(refused("SO_TIMESTAMPING"))?;
        }
        Ok(Self { socket, has_timestamps: options.kernel_timestamps, rearms_quickack: options.quickack })
    }

    /// Receives what is there.
    #[inline]
    pub fn recv(&mut self, into: &mut [u8]) -> Received {
        if into.is_empty() {
            // The kernel would answer 0, which otherwise means the end of the connection.
            return Received::WouldBlock;
        }
        let received = if self.has_timestamps { self.recv_with_time(into) } else { self.recv_plain(into) };
        if self.rearms_quickack && matches!(received, Received::Bytes { .. }) {
            // Best effort: without it an acknowledgement is late, nothing is lost.
            set_option(&self.socket, libc::IPPROTO_TCP, libc::TCP_QUICKACK, 1).ok();
        }
        received
    }

    /// Sends what the kernel takes.
    #[inline]
    pub fn send(&mut self, bytes: &[u8]) -> Sent {
        let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
        let nowhere = std::ptr::null::<libc::sockaddr>();
        // SAFETY: the pointer and length describe `bytes`, which is readable for that long; there is no address.
        let count = unsafe {
            libc::syscall(
                libc::SYS_sendto,
                self.raw(),
                bytes.as_ptr(),
                bytes.len(),
                flags,
                nowhere,
                0 as libc::socklen_t,
            )
        };
        if count >= 0 {
            return Sent::Bytes(count.unsigned_abs() as usize);
        }
        match last_error() {
            libc::EAGAIN | libc::EINTR => Sent::WouldBlock,
            libc::EPIPE => Sent::Closed,
            number => Sent::Failed(Failure::System(number)),
        }
    }

    /// Tells the peer that nothing more will be sent. An error means that it already knows.
    pub fn shutdown(&self) {
        self.socket.shutdown(std::net::Shutdown::Write).ok();
    }

    fn raw(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    fn recv_plain(&self, into: &mut [u8]) -> Received {
        // SAFETY: the pointer and length describe `into`, which is writable for that long.
        let count = unsafe { libc::recv(self.raw(), into.as_mut_ptr().cast(), into.len(), libc::MSG_DONTWAIT) };
        outcome_of(count, None)
    }

    #[inline]
    fn recv_with_time(&self, into: &mut [u8]) -> Received {
        let mut control = [0u64; CONTROL_WORDS];
        let mut vector = libc::iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
        // SAFETY: `msghdr` is a C struct of pointers and integers, for which all zeroes is a valid value.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        message.msg_iov = &raw mut vector;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control) as _;
        // SAFETY: `message` points to one vector over `into` and to `control`, all alive and writable during the call.
        let count =
            unsafe { libc::syscall(libc::SYS_recvmsg, self.raw(), &raw mut message, libc::MSG_DONTWAIT) } as isize;
        let kernel_time = if count > 0 { kernel_time(&message) } else { None };
        outcome_of(count, kernel_time)
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn outcome_of(count: isize, kernel_time: Option<UtcNanos>) -> Received {
    match count {
        0 => Received::Closed,
        count if count > 0 => Received::Bytes { count: count.unsigned_abs(), kernel_time },
        _ => match last_error() {
            libc::EAGAIN | libc::EINTR => Received::WouldBlock,
            number => Received::Failed(Failure::System(number)),
        },
    }
}

/// The software receive timestamp among the control messages; for a receive of several packets, that of the last.
fn kernel_time(message: &libc::msghdr) -> Option<UtcNanos> {
    // SAFETY: the kernel filled `message`, so its control pointer and length describe the control messages it wrote.
    let mut header = unsafe { libc::CMSG_FIRSTHDR(message) };
    while !header.is_null() {
        // SAFETY: a header that CMSG_FIRSTHDR or CMSG_NXTHDR returned lies whole in the control buffer, which is
        // aligned to 8 bytes.
        let (level, kind) = unsafe { ((*header).cmsg_level, (*header).cmsg_type) };
        if level == libc::SOL_SOCKET && kind == libc::SCM_TIMESTAMPING {
            // SAFETY: this kind carries three `timespec`s, the first of them the software time; the read allows for any
            // alignment.
            let time = unsafe { libc::CMSG_DATA(header).cast::<libc::timespec>().read_unaligned() };
            let nanoseconds = time.tv_sec * 1_000_000_000 + time.tv_nsec;
            // The kernel writes zeroes where it has no time for this packet.
            return (nanoseconds != 0).then_some(UtcNanos(nanoseconds));
        }
        // SAFETY: `header` is the current one of this `message`, both as the kernel left them.
        header = unsafe { libc::CMSG_NXTHDR(message, header) };
    }
    None
}

fn set_option(socket: &Socket, level: libc::c_int, option: libc::c_int, value: libc::c_int) -> std::io::Result<()> {
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the pointer is to a live integer of the length that is passed.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), length) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// The error number of the last system call; `io::Error` holds it in place, without allocating.
fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
