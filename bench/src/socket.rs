//! A non-blocking socket that is polled by spinning, for programs that do nothing else.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

/// One connection with what was received and not yet taken.
#[derive(Debug)]
pub struct Polled {
    stream: TcpStream,
    received: Vec<u8>,
    taken: usize,
}

impl Polled {
    /// Accepts one connection, waiting for it.
    ///
    /// # Errors
    /// The listener's.
    pub fn accept(listener: &TcpListener) -> std::io::Result<Self> {
        Self::new(listener.accept()?.0)
    }

    /// Polls an established connection from here on.
    ///
    /// # Errors
    /// Where the socket's options cannot be set.
    pub fn new(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, received: Vec::with_capacity(1 << 20), taken: 0 })
    }

    /// Sends everything, spinning where the kernel takes no more.
    ///
    /// # Errors
    /// The socket's, but for would-block.
    pub fn send(&mut self, mut bytes: &[u8]) -> std::io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(sent) => bytes = &bytes[sent..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::hint::spin_loop(),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes what has come in, if anything. `Ok(0)` means nothing now.
    ///
    /// # Errors
    /// The socket's; the end of the stream is `UnexpectedEof`.
    pub fn receive(&mut self) -> std::io::Result<usize> {
        let mut chunk = [0u8; 65_536];
        match self.stream.read(&mut chunk) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(size) => {
                self.received.extend_from_slice(&chunk[..size]);
                Ok(size)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// The next whole line among what was received, without its newline.
    pub fn line(&mut self) -> Option<&[u8]> {
        let rest = &self.received[self.taken..];
        let Some(length) = rest.iter().position(|&byte| byte == b'\n') else {
            self.received.drain(..self.taken);
            self.taken = 0;
            return None;
        };
        let start = self.taken;
        self.taken += length + 1;
        Some(&self.received[start..start + length])
    }
}
