//! What Tercel asks of a Linux host: where a thread runs, whether memory is there before it is needed, and how the
//! machine is tuned.
//!
//! Nothing here changes a setting of the machine; [`HostReport`] only reads.

mod affinity;
mod cpu_list;
mod memory;
mod report;

pub use affinity::{AffinityError, MAX_PROCESSORS, allowed_cpus, pin_current_thread, reset_current_thread};
pub use memory::{PrefaultError, lock_and_prefault};
pub use report::{HostReport, RealTimeThrottling};
