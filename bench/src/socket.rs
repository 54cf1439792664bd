//! A non-blocking socket that is polled by spinning, for programs that do nothing else.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

/// What a connection holds at most of lines that were not taken yet.
const CAPACITY: usize = 1 << 20;

/// Space below which what is left is moved to the front before a receive.
const SPACE_MIN: usize = 1 << 16;

/// One connection with what was received and not yet taken.
#[derive(Debug)]
pub struct Polled {
    stream: TcpStream,
    buffer: Box<[u8]>,
    taken: usize,
    filled: usize,
}

impl Polled {
    /// Accepts one connection, waiting for it.
    ///
    /// # Errors
    /// The listener's.
    pub fn accept(listener: &TcpListener) -> Result<Self, Error> {
        Self::new(listener.accept()?.0)
    }

    /// Polls an established connection from here on.
    ///
    /// # Errors
    /// Where the socket's options cannot be set.
    pub fn new(stream: TcpStream) -> Result<Self, Error> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, buffer: vec![0; CAPACITY].into_boxed_slice(), taken: 0, filled: 0 })
    }

    /// Sends everything, spinning where the kernel takes no more.
    ///
    /// # Errors
    /// The socket's, but for would-block.
    pub fn send(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
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
    /// The socket's; the end of the stream is `UnexpectedEof`, a line beyond the capacity `StorageFull`.
    pub fn receive(&mut self) -> Result<usize, Error> {
        if self.taken == self.filled {
            (self.taken, self.filled) = (0, 0);
        } else if CAPACITY - self.filled < SPACE_MIN {
            self.buffer.copy_within(self.taken..self.filled, 0);
            (self.taken, self.filled) = (0, self.filled - self.taken);
        }
        if self.filled == CAPACITY {
            return Err(ErrorKind::StorageFull.into());
        }
        match self.stream.read(&mut self.buffer[self.filled..]) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(size) => {
                self.filled += size;
                Ok(size)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// The next whole line among what was received, without its newline.
    #[inline]
    pub fn line(&mut self) -> Option<&[u8]> {
        let start = self.taken;
        let length = memchr::memchr(b'\n', &self.buffer[start..self.filled])?;
        self.taken = start + length + 1;
        Some(&self.buffer[start..start + length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_whole_however_they_come_in() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut polled = Polled::accept(&listener).unwrap();
        for (part, expected) in [("one\ntw", Some("one")), ("o\n", Some("two"))] {
            sender.write_all(part.as_bytes()).unwrap();
            while polled.receive().unwrap() == 0 {}
            assert_eq!(polled.line().map(<[u8]>::to_vec), expected.map(|line| line.as_bytes().to_vec()));
            assert_eq!(polled.line(), None);
        }
        drop(sender);
        let ended = loop {
            match polled.receive() {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(ended.kind(), ErrorKind::UnexpectedEof);
    }
}
