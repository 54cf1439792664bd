//! Drives echo, native and TypeScript contestants with recorded frames at a fixed rate and times how long each takes to
//! answer a frame with an order, wire to wire.
//!
//! Each contestant has a market-data and an order connection of its own over plain TCP, one JSON frame a line. Blocks of
//! a few seconds alternate between the contestants; those whose turn it is not are stopped (SIGSTOP), so that a machine
//! with two cores has one for this program and one for the contestant. A frame's latency runs from the time at which it
//! was *due* to the arrival of the order, so a stall of either side counts against every frame that it delayed.
//!
//! Protocol with whoever starts it: one line of JSON with the ports; then it waits for `start NAME=PID ...` on standard
//! input, runs, and prints one line of JSON with all blocks.

use std::io::{Error, Read};
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::contestant::Failure;
use crate::frames::{Frames, Template};
use crate::session_phase::{Doors, serve_until_start, tell};
use crate::socket::Polled;
use crate::venue_replies::{expire, text_of};
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

/// Runs before each block, unmeasured: the contestant was stopped, and its caches are another's.
const WARM_UP: Duration = Duration::from_millis(300);

/// How long a block waits for the orders that are still missing at its end.
const DRAIN: Duration = Duration::from_secs(1);

/// How long a contestant may settle between its last order and being stopped.
const SETTLE: Duration = Duration::from_millis(5);

struct Options {
    contestants: Vec<String>,
    blocks: usize,
    block: Duration,
    rate: u64,
}

struct Contestant {
    name: String,
    market: Polled,
    orders: Polled,
    update_id: u64,
    order_id: u64,
    reply: String,
    pid: i32,
    /// The smallest and the largest order.
    order_bytes: Option<(usize, usize)>,
    blocks: Vec<Block>,
}

struct Block {
    latencies_ns: Histogram<u64>,
    sent: u64,
    lost: u64,
    surplus: u64,
}

/// Runs the load.
///
/// # Errors
/// A contestant's connection, or the options.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let options = Options::read(arguments)?;
    let frames = Frames::load(&arguments.path("--capture")?)?.folded_to_one_kilobyte();
    std::fs::write(arguments.path("--snapshot-out")?, &frames.snapshot)?;
    if arguments.text("--cpu").is_some() {
        tercel_host::pin_current_thread(arguments.number("--cpu", 0)?).map_err(Error::other)?;
    }
    let mut contestants = meet(&options)?;
    for contestant in &contestants {
        signal(contestant.pid, libc::SIGSTOP);
    }
    for _ in 0..options.blocks {
        for contestant in &mut contestants {
            contestant.turn(&frames.templates, &options)?;
        }
    }
    for contestant in &contestants {
        signal(contestant.pid, libc::SIGCONT);
    }
    tell(&report(&frames, &options, &contestants))?;
    // The sockets stay open until the contestants have said what they have to say.
    Ok(std::io::stdin().read_to_end(&mut Vec::new()).map(drop)?)
}

impl Options {
    fn read(arguments: &Arguments) -> Result<Self, Error> {
        let contestants = arguments.text("--contestants").unwrap_or("echo,native,typescript");
        Ok(Self {
            contestants: contestants.split(',').map(str::to_owned).collect(),
            blocks: arguments.number("--blocks", 20)?,
            block: Duration::from_millis(arguments.number("--block-ms", 2_000)?),
            rate: arguments.number("--rate", 10_000)?,
        })
    }
}

/// Opens the ports, waits for all contestants and answers their session requests until told to start.
fn meet(options: &Options) -> Result<Vec<Contestant>, Error> {
    let doors: Vec<Doors> = options.contestants.iter().map(|_| Doors::open()).collect::<Result<_, _>>()?;
    let mut ports = Map::new();
    for (name, doors) in options.contestants.iter().zip(&doors) {
        ports.insert(name.clone(), doors.ports()?);
    }
    tell(&Value::Object(ports))?;
    let mut contestants: Vec<Contestant> = options
        .contestants
        .iter()
        .zip(&doors)
        .map(|(name, doors)| Contestant::accept(name, doors))
        .collect::<Result<_, Error>>()?;
    let mut orders: Vec<&mut Polled> = contestants.iter_mut().map(|contestant| &mut contestant.orders).collect();
    let line = serve_until_start(&mut orders)?;
    for contestant in &mut contestants {
        let pid = line.split(' ').find_map(|word| word.strip_prefix(&contestant.name)?.strip_prefix('=')?.parse().ok());
        contestant.pid = pid.ok_or_else(|| Error::other(format!("no pid for {} in `{line}`", contestant.name)))?;
    }
    Ok(contestants)
}

impl Contestant {
    fn accept(name: &str, doors: &Doors) -> Result<Self, Error> {
        Ok(Self {
            name: name.to_owned(),
            market: Polled::new(doors.accept_market()?)?,
            orders: doors.accept_orders()?,
            update_id: 0,
            order_id: 0,
            reply: String::with_capacity(1 << 16),
            pid: 0,
            order_bytes: None,
            blocks: Vec::new(),
        })
    }

