//! The names of market streams.

/// What a stream of a symbol carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamKind {
    /// Every trade, at once.
    Trade,
    /// Every trade in its aggregate form, at once. One trade is one aggregate here.
    AggregateTrade,
    /// The best prices, whenever they change.
    BookTicker,
    /// Changed levels, each 100 ms.
    DiffFast,
    /// Changed levels, each second.
    DiffSlow,
    /// The best levels of both sides, each 100 ms if they changed.
    PartialFast(usize),
    /// The best levels of both sides, each second if they changed.
    PartialSlow(usize),
    /// The day in short, each second if it changed.
    MiniTicker,
    /// The day, each second if it changed.
    Ticker,
}

impl StreamKind {
    /// Every kind that this exchange publishes.
    pub const ALL: [Self; 13] = [
        Self::Trade,
        Self::AggregateTrade,
        Self::BookTicker,
        Self::DiffFast,
        Self::DiffSlow,
        Self::PartialFast(5),
        Self::PartialFast(10),
        Self::PartialFast(20),
        Self::PartialSlow(5),
        Self::PartialSlow(10),
        Self::PartialSlow(20),
        Self::MiniTicker,
        Self::Ticker,
    ];

    /// What follows `<symbol>@` in the stream's name.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::AggregateTrade => "aggTrade",
            Self::BookTicker => "bookTicker",
            Self::DiffFast => "depth@100ms",
            Self::DiffSlow => "depth",
            Self::PartialFast(5) => "depth5@100ms",
            Self::PartialFast(10) => "depth10@100ms",
            Self::PartialFast(_) => "depth20@100ms",
            Self::PartialSlow(5) => "depth5",
            Self::PartialSlow(10) => "depth10",
            Self::PartialSlow(_) => "depth20",
            Self::MiniTicker => "miniTicker",
            Self::Ticker => "ticker",
        }
    }
}
