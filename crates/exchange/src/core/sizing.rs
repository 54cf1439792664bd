//! How much a new order is for and what must be locked for it, found by walking the book where the order has no price.

use tercel_types::{OrderKind, Price, Quantity, Side};

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

struct Walk {
    quantity: Quantity,
    notional: i128,
    worst: Price,
}

/// Checks the filters and finds quantity and hold. `own_opposite` is what the account itself offers on the other side:
/// self-trade prevention may take it out of the way, so the walk looks that much deeper.
pub(super) fn size_order<M: Market>(
    order: &NewOrder,
    rules: &SymbolRules,
    market: &M,
    context: &FilterContext,
    own_opposite: Quantity,
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
        (OrderKind::Market, OrderSize::Base(quantity)) => size_by_base(order, rules, market, quantity, own_opposite),
        (OrderKind::Market, OrderSize::Quote(quote)) => size_by_quote(order, rules, market, quote),
    };
    rules.check_quantity(sized.quantity, true)?;
    if let Some(reference) = context.last_price.or_else(|| market.best(order.side.opposite()).map(|level| level.price))
    {
        rules.check_notional(reference, sized.quantity)?;
    }
    Ok(sized)
}

fn size_by_base<M: Market>(
    order: &NewOrder,
    rules: &SymbolRules,
    market: &M,
    quantity: Quantity,
    own_opposite: Quantity,
) -> Sized {
    let deep = Quantity(quantity.0.saturating_add(own_opposite.0));
    let walk = walk_quantity(market, order.side.opposite(), deep);
    let cost = if own_opposite.is_zero() {
        Amount::from_notional(&rules.instrument, walk.notional, Rounding::Up)
    } else {
        rules.hold(walk.worst, quantity)
    };
    held(order, rules, quantity, Amount::ZERO, cost)
}

fn size_by_quote<M: Market>(order: &NewOrder, rules: &SymbolRules, market: &M, quote: Amount) -> Sized {
    let instrument = &rules.instrument;
    let mut rest = quote.0;
    let mut quantity = 0;
    market.visit_levels(order.side.opposite(), &mut |level| {
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

fn walk_quantity<M: Market>(market: &M, side: Side, quantity: Quantity) -> Walk {
    let mut walk = Walk { quantity, notional: 0, worst: Price(0) };
    market.visit_levels(side, &mut |level| {
        let taken = walk.quantity.0.min(level.quantity.0);
        walk.quantity.0 -= taken;
        walk.notional += i128::from(level.price.0) * i128::from(taken);
        walk.worst = level.price;
        walk.quantity.0 > 0
    });
    walk
}
