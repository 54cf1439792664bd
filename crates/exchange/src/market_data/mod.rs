//! What everybody may see: the book as published, trades, statistics, and the streams that carry them.
//!
//! One update-id counter a symbol stands behind every book stream. It moves by one for each changed level; diffs,
//! partial books and the REST book are cut at the same batch edges, the best-price stream runs ahead of them.

mod frames;
mod published;
mod publisher;
mod statistics;
mod stream;
mod trade_record;

pub use frames::{StreamFrame, book_json};
pub use published::PublishedBook;
pub use publisher::{BATCH_NS, FrameSink, Publisher};
pub use statistics::DayStatistics;
pub use trade_record::TradeRecord;