    /// Wakes the contestant, warms it up, measures a block and puts it to sleep again.
    fn turn(&mut self, templates: &[Template], options: &Options) -> Result<(), Error> {
        signal(self.pid, libc::SIGCONT);
        self.run(templates, options.rate, WARM_UP)?;
        let block = self.run(templates, options.rate, options.block)?;
        self.blocks.push(block);
        std::thread::sleep(SETTLE);
        signal(self.pid, libc::SIGSTOP);
        Ok(())
    }

    /// One block: frames at their due times, each answered by one order.
    fn run(&mut self, templates: &[Template], rate: u64, length: Duration) -> Result<Block, Error> {
        let interval_ns = 1_000_000_000 / rate;
        let total = length.as_nanos() as u64 / interval_ns;
        let latencies_ns = Histogram::new_with_bounds(1, 60_000_000_000, 3).map_err(Error::other)?;
        let mut block = Block { latencies_ns, sent: 0, lost: 0, surplus: 0 };
        let mut frame = Vec::with_capacity(8_192);
        let mut answered = 0u64;
        self.next_frame(templates, &mut frame);
        let start = Instant::now() + Duration::from_millis(2);
        let due = |index: u64| start + Duration::from_nanos(index * interval_ns);
        let end = start + length + DRAIN;
        while answered < total {
            let now = Instant::now();
            if block.sent < total && now >= due(block.sent) {
                self.market.send(&frame)?;
                block.sent += 1;
                // The next frame is made while the contestant works on this one.
                self.next_frame(templates, &mut frame);
            }
            if self.orders.receive()? == 0 {
                if now > end {
                    break;
                }
                continue;
            }
            let arrived = Instant::now();
            for _ in 0..self.take_orders()? {
                if answered == block.sent {
                    block.surplus += 1;
                    continue;
                }
                block.latencies_ns.saturating_record((arrived - due(answered)).as_nanos() as u64);
                answered += 1;
            }
        }
        // The frame that was made last was not sent.
        self.update_id -= 1;
        block.lost = total - answered;
        Ok(block)
    }

    fn next_frame(&mut self, templates: &[Template], frame: &mut Vec<u8>) {
        let template = &templates[(self.update_id % templates.len() as u64) as usize];
        self.update_id += 1;
        frame.clear();
        template.write(self.update_id, self.update_id, frame);
        frame.push(b'\n');
    }

    /// Takes orders that have come in and reports each as expired, so that none stays open. Returns how many.
    fn take_orders(&mut self) -> Result<u64, Error> {
        let mut orders = 0;
        self.reply.clear();
        while let Some(line) = self.orders.line() {
            let Ok(request) = std::str::from_utf8(line) else { continue };
            if let Some(client_order_id) = text_of(request, "newClientOrderId") {
                self.order_id += 1;
                let price = text_of(request, "price").unwrap_or("0");
                let quantity = text_of(request, "quantity").unwrap_or("0");
                let side = text_of(request, "side").unwrap_or("BUY");
                expire(client_order_id, self.order_id, price, quantity, side, &mut self.reply);
                let bytes = line.len() + 1;
                let (least, most) = self.order_bytes.unwrap_or((bytes, bytes));
                self.order_bytes = Some((least.min(bytes), most.max(bytes)));
                orders += 1;
            }
        }
        self.orders.send(self.reply.as_bytes())?;
        Ok(orders)
    }

    fn report(&self, frames: &Frames) -> Value {
        let column = |quantile: f64| -> Vec<u64> {
            self.blocks.iter().map(|block| block.latencies_ns.value_at_quantile(quantile)).collect()
        };
        let sum = |of: fn(&Block) -> u64| self.blocks.iter().map(of).sum::<u64>();
        let (p50, p99) = (column(0.5), column(0.99));
        json!({
            "p50_ns": median(&p50),
            "p99_ns": median(&p99),
            "blocks_p50_ns": p50,
            "blocks_p99_ns": p99,
            "frames": sum(|block| block.sent),
            "lost": sum(|block| block.lost),
            "surplus": sum(|block| block.surplus),
            "book": frames.book_after(self.update_id).digest().to_text(),
            "best": frames.book_after(self.update_id).best(),
            "order_bytes": self.order_bytes,
        })
    }
}

/// Stops or continues a contestant.
fn signal(pid: i32, signal: i32) {
    // SAFETY: `kill` takes two integers and touches no memory of ours; a process that is gone is an error we can ignore,
    // since its sockets will tell.
    unsafe { libc::kill(pid, signal) };
}

fn report(frames: &Frames, options: &Options, contestants: &[Contestant]) -> Value {
    let (crossed, idle) = frames.faults();
    let bytes = frames.templates.iter().map(Template::bytes).sum::<usize>() / frames.templates.len().max(1);
    let results = contestants.iter().map(|contestant| (contestant.name.clone(), contestant.report(frames)));
    json!({
        "recorded": frames.recorded,
        "different_frames": frames.templates.len(),
        "frames_that_cross_the_book": crossed,
        "frames_that_change_nothing": idle,
        "frame_bytes": bytes,
        "rate": options.rate,
        "block_ms": options.block.as_millis() as u64,
        "contestants": results.collect::<Map<_, _>>(),
    })
}

fn median(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}
