//! The one thread that owns the exchange. Doors reach it through a bounded channel and never share its state.
//!
//! ```text
//! doors (async tasks) ──Command──► bounded channel ──► engine thread: core, books, publishers or player
//!       ▲                                                   │
//!       └── answers, notices, stream frames ◄── one bounded queue a connection; a full one ends the connection
//! ```

mod command;
mod generated;
mod hub;
mod serve;
mod thread;

pub use command::{
    Answer, ApiInbox, ApiMessage, ApiQueue, Command, Failure, ReplyTo, Request, ResponseType, Served, StreamCommand,
    Ticket, UserCommand,
};
pub use generated::Generated;
pub use hub::{Hub, SUBSCRIBER_QUEUE_FRAMES, SubscriberId};
pub use serve::{Views, serve};
pub use thread::{Driver, EngineHandle, Instants, Progress, spawn};
