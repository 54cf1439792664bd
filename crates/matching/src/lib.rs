//! Price-time matching of one instrument: the book of an exchange, without accounts, without I/O, without allocation.
//!
//! [`MatchingBook`] takes orders, matches them in price-time priority and tells a [`MatchSink`] what happened. It checks
//! what the book itself needs (tick, positive quantity, capacity); balances, filters and order ids belong to its caller.
//!
//! ```text
//!            key (ticks, better is smaller)               orders: 32 bytes each, one array
//! Ladder ──► ring of u32 ──► PriceLevel { head, tail } ──► slot ──► slot ──► slot     FIFO by index
//!   │        64-ary bitmap finds the next level in three words
//!   └──────► far levels: a sorted array outside the moving window
//! ```
//!
//! A buyer's key is the negated tick, so that on both sides the best level has the smallest key and one ladder serves
//! both. Everything is allocated and touched when the book is made; afterwards no operation allocates.
//!
//! ```
//! use tercel_matching::{BookShape, MatchSink, MatchingBook, NewOrder, SelfTrade, Trade};
//! use tercel_types::{OrderKind, Price, Quantity, Side, TimeInForce};
//!
//! #[derive(Default)]
//! struct Tape(Vec<(i64, i64)>);
//! impl MatchSink for Tape {
//!     fn trade(&mut self, trade: &Trade) {
//!         self.0.push((trade.price.0, trade.quantity.0));
//!     }
//! }
//!
//! let mut book = MatchingBook::new(BookShape::default()).expect("the default shape is sound");
//! let mut tape = Tape::default();
//! let mut order = NewOrder {
//!     id: 1,
//!     owner: 7,
//!     side: Side::Sell,
//!     kind: OrderKind::Limit,
//!     time_in_force: TimeInForce::Gtc,
//!     self_trade: SelfTrade::Allow,
//!     price: Price(101),
//!     quantity: Quantity(5),
//! };
//! let placed = book.place(&order, &mut tape).expect("an order on tick rests");
//! assert!(placed.handle.is_some());
//! order = NewOrder { id: 2, owner: 8, side: Side::Buy, quantity: Quantity(3), ..order };
//! book.place(&order, &mut tape).expect("an order on tick trades");
//! assert_eq!(tape.0, [(101, 3)]);
//! ```

mod arena;
mod bitmap;
mod book;
mod ladder;
mod order;
mod shape;
mod sink;
mod taking;

pub use book::{Levels, MatchingBook};
pub use order::{CancelError, NewOrder, OrderHandle, Placed, QuoteBudget, Refusal, RestingOrder, SelfTrade};
pub use shape::{BookShape, ShapeError};
pub use sink::{MatchSink, Prevented, Removal, Removed, Trade};
