//! A million frames with orders, cancels, replacements and fills among them: the driving thread allocates nothing.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tercel_engine::allocation::allocations_of_this_thread;
use tercel_engine::control::Driver;
use tercel_engine::{Drive, OrderRequest};
use tercel_execution::OrderHandle;
use tercel_types::{EventKind, InstrumentId, OrderKind, OrderStatus, Price, Side};

use crate::support::{Execution, Line, Request, Rig, ack, diff, limit, refusal, status_answer, ticker, trade};

/// How many frames are handled while allocations are counted.
const FRAMES: u64 = 1_000_000;

/// How many frames come before, in which everything happens at least once.
const WARM_UP: u64 = 50_000;

/// Frames in one write of the venue.
const FRAMES_IN_A_WRITE: u64 = 64;

/// Every so many changes of the book the maker does something.
const PACE: u64 = 20;

/// A maker that places, moves and cancels one order after the other.
#[derive(Default)]
struct Maker {
    order: Option<OrderHandle>,
    /// The order that the one above was to replace: it works on where the venue refused.
    replaced: Option<OrderHandle>,
    books: u64,
    placed: u64,
}

impl Maker {
    fn on_book(&mut self, drive: &mut Drive) {
        self.books += 1;
        if !self.books.is_multiple_of(PACE) {
            return;
        }
        let status = |order: Option<OrderHandle>| order.and_then(|order| drive.order(order)).map(|order| order.status);
        if status(self.order).is_none_or(OrderStatus::is_terminal) {
            self.order = self.replaced.take();
        }
        match (self.order, status(self.order)) {
            (Some(order), Some(OrderStatus::New | OrderStatus::PartiallyFilled)) => self.change(order, drive),
            (Some(_), Some(status)) if !status.is_terminal() => {}
            _ => self.place(drive),
        }
    }

    fn change(&mut self, order: OrderHandle, drive: &mut Drive) {
        if self.books.is_multiple_of(3 * PACE) {
            // Refusals are part of what is counted.
            let _ = drive.cancel(order);
        } else if let Some(request) = self.request(drive)
            && let Ok(new) = drive.replace(order, &request)
        {
            (self.order, self.replaced) = (Some(new), Some(order));
        }
    }

    fn place(&mut self, drive: &mut Drive) {
        self.placed += 1;
        if let Some(request) = self.request(drive) {
            self.order = drive.submit(&request).ok();
        }
    }

    /// Buys and sells in turns, ten dollars away from the market.
    fn request(&self, drive: &Drive) -> Option<OrderRequest> {
        let quote = drive.quote(InstrumentId(0))?;
        let request = match self.placed.is_multiple_of(2) {
            true => limit(Side::Buy, quote.bid?.price.0 - 1_000, 100),
            false => limit(Side::Sell, quote.ask?.price.0 + 1_000, 100),
        };
        Some(OrderRequest { kind: OrderKind::PostOnly, ..request })
    }
}

