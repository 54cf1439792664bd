//! The exchange in a box as an object.

use std::path::PathBuf;

use napi::bindgen_prelude::{AsyncTask, Env, Result, Task};
use napi_derive::napi;
use tercel_exchange::{ExchangeConfig, Progress, ReplayConfig, ReplaySpeed, RunningExchange, start};

use crate::failure;

/// What an exchange is started with; what is left out has a default.
#[napi(object)]
pub struct ExchangeOptions {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u32,
    /// Drives the order flow.
    pub seed: f64,
    /// Captures to play instead of the order flow.
    pub replay: Option<Vec<String>>,
    /// How many times as fast as recorded they are played; 0 is as fast as it goes.
    pub speed: Option<f64>,
    /// How many times the fitted rate the order flow runs at.
    pub flow_rate: Option<f64>,
    /// What the client's account starts with.
    pub balances: Option<Vec<BalanceOption>>,
}

/// An amount of an asset.
#[napi(object)]
pub struct BalanceOption {
    /// The asset.
    pub asset: String,
    /// The amount as decimal text.
    pub free: String,
}

/// Where an exchange is and how to be let in.
#[napi(object)]
pub struct ExchangeInfo {
    /// The base of REST.
    pub rest: String,
    /// The market streams.
    pub streams: String,
    /// The WebSocket API.
    pub ws_api: String,
    /// The API key.
    pub api_key: String,
    /// The secret for HMAC signatures with that key.
    pub api_secret: String,
    /// The private key for Ed25519 signatures with that key.
    pub ed25519_private_key_pem: String,
    /// What is listed.
    pub symbols: Vec<String>,
}

/// How far captures have been played.
#[napi(object)]
pub struct ReplayProgress {
    /// Frames played so far.
    pub frames: f64,
    /// Whether the last frame of the last capture was played.
    pub finished: bool,
    /// Why no more can be played, if so.
    pub failure: Option<String>,
}

/// An exchange that runs in threads of its own.
#[napi]
pub struct Exchange {
    running: Option<RunningExchange>,
    info: ExchangeInfo,
}

#[napi]
impl Exchange {
    /// Starts one. Rejects with the reason.
    #[napi(ts_return_type = "Promise<Exchange>")]
    pub fn start(options: ExchangeOptions) -> Result<AsyncTask<StartTask>> {
        Ok(AsyncTask::new(StartTask { config: config(options)? }))
    }

    /// Where it is and how to be let in.
    #[napi(getter)]
    pub fn info(&self) -> ExchangeInfo {
        let info = &self.info;
        ExchangeInfo {
            rest: info.rest.clone(),
            streams: info.streams.clone(),
            ws_api: info.ws_api.clone(),
            api_key: info.api_key.clone(),
            api_secret: info.api_secret.clone(),
            ed25519_private_key_pem: info.ed25519_private_key_pem.clone(),
            symbols: info.symbols.clone(),
        }
    }

    /// How far the captures have been played; nothing where the market is the exchange's own, or after `stop`.
    #[napi]
    pub fn replay_progress(&self) -> Option<ReplayProgress> {
        let (frames, finished, failure) = match self.running.as_ref()?.status().progress {
            Progress::Generated => return None,
            Progress::Playing { frames, .. } => (frames, false, None),
            Progress::Finished { frames } => (frames, true, None),
            Progress::Failed { frames, reason } => (frames, false, Some(reason)),
        };
        Some(ReplayProgress { frames: frames as f64, finished, failure })
    }

    /// Ends it. Resolves when its threads are gone.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn stop(&mut self) -> AsyncTask<StopTask> {
        AsyncTask::new(StopTask { running: self.running.take() })
    }
}

/// Starting in a pool thread: captures are read, keys are made.
pub struct StartTask {
    config: ExchangeConfig,
}

impl Task for StartTask {
    type Output = RunningExchange;
    type JsValue = Exchange;

    fn compute(&mut self) -> Result<RunningExchange> {
        start(&self.config).map_err(failure)
    }

    fn resolve(&mut self, _env: Env, running: RunningExchange) -> Result<Exchange> {
        let info = ExchangeInfo {
            rest: running.rest_url.clone(),
            streams: running.streams_url.clone(),
            ws_api: running.ws_api_url.clone(),
            api_key: running.api_key.clone(),
            api_secret: running.api_secret.clone(),
            ed25519_private_key_pem: running.ed25519_private_key_pem.clone(),
            symbols: running.symbols.clone(),
        };
        Ok(Exchange { running: Some(running), info })
    }
}

/// Stopping in a pool thread: connections get a moment to end.
pub struct StopTask {
    running: Option<RunningExchange>,
}

impl Task for StopTask {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        if let Some(mut running) = self.running.take() {
            running.stop();
        }
        Ok(())
    }

    fn resolve(&mut self, _env: Env, (): ()) -> Result<()> {
        Ok(())
    }
}

fn config(options: ExchangeOptions) -> Result<ExchangeConfig> {
    let mut config = ExchangeConfig {
        port: u16::try_from(options.port).map_err(|_| failure(format_args!("{} is no port", options.port)))?,
        seed: options.seed as u64,
        ..ExchangeConfig::default()
    };
    if let Some(rate) = options.flow_rate {
        config.flow_rate = rate;
    }
    for balance in options.balances.unwrap_or_default() {
        config.balances.retain(|(asset, _)| *asset != balance.asset);
        config.balances.push((balance.asset, balance.free));
    }
    config.replay = options.replay.map(|files| ReplayConfig {
        files: files.into_iter().map(PathBuf::from).collect(),
        speed: match options.speed {
            Some(0.0) => ReplaySpeed::Max,
            speed => ReplaySpeed::Times(speed.unwrap_or(1.0)),
        },
    });
    Ok(config)
}
