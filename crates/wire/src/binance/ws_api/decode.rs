//! What comes on a connection of the WebSocket API: answers to requests, and the events of one's own account.

use tercel_types::{OrderStatus, Price, Quantity, UtcNanos, VenueOrderId};

use super::RequestId;
use crate::binance::Scales;
use crate::binance::error::{WireError, WireErrorKind};
use crate::binance::scanner::Cursor;
use crate::binance::user_events::{UserEvent, careful_event, quick_execution};
use crate::binance::{stream::Refusal, words};

/// A frame of the WebSocket API. Texts point into the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WsApiMessage<'a> {
    /// The answer to a request.
    Reply(Reply<'a>),
    /// An event of the user data stream, or the notice of a shutdown.
    Event(UserEvent<'a>),
    /// Something that this engine does not use.
    Other,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The request that is answered, if it was one of ours.
    pub id: Option<RequestId>,
    /// The status, as of HTTP.
    pub status: u16,
    /// When to ask again, after a limit was passed.
    pub retry_after: Option<UtcNanos>,
    /// What came of the request.
    pub outcome: ReplyOutcome<'a>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyOutcome<'a> {
    /// It was done and there is nothing to say: ping, logon.
    Done,
    /// The subscription with this number was made.
    Subscribed(u64),
    /// An order was placed, cancelled or found.
    Order(OrderAnswer<'a>),
    /// What became of the two halves of a replacement, whether it succeeded or not.
    Replace(ReplaceAnswer<'a>),
    /// It was refused, or what became of it is not known: ask [`is_outcome_unknown`].
    Refused(Refusal<'a>),
}

/// What the venue says about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderAnswer<'a> {
    /// The instrument.
    pub symbol: &'a [u8],
    /// The venue's id of the order.
    pub order_id: VenueOrderId,
    /// The order's id; in the answer to a cancel, the id of the cancel.
    pub client_order_id: &'a [u8],
    /// In the answer to a cancel the id of the order that was cancelled, else empty.
    pub original_client_order_id: &'a [u8],
    /// When it happened.
    pub transaction_time: Option<UtcNanos>,
    /// The order's state, where the answer has it and the instrument's scales are known: not in a bare ACK.
    pub details: Option<OrderDetails>,
}

/// The state of an order in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderDetails {
    /// Where it is in its life.
    pub status: OrderStatus,
    /// Its price.
    pub price: Price,
    /// Its quantity.
    pub quantity: Quantity,
    /// What was filled of it.
    pub executed_quantity: Quantity,
}

/// What became of a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplaceAnswer<'a> {
    /// Of the cancel.
    pub cancel: Step<'a>,
    /// Of the new order.
    pub new_order: Step<'a>,
}

/// What became of one half of a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// It was done.
    Done(OrderAnswer<'a>),
    /// It was refused.
    Refused(Refusal<'a>),
    /// It was not tried, because the other half failed.
    NotTried,
}

/// Whether the request may have been carried out in spite of the error: then ask for the order, never send it again.
/// True for any status of 500 and above and for the codes that say so (-1006, -1007).
#[must_use]
pub const fn is_outcome_unknown(status: u16, code: i64) -> bool {
    status >= 500 || matches!(code, -1006 | -1007)
}

/// Decodes one frame. `scales_of` is asked for the scales of the instrument that the frame names. Nothing is allocated.
///
/// # Errors
/// [`WireError`] says what is wrong with the frame and at which byte.
#[inline]
pub fn decode<'a>(
    bytes: &'a [u8],
    mut scales_of: impl FnMut(&[u8]) -> Option<Scales>,
) -> Result<WsApiMessage<'a>, WireError> {
    match quick_execution(bytes, &mut scales_of) {
        Some(event) => Ok(WsApiMessage::Event(event)),
        None => careful(bytes, &mut scales_of),
    }
}

/// What the outermost object of a frame has.
#[derive(Default)]
struct Envelope<'a> {
    id: Option<RequestId>,
    status: Option<u64>,
    result: Option<Cursor<'a>>,
    error: Option<Cursor<'a>>,
    event: Option<Cursor<'a>>,
    has_name: bool,
}

