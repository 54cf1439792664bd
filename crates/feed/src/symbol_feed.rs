//! The feed of one instrument: its book, its best quote, and whether they are true.

use crate::buffer::DiffBuffer;
use crate::continuity::{Bracket, Continuity, Succession};
use crate::{Diff, Partial, Snapshot, Ticker};
use tercel_book::{Kept, L2Book, LadderConfig};
use tercel_types::{Level, Nanos, Side, UpdateId};

/// What the book is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookSource {
    /// A snapshot and the diffs around it, numbered so.
    Diffs(Continuity),
    /// Messages that each hold the best levels whole. No snapshot is needed.
    Partial,
}

/// How a feed is made.
#[derive(Clone, Copy, Debug)]
pub struct FeedConfig {
    /// What the book is made from.
    pub source: BookSource,
    /// The size of the book.
    pub ladder: LadderConfig,
}

/// What became of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum DiffOutcome {
    /// It changed the book.
    Applied {
        /// How many levels it set or removed.
        levels: usize,
        /// How many levels were forgotten because the book was full.
        dropped: u64,
    },
    /// It waits for a snapshot.
    Buffered,
    /// It is older than the book, or this feed does not live on diffs.
    Ignored,
    /// Something before it was lost: the book was emptied, the diff waits for a new snapshot.
    Gap {
        /// The id that would have continued the stream.
        expected: UpdateId,
        /// What came instead.
        got: UpdateId,
    },
    /// Too much waited for a snapshot: the buffer was emptied and begins with this diff. The snapshot that is under way
    /// may be too old now; ask for another.
    BufferOverflow,
}

/// What became of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum SnapshotOutcome {
    /// The book is the snapshot. Where no diff waits to be applied on top it is synchronised, else call
    /// [`SymbolFeed::catch_up`] until it is.
    Loaded {
        /// How many diffs wait.
        waiting: usize,
        /// How many levels were forgotten because the book was full.
        dropped: u64,
    },
    /// The diffs that wait begin after it: fetch another.
    TooOld {
        /// The last update of the snapshot.
        snapshot: UpdateId,
        /// The first update of the oldest diff that would have to follow.
        first: UpdateId,
    },
    /// The book is synchronised already, or this feed does not live on snapshots.
    NotNeeded,
}

/// A diff that had waited for the snapshot and is in the book now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaughtUp {
    /// The last update of the diff.
    pub last: UpdateId,
    /// How many levels it set or removed.
    pub levels: usize,
    /// How many levels were forgotten because the book was full.
    pub dropped: u64,
}

/// What became of a message of best levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum PartialOutcome {
    /// It is the book now.
    Applied {
        /// How many levels it has.
        levels: usize,
    },
    /// It is not newer than the book, or this feed lives on diffs.
    Ignored,
}

/// What became of a best quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum TickerOutcome {
    /// It is the newest.
    Newer,
    /// A newer one came before.
    Ignored,
}

/// Where a best quote is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteSource {
    /// The book.
    Book,
    /// The stream of best quotes.
    Ticker,
}

/// The best bid and ask as of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestQuote {
    /// The update after which it holds.
    pub update_id: UpdateId,
    /// The best bid, if there is one.
    pub bid: Option<Level>,
    /// The best ask, if there is one.
    pub ask: Option<Level>,
    /// Which stream said so.
    pub source: QuoteSource,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    WaitingForSnapshot,
    CatchingUp {
        /// The last update in the book.
        last: UpdateId,
        /// The place in the buffer of the diff that follows it.
        next: usize,
    },
    Synchronised {
        /// The last update in the book.
        last: UpdateId,
        /// Whether a diff has been applied on top of the snapshot. Until then the bracket rule holds, not succession.
        bracketed: bool,
    },
}

/// The book and the best quote of one instrument.
pub struct SymbolFeed {
    source: BookSource,
    state: State,
    book: L2Book,
    buffer: DiffBuffer,
    ticker: Option<Ticker>,
    /// When the book was last told something.
    book_heard: Option<Nanos>,
    /// When anything was last heard.
    heard: Option<Nanos>,
    gaps: u64,
}

impl SymbolFeed {
    /// A feed that knows nothing yet, with all the memory it will ever use.
    #[must_use]
    pub fn new(config: FeedConfig) -> Self {
        Self {
            source: config.source,
            state: State::WaitingForSnapshot,
            book: L2Book::new(config.ladder),
            buffer: DiffBuffer::new(),
            ticker: None,
            book_heard: None,
            heard: None,
            gaps: 0,
        }
    }

