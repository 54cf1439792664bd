//! What doors ask of the engine thread, and what they get back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::core::{
    AccountId, AccountTrade, AssetBalance, CancelOrder, Canceled, NewOrder, Notice, Order, OrderCounts, OrderReference,
    Placed, PublicTrade, Refusal, ReplaceFailure, ReplaceMode, Replaced, SymbolId,
};
use crate::market_data::{DayStatistics, StreamFrame};
use tercel_types::Level;

use super::hub::SubscriberId;

/// How much of a placed order is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// Its ids.
    Ack,
    /// Its state.
    Result,
    /// Its state and its fills.
    Full,
}

/// What a client asks for. Symbols are resolved and numbers are read already.
#[derive(Clone, Debug)]
pub enum Request {
    /// Place an order.
    Place(NewOrder, ResponseType),
    /// Check an order.
    Test(NewOrder),
    /// Cancel an order.
    Cancel(CancelOrder),
    /// Cancel an order and place another.
    Replace(Box<(CancelOrder, NewOrder)>, ReplaceMode, ResponseType),
    /// Cancel every open order of a symbol.
    CancelAll(SymbolId),
    /// One order.
    Query(SymbolId, OrderReference),
    /// The open orders, of one symbol or of all.
    OpenOrders(Option<SymbolId>),
    /// The orders of a symbol: from an id on, or the newest.
    AllOrders(SymbolId, Option<u64>, usize),
    /// The account's trades of a symbol.
    AccountTrades {
        /// The symbol.
        symbol: SymbolId,
        /// From this trade id on.
        from: Option<u64>,
        /// Of this order only.
        order_id: Option<u64>,
        /// At most so many.
        limit: usize,
    },
    /// The balances.
    Account,
    /// The orders counted against the rate limits.
    OrderCounts,
    /// The book.
    Depth(SymbolId, usize),
    /// The newest public trades.
    Trades(SymbolId, usize),
    /// The best prices of some symbols.
    Best(Vec<SymbolId>),
    /// The day of some symbols.
    Day(Vec<SymbolId>),
}

/// What a client gets.
#[derive(Clone, Debug)]
pub enum Answer {
    /// An order was placed.
    Placed(Box<Placed>, ResponseType),
    /// An order would be accepted.
    Tested,
    /// An order was cancelled.
    Canceled(Box<Canceled>),
    /// Both halves of a cancel-replace went through.
    Replaced(Box<Replaced>, ResponseType),
    /// Orders were cancelled.
    CanceledAll(Vec<Canceled>),
    /// One order.
    Order(Box<Order>),
    /// Some orders.
    Orders(Vec<Order>),
    /// Some of the account's trades.
    AccountTrades(Vec<AccountTrade>),
    /// Balances, and when they last changed.
    Account(Vec<AssetBalance>, i64),
    /// Counted orders.
    OrderCounts(OrderCounts),
    /// The book, written already.
    Depth(String),
    /// Public trades.
    Trades(Vec<PublicTrade>),
    /// Best bid and ask of some symbols.
    Best(Vec<(SymbolId, Option<Level>, Option<Level>)>),
    /// The day of some symbols, with the best bid and ask.
    Day(Vec<(SymbolId, DayStatistics, Option<Level>, Option<Level>)>),
}

/// Why a client gets nothing, or only half.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Refused.
    Refused(Refusal),
    /// A cancel-replace failed in part or whole.
    Replace(Box<ReplaceFailure>, ResponseType),
}

/// An answer and what goes into its headers.
#[derive(Clone, Debug)]
pub struct Served {
    /// The answer.
    pub outcome: Result<Answer, Failure>,
    /// The orders counted, if this request counted one.
    pub order_counts: Option<OrderCounts>,
}

/// Names a request of a WebSocket connection until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// What a WebSocket API connection is sent.
#[derive(Clone, Debug)]
pub enum ApiMessage {
    /// The answer to a request.
    Reply(Ticket, Box<Served>),
    /// Something for a user data subscription.
    Notice(u64, Notice),
}

