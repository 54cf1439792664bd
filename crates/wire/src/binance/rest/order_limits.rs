//! How many orders the venue takes in a while.

use serde::Deserialize;

use super::{RestError, read};

/// One of the venue's limits on the number of orders of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLimit {
    /// How many.
    pub orders: u32,
    /// In how long a while, in nanoseconds.
    pub window_ns: i64,
}

/// The limits of kind `ORDERS` in the answer of `GET /api/v3/exchangeInfo`. Units that are not known are left out: the
/// venue enforces its limits in any case.
///
/// # Errors
/// [`RestError`] says what is wrong.
pub fn parse_order_limits(body: &[u8]) -> Result<Vec<OrderLimit>, RestError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct RateLimit<'a> {
        rate_limit_type: &'a str,
        interval: &'a str,
        interval_num: u32,
        limit: u32,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<'a> {
        #[serde(borrow, default)]
        rate_limits: Vec<RateLimit<'a>>,
    }
    let answer: Answer<'_> = read("exchangeInfo", body)?;
    let orders = answer.rate_limits.iter().filter(|limit| limit.rate_limit_type == "ORDERS");
    let read = |limit: &RateLimit<'_>| {
        let window_ns = unit_ns(limit.interval)?.checked_mul(i64::from(limit.interval_num))?;
        Some(OrderLimit { orders: limit.limit, window_ns })
    };
    Ok(orders.filter_map(read).collect())
}

const fn unit_ns(interval: &str) -> Option<i64> {
    const SECOND_NS: i64 = 1_000_000_000;
    match interval.as_bytes() {
        b"SECOND" => Some(SECOND_NS),
        b"MINUTE" => Some(60 * SECOND_NS),
        b"HOUR" => Some(3_600 * SECOND_NS),
        b"DAY" => Some(86_400 * SECOND_NS),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_limits_are_read_and_others_are_left_out() {
        let body = br#"{"rateLimits":[
            {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},
            {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50},
            {"rateLimitType":"ORDERS","interval":"FORTNIGHT","intervalNum":1,"limit":5},
            {"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":160000}],"symbols":[]}"#;
        let limits = parse_order_limits(body).unwrap();
        let expected = [(50, 10_000_000_000), (160_000, 86_400_000_000_000)];
        assert_eq!(limits.iter().map(|limit| (limit.orders, limit.window_ns)).collect::<Vec<_>>(), expected);
    }
}
