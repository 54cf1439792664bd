//! What other parts of the venue answer to clients that ask for more than spot: nothing is listed there.

use axum::http::StatusCode;

/// The answer of a path outside the spot API, if clients are known to ask for it at start.
#[must_use]
pub fn answer(method: &str, path: &str, now_ms: i64) -> Option<(StatusCode, String)> {
    let empty_listing = || {
        format!(
            r#"{{"timezone":"UTC","serverTime":{now_ms},"rateLimits":[],"exchangeFilters":[],"assets":[],"symbols":[]}}"#
        )
    };
    match (method, path) {
        (_, "/api/v3/userDataStream") => {
            Some((StatusCode::GONE, r#"{"code":-1000,"msg":"This endpoint is no longer available."}"#.to_owned()))
        }
        (
            "GET",
            "/sapi/v1/margin/allPairs" | "/sapi/v1/margin/isolated/allPairs" | "/sapi/v1/capital/config/getall",
        ) => Some((StatusCode::OK, "[]".to_owned())),
        ("GET", "/fapi/v1/exchangeInfo" | "/dapi/v1/exchangeInfo" | "/eapi/v1/exchangeInfo") => {
            Some((StatusCode::OK, empty_listing()))
        }
        _ => None,
    }
}
