//! Measures orders through the WebSocket API on loopback: `order_load [orders a second, 0 for flat out] [seconds]`.
//!
//! One logged-on connection places orders and cancels them in turn. Each request is stamped with the time at which it
//! should have left, so that a queue anywhere counts as latency.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::Ed25519KeyPair;
use tercel_exchange::{ExchangeConfig, RunningExchange, start};

/// How many requests may be unanswered when running flat out.
const WINDOW: u64 = 256;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let rate: f64 = arguments.next().map_or(Ok(0.0), |rate| rate.parse())?;
    let seconds: f64 = arguments.next().map_or(Ok(5.0), |seconds| seconds.parse())?;
    let exchange = start(&ExchangeConfig { flow_rate: 0.0, ..ExchangeConfig::default() })?;
    let stream = log_on(&exchange)?;
    let reader = stream.try_clone()?;
    let answered = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let total = if rate > 0.0 { (rate * seconds) as u64 } else { u64::MAX };
    let counter = Arc::clone(&answered);
    let receiver = std::thread::spawn(move || receive(reader, began, &counter));
    let stamps = send(stream, began, (rate, seconds, total), &answered)?;
    let arrivals = receiver.join().map_err(|_| "the receiver failed")?;
    report(&stamps, &arrivals)?;
    Ok(())
}

/// Sends until the time or the number is up; gives the intended time of each request.
fn send(
    mut stream: TcpStream,
    began: Instant,
    (rate, seconds, total): (f64, f64, u64),
    answered: &AtomicU64,
) -> std::io::Result<Vec<u64>> {
    let mut stamps = Vec::with_capacity(1 << 20);
    while (stamps.len() as u64) < total && began.elapsed().as_secs_f64() < seconds {
        let index = stamps.len() as u64;
        if rate > 0.0 {
            let intended = (index as f64 / rate * 1e9) as u64;
            while (began.elapsed().as_nanos() as u64) < intended {
                std::hint::spin_loop();
            }
            stamps.push(intended);
        } else {
            while index - answered.load(Ordering::Relaxed) >= WINDOW {
                std::thread::yield_now();
            }
            stamps.push(began.elapsed().as_nanos() as u64);
        }
        stream.write_all(&frame(&request(index)))?;
    }
    while answered.load(Ordering::Relaxed) < stamps.len() as u64 {
        std::thread::sleep(Duration::from_millis(1));
    }
    stream.shutdown(std::net::Shutdown::Both)?;
    Ok(stamps)
}

fn request(index: u64) -> String {
    let stamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let order = index / 2;
    if index.is_multiple_of(2) {
        return format!(
            r#"{{"id":{index},"method":"order.place","params":{{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","price":"60000.00","quantity":"0.00100","newClientOrderId":"c{order}","newOrderRespType":"ACK","timestamp":{stamp}}}}}"#
        );
    }
    format!(
        r#"{{"id":{index},"method":"order.cancel","params":{{"symbol":"BTCUSDT","origClientOrderId":"c{order}","timestamp":{stamp}}}}}"#
    )
}

/// A masked text frame whose mask is zero.
fn frame(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81, 0x80 | 126];
    bytes.extend_from_slice(&(text.len() as u16).to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// Notes when each answer arrived, by request.
fn receive(mut stream: TcpStream, began: Instant, answered: &AtomicU64) -> HashMap<u64, u64> {
    let mut arrivals = HashMap::with_capacity(1 << 20);
    let mut buffer = Vec::with_capacity(1 << 20);
    let mut chunk = vec![0; 1 << 16];
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        let now = began.elapsed().as_nanos() as u64;
        buffer.extend_from_slice(&chunk[..count]);
        let mut at = 0;
        while let Some((text, end)) = next_text(&buffer, at) {
            at = end;
            let text = String::from_utf8_lossy(text);
            assert!(text.contains(r#""status":200"#), "{text}");
            let id = text.trim_start_matches(r#"{"id":"#).split(',').next().and_then(|id| id.parse().ok());
            if let Some(id) = id {
                arrivals.insert(id, now);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        }
        buffer.drain(..at);
    }
    arrivals
}

/// The next whole frame's payload and where it ends. The server's frames here are shorter than 64 KiB.
fn next_text(buffer: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let length = usize::from(*buffer.get(at + 1)?);
    let (start, length) = match length {
        126 => (at + 4, usize::from(u16::from_be_bytes([*buffer.get(at + 2)?, *buffer.get(at + 3)?]))),
        short => (at + 2, short),
    };
    Some((buffer.get(start..start + length)?, start + length))
}

fn log_on(exchange: &RunningExchange) -> Result<TcpStream, Box<dyn std::error::Error>> {
    let address = exchange.rest_url.trim_start_matches("http://");
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = tungstenite::client(exchange.ws_api_url.as_str(), stream)?;
    let stamp = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let key = &exchange.api_key;
    let body: String = exchange.ed25519_private_key_pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&STANDARD.decode(body)?).map_err(|_| "no key")?;
    let signature = STANDARD.encode(pair.sign(format!("apiKey={key}&timestamp={stamp}").as_bytes()));
    socket.send(tungstenite::Message::text(format!(
        r#"{{"id":0,"method":"session.logon","params":{{"apiKey":"{key}","timestamp":{stamp},"signature":"{signature}"}}}}"#
    )))?;
    socket.read()?;
    Ok(socket.get_ref().try_clone()?)
}

fn report(stamps: &[u64], arrivals: &HashMap<u64, u64>) -> std::io::Result<()> {
    let pairs = stamps.iter().enumerate().filter_map(|(index, sent)| Some((sent, arrivals.get(&(index as u64))?)));
    let mut latencies: Vec<u64> = pairs.map(|(sent, arrived)| arrived.saturating_sub(*sent)).collect();
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize] as f64 / 1e3;
    let last = arrivals.values().max().copied().unwrap_or(1);
    writeln!(
        std::io::stdout(),
        "{} answers, {:.0} a second; latency in us: p50 {:.1}, p99 {:.1}, p99.9 {:.1}, max {:.1}",
        latencies.len(),
        latencies.len() as f64 * 1e9 / last as f64,
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    )
}
