//! Why an order was not sent: one byte on the hot path, a name and a sentence at the edges.

macro_rules! reject_reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $key:literal, $fix:literal;)+) => {
        /// Why an order was refused before it left. `Accepted` is zero, so that a code of zero means that all is well.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum RejectReason {
            $($(#[doc = $doc])+ $name = $code,)+
        }

        impl RejectReason {
            /// Every reason, in the order of their codes.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$name),+];

            /// The reason's name in summaries, metrics and logs.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)+ }
            }

            /// What to do about it, in a sentence.
            #[must_use]
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$name => $fix,)+ }
            }
        }
    };
}

reject_reasons! {
    /// Not refused.
    Accepted = 0, "accepted", "";
    /// The price is not a multiple of the instrument's tick, or outside its limits.
    Tick = 1, "tick", "round the price to the instrument's tick and keep it inside the venue's price limits";
    /// The quantity is not a multiple of the lot, or outside the instrument's limits.
    Lot = 2, "lot", "round the quantity to the instrument's lot and keep it inside the venue's quantity limits";
    /// Price times quantity is below the venue's minimum or above its or your maximum.
    Notional = 3, "notional", "change the quantity until price times quantity is inside the limits";
    /// The price is further from the market than the collar allows.
    PriceCollar = 4, "price_collar", "price nearer to the market or widen risk.price_collar_bps";
    /// The position could exceed its limit if all working orders filled.
    PositionLimit = 5, "position_limit", "reduce the order or raise risk.max_position";
    /// Too many orders in the window.
    OrderRate = 6, "order_rate", "send fewer orders or raise risk.max_orders_per_second (never above the venue's own limit)";
    /// The order would trade with one of your own.
    SelfCross = 7, "self_cross", "cancel your opposite order first";
    /// The book is not synchronised, or its newest data is older than the limit.
    StaleBook = 8, "stale_book", "wait for onBook after onStale, or raise risk.max_data_age_ms";
    /// The kill switch is on.
    KillSwitch = 9, "kill_switch", "find out why trading was stopped, then start the engine again";
    /// Every slot for a working order is taken.
    TooManyOrders = 10, "too_many_orders", "cancel orders or raise risk.max_open_orders";
    /// The order connection is down or being reconciled.
    NotConnected = 11, "not_connected", "wait until orders are possible again";
    /// The socket takes no more bytes.
    BackPressure = 12, "back_pressure", "send fewer orders; the venue or the network is not keeping up";
    /// No such order, or it has ended already.
    UnknownOrder = 13, "unknown_order", "use the handle that submit returned, while the order works";
    /// A cancel or a replace of this order is under way.
    PendingRequest = 14, "pending_request", "wait for the answer to the request before";
    /// A price or quantity that cannot be expressed at the instrument's scale.
    NotANumber = 15, "not_a_number", "pass a finite positive number that the instrument's scale can hold";
    /// The venue refused it.
    Venue = 16, "venue", "read the venue's message in the log";
}
