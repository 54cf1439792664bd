//! One WebSocket API connection's state: who is logged on, what is subscribed, which requests are under way.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::auth::{SignatureKind, check_time};
use crate::core::{Listing, OrderCounts, Refusal};
use crate::engine::{ApiQueue, Command, ReplyTo, Served, Ticket, UserCommand};

use super::operation::{Operation, Security};
use super::params::Params;
use super::{Answered, CLIENT, Doors, now_us, read, weight_of};

/// The most bytes a request id may have.
const ID_BYTES_MAX: usize = 64;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    method: &'a str,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

/// A connection.
pub(super) struct Session {
    doors: Arc<Doors>,
    queue: ApiQueue,
    connected_ms: i64,
    authorized_ms: Option<i64>,
    show_limits: bool,
    pending: HashMap<Ticket, Pending>,
    next_ticket: u64,
    /// The user data subscription: the id that the client sees and the key that the engine knows.
    subscription: Option<(u64, u64)>,
    next_subscription: u64,
}

struct Pending {
    id: Box<str>,
    operation: Operation,
    params: Params,
    show_limits: bool,
}

impl Session {
    pub(super) fn new(doors: Arc<Doors>, queue: ApiQueue, show_limits: bool) -> Self {
        Self {
            doors,
            queue,
            connected_ms: now_us() / 1_000,
            authorized_ms: None,
            show_limits,
            pending: HashMap::new(),
            next_ticket: 0,
            subscription: None,
            next_subscription: 0,
        }
    }

    pub(super) fn listing(&self) -> &Listing {
        &self.doors.listing
    }

    pub(super) fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// The connection has ended.
    pub(super) fn close(&mut self) {
        if let Some((_, key)) = self.subscription.take() {
            // An engine thread that is gone has no subscriptions left.
            let _ = self.doors.engine.send(Command::User(UserCommand::Unsubscribe { key }));
        }
    }

    /// Takes a request; gives the reply if it is known at once, `None` if the engine thread will answer.
    pub(super) fn on_request(&mut self, text: &str) -> Option<String> {
        let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(text) else {
            let refusal = Refusal::new(-1000, "A request must be a JSON object with id, method and params.");
            return Some(reply_text("null", &Answered::refused(&refusal, 0), None));
        };
        let id: Box<str> = envelope.id.map_or("null", RawValue::get).into();
        let outcome = self.take(&id, &envelope);
        match outcome {
            Ok(Some(result)) => {
                let answered = Answered { status: 200, body: result, used_weight: 0, order_counts: None };
                Some(reply_text(&id, &answered, None))
            }
            Ok(None) => None,
            Err(refusal) => Some(reply_text(&id, &Answered::refused(&refusal, 0), None)),
        }
    }

    /// Writes the reply to a request that the engine thread has answered.
    pub(super) fn on_served(&mut self, ticket: Ticket, served: &Served) -> String {
        let Some(pending) = self.pending.remove(&ticket) else { return String::new() };
        let answered = self.doors.write(pending.operation, &pending.params, served);
        let limits = pending.show_limits.then_some(&*self.doors);
        reply_text(&pending.id, &answered, limits)
    }

    fn take(&mut self, id: &str, envelope: &Envelope<'_>) -> Result<Option<String>, Refusal> {
        if id.len() > ID_BYTES_MAX {
            return Err(Refusal::illegal_characters("id", "^[a-zA-Z0-9-_]{1,36}$"));
        }
        let values: BTreeMap<String, Box<RawValue>> = match envelope.params {
            None => BTreeMap::new(),
            Some(raw) => serde_json::from_str(raw.get()).map_err(|_| Refusal::missing("params"))?,
        };
        let params = Params::from_json(&values)?;
        let Some(operation) = Operation::from_api(envelope.method) else {
            return self.session_request(envelope.method, &params).map(Some);
        };
        let now = now_us();
        self.doors.weight.take(weight_of(operation, &params), now / 1_000)?;
        if operation.security() == Security::Signed {
            self.authenticate(&params, now)?;
        }
        if let Some(answer) = self.doors.answer_here(operation, &params) {
            return answer.map(Some);
        }
        let request = read::read_request(operation, &params, &self.doors.listing)?;
        let ticket = Ticket(self.next_ticket);
        let reply = ReplyTo::Connection(self.queue.clone(), ticket);
        self.doors.engine.send(Command::Request { account: CLIENT, request, reply })?;
        self.next_ticket += 1;
        let show_limits = self.show_limits && params.get("returnRateLimits") != Some("false");
        self.pending.insert(ticket, Pending { id: id.into(), operation, params, show_limits });
        Ok(None)
    }

    /// Who asks: the key and signature of the request, or the session's log-on if it has neither.
    fn authenticate(&self, params: &Params, now_us: i64) -> Result<(), Refusal> {
        if self.authorized_ms.is_some() && params.get("signature").is_none() {
            return check_time(params.get("timestamp"), params.get("recvWindow"), now_us);
        }
        self.check_signed(params, now_us).map(|_| ())
    }

