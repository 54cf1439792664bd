//! Writes what a strategy can see into the shared memory.

use tercel_execution::{InstrumentExposure, Order};
use tercel_feed::BestQuote;
use tercel_position::Position;
use tercel_types::{Event, Instrument, InstrumentId, Level, Nanos, Price, Quantity, UpdateId, UtcNanos, power_of_ten};

use crate::layout::*;
use crate::memory::Memory;

/// A price mantissa as the nearest number in quote units.
#[inline]
#[must_use]
pub fn price_number(instrument: &Instrument, price: Price) -> f64 {
    price.0 as f64 / power_of_ten(instrument.price_scale) as f64
}

/// A quantity mantissa as the nearest number in base units.
#[inline]
#[must_use]
pub fn quantity_number(instrument: &Instrument, quantity: Quantity) -> f64 {
    quantity.0 as f64 / power_of_ten(instrument.quantity_scale) as f64
}

/// First word of an instrument's block.
#[inline]
#[must_use]
pub fn block(id: InstrumentId) -> usize {
    F64_INSTRUMENTS + usize::from(id.0) * INSTRUMENT_WORDS
}

/// What does not change while the engine runs.
pub fn instrument(memory: &Memory, instrument: &Instrument) {
    let at = block(instrument.id);
    memory.set_f64(at + F64_TICK, price_number(instrument, instrument.tick));
    memory.set_f64(at + F64_LOT, quantity_number(instrument, instrument.lot));
    memory.set_f64(at + F64_MIN_QUANTITY, quantity_number(instrument, instrument.min_quantity));
    memory.set_f64(at + F64_MIN_NOTIONAL, instrument.min_notional as f64 / unit(instrument.notional_scale()));
    for field in [F64_BID_PRICE, F64_ASK_PRICE, F64_LAST_PRICE] {
        memory.set_f64(at + field, f64::NAN);
    }
    stale(memory, instrument.id, true);
}

/// The best prices.
#[inline]
pub fn quote(memory: &Memory, instrument: &Instrument, quote: &BestQuote, received: Nanos) {
    let at = block(instrument.id);
    let side = |level: Option<Level>| match level {
        Some(level) => (price_number(instrument, level.price), quantity_number(instrument, level.quantity)),
        None => (f64::NAN, 0.0),
    };
    let ((bid, bid_quantity), (ask, ask_quantity)) = (side(quote.bid), side(quote.ask));
    memory.set_f64(at + F64_BID_PRICE, bid);
    memory.set_f64(at + F64_BID_QUANTITY, bid_quantity);
    memory.set_f64(at + F64_ASK_PRICE, ask);
    memory.set_f64(at + F64_ASK_QUANTITY, ask_quantity);
    memory.set_f64(at + F64_UPDATE_ID, quote.update_id.0 as f64);
    memory.set_f64(at + F64_BOOK_TIME, received.0 as f64);
}

/// The last public trade.
#[inline]
pub fn last_trade(memory: &Memory, instrument: &Instrument, price: Price) {
    memory.set_f64(block(instrument.id) + F64_LAST_PRICE, price_number(instrument, price));
}

/// Whether an instrument's data is not current.
pub fn stale(memory: &Memory, id: InstrumentId, stale: bool) {
    memory.set_i32(2 * block(id) + I32_STALE, i32::from(stale));
}

/// The event that `poll()` returns.
#[inline]
pub fn event(memory: &Memory, instrument: &Instrument, event: &Event, start_utc: UtcNanos) {
    let venue_time = if event.venue_time.0 == 0 { f64::NAN } else { (event.venue_time.0 - start_utc.0) as f64 };
    memory.set_f64(F64_EVENT_TIME, event.received.0 as f64);
    memory.set_f64(F64_EVENT_VENUE_TIME, venue_time);
    memory.set_f64(F64_EVENT_PRICE, price_number(instrument, Price(event.price)));
    memory.set_f64(F64_EVENT_QUANTITY, quantity_number(instrument, Quantity(event.quantity)));
    memory.set_f64(F64_EVENT_ID, event.id as f64);
    memory.set_f64(F64_EVENT_FEE, event.fee as f64 / unit(instrument.notional_scale()));
    memory.set_i32(I32_EVENT_INSTRUMENT, i32::from(event.instrument.0));
    memory.set_i32(I32_EVENT_DETAIL, i32::from(event.detail));
    memory.set_i32(I32_EVENT_ORDER, event.order as i32);
    memory.set_i32(I32_EVENT_CODE, event.code);
}

