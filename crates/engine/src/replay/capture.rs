//! Captures as they lie on disk: `<receive nanoseconds> <json>` a line, gzip or plain, several files one after another.

use super::{Place, ReplayError};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tercel_types::Nanos;

/// The longest line that a capture may have: ten times a snapshot of 5,000 levels a side.
pub const LINE_BYTES_MAX: usize = 4 << 20;

const READ_BYTES: usize = 256 << 10;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The lines of several captures as if they were one.
pub(super) struct CaptureReader<'a> {
    waiting: std::slice::Iter<'a, PathBuf>,
    open: Option<OpenCapture>,
    line: Vec<u8>,
}

/// One line of a capture.
pub(super) struct CaptureLine<'a> {
    /// When it was received, on the clock of whoever recorded it.
    pub(super) received: Nanos,
    /// The frame.
    pub(super) json: &'a [u8],
    capture: &'a OpenCapture,
}

struct OpenCapture {
    path: Arc<Path>,
    source: Box<dyn BufRead>,
    /// The number of the line that was read last, from one.
    line: u64,
}

impl<'a> CaptureReader<'a> {
    pub(super) fn new(paths: &'a [PathBuf]) -> Self {
        Self { waiting: paths.iter(), open: None, line: Vec::with_capacity(READ_BYTES) }
    }

    /// Where reading has come to; `None` before the first line.
    pub(super) fn place(&self) -> Option<Place> {
        self.open.as_ref().map(OpenCapture::place)
    }

    /// The next line that is not blank; `None` after the last line of the last file.
    pub(super) fn next_line(&mut self) -> Result<Option<CaptureLine<'_>>, ReplayError> {
        loop {
            let open = match &mut self.open {
                Some(open) => open,
                None => match self.waiting.next() {
                    Some(path) => self.open.insert(OpenCapture::new(path)?),
                    None => return Ok(None),
                },
            };
            if open.read_line(&mut self.line)? == 0 {
                // The last file stays, so that its place can be named.
                open.line -= 1;
                match self.waiting.next() {
                    Some(path) => self.open = Some(OpenCapture::new(path)?),
                    None => return Ok(None),
                }
            } else if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        let Some(capture) = &self.open else { return Ok(None) };
        match split(self.line.trim_ascii()) {
            Some((received, json)) => Ok(Some(CaptureLine { received, json, capture })),
            None => Err(ReplayError::NoReceiveTime { place: capture.place() }),
        }
    }
}

impl CaptureLine<'_> {
    /// Where the line is.
    pub(super) fn place(&self) -> Place {
        self.capture.place()
    }
}

impl OpenCapture {
    fn new(path: &Path) -> Result<Self, ReplayError> {
        let file: Arc<Path> = Arc::from(path);
        let cannot_open = |source| ReplayError::Open { file: Arc::clone(&file), source };
        let mut raw = BufReader::with_capacity(READ_BYTES, File::open(path).map_err(cannot_open)?);
        let is_gzip = raw.fill_buf().map_err(cannot_open)?.starts_with(&GZIP_MAGIC);
        let source: Box<dyn BufRead> = match is_gzip {
            true => Box::new(BufReader::with_capacity(READ_BYTES, MultiGzDecoder::new(raw))),
            false => Box::new(raw),
        };
        Ok(Self { path: file, source, line: 0 })
    }

    fn place(&self) -> Place {
        Place { file: Arc::clone(&self.path), line: self.line }
    }

    /// Reads a line with its end into `line` and says how long it is; zero at the end of the file.
    fn read_line(&mut self, line: &mut Vec<u8>) -> Result<usize, ReplayError> {
        line.clear();
        self.line += 1;
        let limit = LINE_BYTES_MAX as u64 + 1;
        let read = self.source.by_ref().take(limit).read_until(b'\n', line).map_err(|source| match source.kind() {
            ErrorKind::UnexpectedEof => ReplayError::Truncated { place: self.place() },
            _ => ReplayError::Read { place: self.place(), source },
        })?;
        if read > LINE_BYTES_MAX {
            return Err(ReplayError::LineTooLong { place: self.place() });
        }
        Ok(read)
    }
}

/// The receive time and the rest of a line.
fn split(line: &[u8]) -> Option<(Nanos, &[u8])> {
    let space = line.iter().position(|&byte| byte == b' ')?;
    let received = std::str::from_utf8(&line[..space]).ok()?.parse().ok()?;
    Some((Nanos(received), line[space..].trim_ascii_start()))
}
