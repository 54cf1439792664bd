//! Turns what REST answered into commands for the trading thread. Cold: this parses, allocates and may fail in words.

use tercel_execution::{Fill, ReportedTrade, VenueState};
use tercel_types::{Instrument, Nanos, OrderKind, TimeInForce};
use tercel_wire::binance::rest::{self, RestError, RestOrder, RestTrade};
use tercel_wire::binance::{SNAPSHOT_LEVELS_MAX, Scales, WireError, parse_depth_snapshot};

use crate::commands::{AccountReport, AccountTrade, Command, DepthSnapshot, OpenOrder};

/// What REST said about one instrument's trades.
#[derive(Clone, Copy, Debug)]
pub struct TradesAnswer<'a> {
    /// Index of the instrument.
    pub instrument: usize,
    /// The body of `GET /api/v3/myTrades`.
    pub body: &'a [u8],
}

/// The body of `GET /api/v3/depth` as a command.
///
/// # Errors
/// [`WireError`] says what is wrong with the body.
pub fn snapshot_command(instrument: &Instrument, body: &[u8]) -> Result<Command, WireError> {
    let mut bids = Vec::with_capacity(SNAPSHOT_LEVELS_MAX);
    let mut asks = Vec::with_capacity(SNAPSHOT_LEVELS_MAX);
    let last = parse_depth_snapshot(body, &mut bids, &mut asks, Scales::of(instrument))?;
    Ok(Command::Snapshot(Box::new(DepthSnapshot { instrument: instrument.id, last, bids, asks })))
}

/// The bodies of `GET /api/v3/openOrders` and `GET /api/v3/myTrades` as one command an instrument. `asked` is when the
/// questions left: what happened later is no part of the answers.
///
/// # Errors
/// [`RestError`] says which answer is wrong and where.
pub fn account_commands(
    instruments: &[Instrument],
    asked: Nanos,
    open_orders: &[u8],
    trades: &[TradesAnswer<'_>],
) -> Result<Vec<Command>, RestError> {
    let scales_of = |symbol: &str| {
        let known = instruments.iter().find(|instrument| instrument.symbol.as_str() == symbol);
        known.map(Scales::of)
    };
    let open = rest::parse_open_orders(open_orders, scales_of)?;
    let reports = instruments.iter().enumerate().map(|(index, instrument)| {
        let of_instrument = |order: &&RestOrder| order.symbol == instrument.symbol;
        let answers = trades.iter().filter(|answer| answer.instrument == index);
        let parsed = answers.map(|answer| rest::parse_my_trades(answer.body, Scales::of(instrument)));
        let trades = parsed.collect::<Result<Vec<_>, _>>()?.into_iter().flatten();
        Ok(Command::Account(Box::new(AccountReport {
            instrument: instrument.id,
            asked,
            open: open.iter().filter(of_instrument).map(open_order).collect(),
            trades: trades.map(|trade| account_trade(&trade)).collect(),
            last: index + 1 == instruments.len(),
        })))
    });
    reports.collect()
}

fn open_order(order: &RestOrder) -> OpenOrder {
    OpenOrder {
        client_order_id: order.client_order_id.clone().into_bytes(),
        side: order.side,
        // Kinds that this engine does not send are never its own orders, which are all that is looked at.
        kind: order.kind.unwrap_or(OrderKind::Limit),
        time_in_force: order.time_in_force.unwrap_or(TimeInForce::Gtc),
        price: order.price,
        quantity: order.quantity,
        state: VenueState { venue_order_id: order.order_id, status: order.status, executed: order.executed_quantity },
    }
}

fn account_trade(trade: &RestTrade) -> AccountTrade {
    let fill = Fill { trade_id: trade.id, price: trade.price, quantity: trade.quantity, maker: trade.is_maker };
    AccountTrade {
        trade: ReportedTrade { venue_order_id: trade.order_id, fill },
        side: trade.side,
        commission: trade.commission,
        commission_asset: trade.commission_asset,
        time: trade.time,
    }
}