/// Where an answer goes.
pub enum ReplyTo {
    /// To somebody who waits for it.
    Once(oneshot::Sender<Served>),
    /// Into the queue of a WebSocket API connection.
    Connection(ApiQueue, Ticket),
}

/// The bounded queue of a WebSocket API connection. A message that finds it full is lost, so the connection must end.
#[derive(Clone)]
pub struct ApiQueue {
    queue: mpsc::Sender<ApiMessage>,
    overflowed: Arc<AtomicBool>,
}

/// The connection's end of an [`ApiQueue`].
pub struct ApiInbox {
    /// What is to be sent.
    pub messages: mpsc::Receiver<ApiMessage>,
    overflowed: Arc<AtomicBool>,
}

/// The message did not get into the queue: the connection is gone or will end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// The connection has ended.
    Gone,
    /// The queue was full; the connection ends when it notices.
    Overflow,
}

/// Where the answer to a stream command goes.
pub type Reply<T> = oneshot::Sender<T>;

/// Something for the engine thread.
pub enum Command {
    /// A client's request.
    Request {
        /// Whose.
        account: AccountId,
        /// What.
        request: Request,
        /// Where the answer goes.
        reply: ReplyTo,
    },
    /// About market streams.
    Stream(StreamCommand),
    /// About user data subscriptions.
    User(UserCommand),
    /// End the thread.
    Stop,
}

/// About market streams.
pub enum StreamCommand {
    /// A connection that has subscribed to nothing yet.
    Open(mpsc::Sender<StreamFrame>, Reply<SubscriberId>),
    /// Subscribe to streams.
    Subscribe(SubscriberId, Vec<Arc<str>>),
    /// Unsubscribe from streams.
    Unsubscribe(SubscriberId, Vec<Arc<str>>),
    /// The connection is gone.
    Close(SubscriberId),
}

/// About user data subscriptions.
pub enum UserCommand {
    /// Send an account's notices to a connection under this subscription id.
    Subscribe {
        /// The account.
        account: AccountId,
        /// The id the connection chose, unique in the exchange.
        key: u64,
        /// The id that the client sees.
        subscription: u64,
        /// The connection's queue.
        queue: ApiQueue,
    },
    /// Stop that.
    Unsubscribe {
        /// The key it was subscribed with.
        key: u64,
    },
}

impl ReplyTo {
    /// Delivers the answer. A client that is gone needs none, and one whose queue is full is ended by that.
    pub fn send(self, served: Served) {
        match self {
            Self::Once(reply) => drop(reply.send(served)),
            Self::Connection(queue, ticket) => {
                let _ = queue.send(ApiMessage::Reply(ticket, Box::new(served)));
            }
        }
    }
}

impl ApiQueue {
    /// A queue of `bound` messages.
    #[must_use]
    pub fn new(bound: usize) -> (Self, ApiInbox) {
        let (queue, messages) = mpsc::channel(bound);
        let overflowed = Arc::new(AtomicBool::new(false));
        (Self { queue, overflowed: Arc::clone(&overflowed) }, ApiInbox { messages, overflowed })
    }

    /// Puts a message in.
    ///
    /// # Errors
    /// [`Undelivered`] says why it is lost.
    pub fn send(&self, message: ApiMessage) -> Result<(), Undelivered> {
        self.queue.try_send(message).map_err(|error| match error {
            TrySendError::Closed(_) => Undelivered::Gone,
            TrySendError::Full(_) => {
                // Relaxed: the flag guards nothing, the connection looks at it whenever it takes a message.
                self.overflowed.store(true, Ordering::Relaxed);
                Undelivered::Overflow
            }
        })
    }
}

impl ApiInbox {
    /// Whether a message was lost.
    #[must_use]
    pub fn is_overflowed(&self) -> bool {
        // Relaxed: see `ApiQueue::send`.
        self.overflowed.load(Ordering::Relaxed)
    }
}
