//! Order books: the book by price level that the trading thread keeps, and the view of its top for every other thread.
//!
//! - [`L2Book`] is a tick ladder with a moving window, a hierarchical bitmap and a sorted overflow list. No I/O, no
//!   allocation after it was made.
//! - [`top_of_book`] publishes the best twenty levels a side to any number of threads.
//! - Neither knows anything of venues and continuity: the crate `tercel-feed` says when a book is true.

mod bitmap;
mod l2;
mod ladder;
mod overflow;
mod reciprocal;
mod top;

pub use l2::{
    Kept, L2Book, LadderConfig, LadderConfigError, Levels, OVERFLOW_LEVELS_DEFAULT, WINDOW_LEVELS_MAX,
    WINDOW_LEVELS_MIN,
};
pub use top::{TOP_LEVELS, TopOfBook, TopOfBookReader, TopOfBookWriter, top_of_book};
