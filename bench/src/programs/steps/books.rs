//! The book beside standard collections, and the whole way from bytes into the book for the comparison with ccxt.

#[path = "../../../../crates/book/benches/l2_update/peers.rs"]
mod peers;
#[path = "../../../../crates/book/benches/l2_update/workload.rs"]
mod workload;

use std::hint::black_box;

use crate::beside::{Contender, Effort, best_of, timed};
use crate::contestant::Failure;
use crate::frames::Frames;
use crate::reference_book::Digest;
use crate::venue::instrument;
use peers::{Book, SortedBook, TreeBook};
use tercel_book::{L2Book, LadderConfig};
use tercel_types::{Level, Price, Side};
use tercel_wire::binance::{LevelScratch, MarketMessage, SNAPSHOT_LEVELS_MAX, decode, parse_depth_snapshot};
use workload::{TICK, Workload};

use super::Row;
use super::decoding::SCALES;

/// The engine's default: a window of 2^18 ticks a side.
const BOOK_BYTES: usize = tercel_engine::config::DEFAULT_BOOK_BYTES;

struct Ladder(L2Book);

impl Book for Ladder {
    fn empty() -> Self {
        Self(L2Book::new(LadderConfig::new(Price(TICK), 1 << 18).expect("a window within the bounds")))
    }

    fn apply(&mut self, side: Side, levels: &[Level]) {
        let _ = black_box(self.0.apply(side, levels));
    }

    fn best(&self) -> (i64, i64) {
        let price = |level: Option<Level>| level.map_or(0, |level| level.price.0);
        (price(self.0.best_bid()), price(self.0.best_ask()))
    }
}

/// The row of the book: 5,000 levels a side, 20 levels a side change with a frame, the best prices are read after each.
pub fn level_update(effort: Effort) -> Row {
    let workload = workload::generate();
    let expected = pass::<TreeBook>(&workload).1;
    assert_eq!(pass::<Ladder>(&workload).1, expected, "the ladder disagrees with the tree about the best prices");
    assert_eq!(pass::<SortedBook>(&workload).1, expected, "the array disagrees with the tree about the best prices");
    let mut contenders: [Contender<'_>; 3] = [
        Box::new(|| pass::<Ladder>(&workload).0),
        Box::new(|| pass::<TreeBook>(&workload).0),
        Box::new(|| pass::<SortedBook>(&workload).0),
    ];
    Row::new("l2_update", "ns a level", &best_of(effort, &mut contenders), &["BTreeMap", "sorted Vec"])
}

/// One pass over the workload: nanoseconds a level, and a sum of all best prices.
fn pass<B: Book>(workload: &Workload) -> (f64, i64) {
    let mut book = B::empty();
    book.apply(Side::Buy, &workload.bids);
    book.apply(Side::Sell, &workload.asks);
    let mut sum = 0i64;
    let time = timed(workload::updates() as usize, || {
        for frame in &workload.frames {
            book.apply(Side::Buy, &frame.bids);
            book.apply(Side::Sell, &frame.asks);
            let (bid, ask) = book.best();
            sum = sum.wrapping_mul(31).wrapping_add(bid ^ ask);
        }
        black_box(sum);
    });
    (time, sum)
}

/// Bytes in, best prices out, for each of the recorded diffs. Its peer is measured in Node.
pub fn decode_and_apply(effort: Effort, frames: &Frames, texts: &[Vec<u8>]) -> Result<Row, Failure> {
    let (mut bids, mut asks) = (Vec::new(), Vec::new());
    parse_depth_snapshot(&frames.snapshot, &mut bids, &mut asks, SCALES)?;
    let mut book = L2Book::new(LadderConfig::for_budget(instrument()?.tick, BOOK_BYTES)?);
    let _ = black_box(book.load_snapshot(&bids, &asks));
    let mut scratch = LevelScratch::new(SNAPSHOT_LEVELS_MAX);
    // The frames lead back to the snapshot, so every burst starts from the same book.
    let mut round = || {
        for text in texts {
            if let Ok(MarketMessage::DepthDiff(diff)) = decode(black_box(text), &mut scratch, SCALES) {
                let _ = black_box(book.apply(Side::Buy, diff.bids));
                let _ = black_box(book.apply(Side::Sell, diff.asks));
            }
            black_box((book.best_bid(), book.best_ask()));
        }
    };
    let best = best_of(effort, &mut [Box::new(|| timed(texts.len(), &mut round))]);
    if digest(&book) != frames.start.digest() {
        return Err("the frames did not lead the book back to the snapshot".into());
    }
    Ok(Row::new("ccxt_book", "ns a diff", &best, &[]))
}

fn digest(book: &L2Book) -> Digest {
    let side = |side| {
        let mut levels = vec![Level::default(); book.level_count(side)];
        book.depth(side, &mut levels);
        levels.into_iter()
    };
    Digest::of(side(Side::Buy), side(Side::Sell))
}
