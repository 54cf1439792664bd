//! Fits the order flow's rates and sizes to a recorded market and compares the two.
//!
//! `cargo run --release -p tercel-exchange --bin fit_flow -- [--write] CAPTURE...` reads captures that follow one another
//! (`<receive ns> <json>` a line, gzip), measures them, simulates the same time through the real matching book, and
//! corrects the parameters until both measure alike. It prints the comparison; with `--write` it also writes
//! `crates/exchange/src/flow/fitted.rs` and `docs/order-flow.md`, below the current directory.

mod capture;
mod fit;
mod measure;
mod report;
mod simulation;

use std::path::PathBuf;
use std::process::ExitCode;

use measure::Figures;

/// Corrections of the parameters by what a simulation measured.
const ROUNDS: u32 = 32;
/// Market time that each of them simulates.
const FITTING_SECONDS: i64 = 300;
/// Seed of the simulations that the fit looks at; the report uses others.
const FITTING_SEED: u64 = 20_240_808;
/// Seeds whose simulations the report averages.
const REPORTED_SEEDS: [u64; 4] = [1, 2, 3, 4];
/// A longer market time that the report shows too, to see that the market stays as it began.
const LONG_RUN_SECONDS: i64 = 4 * 3_600;

fn main() -> ExitCode {
    let (flags, captures): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let write = flags.iter().any(|flag| flag == "--write");
    if captures.is_empty() || flags.iter().any(|flag| flag != "--write") {
        return fail("usage: fit_flow [--write] CAPTURE.gz...");
    }
    let captures: Vec<PathBuf> = captures.into_iter().map(PathBuf::from).collect();
    match run(&captures, write) {
        Ok(text) => {
            show(&text);
            ExitCode::SUCCESS
        }
        Err(message) => fail(&message),
    }
}

fn run(captures: &[PathBuf], write: bool) -> Result<String, String> {
    let recorded = capture::measure(captures)?;
    let mut parameters = fit::initial(&recorded);
    let goal = recorded.figures();
    for round in 0..ROUNDS {
        let simulated = simulation::run(&parameters, FITTING_SECONDS, FITTING_SEED + u64::from(round));
        fit::correct(&mut parameters, &goal, &simulated.figures());
    }
    let runs = REPORTED_SEEDS.map(|seed| simulation::run(&parameters, goal.seconds as i64, seed).figures());
    let long = simulation::run(&parameters, LONG_RUN_SECONDS, 1).figures();
    let text = report::document(&goal, &Figures::mean(&runs), &long);
    if write {
        let write_file = |path: &str, content: &str| {
            std::fs::write(path, content).map_err(|error| format!("{path}: {error}; run from the repository root"))
        };
        write_file("crates/exchange/src/flow/fitted.rs", &report::constants(&parameters))?;
        write_file("docs/order-flow.md", &text)?;
    }
    Ok(text)
}

#[allow(clippy::print_stdout, reason = "a command line program prints its result")]
fn show(text: &str) {
    println!("{text}");
}

#[allow(clippy::print_stderr, reason = "a command line program prints its errors")]
fn fail(message: &str) -> ExitCode {
    eprintln!("fit_flow: {message}");
    ExitCode::FAILURE
}