/// Numbers that look random and are the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// One frame of a market that moves: mostly diffs, with quotes and trades between them.
fn frame(update: u64, random: &mut Random, out: &mut Vec<u8>) {
    let middle = 6_000_000 + (update / 50) % 20_000;
    let price = |cents: u64| format!("{}.{:02}000000", cents / 100, cents % 100);
    // Far levels keep the part of the book busy that is outside its window.
    let distance = if random.below(100) == 0 { 1_000_000 } else { 500 };
    let (bid, ask) = (price(middle - 1 - random.below(distance)), price(middle + 1 + random.below(distance)));
    let gone = (price(middle + 1), price(middle - 1));
    let quantity = ["0.00000000", "0.12000000", "1.50000000", "3.00000000"][random.below(4) as usize];
    let text = match update % 10 {
        8 => ticker(update, (&price(middle - 1), "1.00000000"), (&price(middle + 1), "2.00000000")),
        9 => format!("{}\n{}", trade(update, &bid, "0.10000000"), diff(update, update, &[], &[])),
        _ => {
            // The market never crosses itself: what a side has moved over is taken away from the other.
            let bids = [(gone.1.as_str(), "1.00000000"), (bid.as_str(), quantity), (gone.0.as_str(), "0.00000000")];
            let asks = [(gone.0.as_str(), "1.00000000"), (ask.as_str(), quantity), (gone.1.as_str(), "0.00000000")];
            diff(update, update, &bids, &asks)
        }
    };
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

fn send_market(mut venue: Line, ending: &AtomicBool) {
    let (mut random, mut update) = (Random(0x9e37_79b9_7f4a_7c15), 101);
    let mut bytes = Vec::new();
    // Relaxed: the flag carries no other data.
    while !ending.load(Ordering::Relaxed) {
        bytes.clear();
        for _ in 0..FRAMES_IN_A_WRITE {
            // A quote has an update of its own, which the diffs have to pass over as well.
            if update % 10 == 8 {
                bytes.extend_from_slice(diff(update, update, &[], &[]).as_bytes());
                bytes.push(b'\n');
            }
            frame(update, &mut random, &mut bytes);
            update += 1;
        }
        if !venue.try_send(&bytes) {
            return;
        }
    }
}

/// Answers requests: of three orders one is filled in two parts, and what comes too late for it is refused.
fn answer_orders(mut venue: Line) {
    let (mut orders, mut filled) = (0u64, HashSet::new());
    while let Some(request) = venue.try_request() {
        let answer = match request.method() {
            "order.place" => {
                orders += 1;
                if orders.is_multiple_of(3) {
                    filled.insert(request.new_order().to_owned());
                    format!("{}\n{}", placed(&request), fills(&request, orders))
                } else {
                    placed(&request)
                }
            }
            "order.cancelReplace" if filled.contains(request.text("cancelOrigClientOrderId")) => {
                not_replaced(&request, -2011)
            }
            "order.cancelReplace" => {
                orders += 1;
                if orders.is_multiple_of(7) { not_replaced(&request, -1015) } else { replaced(&request) }
            }
            "order.cancel" if filled.contains(request.old_order()) => {
                refusal(&request, 400, -2011, "Unknown order sent.")
            }
            "order.cancel" => cancelled(&request),
            _ => status_answer(&request, venue_id(request.old_order()), "FILLED", "0.00100000"),
        };
        if !venue.try_send(format!("{answer}\n").as_bytes()) {
            return;
        }
    }
}

/// The venue's id of an order: every client order id has its own.
fn venue_id(order: &str) -> u64 {
    u64::from_str_radix(&order[10..], 16).unwrap()
}

fn report<'a>(request: &'a Request, kind: &'a str, status: &'a str) -> Execution<'a> {
    let order = request.new_order();
    Execution { order, order_id: venue_id(order), side: request.text("side"), kind, status, ..Execution::default() }
}

fn placed(request: &Request) -> String {
    format!("{}\n{}", ack(request, venue_id(request.new_order())), report(request, "NEW", "NEW").frame())
}

fn fills(request: &Request, number: u64) -> String {
    let price = request.text("price").to_owned() + "000000";
    let fill = |executed, trade, status| Execution {
        executed,
        fill: Some(("0.00050000", &price, trade)),
        commission: Some(("0.03000000", "USDT")),
        ..report(request, "TRADE", status)
    };
    let first = fill("0.00050000", 2 * number, "PARTIALLY_FILLED").frame();
    format!("{first}\n{}", fill("0.00100000", 2 * number + 1, "FILLED").frame())
}

fn not_replaced(request: &Request, code: i32) -> String {
    let id = request.id();
    format!(
        r#"{{"id":"{id}","status":409,"error":{{"code":-2022,"msg":"Order cancel-replace failed.","data":{{"cancelResult":"FAILURE","newOrderResult":"NOT_ATTEMPTED","cancelResponse":{{"code":{code},"msg":"No."}},"newOrderResponse":null}}}}}}"#
    )
}