    /// A diff has arrived. Diffs must be told in the order of the stream.
    #[inline]
    pub fn on_diff(&mut self, diff: &Diff<'_>, received: Nanos) -> DiffOutcome {
        let BookSource::Diffs(continuity) = self.source else { return DiffOutcome::Ignored };
        self.hear_book(received);
        let State::Synchronised { last, bracketed } = self.state else {
            return self.wait_with(diff, continuity);
        };
        let succession = match bracketed {
            true => continuity.succession(last, diff),
            false => match continuity.bracket(last, diff) {
                Bracket::Before => Succession::Old,
                Bracket::Brackets => Succession::Next,
                Bracket::Beyond => Succession::Gap { expected: UpdateId(last.0.saturating_add(1)), got: diff.first },
            },
        };
        match succession {
            Succession::Next => {
                let dropped = apply(&mut self.book, diff);
                self.state = State::Synchronised { last: diff.last, bracketed: true };
                DiffOutcome::Applied { levels: diff.bids.len() + diff.asks.len(), dropped }
            }
            Succession::Old => DiffOutcome::Ignored,
            Succession::Gap { expected, got } => {
                self.gaps += 1;
                self.desynchronise();
                self.start_over(diff, DiffOutcome::Gap { expected, got })
            }
        }
    }

    /// A snapshot has arrived. The diffs that waited for it are applied by [`Self::catch_up`], one at a time, so that the
    /// book can be seen after each.
    pub fn on_snapshot(&mut self, snapshot: &Snapshot<'_>, received: Nanos) -> SnapshotOutcome {
        let BookSource::Diffs(continuity) = self.source else { return SnapshotOutcome::NotNeeded };
        if !self.needs_snapshot() {
            return SnapshotOutcome::NotNeeded;
        }
        self.hear_book(received);
        let mut next = 0;
        while let Some(diff) = self.buffer.get(next) {
            match continuity.bracket(snapshot.last, &diff) {
                Bracket::Before => next += 1,
                Bracket::Brackets => break,
                Bracket::Beyond => return SnapshotOutcome::TooOld { snapshot: snapshot.last, first: diff.first },
            }
        }
        let dropped = match self.book.load_snapshot(snapshot.bids, snapshot.asks) {
            Kept::Everything => 0,
            Kept::DroppedWorst(dropped) => dropped,
        };
        let waiting = self.buffer.len() - next;
        if waiting == 0 {
            self.buffer.clear();
            self.state = State::Synchronised { last: snapshot.last, bracketed: false };
        } else {
            self.state = State::CatchingUp { last: snapshot.last, next };
        }
        SnapshotOutcome::Loaded { waiting, dropped }
    }

    /// Applies the oldest diff that waited for the snapshot; `None` where none does. After the last one the book is
    /// synchronised. A diff that arrives before that waits with the others.
    pub fn catch_up(&mut self) -> Option<CaughtUp> {
        let State::CatchingUp { next, .. } = self.state else { return None };
        // The buffer holds an unbroken run of diffs: what would break it empties it first.
        let diff = self.buffer.get(next)?;
        let (last, levels) = (diff.last, diff.bids.len() + diff.asks.len());
        let dropped = apply(&mut self.book, &diff);
        if next + 1 == self.buffer.len() {
            self.buffer.clear();
            self.state = State::Synchronised { last, bracketed: true };
        } else {
            self.state = State::CatchingUp { last, next: next + 1 };
        }
        Some(CaughtUp { last, levels, dropped })
    }

    /// A message with the best levels has arrived: it replaces the book.
    pub fn on_partial(&mut self, partial: &Partial<'_>, received: Nanos) -> PartialOutcome {
        if self.source != BookSource::Partial {
            return PartialOutcome::Ignored;
        }
        self.hear_book(received);
        if self.update_id().is_some_and(|last| partial.last <= last) {
            return PartialOutcome::Ignored;
        }
        // A book holds far more levels than such a message has: none are dropped.
        let _ = self.book.load_snapshot(partial.bids, partial.asks);
        self.state = State::Synchronised { last: partial.last, bracketed: true };
        PartialOutcome::Applied { levels: partial.bids.len() + partial.asks.len() }
    }

    /// A best quote has arrived.
    #[inline]
    pub fn on_ticker(&mut self, ticker: &Ticker, received: Nanos) -> TickerOutcome {
        self.heard = Some(received);
        if self.ticker.is_some_and(|newest| ticker.update_id <= newest.update_id) {
            return TickerOutcome::Ignored;
        }
        self.ticker = Some(*ticker);
        TickerOutcome::Newer
    }

    /// Something else showed that the connection lives: a trade, a ping. Streams of books are silent while nothing
    /// changes.
    #[inline]
    pub fn on_heartbeat(&mut self, received: Nanos) {
        self.heard = Some(received);
    }

    /// Forgets everything, as after the loss of the connection. Gaps stay counted.
    pub fn reset(&mut self) {
        self.desynchronise();
        self.buffer.clear();
        self.ticker = None;
        self.book_heard = None;
        self.heard = None;
    }

