//! Market-data frames for load: recorded ones where the capture is present, made ones where it is not.
//!
//! Frames are sent again and again. Behind the last one stand a few that lead the book back to the snapshot, so that every
//! round is the recorded market and no round crosses the book.

use std::fs::File;
use std::io::{BufRead, BufReader, Error, Write};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::reference_book::{Change, ReferenceBook};

/// Levels of a frame of about 1 kB.
const LEVELS_A_KILOBYTE: usize = 26;

/// Diffs of a market that is made because there is no recording.
const MADE_DIFFS: u32 = 4_000;

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A depth diff: `U` and `u` are rewritten.
    Diff(Change),
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
    /// In the order of the recording, then the way back to the snapshot.
    pub templates: Vec<Template>,
    /// The book that they start from, and lead back to.
    pub start: ReferenceBook,
    /// Body of the REST depth answer that gives that book, with `lastUpdateId` 0.
    pub snapshot: Vec<u8>,
    /// Whether they are recorded.
    pub recorded: bool,
}

impl Template {
    /// Makes a template of a recorded frame; `None` for anything else.
    #[must_use]
    pub fn from_frame(frame: &str) -> Option<Self> {
        let (kind, first, last) = if frame.contains("\"depthUpdate\"") {
            let message: Value = serde_json::from_str(frame).ok()?;
            let change = Change::read(message.get("data")?, ["b", "a"])?;
            (FrameKind::Diff(change), Some("\"U\":"), "\"u\":")
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

    /// Appends the frame with its ids: a diff spans `first..=last`, the others carry `last`.
    pub fn write(&self, first: u64, last: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        if matches!(self.kind, FrameKind::Diff(_)) {
            write_number(first, out);
        }
        out.extend_from_slice(&self.middle);
        write_number(last, out);
        out.extend_from_slice(&self.tail);
    }

    /// The frame's size without its ids.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.head.len() + self.middle.len() + self.tail.len()
    }
}

impl Frames {
    /// Reads the recorded spot capture from its snapshot on, or makes frames where it is absent.
    ///
    /// # Errors
    /// Where the capture is present but cannot be read.
    pub fn load(capture: &Path) -> Result<Self, Error> {
        if !capture.exists() {
            return Self::made().ok_or_else(|| Error::other("the made market cannot be read"));
        }
        let (mut snapshot, mut frames) = (None, Vec::new());
        for line in BufReader::new(GzDecoder::new(File::open(capture)?)).lines() {
            let line = line?;
            match line.split_once(' ') {
                Some((_, frame)) if frame.starts_with("{\"lastUpdateId\"") => snapshot = Some(frame.to_owned()),
                Some((_, frame)) => frames.push(frame.to_owned()),
                None => {}
            }
        }
        let snapshot = snapshot.ok_or_else(|| Error::other(format!("{}: no snapshot in it", capture.display())))?;
        let templates = follow(&snapshot, &frames).iter().filter_map(|frame| Template::from_frame(frame)).collect();
        let frames = Self::new(&snapshot, templates, true);
        frames.ok_or_else(|| Error::other(format!("{}: the snapshot cannot be read", capture.display())))
    }

    /// Only depth diffs of about 1 kB, each of which changes the book: neighbouring diffs of the recording folded into
    /// one, as the venue itself folds them in its slower streams, and large ones taken apart.
    #[must_use]
    pub fn folded_to_one_kilobyte(self) -> Self {
        let mut book = self.start.clone();
        let mut templates = Vec::new();
        let mut folded = Change::default();
        let diffs = self.templates.iter().filter_map(|template| match &template.kind {
            FrameKind::Diff(change) => Some(change),
            FrameKind::Ticker | FrameKind::Trade => None,
        });
        for change in diffs {
            folded.absorb(change);
            while folded.levels() >= LEVELS_A_KILOBYTE {
                let step = folded.take(LEVELS_A_KILOBYTE);
                if book.apply(&step) > 0 {
                    templates.extend(diff_template(&step));
                }
            }
        }
        templates.extend(way_back(&mut book, &self.start));
        Self { templates, ..self }
    }

    /// The frames of one round, with the ids that they have in the first one.
    #[must_use]
    pub fn texts(&self) -> Vec<Vec<u8>> {
        let text = |(index, template): (usize, &Template)| {
            let mut text = Vec::new();
            template.write(index as u64 + 1, index as u64 + 1, &mut text);
            text
        };
        self.templates.iter().enumerate().map(text).collect()
    }

    /// The book after so many frames. A whole round leads back to the start, so only the last one counts.
    #[must_use]
    pub fn book_after(&self, frames: u64) -> ReferenceBook {
        let mut book = self.start.clone();
        for template in &self.templates[..(frames % self.templates.len() as u64) as usize] {
            if let FrameKind::Diff(change) = &template.kind {
                book.apply(change);
            }
        }
        book
    }

