//! User events with their fields in any order.

use tercel_types::{Price, Quantity, TradeId, UtcNanos, VenueOrderId};

use super::{AccountPosition, BALANCE_SCALE, Balance, COMMISSION_SCALE, ExecutionReport, UserEvent};
use crate::binance::Scales;
use crate::binance::error::{WireError, WireErrorKind};
use crate::binance::scanner::Cursor;
use crate::binance::words;

pub(super) fn event<'a>(
    cursor: Cursor<'a>,
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Result<UserEvent<'a>, WireError> {
    let (mut name, mut symbol) = (b"".as_slice(), b"".as_slice());
    let mut reading = cursor;
    reading.object(|cursor, key| {
        match key {
            b"e" => name = cursor.plain_string()?,
            // Other events have numbers or arrays under this key.
            b"s" if cursor.peek()? == b'"' => symbol = cursor.plain_string()?,
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    match name {
        b"executionReport" => match scales_of(symbol) {
            Some(scales) => execution(cursor, scales).map(UserEvent::Execution),
            None => Ok(UserEvent::UnknownSymbol(symbol)),
        },
        b"outboundAccountPosition" => account_position(cursor).map(UserEvent::AccountPosition),
        b"eventStreamTerminated" => Ok(UserEvent::StreamTerminated),
        b"serverShutdown" => Ok(UserEvent::ServerShutdown),
        _ => Ok(UserEvent::Other),
    }
}

/// The fields of a report as they are found.
#[derive(Default)]
struct Found<'a> {
    symbol: Option<&'a [u8]>,
    event_time: Option<UtcNanos>,
    transaction_time: Option<UtcNanos>,
    client_order_id: Option<&'a [u8]>,
    original_client_order_id: &'a [u8],
    order_id: Option<u64>,
    execution_id: Option<u64>,
    side: Option<&'a [u8]>,
    kind: Option<&'a [u8]>,
    time_in_force: Option<&'a [u8]>,
    execution: Option<&'a [u8]>,
    status: Option<&'a [u8]>,
    reject_reason: &'a [u8],
    price: Option<i64>,
    quantity: Option<i64>,
    last_quantity: Option<i64>,
    last_price: Option<i64>,
    executed_quantity: Option<i64>,
    commission: i64,
    commission_asset: Option<&'a [u8]>,
    trade_id: Option<i64>,
    is_maker: bool,
    is_on_book: bool,
}

fn execution<'a>(mut cursor: Cursor<'a>, scales: Scales) -> Result<ExecutionReport<'a>, WireError> {
    let start = cursor.offset();
    let mut found = Found::default();
    cursor.object(|cursor, key| field(cursor, key, scales, &mut found))?;
    let missing = |name| WireError::new(WireErrorKind::MissingField(name), start);
    let unknown = |kind| WireError::new(kind, start);
    Ok(ExecutionReport {
        symbol: found.symbol.ok_or(missing("s"))?,
        event_time: found.event_time.ok_or(missing("E"))?,
        transaction_time: found.transaction_time.ok_or(missing("T"))?,
        client_order_id: found.client_order_id.ok_or(missing("c"))?,
        original_client_order_id: found.original_client_order_id,
        order_id: VenueOrderId(found.order_id.ok_or(missing("i"))?),
        execution_id: found.execution_id.ok_or(missing("I"))?,
        side: words::side(found.side.ok_or(missing("S"))?).map_err(unknown)?,
        kind: words::order_kind(found.kind.ok_or(missing("o"))?),
        time_in_force: words::time_in_force(found.time_in_force.ok_or(missing("f"))?),
        execution: words::execution_kind(found.execution.ok_or(missing("x"))?).map_err(unknown)?,
        status: words::order_status(found.status.ok_or(missing("X"))?).map_err(unknown)?,
        reject_reason: found.reject_reason,
        price: Price(found.price.ok_or(missing("p"))?),
        quantity: Quantity(found.quantity.ok_or(missing("q"))?),
        last_quantity: Quantity(found.last_quantity.ok_or(missing("l"))?),
        last_price: Price(found.last_price.ok_or(missing("L"))?),
        executed_quantity: Quantity(found.executed_quantity.ok_or(missing("z"))?),
        commission: found.commission,
        commission_asset: found.commission_asset,
        trade_id: found.trade_id.and_then(|id| u64::try_from(id).ok()).map(TradeId),
        is_maker: found.is_maker,
        is_on_book: found.is_on_book,
    })
}

