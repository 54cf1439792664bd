//! Who listens to what. A listener whose queue is full is dropped, so that nobody can hold the exchange up.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::core::{AccountId, AddressedNotice};
use crate::market_data::{FrameSink, StreamFrame};

use super::command::{ApiMessage, ApiQueue, StreamCommand, Undelivered, UserCommand};

/// How many frames a stream connection may lag behind before it is dropped.
pub const SUBSCRIBER_QUEUE_FRAMES: usize = 8_192;

/// Names a stream connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SubscriberId(pub u64);

/// The listeners.
#[derive(Default)]
pub struct Hub {
    connections: HashMap<SubscriberId, mpsc::Sender<StreamFrame>>,
    streams: HashMap<Arc<str>, Vec<SubscriberId>>,
    users: Vec<UserSubscription>,
    next_id: u64,
    /// Connections dropped because they did not keep up.
    pub slow_consumers: u64,
}

struct UserSubscription {
    key: u64,
    account: AccountId,
    subscription: u64,
    queue: ApiQueue,
}

impl Hub {
    /// Does what a stream command says.
    pub fn on_stream(&mut self, command: StreamCommand) {
        match command {
            StreamCommand::Open(queue, reply) => {
                self.next_id += 1;
                let id = SubscriberId(self.next_id);
                self.connections.insert(id, queue);
                // A door that went away before it got its id leaves a closed queue, which the next frame removes.
                let _ = reply.send(id);
            }
            StreamCommand::Subscribe(id, streams) => {
                for stream in streams {
                    let listeners = self.streams.entry(stream).or_default();
                    if !listeners.contains(&id) {
                        listeners.push(id);
                    }
                }
            }
            StreamCommand::Unsubscribe(id, streams) => {
                for stream in streams {
                    if let Some(listeners) = self.streams.get_mut(&stream) {
                        listeners.retain(|listener| *listener != id);
                    }
                }
                self.streams.retain(|_, listeners| !listeners.is_empty());
            }
            StreamCommand::Close(id) => self.drop_connection(id),
        }
    }

    /// Does what a user command says.
    pub fn on_user(&mut self, command: UserCommand) {
        match command {
            UserCommand::Subscribe { account, key, subscription, queue } => {
                self.users.push(UserSubscription { key, account, subscription, queue });
            }
            UserCommand::Unsubscribe { key } => self.users.retain(|user| user.key != key),
        }
    }

    /// Tells the owner of an account.
    pub fn notify(&mut self, addressed: &AddressedNotice) {
        let slow = &mut self.slow_consumers;
        self.users.retain(|user| {
            if user.account != addressed.account {
                return true;
            }
            let sent = user.queue.send(ApiMessage::Notice(user.subscription, addressed.notice.clone()));
            *slow += u64::from(sent == Err(Undelivered::Overflow));
            sent.is_ok()
        });
    }

    /// Whether every listener of a stream has room for another frame.
    #[must_use]
    pub fn has_room(&self, stream: &str) -> bool {
        let Some(listeners) = self.streams.get(stream) else { return true };
        listeners
            .iter()
            .filter_map(|id| self.connections.get(id))
            .all(|queue| queue.capacity() > 0 || queue.is_closed())
    }

    fn drop_connection(&mut self, id: SubscriberId) {
        self.connections.remove(&id);
        for listeners in self.streams.values_mut() {
            listeners.retain(|listener| *listener != id);
        }
        self.streams.retain(|_, listeners| !listeners.is_empty());
    }
}

impl FrameSink for Hub {
    fn is_wanted(&self, stream: &str) -> bool {
        self.streams.contains_key(stream)
    }

    fn deliver(&mut self, frame: StreamFrame) {
        let Some(listeners) = self.streams.get(&frame.stream) else { return };
        let mut gone = Vec::new();
        for id in listeners {
            let Some(queue) = self.connections.get(id) else { continue };
            match queue.try_send(frame.clone()) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => {
                    self.slow_consumers += 1;
                    gone.push(*id);
                }
                Err(TrySendError::Closed(_)) => gone.push(*id),
            }
        }
        for id in gone {
            self.drop_connection(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn open(hub: &mut Hub, bound: usize) -> (SubscriberId, mpsc::Receiver<StreamFrame>) {
        let (queue, frames) = mpsc::channel(bound);
        let (reply, mut id) = oneshot::channel();
        hub.on_stream(StreamCommand::Open(queue, reply));
        (id.try_recv().unwrap(), frames)
    }

    fn frame() -> StreamFrame {
        StreamFrame { stream: "a@trade".into(), payload: "{}".into() }
    }

    #[test]
    fn a_listener_that_does_not_keep_up_is_dropped_and_the_others_are_not() {
        let mut hub = Hub::default();
        let (slow, mut slow_frames) = open(&mut hub, 1);
        let (fast, mut fast_frames) = open(&mut hub, 8);
        for id in [slow, fast] {
            hub.on_stream(StreamCommand::Subscribe(id, vec!["a@trade".into()]));
        }
        hub.deliver(frame());
        hub.deliver(frame());
        assert_eq!(hub.slow_consumers, 1);
        assert!(slow_frames.try_recv().is_ok());
        assert!(matches!(slow_frames.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
        assert!(fast_frames.try_recv().is_ok() && fast_frames.try_recv().is_ok());
    }

    #[test]
    fn a_stream_is_wanted_only_while_somebody_listens() {
        let mut hub = Hub::default();
        let (id, _frames) = open(&mut hub, 1);
        hub.on_stream(StreamCommand::Subscribe(id, vec!["a@trade".into()]));
        assert!(hub.is_wanted("a@trade"));
        hub.on_stream(StreamCommand::Unsubscribe(id, vec!["a@trade".into()]));
        assert!(!hub.is_wanted("a@trade"));
    }
}
