//! The answers of a venue to what the engine asks on its order connection, just enough of them to keep a load running.

use std::fmt::Write;

/// Looks for `"key":"text"` in a request and returns the text.
#[must_use]
pub fn text_of<'a>(request: &'a str, key: &str) -> Option<&'a str> {
    let start = request.find(key)? + key.len();
    let rest = request[start..].strip_prefix("\":\"")?;
    rest.split('"').next()
}

/// The text of the request's id, with its quotes where it has any.
#[must_use]
pub fn id_of(request: &str) -> &str {
    let Some(start) = request.find("\"id\":").map(|at| at + 5) else { return "null" };
    let rest = &request[start..];
    rest.split([',', '}']).next().unwrap_or("null")
}

/// Answers a session request (logon, subscription): accepted.
pub fn accept_session(request: &str, out: &mut String) {
    let _ = writeln!(out, "{{\"id\":{},\"status\":200,\"result\":{{\"subscriptionId\":0}}}}", id_of(request));
}

/// Reports an order as expired at once, as an immediate-or-cancel order that found nothing.
pub fn expire(client_order_id: &str, order_id: u64, price: &str, quantity: &str, side: &str, out: &mut String) {
    let _ = writeln!(
        out,
        "{{\"subscriptionId\":0,\"event\":{{\"e\":\"executionReport\",\"E\":1723161255342,\"s\":\"BTCUSDT\",\"c\":\"{client_order_id}\",\"S\":\"{side}\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"{quantity}\",\"p\":\"{price}\",\"P\":\"0.00000000\",\"F\":\"0.00000000\",\"g\":-1,\"C\":\"\",\"x\":\"EXPIRED\",\"X\":\"EXPIRED\",\"r\":\"NONE\",\"i\":{order_id},\"l\":\"0.00000000\",\"z\":\"0.00000000\",\"L\":\"0.00000000\",\"n\":\"0\",\"N\":null,\"T\":1723161255342,\"t\":-1,\"I\":{order_id},\"w\":false,\"m\":false,\"M\":false,\"O\":1723161255342,\"Z\":\"0.00000000\",\"Y\":\"0.00000000\",\"Q\":\"0.00000000\",\"W\":1723161255342,\"V\":\"NONE\"}}}}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_were_sent() {
        assert_eq!(id_of(r#"{"id":"p1","method":"order.place"}"#), "\"p1\"");
        assert_eq!(id_of(r#"{"id":7}"#), "7");
        assert_eq!(text_of(r#"{"newClientOrderId":"tc01"}"#, "newClientOrderId"), Some("tc01"));
    }
}