    /// The newer of the book's best and the ticker; the book's if both are of the same update.
    #[inline]
    #[must_use]
    pub fn top(&self) -> Option<BestQuote> {
        match (self.update_id(), self.ticker) {
            (Some(last), Some(ticker)) if ticker.update_id > last => Some(quote_of(&ticker)),
            (None, Some(ticker)) => Some(quote_of(&ticker)),
            (Some(update_id), _) => Some(BestQuote {
                update_id,
                bid: self.book.best_bid(),
                ask: self.book.best_ask(),
                source: QuoteSource::Book,
            }),
            (None, None) => None,
        }
    }

    /// The book. It is empty while it needs a snapshot, and behind the venue's until [`Self::is_synchronised`].
    #[must_use]
    pub const fn book(&self) -> &L2Book {
        &self.book
    }

    /// Whether the book is the venue's as of [`Self::update_id`].
    #[must_use]
    pub const fn is_synchronised(&self) -> bool {
        matches!(self.state, State::Synchronised { .. })
    }

    /// Whether a snapshot must be fetched. Fetch it only once the stream of diffs is open.
    #[must_use]
    pub const fn needs_snapshot(&self) -> bool {
        matches!((self.source, self.state), (BookSource::Diffs(_), State::WaitingForSnapshot))
    }

    /// The last update in the book; `None` while it needs a snapshot.
    #[must_use]
    pub const fn update_id(&self) -> Option<UpdateId> {
        match self.state {
            State::Synchronised { last, .. } | State::CatchingUp { last, .. } => Some(last),
            State::WaitingForSnapshot => None,
        }
    }

    /// How many diffs wait for a snapshot.
    #[must_use]
    pub fn buffered_diffs(&self) -> usize {
        self.buffer.len()
    }

    /// How many gaps there were since the feed was made.
    #[must_use]
    pub const fn gaps(&self) -> u64 {
        self.gaps
    }

    /// Nanoseconds since anything was heard; `None` if nothing was yet.
    #[must_use]
    pub fn age_ns(&self, now: Nanos) -> Option<i64> {
        self.heard.map(|heard| now.since(heard))
    }

    /// Nanoseconds since the book's own stream was heard; `None` if it was not yet.
    #[must_use]
    pub fn book_age_ns(&self, now: Nanos) -> Option<i64> {
        self.book_heard.map(|heard| now.since(heard))
    }

    /// Whether a decision must not rely on this feed: its book is not synchronised, or nothing was heard for longer than
    /// `age_ns_max`.
    #[must_use]
    pub fn is_stale(&self, now: Nanos, age_ns_max: i64) -> bool {
        !self.is_synchronised() || self.age_ns(now).is_none_or(|age_ns| age_ns > age_ns_max)
    }

    #[inline]
    fn hear_book(&mut self, received: Nanos) {
        self.book_heard = Some(received);
        self.heard = Some(received);
    }

    /// Keeps a diff for the snapshot that is to come. What waits is always an unbroken run.
    fn wait_with(&mut self, diff: &Diff<'_>, continuity: Continuity) -> DiffOutcome {
        let succession = match self.buffer.last_update() {
            Some(last) => continuity.succession(last, diff),
            None => Succession::Next,
        };
        match succession {
            Succession::Old => DiffOutcome::Ignored,
            Succession::Gap { expected, got } => {
                self.gaps += 1;
                self.desynchronise();
                self.start_over(diff, DiffOutcome::Gap { expected, got })
            }
            Succession::Next if self.buffer.push(diff) => DiffOutcome::Buffered,
            Succession::Next => {
                self.desynchronise();
                self.start_over(diff, DiffOutcome::BufferOverflow)
            }
        }
    }

    /// Makes `diff` the first that waits. One that is larger than the whole buffer is lost: the next will show a gap to
    /// the snapshot.
    #[cold]
    fn start_over(&mut self, diff: &Diff<'_>, outcome: DiffOutcome) -> DiffOutcome {
        self.buffer.clear();
        match self.buffer.push(diff) {
            true => outcome,
            false => DiffOutcome::BufferOverflow,
        }
    }

    /// The book is not true any more, so that nobody shall read it.
    fn desynchronise(&mut self) {
        self.state = State::WaitingForSnapshot;
        self.book.clear();
    }
}

/// Applies both sides and says how many levels the book had no room for.
#[inline]
fn apply(book: &mut L2Book, diff: &Diff<'_>) -> u64 {
    let dropped = |kept| match kept {
        Kept::Everything => 0,
        Kept::DroppedWorst(dropped) => dropped,
    };
    dropped(book.apply(Side::Buy, diff.bids)) + dropped(book.apply(Side::Sell, diff.asks))
}

fn quote_of(ticker: &Ticker) -> BestQuote {
    let side = |level: Level| (!level.quantity.is_zero()).then_some(level);
    let (bid, ask) = (side(ticker.bid), side(ticker.ask));
    BestQuote { update_id: ticker.update_id, bid, ask, source: QuoteSource::Ticker }
}
