//! REST: one handler for every path, so that the table of operations stays the only one.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;

use crate::auth::check_time;
use crate::core::Refusal;
use crate::engine::{Command, ReplyTo};

use super::operation::{Operation, Security};
use super::params::{Params, raw_payload};
use super::{Answered, CLIENT, Doors, now_us, read, stubs, weight_of};

/// Answers any HTTP request that is not a WebSocket upgrade.
pub async fn handle(
    State(doors): State<Arc<Doors>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some((status, body)) = stubs::answer(method.as_str(), uri.path(), now_us() / 1_000) {
        return json(status, body);
    }
    let Some(operation) = Operation::from_rest(method.as_str(), uri.path()) else {
        let status = if uri.path().starts_with("/api/") { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
        return json(status, super::render::refusal_json(&Refusal::NOT_FOUND));
    };
    let form = form_body(&headers, &body);
    let request = Incoming { query: uri.query().unwrap_or_default(), form, headers: &headers };
    let answered = answer(&doors, operation, &request).await;
    respond(&answered)
}

struct Incoming<'request> {
    query: &'request str,
    form: &'request str,
    headers: &'request HeaderMap,
}

async fn answer(doors: &Doors, operation: Operation, request: &Incoming<'_>) -> Answered {
    let params = Params::from_forms(request.query, request.form);
    let now = now_us();
    let used = match doors.weight.take(weight_of(operation, &params), now / 1_000) {
        Ok(used) => used,
        Err(refusal) => return Answered::refused(&refusal, doors.weight.limit()),
    };
    if operation.security() == Security::Signed
        && let Err(refusal) = authenticate(doors, request, &params, now)
    {
        return Answered::refused(&refusal, used);
    }
    if let Some(answer) = doors.answer_here(operation, &params) {
        return match answer {
            Ok(body) => Answered { status: 200, body, used_weight: used, order_counts: None },
            Err(refusal) => Answered::refused(&refusal, used),
        };
    }
    let request = match read::read_request(operation, &params, &doors.listing) {
        Ok(request) => request,
        Err(refusal) => return Answered::refused(&refusal, used),
    };
    let (reply, served) = oneshot::channel();
    if let Err(refusal) = doors.engine.send(Command::Request { account: CLIENT, request, reply: ReplyTo::Once(reply) })
    {
        return Answered::refused(&refusal, used);
    }
    match served.await {
        Ok(served) => doors.write(operation, &params, &served),
        Err(_) => Answered::refused(&Refusal::SHUTTING_DOWN, used),
    }
}

fn authenticate(doors: &Doors, request: &Incoming<'_>, params: &Params, now_us: i64) -> Result<(), Refusal> {
    doors.keys.check_key(request.headers.get("x-mbx-apikey").and_then(|key| key.to_str().ok()))?;
    let signed = raw_payload(request.query, request.form);
    let signature = signed.signature.as_deref().ok_or_else(|| Refusal::missing("signature"))?;
    check_time(params.get("timestamp"), params.get("recvWindow"), now_us)?;
    doors.keys.check_signature(&signed.payload, signature).map(|_| ())
}

/// The body if it is a form. Some clients declare JSON and send nothing; a JSON body is no part of the signed text.
fn form_body<'body>(headers: &HeaderMap, body: &'body [u8]) -> &'body str {
    let is_json =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if is_json { "" } else { std::str::from_utf8(body).unwrap_or_default() }
}

fn respond(answered: &Answered) -> Response {
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, answered.body.clone());
    let headers = response.headers_mut();
    let used = HeaderValue::from(answered.used_weight);
    headers.insert(HeaderName::from_static("x-mbx-used-weight"), used.clone());
    headers.insert(HeaderName::from_static("x-mbx-used-weight-1m"), used);
    if let (Some(counts), 200) = (answered.order_counts, answered.status) {
        headers.insert(HeaderName::from_static("x-mbx-order-count-10s"), HeaderValue::from(counts.ten_seconds));
        headers.insert(HeaderName::from_static("x-mbx-order-count-1d"), HeaderValue::from(counts.day));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        // Both windows that refuse end within a minute at the latest.
        let seconds = 60 - (now_us() / 1_000_000).rem_euclid(60);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body).into_response()
}