fn replaced(request: &Request) -> String {
    let (id, new, old) = (request.id(), request.new_order(), request.text("cancelOrigClientOrderId"));
    let (new_id, old_id) = (venue_id(new), venue_id(old));
    format!(
        r#"{{"id":"{id}","status":200,"result":{{"cancelResult":"SUCCESS","newOrderResult":"SUCCESS","cancelResponse":{{"symbol":"BTCUSDT","origClientOrderId":"{old}","orderId":{old_id},"clientOrderId":"x","price":"59990.00000000","origQty":"0.00100000","executedQty":"0.00000000","status":"CANCELED"}},"newOrderResponse":{{"symbol":"BTCUSDT","orderId":{new_id},"clientOrderId":"{new}","transactTime":1723161255300}}}}}}"#
    )
}

fn cancelled(request: &Request) -> String {
    let order = request.old_order();
    let ended = Execution {
        order: "x",
        original: order,
        order_id: venue_id(order),
        kind: "CANCELED",
        status: "CANCELED",
        ..Execution::default()
    };
    let answer = crate::support::cancel_ack(request, venue_id(order), "0.00000000");
    format!("{answer}\n{}", ended.frame())
}

/// Drives until so many messages were decoded in all.
fn drive_until(messages: u64, drive: &mut Drive, maker: &mut Maker) {
    while drive.shared().counters.messages.get() < messages {
        if drive.poll() == EventKind::Book {
            maker.on_book(drive);
        }
    }
}

#[test]
fn a_million_frames_with_orders_and_fills_among_them_allocate_nothing_and_an_allocation_would_be_seen() {
    let mut rig = Rig::trading();
    rig.drive = None;
    let ending = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (market, orders) = (rig.market.for_another_thread(), rig.orders.for_another_thread());
        scope.spawn(|| send_market(market, &ending));
        scope.spawn(|| answer_orders(orders));
        let cell = Arc::clone(rig.engine.cell());
        let trading = scope.spawn(move || {
            let mut drive = cell.attach(Driver::Worker).unwrap();
            let mut maker = Maker::default();
            drive_until(WARM_UP, &mut drive, &mut maker);
            let before = allocations_of_this_thread();
            drive_until(WARM_UP + FRAMES, &mut drive, &mut maker);
            let steady = allocations_of_this_thread() - before;
            let counted = drive.shared().counters.allocations.get();
            black_box(Vec::<u8>::with_capacity(64));
            let seen = allocations_of_this_thread() - before - steady;
            drive_until(WARM_UP + FRAMES + FRAMES_IN_A_WRITE, &mut drive, &mut maker);
            while drive.shared().counters.allocations.get() == counted {
                drive.poll();
            }
            (steady, counted, seen)
        });
        let measured = trading.join();
        ending.store(true, Ordering::Relaxed);
        rig.market.close();
        rig.orders.close();
        assert_eq!(measured.unwrap(), (0, 0, 1), "allocations: steady, counted by the engine, deliberate");
    });
    rig.drive = rig.engine.cell().attach(Driver::Main);
    rig.step();
    let summary = rig.summary();
    assert_eq!((summary.gaps, summary.allocations), (0, 1), "{:?}", rig.texts());
    assert!(
        summary.orders > 10_000 && summary.fills > 1_000 && summary.venue_rejects > 100,
        "{summary:?} {:?}",
        rig.texts()
    );
    let counters = &rig.engine.shared().counters;
    assert_eq!((counters.malformed.get(), counters.events_dropped.get()), (0, 0));
    assert!(!rig.engine.shared().kill.is_engaged());
    assert!(rig.drive().quote(InstrumentId(0)).is_some_and(|quote| {
        let (bid, ask) = (quote.bid.map(|level| level.price), quote.ask.map(|level| level.price));
        bid < ask && bid > Some(Price(0))
    }));
}
