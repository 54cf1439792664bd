//! What a strategy asks for by way of the shared memory: numbers with decimals are written there, and snapped to the
//! instrument's tick and lot here, so that no call passes one.

use tercel_execution::OrderHandle;
use tercel_types::{InstrumentId, OrderKind, Price, Quantity, RejectReason, Side, TimeInForce, power_of_ten};

use crate::layout::{
    F64_COMMAND_DELAY, F64_COMMAND_PRICE, F64_COMMAND_QUANTITY, I32_COMMAND_INSTRUMENT, I32_COMMAND_KIND,
    I32_COMMAND_LEVELS, I32_COMMAND_ORDER, I32_COMMAND_SIDE, I32_COMMAND_TIME_IN_FORCE, I32_COMMAND_TIMER,
};
use crate::order_desk::OrderRequest;
use crate::trading_thread::TradingThread;

/// Mantissas from here on are not exact in a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// How far from a whole mantissa a number may be: the error that a few operations on doubles leave, relative to it.
const RELATIVE_SLACK: f64 = 1e-12;

/// The same where the mantissa is small.
const ABSOLUTE_SLACK: f64 = 1e-6;

impl TradingThread {
    /// Sends the order in the command area. Its handle, or a negated [`RejectReason`].
    #[inline]
    pub fn submit_from_memory(&mut self) -> i32 {
        let sent = match self.read_command() {
            Ok(request) => self.submit(&request),
            Err(reason) => Err(self.refuse(reason)),
        };
        answer(sent.map(OrderHandle::code))
    }

    /// Replaces the command area's order by one of the same side and kind with the price and quantity there. The new
    /// handle, or a negated [`RejectReason`].
    pub fn replace_from_memory(&mut self) -> i32 {
        let handle = self.command_order();
        let sent = match self.read_replacement(handle) {
            Ok(request) => self.replace(handle, &request),
            Err(reason) => Err(self.refuse(reason)),
        };
        answer(sent.map(OrderHandle::code))
    }

    /// Cancels the command area's order: zero, or a negated [`RejectReason`].
    pub fn cancel_from_memory(&mut self) -> i32 {
        let cancelled = self.cancel(self.command_order());
        answer(cancelled.map(|()| 0))
    }

    /// Cancels the orders of the command area's instrument, or all where that is negative. Returns how many cancels left.
    pub fn cancel_all_from_memory(&mut self) -> i32 {
        self.cancel_all(self.command_instrument()) as i32
    }

    /// Arms the command area's timer with the delay there.
    pub fn set_timer_from_memory(&mut self) {
        let memory = &self.shared().memory;
        let (timer, delay_ns) = (memory.i32(I32_COMMAND_TIMER), memory.f64(F64_COMMAND_DELAY));
        // The casts saturate: a negative timer is one that does not exist, and a delay that is no number becomes zero, due
        // at once, where its author will find it.
        self.set_timer(usize::try_from(timer).unwrap_or(usize::MAX), delay_ns as i64);
    }

    /// Fills the depth area with as many levels as the command area wants.
    pub fn publish_depth_from_memory(&self) {
        let levels = usize::try_from(self.shared().memory.i32(I32_COMMAND_LEVELS)).unwrap_or(0);
        if let Some(instrument) = self.command_instrument() {
            self.publish_depth(instrument, levels);
        }
    }

    fn command_order(&self) -> OrderHandle {
        OrderHandle::from_code(self.shared().memory.i32(I32_COMMAND_ORDER).unsigned_abs())
    }

    fn command_instrument(&self) -> Option<InstrumentId> {
        u16::try_from(self.shared().memory.i32(I32_COMMAND_INSTRUMENT)).map(InstrumentId).ok()
    }

    fn read_command(&self) -> Result<OrderRequest, RejectReason> {
        let memory = &self.shared().memory;
        let code = |index| u8::try_from(memory.i32(index)).ok();
        let known = self
            .command_instrument()
            .and_then(|id| Some((id, *self.instrument(id)?)))
            .ok_or(RejectReason::NotANumber)?;
        let (id, definition) = known;
        let kind = code(I32_COMMAND_KIND).and_then(OrderKind::from_code).ok_or(RejectReason::NotANumber)?;
        let price = match kind {
            OrderKind::Market => Price(0),
            OrderKind::Limit | OrderKind::PostOnly => {
                Price(snap(memory.f64(F64_COMMAND_PRICE), definition.price_scale, RejectReason::Tick)?)
            }
        };
        Ok(OrderRequest {
            instrument: id,
            side: code(I32_COMMAND_SIDE).and_then(Side::from_code).ok_or(RejectReason::NotANumber)?,
            kind,
            time_in_force: code(I32_COMMAND_TIME_IN_FORCE)
                .and_then(TimeInForce::from_code)
                .ok_or(RejectReason::NotANumber)?,
            price,
            quantity: Quantity(snap(memory.f64(F64_COMMAND_QUANTITY), definition.quantity_scale, RejectReason::Lot)?),
        })
    }

    fn read_replacement(&self, handle: OrderHandle) -> Result<OrderRequest, RejectReason> {
        let order = *self.order(handle).ok_or(RejectReason::UnknownOrder)?;
        let definition = *self.instrument(order.instrument).ok_or(RejectReason::UnknownOrder)?;
        let memory = &self.shared().memory;
        let price = snap(memory.f64(F64_COMMAND_PRICE), definition.price_scale, RejectReason::Tick)?;
        let quantity = snap(memory.f64(F64_COMMAND_QUANTITY), definition.quantity_scale, RejectReason::Lot)?;
        Ok(OrderRequest {
            instrument: order.instrument,
            side: order.side,
            kind: order.kind,
            time_in_force: order.time_in_force,
            price: Price(price),
            quantity: Quantity(quantity),
        })
    }
}

/// A result as TypeScript gets it: not negative, or a negated reason.
#[inline]
fn answer(result: Result<u32, RejectReason>) -> i32 {
    match result {
        Ok(code) => code as i32,
        Err(reason) => -(reason as i32),
    }
}

/// The mantissa that a number means. A number that is no whole mantissa, beyond what arithmetic on doubles explains, is
/// refused as `between`; one that no mantissa can be, as [`RejectReason::NotANumber`].
fn snap(number: f64, scale: u8, between: RejectReason) -> Result<i64, RejectReason> {
    let scaled = number * power_of_ten(scale) as f64;
    if scaled.is_nan() || scaled.abs() >= EXACT {
        return Err(RejectReason::NotANumber);
    }
    let whole = scaled.round();
    if (scaled - whole).abs() > ABSOLUTE_SLACK.max(scaled.abs() * RELATIVE_SLACK) {
        return Err(between);
    }
    Ok(whole as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arithmetic_on_doubles_leaves_is_snapped() {
        assert_eq!(snap(0.1 + 0.2, 2, RejectReason::Tick), Ok(30));
        assert_eq!(snap(61_837.63, 2, RejectReason::Tick), Ok(6_183_763));
        assert_eq!(snap(61_837.64 - 0.01, 2, RejectReason::Tick), Ok(6_183_763));
        assert_eq!(snap(1e-5 * 3.0, 5, RejectReason::Lot), Ok(3));
    }

    #[test]
    fn a_price_between_two_ticks_is_refused_by_name() {
        assert_eq!(snap(100.005, 2, RejectReason::Tick), Err(RejectReason::Tick));
        assert_eq!(snap(0.000_001, 5, RejectReason::Lot), Err(RejectReason::Lot));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(snap(number, 2, RejectReason::Tick), Err(RejectReason::NotANumber));
        }
    }
}
