//! What Tercel asks of a Linux host: on which processors a thread runs.

mod affinity;

pub use affinity::{AffinityError, MAX_PROCESSORS, allowed_cpus, pin_current_thread, reset_current_thread};
