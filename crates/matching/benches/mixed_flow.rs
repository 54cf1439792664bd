//! Mixed flow through a book with a million resting orders: adds, cancels, reductions and takers of several orders.
//!
//! Criterion times batches, because one operation is near the clock's own step. The tail is measured apart, operation by
//! operation, and printed with the cost of reading the clock left in. Orders to cancel are drawn from all that rest and
//! looked at when the batch is prepared, as a venue looks at an order before it cancels it; their neighbours are cold.

use std::cell::RefCell;
use std::hint::black_box;
use std::time::Instant;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tercel_matching::{BookShape, MatchSink, MatchingBook, NewOrder, OrderHandle, SelfTrade, Trade};
use tercel_types::{OrderKind, Price, Quantity, Side, TimeInForce};

const RESTING: u32 = 1_000_000;
const MIDDLE: i64 = 6_000_000;
/// Prices either side of the middle on which the resting orders stand.
const SPREAD_OUT: u64 = 5_000;
const BATCH: usize = 4_096;

/// One prepared operation: the random numbers are not part of what is measured.
#[derive(Clone, Copy)]
enum Operation {
    Add(NewOrder),
    Cancel(OrderHandle),
    Reduce(OrderHandle, Quantity),
    Take(NewOrder),
}

/// Remembers the handles of what rests, dense, so that a random one can be picked.
#[derive(Default)]
struct Handles {
    resting: Vec<OrderHandle>,
    executed: i64,
}

impl MatchSink for Handles {
    fn rested(&mut self, handle: OrderHandle, _: &NewOrder, _: Quantity) {
        self.resting.push(handle);
    }

    fn trade(&mut self, trade: &Trade) {
        self.executed += trade.quantity.0;
    }
}

struct Flow {
    random: ChaCha8Rng,
    id: u64,
}

impl Flow {
    fn order(&mut self, side: Side, price: i64, quantity: i64, time_in_force: TimeInForce) -> NewOrder {
        self.id += 1;
        NewOrder {
            id: self.id,
            owner: (self.id % 1_000) as u32,
            side,
            kind: OrderKind::Limit,
            time_in_force,
            self_trade: SelfTrade::ExpireTaker,
            price: Price(price),
            quantity: Quantity(quantity),
        }
    }

    fn side(&mut self) -> Side {
        if self.random.next_u32() & 1 == 0 { Side::Buy } else { Side::Sell }
    }

    fn passive(&mut self) -> NewOrder {
        let side = self.side();
        // The product of two uniform numbers is denser near the touch.
        let far = (self.random.next_u64() % SPREAD_OUT) * (self.random.next_u64() % SPREAD_OUT) / SPREAD_OUT;
        let quantity = 1 + (self.random.next_u32() % 100) as i64;
        self.order(side, MIDDLE - side.sign() * (1 + far as i64), quantity, TimeInForce::Gtc)
    }

    /// Keeps about a million orders resting: adds and cancels balance, with takers counted as cancels.
    fn operation(&mut self, book: &MatchingBook, handles: &mut Handles) -> Operation {
        let adds = if book.order_count() < RESTING { 50 } else { 44 };
        match self.random.next_u32() % 100 {
            share if share < adds => Operation::Add(self.passive()),
            0..86 => Operation::Cancel(handles.take_random(book, &mut self.random)),
            86..90 => {
                let handle = handles.take_random(book, &mut self.random);
                handles.resting.push(handle);
                Operation::Reduce(handle, Quantity(1))
            }
            _ => {
                let side = self.side();
                let quantity = 1 + (self.random.next_u32() % 100) as i64;
                Operation::Take(self.order(side, MIDDLE + side.sign() * SPREAD_OUT as i64, quantity, TimeInForce::Ioc))
            }
        }
    }
}

impl Handles {
    /// Removes a handle that still names an order; those of orders that traded meanwhile are dropped.
    fn take_random(&mut self, book: &MatchingBook, random: &mut ChaCha8Rng) -> OrderHandle {
        loop {
            let index = (random.next_u64() % self.resting.len() as u64) as usize;
            let handle = self.resting.swap_remove(index);
            if book.order(handle).is_some() {
                return handle;
            }
        }
    }
}

fn filled_book(flow: &mut Flow) -> (MatchingBook, Handles) {
    let shape = BookShape {
        tick: Price(1),
        order_capacity: RESTING + RESTING / 4,
        level_capacity: 1 << 16,
        window_levels: 1 << 16,
    };
    let mut book = MatchingBook::new(shape).expect("the shape is sound");
    let mut handles = Handles { resting: Vec::with_capacity(4 * RESTING as usize), executed: 0 };
    while book.order_count() < RESTING {
        let order = flow.passive();
        book.place(&order, &mut handles).expect("there is room");
    }
    (book, handles)
}

/// A cancel may come too late within a batch, as it may on a venue; that counts as an operation too.
fn apply(book: &mut MatchingBook, handles: &mut Handles, operation: &Operation) {
    match operation {
        Operation::Add(order) | Operation::Take(order) => {
            black_box(book.place(order, handles).is_ok());
        }
        Operation::Cancel(handle) => {
            black_box(book.cancel(*handle, handles).is_ok());
        }
        Operation::Reduce(handle, leaves) => {
            black_box(book.reduce_to(*handle, *leaves, handles).is_ok());
        }
    }
}

fn mixed_flow(criterion: &mut Criterion) {
    let mut flow = Flow { random: ChaCha8Rng::seed_from_u64(1), id: 0 };
    // Preparing a batch and applying it both need the book.
    let state = RefCell::new(filled_book(&mut flow));
    let mut group = criterion.benchmark_group("matching");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("mixed_flow_1m_resting", |bencher| {
        bencher.iter_batched_ref(
            || {
                let (book, handles) = &mut *state.borrow_mut();
                (0..BATCH).map(|_| flow.operation(book, handles)).collect::<Vec<_>>()
            },
            |operations| {
                let (book, handles) = &mut *state.borrow_mut();
                operations.iter().for_each(|operation| apply(book, handles, operation));
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    let (book, handles) = &mut *state.borrow_mut();
    print_tail(&mut flow, book, handles);
}

#[allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn print_tail(flow: &mut Flow, book: &mut MatchingBook, handles: &mut Handles) {
    let mut nanoseconds: Vec<u64> = (0..1_000_000)
        .map(|_| {
            let operation = flow.operation(book, handles);
            let start = Instant::now();
            apply(book, handles, &operation);
            start.elapsed().as_nanos() as u64
        })
        .collect();
    nanoseconds.sort_unstable();
    let at = |share: f64| nanoseconds[(nanoseconds.len() as f64 * share) as usize];
    println!(
        "one by one, clock included: p50 {} ns, p99 {} ns, p99.9 {} ns; {} orders resting",
        at(0.5),
        at(0.99),
        at(0.999),
        book.order_count()
    );
}

criterion_group!(benches, mixed_flow);
criterion_main!(benches);
