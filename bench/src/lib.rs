//! What the programs of the bench share: recorded frames with rewritten ids, the book that they lead to, non-blocking
//! sockets, the venue's few answers, and the comparison of contenders in one run.

pub mod arguments;
pub mod beside;
pub mod contestant;
pub mod frames;
pub mod reference_book;
pub mod session_phase;
pub mod socket;
pub mod venue;
pub mod venue_replies;
