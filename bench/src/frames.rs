//! Market-data frames for load: recorded ones where the capture is present, made ones where it is not.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;

/// The stream that the frames belong to.
pub const SYMBOL: &str = "BTCUSDT";

/// Frames of a useful size for the wire-to-wire measurement, in bytes: "about 1 kB".
pub const DIFF_BYTES: std::ops::RangeInclusive<usize> = 800..=1300;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A depth diff: `U` and `u` are rewritten.
    Diff,
    /// A best price: `u` is rewritten.
    Ticker,
    /// A trade: `t` is rewritten.
    Trade,
}

/// One frame with holes where its ids go.
#[derive(Clone, Debug)]
pub struct Template {
    /// What it carries.
    pub kind: FrameKind,
    head: Vec<u8>,
    middle: Vec<u8>,
    tail: Vec<u8>,
}

/// The frames and the snapshot that they start from.
#[derive(Debug)]
pub struct Frames {
    /// In the order of the recording.
    pub templates: Vec<Template>,
    /// Body of the REST depth answer that precedes them, with `lastUpdateId` 0.
    pub snapshot: Vec<u8>,
    /// Whether they are recorded.
    pub recorded: bool,
}

impl Template {
    /// Makes a template of a recorded frame; `None` for anything else.
    #[must_use]
    pub fn from_frame(frame: &str) -> Option<Self> {
        let (kind, first, last) = if frame.contains("\"depthUpdate\"") {
            (FrameKind::Diff, Some("\"U\":"), "\"u\":")
        } else if frame.contains("@bookTicker\"") {
            (FrameKind::Ticker, None, "\"u\":")
        } else if frame.contains("\"e\":\"trade\"") {
            (FrameKind::Trade, None, "\"t\":")
        } else {
            return None;
        };
        let (head, rest) = match first {
            Some(key) => split_number(frame, key)?,
            None => (String::new(), frame.to_owned()),
        };
        let (middle, tail) = split_number(&rest, last)?;
        Some(Self { kind, head: head.into_bytes(), middle: middle.into_bytes(), tail: tail.into_bytes() })
    }

    /// Writes the frame with its ids: a diff spans `first..=last`, the others carry `last`.
    pub fn write(&self, first: u64, last: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        if self.kind == FrameKind::Diff {
            out.extend_from_slice(first.to_string().as_bytes());
        }
        out.extend_from_slice(&self.middle);
        out.extend_from_slice(last.to_string().as_bytes());
        out.extend_from_slice(&self.tail);
    }

    /// The frame's size without its ids.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.head.len() + self.middle.len() + self.tail.len()
    }
}

impl Frames {
    /// Reads the recorded spot capture, or makes frames where it is absent.
    ///
    /// # Errors
    /// Where the capture is present but cannot be read.
    pub fn load(capture: &Path) -> std::io::Result<Self> {
        if !capture.exists() {
            return Ok(Self::made());
        }
        let mut frames = Self { templates: Vec::new(), snapshot: Vec::new(), recorded: true };
        for line in BufReader::new(GzDecoder::new(File::open(capture)?)).lines() {
            let line = line?;
            let Some((_, frame)) = line.split_once(' ') else { continue };
            if frame.starts_with("{\"lastUpdateId\"") {
                let (head, tail) = split_number(frame, "\"lastUpdateId\":").unwrap_or_default();
                frames.snapshot = format!("{head}0{tail}").into_bytes();
                frames.templates.clear();
            } else if let Some(template) = Template::from_frame(frame) {
                frames.templates.push(template);
            }
        }
        Ok(frames)
    }

    /// Only the depth diffs of about 1 kB.
    #[must_use]
    pub fn diffs_of_one_kilobyte(mut self) -> Self {
        self.templates.retain(|template| template.kind == FrameKind::Diff && DIFF_BYTES.contains(&template.bytes()));
        self
    }

    /// Frames of the same shape from a fixed pseudo-random walk.
    fn made() -> Self {
        let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut random = |bound: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % bound
        };
        let templates = (0..4_000u32).filter_map(|_| {
            let mut side = |below: bool| {
                let levels: Vec<String> = (0..10)
                    .map(|_| {
                        let offset = random(2_000) + 1;
                        let cents = if below { 6_000_000 - offset } else { 6_000_000 + offset };
                        let lots = if random(2) == 0 { 0 } else { random(500_000) + 1 };
                        let (units, decimals) = (lots / 100_000, lots % 100_000);
                        format!("[\"{}.{:02}000000\",\"{units}.{decimals:05}000\"]", cents / 100, cents % 100)
                    })
                    .collect();
                levels.join(",")
            };
            let (bids, asks) = (side(true), side(false));
            Template::from_frame(&format!(
                "{{\"stream\":\"btcusdt@depth@100ms\",\"data\":{{\"e\":\"depthUpdate\",\"E\":1723161255208,\"s\":\"{SYMBOL}\",\"U\":1,\"u\":1,\"b\":[{bids}],\"a\":[{asks}]}}}}"
            ))
        });
        let snapshot = b"{\"lastUpdateId\":0,\"bids\":[[\"60000.00000000\",\"1.00000000\"]],\"asks\":[[\"60000.01000000\",\"1.00000000\"]]}";
        Self { templates: templates.collect(), snapshot: snapshot.to_vec(), recorded: false }
    }
}

/// Splits a frame around the number behind `key`: what stands up to the number, and what follows it.
fn split_number(frame: &str, key: &str) -> Option<(String, String)> {
    let at = frame.find(key)? + key.len();
    let digits = frame[at..].bytes().take_while(u8::is_ascii_digit).count();
    Some((frame[..at].to_owned(), frame[at + digits..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_rewritten_and_nothing_else() {
        let frame = r#"{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":17,"s":"BTCUSDT","U":5,"u":9,"b":[],"a":[]}}"#;
        let template = Template::from_frame(frame).unwrap();
        let mut out = Vec::new();
        template.write(100, 101, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), frame.replace("\"U\":5,\"u\":9", "\"U\":100,\"u\":101"));
    }

    #[test]
    fn made_frames_have_the_size_of_recorded_ones() {
        let frames = Frames::made().diffs_of_one_kilobyte();
        assert!(frames.templates.len() > 1_000, "{} frames", frames.templates.len());
    }
}
