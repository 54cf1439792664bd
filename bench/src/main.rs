//! The programs behind `npm run bench`, in one binary: each is a process of its own that speaks in lines of JSON.

mod arguments;
mod beside;
mod contestant;
mod frames;
mod programs;
mod reference_book;
mod session_phase;
mod socket;
mod venue;
mod venue_replies;

use arguments::Arguments;
use contestant::Failure;
use programs::{steps, sustained_load, sustained_native, wire_echo, wire_load, wire_native};

fn main() -> Result<(), Failure> {
    let arguments = Arguments::of_program();
    match arguments.program() {
        Some("steps") => steps::run(&arguments),
        Some("wire-load") => wire_load::run(&arguments),
        Some("wire-echo") => wire_echo::run(&arguments),
        Some("wire-native") => wire_native::run(&arguments),
        Some("sustained-load") => sustained_load::run(&arguments),
        Some("sustained-native") => sustained_native::run(&arguments),
        _ => Err("usage: tercel-bench PROGRAM [options]; `npm run bench` starts the programs".into()),
    }
}