fn field<'a>(cursor: &mut Cursor<'a>, key: &'a [u8], scales: Scales, found: &mut Found<'a>) -> Result<(), WireError> {
    match key {
        b"s" => found.symbol = Some(cursor.plain_string()?),
        b"E" => found.event_time = Some(cursor.time()?),
        b"T" => found.transaction_time = Some(cursor.time()?),
        b"c" => found.client_order_id = Some(cursor.raw_string()?),
        b"C" => found.original_client_order_id = cursor.raw_string()?,
        b"i" => found.order_id = Some(cursor.unsigned()?),
        b"I" => found.execution_id = Some(cursor.unsigned()?),
        b"S" => found.side = Some(cursor.plain_string()?),
        b"o" => found.kind = Some(cursor.plain_string()?),
        b"f" => found.time_in_force = Some(cursor.plain_string()?),
        b"x" => found.execution = Some(cursor.plain_string()?),
        b"X" => found.status = Some(cursor.plain_string()?),
        b"r" => found.reject_reason = cursor.raw_string()?,
        b"p" => found.price = Some(cursor.decimal(scales.price)?),
        b"q" => found.quantity = Some(cursor.decimal(scales.quantity)?),
        b"l" => found.last_quantity = Some(cursor.decimal(scales.quantity)?),
        b"L" => found.last_price = Some(cursor.decimal(scales.price)?),
        b"z" => found.executed_quantity = Some(cursor.decimal(scales.quantity)?),
        b"n" => found.commission = cursor.decimal(COMMISSION_SCALE)?,
        b"N" => found.commission_asset = cursor.optional_string()?,
        b"t" => found.trade_id = Some(cursor.signed()?),
        b"m" => found.is_maker = cursor.boolean()?,
        b"w" => found.is_on_book = cursor.boolean()?,
        _ => cursor.skip()?,
    }
    Ok(())
}

fn account_position<'a>(mut cursor: Cursor<'a>) -> Result<AccountPosition<'a>, WireError> {
    let start = cursor.offset();
    let (mut event_time, mut balances_span) = (None, None);
    cursor.object(|cursor, key| {
        match key {
            b"E" => event_time = Some(cursor.time()?),
            b"B" => {
                let start = cursor.offset();
                balances(cursor, &mut |_| ())?;
                balances_span = Some(&cursor.bytes()[start..cursor.offset()]);
            }
            _ => cursor.skip()?,
        }
        Ok(())
    })?;
    let missing = |name| WireError::new(WireErrorKind::MissingField(name), start);
    Ok(AccountPosition { event_time: event_time.ok_or(missing("E"))?, balances: balances_span.ok_or(missing("B"))? })
}

/// Reads an array of balances.
pub(super) fn balances<'a>(cursor: &mut Cursor<'a>, each: &mut impl FnMut(Balance<'a>)) -> Result<(), WireError> {
    cursor.array(|cursor| {
        let start = cursor.offset();
        let (mut asset, mut free, mut locked) = (None, None, None);
        cursor.object(|cursor, key| {
            match key {
                b"a" => asset = Some(cursor.plain_string()?),
                b"f" => free = Some(cursor.wide_decimal(BALANCE_SCALE)?),
                b"l" => locked = Some(cursor.wide_decimal(BALANCE_SCALE)?),
                _ => cursor.skip()?,
            }
            Ok(())
        })?;
        let missing = |name| WireError::new(WireErrorKind::MissingField(name), start);
        each(Balance {
            asset: asset.ok_or(missing("a"))?,
            free: free.ok_or(missing("f"))?,
            locked: locked.ok_or(missing("l"))?,
        });
        Ok(())
    })
}
