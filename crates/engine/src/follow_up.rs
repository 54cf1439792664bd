//! What the order desk comes back to: requests without an answer, outcomes that are not known, cancels that did not work.

use tercel_execution::{LiveCursor, Question, Update};
use tercel_types::Nanos;

use crate::connection::ANSWER_TIMEOUT_NS;
use crate::context::Context;
use crate::market_data::Market;
use crate::notices::NoticeKind;
use crate::order_desk::OrderDesk;

/// How often the same question about an order is asked at most, in nanoseconds.
const QUESTION_INTERVAL_NS: i64 = 2_000_000_000;

/// How long after a cancel that did not work the next one for the same order is sent, in nanoseconds.
const CANCEL_AGAIN_NS: i64 = 250_000_000;

/// How many questions are asked in one housekeeping.
const QUESTIONS_AT_ONCE: usize = 8;

impl OrderDesk {
    /// Looks after unanswered requests, unknown outcomes and unsent bytes. Called once in a while.
    pub fn housekeep(&mut self, now: Nanos, markets: &[Market], context: &mut Context) {
        if let Some(Err(loss)) = self.connection.as_mut().map(|connection| connection.look_after(now)) {
            self.lose(loss, markets, context);
        }
        self.give_up_waiting(now, markets, context);
        self.ask_questions(now, context);
        context.shared.counters.working_orders.set(self.table.live_count() as u64);
    }

    /// Sends a cancel for every order that works on although trading has been stopped: one for each that had none yet, and
    /// another where the last one did not work.
    pub fn cancel_what_still_works(&mut self, now: Nanos, markets: &[Market], context: &mut Context) {
        let mut cursor = LiveCursor::default();
        while let Some(handle) = self.table.next_live(&mut cursor) {
            let due = self
                .table
                .get(handle)
                .is_some_and(|order| order.requested == order.created || now.since(order.requested) > CANCEL_AGAIN_NS);
            if due {
                // What cannot be cancelled now is looked at again in the next housekeeping.
                let _ = self.cancel(handle, markets, context);
            }
        }
    }

    fn give_up_waiting(&mut self, now: Nanos, markets: &[Market], context: &mut Context) {
        loop {
            let Some(handle) = self.table.overdue(now, ANSWER_TIMEOUT_NS).next() else { return };
            if self.update(handle, &Update::OutcomeUnknown, now, markets, context).is_none() {
                return;
            }
        }
    }

    /// Asks the venue about orders whose outcome is unknown. They are never sent again.
    fn ask_questions(&mut self, now: Nanos, context: &mut Context) {
        if self.connection.is_none() {
            return;
        }
        for _ in 0..QUESTIONS_AT_ONCE {
            let Some(question) = self.table.questions(now, QUESTION_INTERVAL_NS).next() else { return };
            let handle = match question {
                Question::Status(handle) | Question::Trades(handle) => handle,
            };
            self.table.mark_queried(handle, now);
            let Some(&order) = self.table.get(handle) else { continue };
            match question {
                Question::Status(_) => {
                    // A question that cannot be sent now is asked again after the interval.
                    let _ = self.send(order.instrument, now, context, |encoder, authority, utc, out| {
                        encoder.status(authority, order.client_order_id, utc, out)
                    });
                }
                Question::Trades(_) => {
                    let id = order.client_order_id.to_text();
                    let text = format_args!("fills are missing of order {}", id.escape_ascii());
                    context.notify(NoticeKind::ReconcileNeeded, order.instrument, 0, text);
                }
            }
        }
    }
}