fn careful<'a>(
    bytes: &'a [u8],
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Result<WsApiMessage<'a>, WireError> {
    let mut envelope = Envelope::default();
    let mut cursor = Cursor::new(bytes, 0);
    cursor.object(|cursor, key| envelope.field(cursor, key))?;
    cursor.finish()?;
    if let Some(event) = envelope.event {
        return careful_event(event, scales_of).map(WsApiMessage::Event);
    }
    if envelope.has_name {
        return careful_event(Cursor::new(bytes, 0), scales_of).map(WsApiMessage::Event);
    }
    let Some(status) = envelope.status else { return Ok(WsApiMessage::Other) };
    let mut reply = Reply {
        id: envelope.id,
        status: u16::try_from(status).map_err(|_| WireError::new(WireErrorKind::OutOfRange, bytes.len()))?,
        retry_after: None,
        outcome: ReplyOutcome::Done,
    };
    if let Some(error) = envelope.error {
        refused(error, scales_of, &mut reply)?;
    } else if let Some(result) = envelope.result {
        reply.outcome = succeeded(result, scales_of)?;
    }
    Ok(WsApiMessage::Reply(reply))
}

impl<'a> Envelope<'a> {
    fn field(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Result<(), WireError> {
        let value = *cursor;
        match key {
            b"id" if cursor.peek()? == b'"' => self.id = RequestId::from_text(cursor.raw_string()?),
            b"status" => self.status = Some(cursor.unsigned()?),
            b"result" => self.result = Some(value),
            b"error" => self.error = Some(value),
            b"event" => self.event = Some(value),
            b"e" => self.has_name = true,
            _ => {}
        }
        if cursor.offset() == value.offset() { cursor.skip() } else { Ok(()) }
    }
}

fn succeeded<'a>(
    mut result: Cursor<'a>,
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Result<ReplyOutcome<'a>, WireError> {
    if result.peek()? != b'{' {
        return Ok(ReplyOutcome::Done);
    }
    let (mut is_order, mut is_replacement, mut subscription) = (false, false, None);
    let mut looking = result;
    looking.object(|cursor, key| {
        match key {
            b"orderId" => is_order = true,
            b"cancelResult" => is_replacement = true,
            b"subscriptionId" => {
                subscription = Some(cursor.unsigned()?);
                return Ok(());
            }
            _ => {}
        }
        cursor.skip()
    })?;
    if is_replacement {
        return replacement(result, scales_of).map(ReplyOutcome::Replace);
    }
    if is_order {
        return order(&mut result, scales_of).map(ReplyOutcome::Order);
    }
    Ok(subscription.map_or(ReplyOutcome::Done, ReplyOutcome::Subscribed))
}

