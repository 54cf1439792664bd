//! Requests as text. Nothing is allocated; a request goes into a buffer of the caller's.
//!
//! A connection that logged on sends neither key nor signature. Without logon every request carries both, over its
//! parameters sorted by name.

use tercel_types::{ClientOrderId, Instrument, OrderKind, Price, Quantity, Side, Symbol, TimeInForce, UtcNanos};

use super::writer::{Parameters, PayloadBuffer, Text};
use super::{RequestId, RequestKind};
use crate::binance::Scales;
use crate::binance::sign::Credentials;

/// By what right a request is made.
#[derive(Debug)]
pub enum Authority {
    /// The connection has logged on.
    LoggedOn,
    /// Every request is signed.
    Signed(Box<Credentials>),
}

/// How much the venue answers to a new order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseKind {
    /// That it has it.
    Ack,
    /// What became of it, without the single fills.
    Result,
}

/// A new order.
#[derive(Clone, Copy, Debug)]
pub struct PlaceOrder {
    /// The id that it will have.
    pub client_order_id: ClientOrderId,
    /// Buy or sell.
    pub side: Side,
    /// How it meets the book.
    pub kind: OrderKind,
    /// How long it lives; only limit orders say so.
    pub time_in_force: TimeInForce,
    /// At which price; not used by market orders.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
}

/// Why a request was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The buffer ends too early.
    #[error("the request does not fit its buffer: {needed} bytes are needed")]
    BufferTooSmall {
        /// How long it would have been, as far as is known.
        needed: usize,
    },
    /// A price or a quantity that is not above zero.
    #[error("price and quantity of an order must be above zero")]
    NotPositive,
}

/// Writes requests about the orders of one instrument.
#[derive(Clone, Copy, Debug)]
pub struct OrderEncoder {
    symbol: Symbol,
    scales: Scales,
    response: ResponseKind,
}

impl Authority {
    const fn credentials(&self) -> Option<&Credentials> {
        match self {
            Self::LoggedOn => None,
            Self::Signed(credentials) => Some(credentials),
        }
    }
}

impl OrderEncoder {
    /// A buffer of this size takes every request.
    pub const REQUEST_LENGTH_MAX: usize = 1_024;

    /// An encoder for this instrument.
    #[must_use]
    pub const fn new(instrument: &Instrument, response: ResponseKind) -> Self {
        Self { symbol: instrument.symbol, scales: Scales::of(instrument), response }
    }

    /// `order.place`. Returns the length of the request.
    ///
    /// # Errors
    /// [`EncodeError`]; the buffer's contents are then of no use.
    pub fn place(
        &self,
        authority: &Authority,
        order: &PlaceOrder,
        now: UtcNanos,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let id = RequestId { kind: RequestKind::Place, order: order.client_order_id };
        let credentials = authority.credentials();
        request(id, b"order.place", credentials, out, |parameters| {
            api_key(parameters, credentials);
            self.terms(parameters, credentials, order, now)
        })
    }

    /// `order.cancel` of the order with this id.
    ///
    /// # Errors
    /// [`EncodeError`]; the buffer's contents are then of no use.
    pub fn cancel(
        &self,
        authority: &Authority,
        order: ClientOrderId,
        now: UtcNanos,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        self.about_order(RequestKind::Cancel, b"order.cancel", (authority, order, now), out)
    }

    /// `order.status` of the order with this id.
    ///
    /// # Errors
    /// [`EncodeError`]; the buffer's contents are then of no use.
    pub fn status(
        &self,
        authority: &Authority,
        order: ClientOrderId,
        now: UtcNanos,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        self.about_order(RequestKind::Status, b"order.status", (authority, order, now), out)
    }

    /// `order.cancelReplace`: cancels `replaced` and places `order`, or leaves all as it is if the cancel fails.
    ///
    /// # Errors
    /// [`EncodeError`]; the buffer's contents are then of no use.
    pub fn cancel_replace(
        &self,
        authority: &Authority,
        replaced: ClientOrderId,
        order: &PlaceOrder,
        now: UtcNanos,
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let id = RequestId { kind: RequestKind::Replace, order: order.client_order_id };
        let credentials = authority.credentials();
        request(id, b"order.cancelReplace", credentials, out, |parameters| {
            api_key(parameters, credentials);
            parameters.text(b"cancelOrigClientOrderId", &replaced.to_text());
            parameters.text(b"cancelReplaceMode", b"STOP_ON_FAILURE");
            self.terms(parameters, credentials, order, now)
        })
    }

    fn about_order(
        &self,
        kind: RequestKind,
        method: &[u8],
        (authority, order, now): (&Authority, ClientOrderId, UtcNanos),
        out: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let credentials = authority.credentials();
        request(RequestId { kind, order }, method, credentials, out, |parameters| {
            api_key(parameters, credentials);
            parameters.text(b"origClientOrderId", &order.to_text());
            receive_window(parameters, credentials);
            parameters.text(b"symbol", self.symbol.as_bytes());
            parameters.timestamp(now);
            Ok(())
        })
    }

