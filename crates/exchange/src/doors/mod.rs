//! The front doors: REST, market streams and the WebSocket API, on one port of the loopback address.

mod exchange_info;
mod heartbeat;
mod operation;
mod params;
mod read;
mod render;
mod rest;
mod shapes;
mod streams;
mod stubs;
mod user_events;
mod weight;
mod ws_api;
mod ws_session;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::get;

use crate::auth::Keys;
use crate::core::{AccountId, FeeRates, Listing, OrderLimits, Refusal};
use crate::engine::{EngineHandle, Served};

pub use exchange_info::Limits;
pub use weight::WeightMeter;

use operation::Operation;
use params::Params;
use render::Renderer;

/// The account of the exchange's one client.
const CLIENT: AccountId = AccountId(0);

/// The longest message a client may send.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// A client that takes nothing for this long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

/// What every door shares.
pub struct Doors {
    /// The way to the engine thread.
    pub engine: EngineHandle,
    /// What is listed.
    pub listing: Arc<Listing>,
    /// The client's keys.
    pub keys: Keys,
    /// The request weight used.
    pub weight: WeightMeter,
    /// What trades cost.
    pub fees: FeeRates,
    /// How fast orders may come.
    pub order_limits: OrderLimits,
    /// Names user data subscriptions.
    pub next_user_key: AtomicU64,
}

/// An answered request, ready to be put into an HTTP response or a WebSocket API reply.
struct Answered {
    status: u16,
    body: String,
    used_weight: u32,
    order_counts: Option<crate::core::OrderCounts>,
}

/// The routes.
pub fn router(doors: Arc<Doors>) -> Router {
    Router::new()
        .route("/ws-api/v3", get(ws_api::upgrade))
        .route("/ws", get(streams::upgrade))
        .route("/ws/{*streams}", get(streams::upgrade))
        .route("/stream", get(streams::upgrade))
        .route("/stream/{*streams}", get(streams::upgrade))
        .fallback(rest::handle)
        .with_state(doors)
}

/// The loopback address of a port.
#[must_use]
pub const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

impl Doors {
    /// What an operation needs no engine for, or `None`.
    fn answer_here(&self, operation: Operation, params: &Params) -> Option<Result<String, Refusal>> {
        match operation {
            Operation::Ping => Some(Ok("{}".to_owned())),
            Operation::Time => Some(Ok(format!("{{\"serverTime\":{}}}", now_us() / 1_000))),
            Operation::ExchangeInfo => {
                let limits = Limits { weight_per_minute: self.weight.limit(), orders: self.order_limits };
                Some(
                    read::symbols(params, &self.listing)
                        .map(|symbols| exchange_info::exchange_info(&self.listing, &symbols, limits, now_us() / 1_000)),
                )
            }
            _ => None,
        }
    }

    /// What the engine thread answered, written down.
    fn write(&self, operation: Operation, params: &Params, served: &Served) -> Answered {
        let renderer = self.renderer(operation, params);
        let (status, body) = match &served.outcome {
            Ok(answer) => (200, renderer.answer(answer)),
            Err(failure) => renderer.failure(failure),
        };
        let free = operation.is_free_on_success() && status == 200;
        let used_weight = self.weight.give_back(if free { operation.weight() } else { 0 });
        Answered { status, body, used_weight, order_counts: served.order_counts }
    }

    fn renderer(&self, operation: Operation, params: &Params) -> Renderer<'_> {
        Renderer {
            listing: &self.listing,
            fees: self.fees,
            order_limits: self.order_limits,
            single: params.get("symbol").is_some(),
            operation,
        }
    }
}

impl Answered {
    fn refused(refusal: &Refusal, used_weight: u32) -> Self {
        Self { status: refusal.status, body: render::refusal_json(refusal), used_weight, order_counts: None }
    }
}

/// What a request weighs: some depend on what they ask for.
fn weight_of(operation: Operation, params: &Params) -> u32 {
    let has_symbol = params.get("symbol").is_some();
    match operation {
        Operation::Depth => match params.get("limit").and_then(|limit| limit.parse::<u32>().ok()).unwrap_or(100) {
            0..=100 => 5,
            101..=500 => 25,
            501..=1_000 => 50,
            _ => 250,
        },
        Operation::BookTicker | Operation::PriceTicker if !has_symbol => 4,
        Operation::DayTicker | Operation::OpenOrders if !has_symbol => 80,
        _ => operation.weight(),
    }
}

/// Waits for a write, but not for ever: `None` if it failed or the client took nothing in time.
async fn written<E>(write: impl Future<Output = Result<(), E>>) -> Option<()> {
    tokio::time::timeout(WRITE_WITHIN, write).await.ok()?.ok()
}

fn now_us() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros() as i64
}
