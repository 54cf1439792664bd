//! The exchange plays recorded captures instead of making a market itself.
//!
//! Frames go to the subscribers of the recorded streams as they were recorded. Clients' orders join the recorded queue
//! and fill from recorded trades, aggressive ones from the recorded book; they do not show in the recorded book.

mod capture;
mod market;
mod player;

pub use capture::{CaptureError, examine};
pub use market::RecordedMarket;
pub use player::{Player, opening_book};