/// An order's slot.
#[inline]
pub fn order(memory: &Memory, instrument: &Instrument, order: &Order) {
    let at = F64_ORDERS + (order.handle.code() as usize & ORDER_SLOT_MASK) * ORDER_WORDS;
    memory.set_f64(at + F64_ORDER_PRICE, price_number(instrument, order.price));
    memory.set_f64(at + F64_ORDER_QUANTITY, quantity_number(instrument, order.quantity));
    memory.set_f64(at + F64_ORDER_FILLED, quantity_number(instrument, order.filled));
    memory.set_f64(at + F64_ORDER_TIME, order.created.0 as f64);
    memory.set_i32(2 * at + I32_ORDER_STATUS, order.status as i32);
    memory.set_i32(2 * at + I32_ORDER_SIDE, order.side as i32);
    memory.set_i32(2 * at + I32_ORDER_INSTRUMENT, i32::from(order.instrument.0));
    memory.set_i32(2 * at + I32_ORDER_HANDLE, order.handle.code() as i32);
}

/// Says of every slot that it is empty.
pub fn no_orders(memory: &Memory) {
    for slot in 0..MAX_ORDERS {
        memory.set_i32(2 * (F64_ORDERS + slot * ORDER_WORDS) + I32_ORDER_HANDLE, -1);
    }
}

/// What an instrument's working orders add up to.
#[inline]
pub fn exposure(memory: &Memory, instrument: &Instrument, exposure: &InstrumentExposure) {
    let at = block(instrument.id);
    memory.set_f64(at + F64_OPEN_BUY, quantity_number(instrument, exposure.buy.quantity));
    memory.set_f64(at + F64_OPEN_SELL, quantity_number(instrument, exposure.sell.quantity));
    memory.set_i32(2 * at + I32_OPEN_ORDERS, exposure.orders() as i32);
}

/// An instrument's position. Amounts become numbers here and nowhere before.
pub fn position(memory: &Memory, instrument: &Instrument, position: &Position) {
    let at = block(instrument.id);
    let cash = unit(position.cash_scale());
    let quantity = position.exact_quantity() as f64 / unit(position.base_scale());
    let average_cost = if quantity == 0.0 { 0.0 } else { position.cost() as f64 / cash / quantity };
    memory.set_f64(at + F64_POSITION, quantity);
    memory.set_f64(at + F64_AVERAGE_COST, average_cost);
    memory.set_f64(at + F64_REALISED_PNL, (position.realised() - position.fees()) as f64 / cash);
    memory.set_f64(at + F64_FEES, position.fees() as f64 / cash);
}

/// Levels of a book, best first, as of an update.
pub fn depth(memory: &Memory, instrument: &Instrument, update_id: UpdateId, bids: &[Level], asks: &[Level]) {
    let write = |levels: &[Level], offset: usize| {
        for (index, level) in levels.iter().take(MAX_DEPTH).enumerate() {
            let at = F64_DEPTH + 4 * index + offset;
            memory.set_f64(at, price_number(instrument, level.price));
            memory.set_f64(at + 1, quantity_number(instrument, level.quantity));
        }
    };
    write(bids, 0);
    write(asks, 2);
    memory.set_i32(I32_DEPTH_BIDS, bids.len().min(MAX_DEPTH) as i32);
    memory.set_i32(I32_DEPTH_ASKS, asks.len().min(MAX_DEPTH) as i32);
    memory.set_f64(F64_DEPTH_UPDATE_ID, update_id.0 as f64);
}

/// Ten to the power of a scale, also where it is a sum of two.
fn unit(scale: u8) -> f64 {
    10f64.powi(i32::from(scale))
}
