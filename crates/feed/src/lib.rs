//! When is a book true: synchronisation of a snapshot with the diffs around it, continuity, and the age of it all.
//!
//! A [`SymbolFeed`] owns the book of one instrument. It is told what arrived, in the venue's order, and answers what
//! became of it; it does no I/O, reads no clock, and allocates nothing after it was made. Nothing of a venue's format
//! is known here: the caller turns messages into [`Diff`], [`Snapshot`], [`Partial`] and [`Ticker`].
//!
//! ```text
//!                    diff: buffered                         diff: applied, or ignored as old
//!                    ┌──────────┐                           ┌──────────┐
//!                    ▼          │    snapshot that the      ▼          │
//!   new, reset ──► waiting for a snapshot ── diffs reach ──► synchronised
//!                    ▲          ▲            │              ▲  │
//!                    │          └── too old  ▼              │  │
//!                    │                  catching up, diff by diff
//!                    └──────────────── gap ◄───────────────────┘
//! ```

mod buffer;
mod continuity;
mod input;
mod symbol_feed;

pub use buffer::{BUFFERED_DIFFS_MAX, BUFFERED_LEVELS_MAX};
pub use continuity::Continuity;
pub use input::{Diff, Partial, Snapshot, Ticker};
pub use symbol_feed::{
    BestQuote, BookSource, CaughtUp, DiffOutcome, FeedConfig, PartialOutcome, QuoteSource, SnapshotOutcome, SymbolFeed,
    TickerOutcome,
};
