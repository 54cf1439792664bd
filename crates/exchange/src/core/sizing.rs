//! How much a new order is for and what must be locked for it, found by walking the book where the order has no price.

use tercel_types::{Level, OrderKind, Quantity, Side};

use super::account::AssetId;
use super::amount::{Amount, Rounding};
use super::market::Market;
use super::order::{NewOrder, OrderSize};
use super::refusal::Refusal;
use super::rules::{FilterContext, SymbolRules};

/// What an order is for once its size is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sized {
    pub quantity: Quantity,
    pub quote_quantity: Amount,
    pub hold: Amount,
    pub hold_asset: AssetId,
}

/// The other side of the book as an order will meet it: self-trade prevention takes the account's own orders out of its
/// way, so the walk must not count on them.
pub(super) struct Reachable<'market, M> {
    pub market: &'market M,
    pub side: Side,
    /// The account's own orders on that side which will be taken out.
    pub vanishing: Vec<Level>,
}

/// Checks the filters and finds quantity and hold.
pub(super) fn size_order<M: Market>(
    order: &NewOrder,
    rules: &SymbolRules,
    reachable: &Reachable<'_, M>,
    context: &FilterContext,
) -> Result<Sized, Refusal> {
    rules.check_open_orders(context)?;
    let sized = match (order.kind, order.size) {
        (OrderKind::Limit | OrderKind::PostOnly, OrderSize::Base(quantity)) => {
            rules.check_price(order.price, context)?;
            rules.check_quantity(quantity, false)?;
            rules.check_notional(order.price, quantity)?;
            return Ok(held(order, rules, quantity, Amount::ZERO, rules.hold(order.price, quantity)));
        }
        (OrderKind::Limit | OrderKind::PostOnly, OrderSize::Quote(_)) => return Err(Refusal::INVALID_COMBINATION),
        (OrderKind::Market, OrderSize::Base(quantity)) => size_by_base(order, rules, reachable, quantity),
        (OrderKind::Market, OrderSize::Quote(quote)) => size_by_quote(order, rules, reachable, quote),
    };
    rules.check_quantity(sized.quantity, true)?;
    let best = reachable.market.best(reachable.side).map(|level| level.price);
    if let Some(reference) = context.last_price.or(best) {
        rules.check_notional(reference, sized.quantity)?;
    }
    Ok(sized)
}

fn size_by_base<M: Market>(
    order: &NewOrder,
    rules: &SymbolRules,
    reachable: &Reachable<'_, M>,
    quantity: Quantity,
) -> Sized {
    let mut rest = quantity.0;
    let mut notional = 0;
    reachable.visit(&mut |level| {
        let taken = rest.min(level.quantity.0);
        rest -= taken;
        notional += rules.instrument.notional(level.price, Quantity(taken));
        rest > 0
    });
    held(order, rules, quantity, Amount::ZERO, Amount::from_notional(&rules.instrument, notional, Rounding::Up))
}

fn size_by_quote<M: Market>(
    order: &NewOrder,
    rules: &SymbolRules,
    reachable: &Reachable<'_, M>,
    quote: Amount,
) -> Sized {
    let instrument = &rules.instrument;
    let mut rest = quote.0;
    let mut quantity = 0;
    reachable.visit(&mut |level| {
        let unit = Amount::of_price(instrument, level.price).0.max(1);
        // Eight decimals of quote over eight of price: bring the quotient to the quantity's scale, in whole lots.
        let affordable = rest * 10i128.pow(u32::from(instrument.quantity_scale)) / unit;
        let affordable = affordable - affordable % i128::from(instrument.lot.0);
        let taken = affordable.min(i128::from(level.quantity.0));
        let taken = Quantity(i64::try_from(taken).unwrap_or(i64::MAX));
        quantity += taken.0;
        rest -= rules.hold(level.price, taken).0;
        taken == level.quantity && rest > 0
    });
    held(order, rules, Quantity(quantity), quote, quote)
}

fn held(order: &NewOrder, rules: &SymbolRules, quantity: Quantity, quote_quantity: Amount, cost: Amount) -> Sized {
    match order.side {
        Side::Buy => Sized { quantity, quote_quantity, hold: cost, hold_asset: rules.quote },
        Side::Sell => {
            let hold = Amount::of_quantity(&rules.instrument, quantity);
            Sized { quantity, quote_quantity, hold, hold_asset: rules.base }
        }
    }
}

impl<M: Market> Reachable<'_, M> {
    fn visit(&self, visitor: &mut dyn FnMut(Level) -> bool) {
        self.market.visit_levels(self.side, &mut |level| {
            let own = self.vanishing.iter().filter(|own| own.price == level.price).map(|own| own.quantity.0);
            let quantity = Quantity((level.quantity.0 - own.sum::<i64>()).max(0));
            quantity.is_zero() || visitor(Level { quantity, ..level })
        });
    }
}
