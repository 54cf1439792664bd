//! The top of a book for threads that do not own it.

use crate::L2Book;
use tercel_sync::{SeqLock, SeqReader, SeqWriter};
use tercel_types::{Level, Nanos, Side, UpdateId};

/// How many levels a side are published.
pub const TOP_LEVELS: usize = 20;

/// Words of one level: price and quantity.
const LEVEL_WORDS: usize = 2;
const SIDE_WORDS: usize = TOP_LEVELS * LEVEL_WORDS;

// The payload, in words:
//
//   0          1         2           3                      43
//   update id  received  bid count   bids: price, quantity  asks: price, quantity
//                        | asks <<32 best first             best first
const UPDATE_ID: usize = 0;
const RECEIVED: usize = 1;
const COUNTS: usize = 2;
const BIDS: usize = 3;
const ASKS: usize = BIDS + SIDE_WORDS;
const WORDS: usize = ASKS + SIDE_WORDS;

/// The best levels of both sides as they were at one moment, with the venue's id of that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopOfBook {
    /// The venue's id of the update that made it so.
    pub update_id: UpdateId,
    /// When that update was received.
    pub received: Nanos,
    bids: [Level; TOP_LEVELS],
    asks: [Level; TOP_LEVELS],
    bid_count: usize,
    ask_count: usize,
}

/// Publishes the top of a book. There is one, with the thread that owns the book.
pub struct TopOfBookWriter(SeqWriter<WORDS>);

/// Reads what was published last. One for each thread that wants it.
#[derive(Clone)]
pub struct TopOfBookReader(SeqReader<WORDS>);

/// A connected pair; readers see an empty book until something is published.
#[must_use]
pub fn top_of_book() -> (TopOfBookWriter, TopOfBookReader) {
    let (writer, reader) = SeqLock::new(&[0; WORDS]).split();
    (TopOfBookWriter(writer), TopOfBookReader(reader))
}

impl TopOfBookWriter {
    /// Shows the top of `book` to every reader. Never waits.
    pub fn publish(&self, book: &L2Book, update_id: UpdateId, received: Nanos) {
        let mut words = [0; WORDS];
        words[UPDATE_ID] = update_id.0;
        words[RECEIVED] = received.0 as u64;
        let bids = write_side(book, Side::Buy, &mut words[BIDS..ASKS]);
        let asks = write_side(book, Side::Sell, &mut words[ASKS..]);
        words[COUNTS] = bids | asks << 32;
        self.0.write(&words);
    }
}

impl TopOfBookReader {
    /// The newest top of the book. Looks again while the writer is at work.
    #[must_use]
    pub fn read(&self) -> TopOfBook {
        unpack(&self.0.read())
    }

    /// The newest top of the book, or `None` if the writer was at work meanwhile.
    #[must_use]
    pub fn try_read(&self) -> Option<TopOfBook> {
        self.0.try_read().as_ref().map(unpack)
    }

    /// How often something was published: a cheap look for whether there is anything new.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version()
    }
}

impl TopOfBook {
    /// The bids, best first.
    #[must_use]
    pub fn bids(&self) -> &[Level] {
        &self.bids[..self.bid_count]
    }

    /// The asks, best first.
    #[must_use]
    pub fn asks(&self) -> &[Level] {
        &self.asks[..self.ask_count]
    }
}

fn write_side(book: &L2Book, side: Side, words: &mut [u64]) -> u64 {
    let mut count = 0;
    for (place, level) in words.chunks_exact_mut(LEVEL_WORDS).zip(book.levels(side)) {
        place[0] = level.price.0 as u64;
        place[1] = level.quantity.0 as u64;
        count += 1;
    }
    count
}

fn unpack(words: &[u64; WORDS]) -> TopOfBook {
    let side = |from: usize| {
        std::array::from_fn(|level| {
            let at = from + LEVEL_WORDS * level;
            Level::new(words[at] as i64, words[at + 1] as i64)
        })
    };
    TopOfBook {
        update_id: UpdateId(words[UPDATE_ID]),
        received: Nanos(words[RECEIVED] as i64),
        bids: side(BIDS),
        asks: side(ASKS),
        bid_count: (words[COUNTS] & u64::from(u32::MAX)) as usize,
        ask_count: (words[COUNTS] >> 32) as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LadderConfig, WINDOW_LEVELS_MIN};
    use tercel_types::Price;

    fn book() -> L2Book {
        L2Book::new(LadderConfig::new(Price(1), WINDOW_LEVELS_MIN).unwrap())
    }

    #[test]
    fn a_reader_sees_nothing_until_something_is_published() {
        let (_writer, reader) = top_of_book();
        assert_eq!(reader.version(), 0);
        assert!(reader.read().bids().is_empty());
        assert!(reader.read().asks().is_empty());
    }

    #[test]
    fn a_reader_sees_at_most_twenty_levels_a_side_best_first() {
        let mut book = book();
        let bids: Vec<_> = (0..25).map(|index| Level::new(1_000 - index, 1 + index)).collect();
        assert_eq!(book.load_snapshot(&bids, &[Level::new(1_001, 9)]), crate::Kept::Everything);
        let (writer, reader) = top_of_book();
        writer.publish(&book, UpdateId(u64::MAX), Nanos(-5));
        let top = reader.try_read().unwrap();
        assert_eq!((top.update_id, top.received), (UpdateId(u64::MAX), Nanos(-5)));
        assert_eq!(top.bids(), &bids[..TOP_LEVELS]);
        assert_eq!(top.asks(), [Level::new(1_001, 9)]);
    }

    #[test]
    fn many_readers_never_see_a_mixture_of_two_updates() {
        const UPDATES: i64 = 20_000;
        let mut book = book();
        let (writer, reader) = top_of_book();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let reader = reader.clone();
                scope.spawn(move || {
                    let mut last = 0;
                    while last < UPDATES as u64 {
                        let top = reader.read();
                        assert!(top.update_id.0 >= last);
                        last = top.update_id.0;
                        let all_the_same = |level: &Level| level.quantity.0 == last as i64;
                        assert!(top.bids().iter().chain(top.asks()).all(all_the_same));
                    }
                });
            }
            for update in 1..=UPDATES {
                let side = |from: i64| -> [Level; 4] { std::array::from_fn(|at| Level::new(from + at as i64, update)) };
                assert_eq!(book.load_snapshot(&side(100), &side(200)), crate::Kept::Everything);
                writer.publish(&book, UpdateId(update as u64), Nanos(update));
            }
        });
    }
}
