//! Execution reports with their fields in the order in which Binance sends them.

use tercel_types::{Price, Quantity, TradeId, VenueOrderId};

use super::{COMMISSION_SCALE, ExecutionReport, UserEvent};
use crate::binance::Scales;
use crate::binance::levels::LevelRule;
use crate::binance::numbers::DecimalRule;
use crate::binance::reader::Reader;
use crate::binance::words;

const COMMISSION: DecimalRule = DecimalRule::new(COMMISSION_SCALE);

#[inline]
pub(super) fn execution<'a>(
    bytes: &'a [u8],
    scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>,
) -> Option<UserEvent<'a>> {
    let mut reader = Reader { bytes, at: 0 };
    let in_envelope = reader.eat(b"{\"subscriptionId\":");
    if in_envelope {
        reader.unsigned()?;
        reader.literal(b",\"event\":")?;
    }
    let event = report(&mut reader, scales_of)?;
    if in_envelope {
        reader.literal(b"}")?;
    }
    (reader.at == bytes.len()).then_some(event)
}

#[inline(always)]
fn report<'a>(reader: &mut Reader<'a>, scales_of: &mut impl FnMut(&[u8]) -> Option<Scales>) -> Option<UserEvent<'a>> {
    reader.literal(b"{\"e\":\"executionReport\",\"E\":")?;
    let event_time = reader.time()?;
    reader.literal(b",\"s\":\"")?;
    let symbol = reader.text()?;
    let rule = LevelRule::new(scales_of(symbol)?);
    reader.literal(b",\"c\":\"")?;
    let client_order_id = reader.text()?;
    reader.literal(b",\"S\":\"")?;
    let side = words::side(reader.text()?).ok()?;
    reader.literal(b",\"o\":\"")?;
    let kind = words::order_kind(reader.text()?);
    reader.literal(b",\"f\":\"")?;
    let time_in_force = words::time_in_force(reader.text()?);
    reader.literal(b",\"q\":\"")?;
    let quantity = Quantity(reader.decimal(rule.quantity)?);
    reader.literal(b",\"p\":\"")?;
    let price = Price(reader.decimal(rule.price)?);
    reader.literal(b",\"P\":\"")?;
    reader.text()?;
    reader.literal(b",\"F\":\"")?;
    reader.text()?;
    reader.literal(b",\"g\":-1,\"C\":\"")?;
    let original_client_order_id = reader.text()?;
    reader.literal(b",\"x\":\"")?;
    let execution = words::execution_kind(reader.text()?).ok()?;
    reader.literal(b",\"X\":\"")?;
    let status = words::order_status(reader.text()?).ok()?;
    reader.literal(b",\"r\":\"")?;
    let reject_reason = reader.text()?;
    reader.literal(b",\"i\":")?;
    let order_id = VenueOrderId(reader.unsigned()?);
    reader.literal(b",\"l\":\"")?;
    let last_quantity = Quantity(reader.decimal(rule.quantity)?);
    reader.literal(b",\"z\":\"")?;
    let executed_quantity = Quantity(reader.decimal(rule.quantity)?);
    reader.literal(b",\"L\":\"")?;
    let last_price = Price(reader.decimal(rule.price)?);
    let (commission, commission_asset) = commission(reader)?;
    reader.literal(b",\"T\":")?;
    let transaction_time = reader.time()?;
    let trade_id = trade_id(reader)?;
    // An order that met another of its owner's names the trade that was prevented.
    if reader.eat(b",\"v\":") {
        reader.unsigned()?;
    }
    reader.literal(b",\"I\":")?;
    let execution_id = reader.unsigned()?;
    let is_on_book = reader.boolean(b",\"w\":true", b",\"w\":false")?;
    let is_maker = reader.boolean(b",\"m\":true", b",\"m\":false")?;
    tail(reader)?;
    Some(UserEvent::Execution(ExecutionReport {
        symbol,
        event_time,
        transaction_time,
        client_order_id,
        original_client_order_id,
        order_id,
        execution_id,
        side,
        kind,
        time_in_force,
        execution,
        status,
        reject_reason,
        price,
        quantity,
        last_quantity,
        last_price,
        executed_quantity,
        commission,
        commission_asset,
        trade_id,
        is_maker,
        is_on_book,
    }))
}

#[inline(always)]
fn commission<'a>(reader: &mut Reader<'a>) -> Option<(i64, Option<&'a [u8]>)> {
    let amount = if reader.eat(b",\"n\":\"0\"") {
        0
    } else {
        reader.literal(b",\"n\":\"")?;
        reader.decimal(COMMISSION)?
    };
    if reader.eat(b",\"N\":null") {
        return Some((amount, None));
    }
    reader.literal(b",\"N\":\"")?;
    Some((amount, Some(reader.text()?)))
}

#[inline(always)]
fn trade_id(reader: &mut Reader<'_>) -> Option<Option<TradeId>> {
    if reader.eat(b",\"t\":-1") {
        return Some(None);
    }
    reader.literal(b",\"t\":")?;
    Some(Some(TradeId(reader.unsigned()?)))
}

/// What follows is not used, but the report counts only if it is whole.
#[inline(always)]
fn tail(reader: &mut Reader<'_>) -> Option<()> {
    reader.boolean(b",\"M\":true", b",\"M\":false")?;
    reader.literal(b",\"O\":")?;
    reader.unsigned()?;
    for literal in [b",\"Z\":\"", b",\"Y\":\"", b",\"Q\":\""] {
        reader.literal(literal)?;
        reader.text()?;
    }
    if reader.eat(b",\"W\":") {
        reader.unsigned()?;
    }
    if reader.eat(b",\"V\":\"") {
        reader.text()?;
    }
    reader.literal(b"}")
}