    fn check_signed(&self, params: &Params, now_us: i64) -> Result<SignatureKind, Refusal> {
        let api_key = params.require("apiKey")?;
        self.doors.keys.check_key(Some(api_key))?;
        params.require("signature")?;
        check_time(params.get("timestamp"), params.get("recvWindow"), now_us)?;
        let signed = params.sorted_payload();
        self.doors.keys.check_signature(&signed.payload, signed.signature.as_deref().unwrap_or_default())
    }

    fn session_request(&mut self, method: &str, params: &Params) -> Result<String, Refusal> {
        let now = now_us();
        match method.strip_prefix("v3/").unwrap_or(method) {
            "session.logon" => {
                if self.check_signed(params, now)? == SignatureKind::Hmac {
                    return Err(Refusal::new(-4056, "HMAC_SHA256 API key is not supported."));
                }
                self.authorized_ms = Some(now / 1_000);
                Ok(self.session_json())
            }
            "session.status" => Ok(self.session_json()),
            "session.logout" => {
                self.authorized_ms = None;
                Ok(self.session_json())
            }
            "userDataStream.subscribe" => {
                if self.authorized_ms.is_none() {
                    return Err(Refusal::new(-2015, "Invalid API-key, IP, or permissions for action."));
                }
                self.subscribe()
            }
            "userDataStream.subscribe.signature" => {
                self.check_signed(params, now)?;
                self.subscribe()
            }
            "userDataStream.unsubscribe" => self.unsubscribe(params),
            "session.subscriptions" => Ok(match self.subscription {
                Some((subscription, _)) => format!(r#"[{{"subscriptionId":{subscription}}}]"#),
                None => "[]".to_owned(),
            }),
            _ => Err(Refusal::new(-1000, "Unknown method.")),
        }
    }

    fn session_json(&self) -> String {
        let (key, since) = match self.authorized_ms {
            Some(since) => (format!("\"{}\"", self.doors.keys.api_key()), since.to_string()),
            None => ("null".to_owned(), "null".to_owned()),
        };
        format!(
            r#"{{"apiKey":{key},"authorizedSince":{since},"connectedSince":{},"returnRateLimits":{},"serverTime":{},"userDataStream":{}}}"#,
            self.connected_ms,
            self.show_limits,
            now_us() / 1_000,
            self.subscription.is_some(),
        )
    }

    fn subscribe(&mut self) -> Result<String, Refusal> {
        if self.subscription.is_some() {
            return Err(Refusal::new(-2035, "User Data Stream subscription already active."));
        }
        // Relaxed: the counter only has to differ each time.
        let key = self.doors.next_user_key.fetch_add(1, Ordering::Relaxed);
        let subscription = self.next_subscription;
        let queue = self.queue.clone();
        self.doors.engine.send(Command::User(UserCommand::Subscribe { account: CLIENT, key, subscription, queue }))?;
        self.next_subscription += 1;
        self.subscription = Some((subscription, key));
        Ok(format!(r#"{{"subscriptionId":{subscription}}}"#))
    }

    fn unsubscribe(&mut self, params: &Params) -> Result<String, Refusal> {
        if let (Some(asked), Some((subscription, _))) = (params.get("subscriptionId"), self.subscription)
            && asked != subscription.to_string()
        {
            return Err(Refusal::invalid_value("subscriptionId"));
        }
        self.close();
        Ok("{}".to_owned())
    }
}

/// A reply; with `limits` it says how much of each rate limit is used.
fn reply_text(id: &str, answered: &Answered, limits: Option<&Doors>) -> String {
    let (status, body) = (answered.status, &answered.body);
    let field = if status == 200 { "result" } else { "error" };
    let mut text = String::with_capacity(body.len() + 320);
    // Writing into a string cannot fail.
    let _ = write!(text, r#"{{"id":{id},"status":{status},"{field}":{body}"#);
    if let Some(doors) = limits {
        let _ = write!(text, r#","rateLimits":[{}]"#, limits_json(doors, answered.used_weight, answered.order_counts));
    }
    text.push('}');
    text
}

fn limits_json(doors: &Doors, used_weight: u32, counts: Option<OrderCounts>) -> String {
    let row = |kind: &str, interval: &str, number: u32, limit: u32, count: u32| {
        format!(
            r#"{{"rateLimitType":"{kind}","interval":"{interval}","intervalNum":{number},"limit":{limit},"count":{count}}}"#
        )
    };
    let mut rows = String::new();
    if let Some(counts) = counts {
        let limits = doors.order_limits;
        rows.push_str(&row("ORDERS", "SECOND", 10, limits.per_ten_seconds, counts.ten_seconds));
        rows.push(',');
        rows.push_str(&row("ORDERS", "DAY", 1, limits.per_day, counts.day));
        rows.push(',');
    }
    rows.push_str(&row("REQUEST_WEIGHT", "MINUTE", 1, doors.weight.limit(), used_weight));
    rows
}
