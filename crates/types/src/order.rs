//! What an order is: side, kind, time in force and the states of its life.

/// Which side of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Side {
    /// Buys; rests among the bids.
    Buy = 0,
    /// Sells; rests among the asks.
    Sell = 1,
}

/// How an order meets the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OrderKind {
    /// At its price or better, resting with what is left.
    Limit = 0,
    /// At whatever price the book has; never rests.
    Market = 1,
    /// A limit order that is refused if it would take liquidity (Binance: LIMIT_MAKER).
    PostOnly = 2,
}

/// How long an order lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TimeInForce {
    /// Good till cancelled.
    Gtc = 0,
    /// Immediate or cancel: fills what it can, the rest expires.
    Ioc = 1,
    /// Fill or kill: fills whole or expires whole.
    Fok = 2,
}

/// Where an order is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OrderStatus {
    /// Sent, not acknowledged.
    PendingNew = 0,
    /// Acknowledged and working.
    New = 1,
    /// Working, filled in part.
    PartiallyFilled = 2,
    /// Working; a cancel was sent and is not answered.
    PendingCancel = 3,
    /// Working; a cancel-replace was sent and is not answered.
    PendingReplace = 4,
    /// The venue's answer was lost; the order is being queried and counts as working until then.
    Unknown = 5,
    /// Filled whole. Terminal.
    Filled = 6,
    /// Cancelled. Terminal.
    Canceled = 7,
    /// Refused by the venue. Terminal.
    Rejected = 8,
    /// Ended by its own terms (IOC, FOK, self-trade prevention). Terminal.
    Expired = 9,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// `1` for a buy, `-1` for a sell: the sign of the position it makes.
    #[must_use]
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }

    /// The side with this code, as TypeScript passes it.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Buy),
            1 => Some(Self::Sell),
            _ => None,
        }
    }
}

impl OrderKind {
    /// The kind with this code, as TypeScript passes it.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Limit),
            1 => Some(Self::Market),
            2 => Some(Self::PostOnly),
            _ => None,
        }
    }
}

impl TimeInForce {
    /// The time in force with this code, as TypeScript passes it.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Gtc),
            1 => Some(Self::Ioc),
            2 => Some(Self::Fok),
            _ => None,
        }
    }
}

impl OrderStatus {
    /// Whether nothing more can happen to the order.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Filled | Self::Canceled | Self::Rejected | Self::Expired)
    }
}