    /// What the new order is, from its id on: the names that come before differ between methods.
    #[inline(always)]
    fn terms(
        &self,
        parameters: &mut Parameters<'_>,
        credentials: Option<&Credentials>,
        order: &PlaceOrder,
        now: UtcNanos,
    ) -> Result<(), EncodeError> {
        let priced = order.kind != OrderKind::Market;
        if order.quantity.0 <= 0 || (priced && order.price.0 <= 0) {
            return Err(EncodeError::NotPositive);
        }
        parameters.text(b"newClientOrderId", &order.client_order_id.to_text());
        parameters.text(b"newOrderRespType", if self.response == ResponseKind::Ack { b"ACK" } else { b"RESULT" });
        if priced {
            parameters.decimal(b"price", order.price.0.unsigned_abs(), self.scales.price);
        }
        parameters.decimal(b"quantity", order.quantity.0.unsigned_abs(), self.scales.quantity);
        receive_window(parameters, credentials);
        parameters.text(b"side", if order.side == Side::Buy { b"BUY" } else { b"SELL" });
        parameters.text(b"symbol", self.symbol.as_bytes());
        if order.kind == OrderKind::Limit {
            parameters.text(b"timeInForce", time_in_force(order.time_in_force));
        }
        parameters.timestamp(now);
        parameters.text(b"type", order_type(order.kind));
        Ok(())
    }
}

/// `session.logon`, which only Ed25519 keys may do.
///
/// # Errors
/// [`EncodeError::BufferTooSmall`].
pub fn encode_logon(credentials: &Credentials, id: u64, now: UtcNanos, out: &mut [u8]) -> Result<usize, EncodeError> {
    let id = RequestId { kind: RequestKind::Logon, order: ClientOrderId(id) };
    signed(id, b"session.logon", credentials, now, out)
}

/// `userDataStream.subscribe` on a connection that logged on, else `userDataStream.subscribe.signature`.
///
/// # Errors
/// [`EncodeError::BufferTooSmall`].
pub fn encode_subscribe(authority: &Authority, id: u64, now: UtcNanos, out: &mut [u8]) -> Result<usize, EncodeError> {
    let id = RequestId { kind: RequestKind::Subscribe, order: ClientOrderId(id) };
    match authority {
        Authority::LoggedOn => request(id, b"userDataStream.subscribe", None, out, |_| Ok(())),
        Authority::Signed(credentials) => signed(id, b"userDataStream.subscribe.signature", credentials, now, out),
    }
}

/// `ping`, which proves that the venue still answers requests.
///
/// # Errors
/// [`EncodeError::BufferTooSmall`].
pub fn encode_ping(id: u64, out: &mut [u8]) -> Result<usize, EncodeError> {
    let id = RequestId { kind: RequestKind::Ping, order: ClientOrderId(id) };
    request(id, b"ping", None, out, |_| Ok(()))
}

fn signed(
    id: RequestId,
    method: &[u8],
    credentials: &Credentials,
    now: UtcNanos,
    out: &mut [u8],
) -> Result<usize, EncodeError> {
    request(id, method, Some(credentials), out, |parameters| {
        api_key(parameters, Some(credentials));
        receive_window(parameters, Some(credentials));
        parameters.timestamp(now);
        Ok(())
    })
}

/// Writes a request around its parameters, and the signature over them if it is to have one.
#[inline(always)]
fn request(
    id: RequestId,
    method: &[u8],
    credentials: Option<&Credentials>,
    out: &mut [u8],
    write: impl FnOnce(&mut Parameters<'_>) -> Result<(), EncodeError>,
) -> Result<usize, EncodeError> {
    let mut json = Text::new(out);
    json.put(b"{\"id\":\"");
    json.put(&id.to_text());
    json.put(b"\",\"method\":\"");
    json.put(method);
    json.put(b"\",\"params\":{");
    let Some(credentials) = credentials else {
        let mut parameters = Parameters::new(json, None);
        write(&mut parameters)?;
        parameters.json.put(b"}}");
        return parameters.json.finish();
    };
    let mut payload = PayloadBuffer::new();
    let mut parameters = Parameters::new(json, Some(&mut payload));
    write(&mut parameters)?;
    parameters.sign(&credentials.signer)?;
    parameters.json.put(b"}}");
    parameters.json.finish()
}

#[inline(always)]
fn api_key(parameters: &mut Parameters<'_>, credentials: Option<&Credentials>) {
    if let Some(credentials) = credentials {
        parameters.text(b"apiKey", credentials.api_key.as_bytes());
    }
}

#[inline(always)]
fn receive_window(parameters: &mut Parameters<'_>, credentials: Option<&Credentials>) {
    if let Some(credentials) = credentials {
        parameters.number(b"recvWindow", u64::from(credentials.receive_window_ms));
    }
}

const fn time_in_force(time_in_force: TimeInForce) -> &'static [u8] {
    match time_in_force {
        TimeInForce::Gtc => b"GTC",
        TimeInForce::Ioc => b"IOC",
        TimeInForce::Fok => b"FOK",
    }
}

const fn order_type(kind: OrderKind) -> &'static [u8] {
    match kind {
        OrderKind::Limit => b"LIMIT",
        OrderKind::Market => b"MARKET",
        OrderKind::PostOnly => b"LIMIT_MAKER",
    }
}
