//! Why a request was refused, in the venue's own codes and words (errors.md of the public documentation).

use std::borrow::Cow;
use std::fmt;

/// A refusal as the venue words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The venue's error code, negative.
    pub code: i32,
    /// The venue's text.
    pub message: Cow<'static, str>,
    /// The HTTP status, which the WebSocket API repeats as `status`.
    pub status: u16,
}

impl Refusal {
    /// A refusal with HTTP status 400.
    #[must_use]
    pub const fn new(code: i32, message: &'static str) -> Self {
        Self { code, message: Cow::Borrowed(message), status: 400 }
    }

    const fn with_status(code: i32, message: &'static str, status: u16) -> Self {
        Self { code, message: Cow::Borrowed(message), status }
    }

    fn owned(code: i32, message: String) -> Self {
        Self { code, message: Cow::Owned(message), status: 400 }
    }

    /// -1013 for the filter of that name.
    #[must_use]
    pub fn filter(name: &'static str) -> Self {
        Self::owned(-1013, format!("Filter failure: {name}"))
    }

    /// -2010 with one of the matching engine's fixed texts.
    #[must_use]
    pub const fn new_order(message: &'static str) -> Self {
        Self::new(-2010, message)
    }

    /// -2010: the balance does not cover the order.
    pub const INSUFFICIENT_BALANCE: Self = Self::new_order("Account has insufficient balance for requested action.");
    /// -2010: a LIMIT_MAKER would take.
    pub const WOULD_TAKE: Self = Self::new_order("Order would immediately match and take.");
    /// -2010: the client order id is that of an open order.
    pub const DUPLICATE_ORDER: Self = Self::new_order("Duplicate order sent.");
    /// -2011: no open order with that id.
    pub const UNKNOWN_ORDER: Self = Self::new(-2011, "Unknown order sent.");
    /// -2011: the cancel restriction did not hold.
    pub const CANCEL_RESTRICTED: Self = Self::new(-2011, "Order was not canceled due to cancel restrictions.");
    /// -2013: no order with that id.
    pub const NO_SUCH_ORDER: Self = Self::new(-2013, "Order does not exist.");
    /// -1008: the exchange's command queue is full.
    pub const OVERLOADED: Self = Self::with_status(
        -1008,
        "Server is currently overloaded with other requests. Please try again in a few minutes.",
        503,
    );
    /// -1016: the exchange is stopping.
    pub const SHUTTING_DOWN: Self = Self::with_status(-1016, "This service is no longer available.", 503);
    /// -1015: the account's order rate is used up.
    #[must_use]
    pub fn too_many_orders(limit: u32, interval: &str) -> Self {
        Self {
            code: -1015,
            message: Cow::Owned(format!("Too many new orders; current limit is {limit} orders per {interval}.")),
            status: 429,
        }
    }

    /// -1003: the request weight of this address is used up.
    #[must_use]
    pub fn too_much_weight(limit: u32) -> Self {
        Self {
            code: -1003,
            message: Cow::Owned(format!(
                "Too much request weight used; current limit is {limit} request weight per 1 MINUTE. \
                 Please use WebSocket Streams for live updates to avoid polling the API."
            )),
            status: 429,
        }
    }

    /// -1121.
    pub const INVALID_SYMBOL: Self = Self::new(-1121, "Invalid symbol.");
    /// -1115.
    pub const INVALID_TIME_IN_FORCE: Self = Self::new(-1115, "Invalid timeInForce.");
    /// -1116.
    pub const INVALID_ORDER_TYPE: Self = Self::new(-1116, "Invalid orderType.");
    /// -1117.
    pub const INVALID_SIDE: Self = Self::new(-1117, "Invalid side.");
    /// -1128.
    pub const INVALID_COMBINATION: Self = Self::new(-1128, "Combination of optional parameters invalid.");
    /// -1013: a quantity of zero.
    pub const INVALID_QUANTITY: Self = Self::new(-1013, "Invalid quantity.");
    /// -1013: a price of zero.
    pub const INVALID_PRICE: Self = Self::new(-1013, "Invalid price.");
    /// -1021: too old.
    pub const OUTSIDE_WINDOW: Self = Self::new(-1021, "Timestamp for this request is outside of the recvWindow.");
    /// -1021: from the future.
    pub const AHEAD_OF_SERVER: Self =
        Self::new(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    /// -1131.
    pub const BAD_WINDOW: Self = Self::new(-1131, "recvWindow must be less than 60000.");
    /// -1022.
    pub const BAD_SIGNATURE: Self = Self::new(-1022, "Signature for this request is not valid.");
    /// -2014.
    pub const BAD_KEY_FORMAT: Self = Self::with_status(-2014, "API-key format invalid.", 401);
    /// -2015.
    pub const UNKNOWN_KEY: Self = Self::with_status(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    /// -1000: a path or method that this exchange does not serve.
    pub const NOT_FOUND: Self = Self::with_status(-1000, "Path not found in this exchange.", 404);

    /// -1102: a mandatory parameter is absent.
    #[must_use]
    pub fn missing(parameter: &str) -> Self {
        Self::owned(-1102, format!("Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed."))
    }

    /// -1102 where one of two parameters is needed.
    #[must_use]
    pub fn missing_either(one: &str, other: &str) -> Self {
        Self::owned(-1102, format!("Param '{one}' or '{other}' must be sent, but both were empty/null!"))
    }

    /// -1105: a parameter without a value.
    #[must_use]
    pub fn empty(parameter: &str) -> Self {
        Self::owned(-1105, format!("Parameter '{parameter}' was empty."))
    }

    /// -1106: a parameter that does not belong here.
    #[must_use]
    pub fn not_required(parameter: &str) -> Self {
        Self::owned(-1106, format!("Parameter '{parameter}' sent when not required."))
    }

    /// -1100: characters outside the legal range.
    #[must_use]
    pub fn illegal_characters(parameter: &str, range: &str) -> Self {
        Self::owned(-1100, format!("Illegal characters found in parameter '{parameter}'; legal range is '{range}'."))
    }

    /// -1111: more decimals than the asset has.
    #[must_use]
    pub fn too_precise(parameter: &str) -> Self {
        Self::owned(-1111, format!("Parameter '{parameter}' has too much precision."))
    }

    /// -1130: a value outside the parameter's set.
    #[must_use]
    pub fn invalid_value(parameter: &str) -> Self {
        Self::owned(-1130, format!("Data sent for parameter '{parameter}' is not valid."))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}
