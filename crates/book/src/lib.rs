//! Order books: the book by price level that the trading thread keeps, and the view of its top for every other thread.
//!
//! - [`L2Book`] is a tick ladder with a moving window, a hierarchical bitmap and a sorted overflow list. No I/O, no
//!   allocation after it was made.
//! - It knows nothing of venues and continuity: the crate `tercel-feed` says when a book is true.

mod bitmap;
mod l2;
mod ladder;
mod overflow;
mod reciprocal;

pub use l2::{
    Kept, L2Book, LadderConfig, LadderConfigError, Levels, OVERFLOW_LEVELS_DEFAULT, WINDOW_LEVELS_MAX,
    WINDOW_LEVELS_MIN,
};
