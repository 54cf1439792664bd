//! Brings the order table and the venue's word together, at the start and after every loss of the order connection.

use tercel_execution::{Action, LiveCursor, OrderHandle, ReportedOrder, ReportedTrade, Summary, VenueReport};
use tercel_types::{DecimalText, Nanos, OrderStatus};

use crate::commands::{AccountReport, AccountTrade, OpenOrder};
use crate::context::Context;
use crate::market_data::{Market, market_of};
use crate::notices::{NO_INSTRUMENT, NoticeKind};
use crate::order_desk::OrderDesk;
use crate::order_reports::Booking;

/// How often one report is gone through at most; each time the list of actions was too short for it.
const ROUNDS: usize = 8;

impl OrderDesk {
    /// Applies what REST said about one instrument. Rare, so it may allocate.
    #[cold]
    pub fn reconcile(&mut self, report: &AccountReport, markets: &[Market], now: Nanos, context: &mut Context) {
        let open: Vec<ReportedOrder<'_>> = report.open.iter().map(OpenOrder::as_reported).collect();
        let trades: Vec<ReportedTrade> = report.trades.iter().map(|trade| trade.trade).collect();
        let venue = VenueReport { instrument: report.instrument, asked: report.asked, open: &open, trades: &trades };
        for _ in 0..ROUNDS {
            let policy = self.policy;
            let summary = self.reconciliation.run(&mut self.table, &venue, policy, now);
            let actions = self.reconciliation.actions().to_vec();
            for action in actions {
                self.carry_out(action, &report.trades, report, markets, now, context);
            }
            if !summary.truncated {
                tell(report, &summary, context);
                break;
            }
        }
        self.give_up_missing_fills(report, markets, context);
        if report.last && self.may_reconcile_as_of(report.asked) {
            self.set_orders_possible(true, context);
            context.notify(NoticeKind::OrdersReady, NO_INSTRUMENT, 0, format_args!("orders are possible"));
        }
    }

    fn carry_out(
        &mut self,
        action: Action,
        trades: &[AccountTrade],
        report: &AccountReport,
        markets: &[Market],
        now: Nanos,
        context: &mut Context,
    ) {
        match action {
            Action::Adopted(handle) => self.show(handle, OrderStatus::PendingNew, 0, now, markets, context),
            Action::Confirmed(applied) => self.show(applied.handle, applied.before, 0, now, markets, context),
            Action::Query(handle) => self.show(handle, OrderStatus::New, 0, now, markets, context),
            Action::Cancel(handle) => {
                // A cancel that cannot be sent now is sent when the engine drains, at the latest.
                let _ = self.cancel(handle, markets, context);
            }
            Action::Filled { applied, trade } => {
                self.show(applied.handle, applied.before, 0, now, markets, context);
                if let (Some(fill), Some(trade)) = (applied.fill, trades.get(trade)) {
                    let booking = Booking {
                        instrument: report.instrument,
                        side: trade.side,
                        fill,
                        commission: trade.commission,
                        commission_asset: Some(trade.commission_asset.as_bytes()),
                        time: trade.time,
                    };
                    self.book(applied.handle, &booking, now, markets, context);
                }
            }
            Action::Contradiction { handle, error } => self.contradict(handle, error, context),
        }
    }

    /// Fills that the venue had reported before its trades were asked for, and of which their list does not know either:
    /// the position may be wrong by them.
    fn give_up_missing_fills(&mut self, report: &AccountReport, markets: &[Market], context: &mut Context) {
        let Some(market) = market_of(markets, report.instrument) else { return };
        let mut cursor = LiveCursor::default();
        while let Some(handle) = self.table.next_live(&mut cursor) {
            let is_missing = self.table.get(handle).is_some_and(|order| {
                let was_asked = order.queried.is_some_and(|queried| queried <= report.asked);
                let concerned = order.instrument == report.instrument && order.is_settling();
                concerned && was_asked && order.updated <= report.asked
            });
            if is_missing {
                self.give_up_fills_of(handle, market, context);
            }
        }
    }

    fn give_up_fills_of(&mut self, handle: OrderHandle, market: &Market, context: &mut Context) {
        if let Some(missing) = self.table.give_up_settling(handle) {
            let quantity = DecimalText::trimmed(missing, market.instrument.quantity_scale);
            let text = format_args!(
                "the venue executed {quantity} {} without listing the trades; check the position against the account",
                market.instrument.base
            );
            context.notify(NoticeKind::Warning, market.instrument.id, 0, text);
        }
    }
}

fn tell(report: &AccountReport, summary: &Summary, context: &mut Context) {
    if summary.foreign_orders > 0 {
        let text = format_args!("{} open orders of other programs were left alone", summary.foreign_orders);
        context.notify(NoticeKind::Warning, report.instrument, 0, text);
    }
    if summary.not_adopted > 0 {
        let text = format_args!("{} own open orders could not be taken over; cancel them by hand", summary.not_adopted);
        context.notify(NoticeKind::Warning, report.instrument, 0, text);
    }
}

impl OpenOrder {
    fn as_reported(&self) -> ReportedOrder<'_> {
        ReportedOrder {
            client_order_id: &self.client_order_id,
            side: self.side,
            kind: self.kind,
            time_in_force: self.time_in_force,
            price: self.price,
            quantity: self.quantity,
            state: self.state,
        }
    }
}
