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

use std::collections::HashMap;
use std::io::{BufRead, Error, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::json;
use tercel_bench::frames::{Frames, Template};
use tercel_bench::socket::Polled;
use tercel_bench::venue_replies::{accept_session, expire, text_of};

const CONTESTANTS: [&str; 3] = ["echo", "native", "typescript"];
const WARM_UP: Duration = Duration::from_millis(300);
const DRAIN: Duration = Duration::from_secs(1);

struct Options {
    blocks: usize,
    block: Duration,
    rate: u64,
    capture: PathBuf,
    snapshot_out: PathBuf,
}

struct Contestant {
    name: &'static str,
    market: Polled,
    orders: Polled,
    update_id: u64,
    next_template: usize,
    order_id: u64,
    reply: String,
    pid: i32,
}

struct Block {
    latencies_ns: Histogram<u64>,
    lost: u64,
}

fn main() -> Result<(), Error> {
    let options = Options::parse();
    let frames = Frames::load(&options.capture)?.diffs_of_one_kilobyte();
    std::fs::write(&options.snapshot_out, &frames.snapshot)?;
    let mut contestants = meet()?;
    let templates = &frames.templates;
    let mut blocks: HashMap<&str, Vec<Block>> = HashMap::new();
    for contestant in &contestants {
        signal(contestant.pid, libc::SIGSTOP);
    }
    for _ in 0..options.blocks {
        for contestant in &mut contestants {
            signal(contestant.pid, libc::SIGCONT);
            contestant.run(templates, options.rate, WARM_UP)?;
            let block = contestant.run(templates, options.rate, options.block)?;
            signal(contestant.pid, libc::SIGSTOP);
            blocks.entry(contestant.name).or_default().push(block);
        }
    }
    for contestant in &contestants {
        signal(contestant.pid, libc::SIGCONT);
    }
    let bytes = templates.iter().map(Template::bytes).sum::<usize>() / templates.len().max(1);
    let report = json!({
        "recorded": frames.recorded,
        "frame_bytes": bytes,
        "rate": options.rate,
        "contestants": CONTESTANTS.iter().map(|&name| (name.to_owned(), summary(&blocks[name]))).collect::<serde_json::Map<_, _>>(),
    });
    println!("{report}");
    Ok(())
}

impl Options {
    fn parse() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let value = |name: &str| arguments.iter().position(|word| word == name).and_then(|at| arguments.get(at + 1));
        let number = |name: &str, default: u64| value(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        Self {
            blocks: number("--blocks", 20) as usize,
            block: Duration::from_millis(number("--block-ms", 2_000)),
            rate: number("--rate", 10_000),
            capture: value("--capture").map(PathBuf::from).unwrap_or_default(),
            snapshot_out: value("--snapshot-out").map_or_else(|| "snapshot.json".into(), PathBuf::from),
        }
    }
}

/// Opens the ports, waits for all contestants and answers their session requests until told to start.
fn meet() -> Result<Vec<Contestant>, Error> {
    let listeners: Vec<(TcpListener, TcpListener)> = CONTESTANTS
        .iter()
        .map(|_| Ok((TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?)))
        .collect::<Result<_, Error>>()?;
    let mut ports = serde_json::Map::new();
    for (name, (market, orders)) in CONTESTANTS.iter().zip(&listeners) {
        ports.insert((*name).to_owned(), json!({"market": market.local_addr()?.port(), "orders": orders.local_addr()?.port()}));
    }
    println!("{}", serde_json::Value::Object(ports));
    std::io::stdout().flush()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let mut contestants: Vec<Contestant> = CONTESTANTS
        .iter()
        .zip(&listeners)
        .map(|(name, (market, orders))| Contestant::accept(name, market, orders))
        .collect::<Result<_, Error>>()?;
    let line = loop {
        for contestant in &mut contestants {
            contestant.serve_session()?;
        }
        match receiver.try_recv() {
            Ok(line) => break line,
            Err(mpsc::TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(1)),
            Err(mpsc::TryRecvError::Disconnected) => return Err(Error::other("standard input ended before `start`")),
        }
    };
    for contestant in &mut contestants {
        let pid = line.split(' ').find_map(|word| word.strip_prefix(contestant.name)?.strip_prefix('=')?.parse().ok());
        contestant.pid = pid.ok_or_else(|| Error::other(format!("no pid for {} in `{line}`", contestant.name)))?;
    }
    Ok(contestants)
}

impl Contestant {
    fn accept(name: &'static str, market: &TcpListener, orders: &TcpListener) -> Result<Self, Error> {
        Ok(Self {
            name,
            market: Polled::accept(market)?,
            orders: Polled::accept(orders)?,
            update_id: 0,
            next_template: 0,
            order_id: 0,
            reply: String::new(),
            pid: 0,
        })
    }

    fn serve_session(&mut self) -> Result<(), Error> {
        self.orders.receive()?;
        self.reply.clear();
        while let Some(line) = self.orders.line() {
            accept_session(&String::from_utf8_lossy(line), &mut self.reply);
        }
        self.orders.send(self.reply.as_bytes())
    }

    /// One block: frames at their due times, each answered by one order.
    fn run(&mut self, templates: &[Template], rate: u64, length: Duration) -> Result<Block, Error> {
        let interval_ns = 1_000_000_000 / rate;
        let total = length.as_nanos() as u64 / interval_ns;
        let mut latencies_ns = Histogram::new_with_bounds(1, 60_000_000_000, 3).map_err(Error::other)?;
        let mut frame = Vec::with_capacity(4_096);
        let (mut sent, mut answered) = (0u64, 0u64);
        let start = Instant::now() + Duration::from_millis(2);
        let end = start + length + DRAIN;
        while answered < total && Instant::now() < end {
            let due = start + Duration::from_nanos(sent * interval_ns);
            if sent < total && Instant::now() >= due {
                frame.clear();
                self.update_id += 1;
                templates[self.next_template].write(self.update_id, self.update_id, &mut frame);
                frame.push(b'\n');
                self.next_template = (self.next_template + 1) % templates.len();
                self.market.send(&frame)?;
                sent += 1;
            }
            for _ in 0..self.take_orders()? {
                let due = start + Duration::from_nanos(answered * interval_ns);
                let latency = Instant::now().saturating_duration_since(due);
                latencies_ns.saturating_record(latency.as_nanos() as u64);
                answered += 1;
            }
        }
        Ok(Block { latencies_ns, lost: total - answered })
    }

    /// Takes orders that have come in and reports each as expired, so that none stays open.
    fn take_orders(&mut self) -> Result<u64, Error> {
        if self.orders.receive()? == 0 {
            return Ok(0);
        }
        let mut orders = 0;
        self.reply.clear();
        while let Some(line) = self.orders.line() {
            let request = String::from_utf8_lossy(line);
            if let Some(client_order_id) = text_of(&request, "newClientOrderId") {
                self.order_id += 1;
                let price = text_of(&request, "price").unwrap_or("0");
                let quantity = text_of(&request, "quantity").unwrap_or("0");
                let side = text_of(&request, "side").unwrap_or("BUY");
                expire(client_order_id, self.order_id, price, quantity, side, &mut self.reply);
                orders += 1;
            }
        }
        self.orders.send(self.reply.as_bytes())?;
        Ok(orders)
    }
}

/// Stops or continues a contestant.
fn signal(pid: i32, signal: i32) {
    // SAFETY: `kill` takes two integers and touches no memory of ours; a process that is gone is an error we can ignore,
    // since its sockets will tell.
    unsafe { libc::kill(pid, signal) };
}

fn summary(blocks: &[Block]) -> serde_json::Value {
    let column = |quantile: f64| -> Vec<u64> { blocks.iter().map(|block| block.latencies_ns.value_at_quantile(quantile)).collect() };
    let (p50, p99) = (column(0.5), column(0.99));
    json!({
        "p50_ns": median(&p50),
        "p99_ns": median(&p99),
        "blocks_p50_ns": p50,
        "blocks_p99_ns": p99,
        "lost": blocks.iter().map(|block| block.lost).sum::<u64>(),
    })
}

fn median(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}
