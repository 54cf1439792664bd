//! What is due: requests that were never answered, orders to be queried, fills to be asked for.

use crate::{OrderHandle, OrderTable};
use tercel_types::{Nanos, OrderStatus};

/// A question that the venue has to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What is the order's status?
    Status(OrderHandle),
    /// Which trades did the order have? The venue reported more as executed than was filled.
    Trades(OrderHandle),
}

impl OrderTable {
    /// Orders with a request that is unanswered for longer than `timeout_ns`. The caller applies
    /// [`OutcomeUnknown`](crate::Update::OutcomeUnknown); a request is never sent a second time.
    pub fn overdue(&self, now: Nanos, timeout_ns: i64) -> impl Iterator<Item = OrderHandle> {
        self.live()
            .filter(move |order| {
                let waits = matches!(
                    order.status,
                    OrderStatus::PendingNew | OrderStatus::PendingCancel | OrderStatus::PendingReplace
                );
                waits && now.since(order.requested) > timeout_ns
            })
            .map(|order| order.handle)
    }

    /// Questions that are due, each asked at most once in `interval_ns` if the caller
    /// [marks](Self::mark_queried) what it sent.
    pub fn questions(&self, now: Nanos, interval_ns: i64) -> impl Iterator<Item = Question> {
        let patience_ns = self.settle_patience_ns();
        self.live().filter_map(move |order| {
            let asked_lately = order.queried.is_some_and(|asked| now.since(asked) < interval_ns);
            if asked_lately {
                return None;
            }
            if order.status == OrderStatus::Unknown {
                return Some(Question::Status(order.handle));
            }
            let late = order.reported > order.filled && now.since(order.updated) > patience_ns;
            late.then_some(Question::Trades(order.handle))
        })
    }
}
