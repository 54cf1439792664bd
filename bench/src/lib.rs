//! What the wire-to-wire and load programs share: recorded frames with rewritten ids, non-blocking sockets, reports.

pub mod frames;
pub mod socket;
pub mod venue_replies;