    /// How many frames leave the book crossed, and how many do not change it.
    #[must_use]
    pub fn faults(&self) -> (usize, usize) {
        let mut book = self.start.clone();
        let (mut crossed, mut idle) = (0, 0);
        for template in &self.templates {
            if let FrameKind::Diff(change) = &template.kind {
                idle += usize::from(book.apply(change) == 0);
                crossed += usize::from(!book.is_sound());
            }
        }
        (crossed, idle)
    }

    fn new(snapshot: &str, mut templates: Vec<Template>, recorded: bool) -> Option<Self> {
        let message: Value = serde_json::from_str(snapshot).ok()?;
        let start = ReferenceBook::of(&Change::read(&message, ["bids", "asks"])?);
        let mut book = start.clone();
        for template in &templates {
            if let FrameKind::Diff(change) = &template.kind {
                book.apply(change);
            }
        }
        templates.extend(way_back(&mut book, &start));
        let (head, tail) = split_number(snapshot, "\"lastUpdateId\":")?;
        Some(Self { templates, start, snapshot: format!("{head}0{tail}").into_bytes(), recorded })
    }

    /// Diffs of the same shape from a fixed pseudo-random market.
    fn made() -> Option<Self> {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let templates = (0..MADE_DIFFS).filter_map(|_| {
            let mut change = Change::default();
            for (side, levels) in change.sides.iter_mut().enumerate() {
                for _ in 0..LEVELS_A_KILOBYTE / 2 {
                    let offset = random.below(2_000) + 1;
                    let price = if side == 0 { 6_000_000 - offset } else { 6_000_000 + offset };
                    levels.insert(price, random.below(2) * (random.below(500_000) + 1) * 1_000);
                }
            }
            diff_template(&change)
        });
        let snapshot =
            r#"{"lastUpdateId":1,"bids":[["59000.00000000","1.00000000"]],"asks":[["61000.00000000","1.00000000"]]}"#;
        Self::new(snapshot, templates.collect(), false)
    }
}

/// A small generator of the xorshift family: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound) as i64
    }
}

/// The frames from the first diff on that the snapshot does not contain. It may have come before the snapshot did.
fn follow<'a>(snapshot: &str, frames: &'a [String]) -> &'a [String] {
    let contained = number_behind(snapshot, "\"lastUpdateId\":");
    let is_first = |frame: &String| frame.contains("\"depthUpdate\"") && number_behind(frame, "\"u\":") > contained;
    &frames[frames.iter().position(is_first).unwrap_or(frames.len())..]
}

fn number_behind(text: &str, key: &str) -> Option<u64> {
    let (head, tail) = split_number(text, key)?;
    text[head.len()..text.len() - tail.len()].parse().ok()
}

/// Diffs that lead a book back to where it started.
fn way_back(book: &mut ReferenceBook, start: &ReferenceBook) -> Vec<Template> {
    let mut change = book.change_to(start);
    book.apply(&change);
    let steps = std::iter::from_fn(|| (change.levels() > 0).then(|| change.take(LEVELS_A_KILOBYTE)));
    steps.filter_map(|step| diff_template(&step)).collect()
}

fn diff_template(change: &Change) -> Option<Template> {
    Template::from_frame(&change.to_frame())
}

fn write_number(number: u64, out: &mut Vec<u8>) {
    // Writing into a vector does not fail.
    let _ = write!(out, "{number}");
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
    fn made_frames_change_a_sound_book_and_lead_back_to_the_snapshot() {
        let frames = Frames::made().unwrap().folded_to_one_kilobyte();
        assert!(frames.templates.len() > 1_000, "{} frames", frames.templates.len());
        assert_eq!(frames.faults(), (0, 0));
        let mut book = frames.start.clone();
        for template in &frames.templates {
            let FrameKind::Diff(change) = &template.kind else { panic!("only diffs are wanted") };
            assert!((900..=1_150).contains(&template.bytes()) || change.levels() < LEVELS_A_KILOBYTE);
            book.apply(change);
        }
        assert_eq!(book, frames.start);
    }

    #[test]
    fn recorded_frames_change_a_sound_book() {
        let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/binance/spot_btcusdt_20240808.gz");
        let frames = Frames::load(Path::new(capture)).unwrap();
        if !frames.recorded {
            eprintln!("skipped: shared/data is absent ({capture})");
            return;
        }
        assert_eq!(frames.faults().0, 0);
        let folded = frames.folded_to_one_kilobyte();
        let bytes = folded.templates.iter().map(Template::bytes).sum::<usize>() / folded.templates.len();
        assert!((900..=1_150).contains(&bytes), "{bytes} bytes a frame");
        assert_eq!(folded.faults(), (0, 0));
    }
}
