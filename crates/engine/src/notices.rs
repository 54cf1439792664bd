//! What the trading thread has to tell the cold side: fixed-size records, so that telling never allocates.

use tercel_types::InstrumentId;

/// The most bytes of text in a notice; longer texts are cut.
pub const MAX_TEXT: usize = 200;

/// How many notices can wait for the main thread. At the bound the newest is dropped and counted.
pub const CAPACITY: usize = 4096;

/// How many places are kept for notices that the main thread acts on, so that no flood of lines to read displaces them.
pub const RESERVED: usize = 256;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// An instrument needs a depth snapshot by REST.
    SnapshotNeeded,
    /// An instrument's book is synchronised.
    Synchronised,
    /// A gap in an instrument's updates; it starts again.
    Gap,
    /// The market-data connection ended; the text says how.
    MarketLost,
    /// The order connection ended; the text says how.
    OrdersLost,
    /// Something that the order connection should have said is missing: REST has to be asked for orders and trades.
    ReconcileNeeded,
    /// Reconciled; orders are possible.
    OrdersReady,
    /// What became of an order is not known, and the venue is asked: the text names it.
    QueryOrder,
    /// The venue refused a request: `code` and text are the venue's.
    VenueReject,
    /// An instrument's data is too old.
    Stale,
    /// A frame that is not what the venue's documentation says; the text says where.
    Malformed,
    /// A line of the strategy's log; `code` is the level (0 debug, 1 info, 2 warn, 3 error).
    Log,
    /// The strategy failed and trades no more.
    StrategyFailed,
    /// The kill switch is on.
    Killed,
    /// All orders are confirmed gone.
    Drained,
    /// The venue announces that it closes the connection.
    VenueShutdown,
    /// Something that the operator should read.
    Warning,
}

/// One notice.
#[derive(Clone, Copy)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// The instrument, or `u16::MAX` where it concerns none.
    pub instrument: InstrumentId,
    /// A code whose meaning depends on the kind.
    pub code: i32,
    /// UTC milliseconds.
    pub time_ms: i64,
    length: u8,
    bytes: [u8; MAX_TEXT],
}

/// The instrument of a notice that concerns none.
pub const NO_INSTRUMENT: InstrumentId = InstrumentId(u16::MAX);

impl NoticeKind {
    /// Whether the main thread does something about it, beyond showing it.
    #[must_use]
    pub const fn is_acted_on(self) -> bool {
        matches!(
            self,
            Self::SnapshotNeeded
                | Self::MarketLost
                | Self::OrdersLost
                | Self::ReconcileNeeded
                | Self::StrategyFailed
                | Self::Killed
        )
    }

    /// The kind's name in TypeScript.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::SnapshotNeeded => "snapshot-needed",
            Self::Synchronised => "synchronised",
            Self::Gap => "gap",
            Self::MarketLost => "market-lost",
            Self::OrdersLost => "orders-lost",
            Self::ReconcileNeeded => "reconcile-needed",
            Self::OrdersReady => "orders-ready",
            Self::QueryOrder => "query-order",
            Self::VenueReject => "venue-reject",
            Self::Stale => "stale",
            Self::Malformed => "malformed",
            Self::Log => "log",
            Self::StrategyFailed => "strategy-failed",
            Self::Killed => "killed",
            Self::Drained => "drained",
            Self::VenueShutdown => "venue-shutdown",
            Self::Warning => "warning",
        }
    }
}

impl Notice {
    /// A notice with its text, cut at [`MAX_TEXT`] bytes.
    #[must_use]
    pub fn new(kind: NoticeKind, instrument: InstrumentId, code: i32, time_ms: i64, text: &[u8]) -> Self {
        let length = text.len().min(MAX_TEXT);
        let mut bytes = [0; MAX_TEXT];
        bytes[..length].copy_from_slice(&text[..length]);
        Self { kind, instrument, code, time_ms, length: length as u8, bytes }
    }

    /// The text. A multi-byte character that the cut went through is shown as a replacement character.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes[..usize::from(self.length)]).into_owned()
    }
}

/// A text composed on the stack, for the sentences of notices.
#[derive(Clone, Copy)]
pub struct StackText {
    length: usize,
    bytes: [u8; MAX_TEXT],
}

impl StackText {
    /// Formats on the stack, cut at [`MAX_TEXT`] bytes.
    #[must_use]
    pub fn format(arguments: std::fmt::Arguments<'_>) -> Self {
        let mut text = Self { length: 0, bytes: [0; MAX_TEXT] };
        // Writing stops at the bound without an error, so there is none to handle.
        let _ = std::fmt::write(&mut text, arguments);
        text
    }

    /// What was written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl std::fmt::Write for StackText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = (MAX_TEXT - self.length).min(text.len());
        self.bytes[self.length..self.length + room].copy_from_slice(&text.as_bytes()[..room]);
        self.length += room;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_beyond_the_bound_is_cut() {
        let text = StackText::format(format_args!("{}{}", "a".repeat(150), "b".repeat(150)));
        let notice = Notice::new(NoticeKind::Log, NO_INSTRUMENT, 1, 0, text.as_bytes());
        assert_eq!(notice.text().len(), MAX_TEXT);
        assert!(notice.text().ends_with("bbb"));
    }
}
