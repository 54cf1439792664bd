//! Runs an exchange in the terminal and prints where it is: `serve [port] [flow rate] [capture...]`.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use tercel_exchange::{ExchangeConfig, ReplayConfig, ReplaySpeed, start};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let flow_rate = arguments.next().map_or(Ok(1.0), |rate| rate.parse())?;
    let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let replay = (!files.is_empty()).then_some(ReplayConfig { files, speed: ReplaySpeed::Times(1.0) });
    let exchange = start(&ExchangeConfig { port, flow_rate, replay, ..ExchangeConfig::default() })?;
    let description = serde_json::json!({
        "rest": exchange.rest_url,
        "streams": exchange.streams_url,
        "ws_api": exchange.ws_api_url,
        "api_key": exchange.api_key,
        "api_secret": exchange.api_secret,
        "ed25519_private_key_pem": exchange.ed25519_private_key_pem,
        "symbols": exchange.symbols,
    });
    writeln!(std::io::stdout(), "{description}")?;
    loop {
        std::thread::sleep(Duration::from_secs(3_600));
    }
}
