//! The times of the packet that is being handled, from its arrival to the order that it caused.

use tercel_clock::Stage;
use tercel_types::Nanos;

use crate::telemetry::StageRecord;

/// Stage times of one packet. It begins when bytes arrive, goes along with the event that the packet became, and ends
/// when the strategy comes back for the next one.
#[derive(Debug)]
pub(crate) struct Packet {
    record: StageRecord,
    /// The kernel's receive time, else the return of `recv`; what `whole` is counted from.
    arrived: Option<Nanos>,
    /// When the event was handed to the strategy.
    handed_over: Option<Nanos>,
    /// How much of the strategy's time went into order calls.
    in_order_calls_ns: i64,
}

impl Packet {
    /// No packet under way.
    pub const fn new() -> Self {
        Self { record: StageRecord::EMPTY, arrived: None, handed_over: None, in_order_calls_ns: 0 }
    }

    /// A frame begins. `arrived` is when its packet came in; `receive_ns` how long the kernel held it, where known.
    #[inline]
    pub fn begin(&mut self, arrived: Nanos, receive_ns: Option<i64>) {
        *self = Self::new();
        self.arrived = Some(arrived);
        if let Some(duration_ns) = receive_ns {
            self.record.set(Stage::Receive, duration_ns);
        }
    }

    /// The frame became no event: an order that leaves later is not on its way.
    #[inline]
    pub fn pass_unseen(&mut self) {
        self.arrived = None;
    }

    /// Notes a stage of the packet itself.
    #[inline]
    pub fn note(&mut self, stage: Stage, duration_ns: i64) {
        self.record.set(stage, duration_ns);
    }

    /// The strategy has the event from here on.
    #[inline]
    pub fn hand_over(&mut self, now: Nanos) {
        self.handed_over = Some(now);
    }

    /// An order call of the strategy took this long.
    #[inline]
    pub fn spend_in_order_call(&mut self, duration_ns: i64) {
        self.in_order_calls_ns += duration_ns;
    }

    /// An order left at `sent`. The first one of a packet closes its way from wire to wire.
    #[inline]
    pub fn order_left(&mut self, sent: Nanos) {
        if let Some(arrived) = self.arrived.take() {
            self.record.set(Stage::Whole, sent.since(arrived));
        }
    }

    /// The strategy is back. Yields what there is to record, if anything.
    #[inline]
    pub fn finish(&mut self, now: Nanos) -> Option<StageRecord> {
        let handed_over = self.handed_over.take()?;
        self.record.set(Stage::Strategy, now.since(handed_over) - self.in_order_calls_ns);
        let record = self.record;
        *self = Self::new();
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strategys_time_is_what_it_took_less_its_order_calls() {
        let mut packet = Packet::new();
        packet.begin(Nanos(1_000), Some(200));
        packet.note(Stage::Decode, 300);
        packet.hand_over(Nanos(1_400));
        packet.spend_in_order_call(500);
        packet.order_left(Nanos(2_100));
        packet.order_left(Nanos(2_500));
        let record = packet.finish(Nanos(2_600)).unwrap();
        assert_eq!(record.get(Stage::Strategy), Some(700));
        assert_eq!(record.get(Stage::Whole), Some(1_100), "the first order counts");
        assert_eq!(record.get(Stage::Receive), Some(200));
        assert_eq!(record.get(Stage::Risk), None);
    }

    #[test]
    fn an_order_after_a_frame_that_became_no_event_has_no_way_from_wire_to_wire() {
        let mut packet = Packet::new();
        packet.begin(Nanos(1_000), None);
        packet.pass_unseen();
        packet.hand_over(Nanos(40_000_000));
        packet.order_left(Nanos(40_001_000));
        assert_eq!(packet.finish(Nanos(40_002_000)).unwrap().get(Stage::Whole), None);
    }

    #[test]
    fn without_an_event_there_is_nothing_to_record() {
        let mut packet = Packet::new();
        packet.begin(Nanos(1), None);
        assert!(packet.finish(Nanos(2)).is_none());
    }
}