fn refused<'a>(
    mut error: Cursor<'a>,
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
    reply: &mut Reply<'a>,
) -> Result<(), WireError> {
    let mut details = None;
    let start = error.offset();
    let (mut code, mut message) = (None, b"".as_slice());
    error.object(|cursor, key| {
        match key {
            b"code" => code = Some(cursor.signed()?),
            b"msg" => message = cursor.raw_string()?,
            b"data" if cursor.peek()? == b'{' => {
                details = Some(*cursor);
                cursor.skip()?;
            }
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    let code = code.ok_or(WireError::new(WireErrorKind::MissingField("code"), start))?;
    reply.outcome = ReplyOutcome::Refused(Refusal { code, message });
    let Some(mut details) = details else { return Ok(()) };
    let mut is_replacement = false;
    let replacement_at = details;
    details.object(|cursor, key| {
        match key {
            b"retryAfter" => reply.retry_after = Some(cursor.time()?),
            b"cancelResult" => {
                is_replacement = true;
                cursor.skip()?;
            }
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    if is_replacement {
        reply.outcome = ReplyOutcome::Replace(replacement(replacement_at, scales_of)?);
    }
    Ok(())
}

fn replacement<'a>(
    mut cursor: Cursor<'a>,
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Result<ReplaceAnswer<'a>, WireError> {
    let mut answer = ReplaceAnswer { cancel: Step::NotTried, new_order: Step::NotTried };
    cursor.object(|cursor, key| {
        match key {
            b"cancelResponse" => answer.cancel = step(cursor, scales_of)?,
            b"newOrderResponse" => answer.new_order = step(cursor, scales_of)?,
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    Ok(answer)
}

/// One half of a replacement: an order, an error, or `null`.
fn step<'a>(
    cursor: &mut Cursor<'a>,
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Result<Step<'a>, WireError> {
    let value = *cursor;
    if cursor.peek()? != b'{' {
        cursor.skip()?;
        return Ok(Step::NotTried);
    }
    let (mut code, mut message) = (None, b"".as_slice());
    cursor.object(|cursor, key| {
        match key {
            b"code" => code = Some(cursor.signed()?),
            b"msg" => message = cursor.raw_string()?,
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    match code {
        Some(code) => Ok(Step::Refused(Refusal { code, message })),
        None => order(&mut { value }, scales_of).map(Step::Done),
    }
}

fn order<'a>(
    cursor: &mut Cursor<'a>,
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Result<OrderAnswer<'a>, WireError> {
    let start = cursor.offset();
    let (mut symbol, mut order_id, mut client_order_id) = (None, None, None);
    let (mut original_client_order_id, mut transaction_time) = (b"".as_slice(), None);
    let mut state = State::default();
    cursor.object(|cursor, key| {
        match key {
            b"symbol" => symbol = Some(cursor.plain_string()?),
            b"orderId" => order_id = Some(cursor.unsigned()?),
            b"clientOrderId" => client_order_id = Some(cursor.raw_string()?),
            b"origClientOrderId" => original_client_order_id = cursor.raw_string()?,
            b"transactTime" | b"updateTime" => transaction_time = Some(cursor.time()?),
            _ => state.field(cursor, key)?,
        }
        Ok(())
    })?;
    let missing = |name| WireError::new(WireErrorKind::MissingField(name), start);
    let symbol = symbol.ok_or(missing("symbol"))?;
    Ok(OrderAnswer {
        symbol,
        order_id: VenueOrderId(order_id.ok_or(missing("orderId"))?),
        client_order_id: client_order_id.ok_or(missing("clientOrderId"))?,
        original_client_order_id,
        transaction_time,
        details: scales_of(symbol).map(|scales| state.read(scales)).transpose()?.flatten(),
    })
}

/// Where the values are whose reading needs the scales of a symbol that may come later.
#[derive(Default)]
struct State<'a> {
    status: Option<Cursor<'a>>,
    price: Option<Cursor<'a>>,
    quantity: Option<Cursor<'a>>,
    executed_quantity: Option<Cursor<'a>>,
}

impl<'a> State<'a> {
    fn field(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Result<(), WireError> {
        let slot = match key {
            b"status" => Some(&mut self.status),
            b"price" => Some(&mut self.price),
            b"origQty" => Some(&mut self.quantity),
            b"executedQty" => Some(&mut self.executed_quantity),
            _ => None,
        };
        if let Some(slot) = slot {
            *slot = Some(*cursor);
        }
        cursor.skip()
    }

    fn read(self, scales: Scales) -> Result<Option<OrderDetails>, WireError> {
        let (Some(mut status), Some(mut price), Some(mut quantity), Some(mut executed_quantity)) =
            (self.status, self.price, self.quantity, self.executed_quantity)
        else {
            return Ok(None);
        };
        let start = status.offset();
        let status = words::order_status(status.plain_string()?).map_err(|kind| WireError::new(kind, start))?;
        Ok(Some(OrderDetails {
            status,
            price: Price(price.decimal(scales.price)?),
            quantity: Quantity(quantity.decimal(scales.quantity)?),
            executed_quantity: Quantity(executed_quantity.decimal(scales.quantity)?),
        }))
    }
}
