//! How the machine is tuned, read and never changed.

use std::fmt;
use std::fs;

use crate::cpu_list;

/// What matters for latency about this machine. A value is `None` where the kernel does not tell, as in many virtual
/// machines and containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostReport {
    /// The processor's name.
    pub cpu_model: Option<String>,
    /// Processors that are online.
    pub online_cpus: Vec<usize>,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// The frequency governor of the first processor; `performance` is wanted.
    pub governor: Option<String>,
    /// Processors that the scheduler leaves alone (`isolcpus`).
    pub isolated_cpus: Vec<usize>,
    /// Processors without a timer tick while one thread runs (`nohz_full`).
    pub nohz_full_cpus: Vec<usize>,
    /// Whether two threads share a core (simultaneous multithreading).
    pub smt_active: Option<bool>,
    /// The policy of transparent huge pages: `always`, `madvise` or `never`.
    pub transparent_huge_pages: Option<String>,
    /// How much of a processor a real-time thread may take.
    pub real_time_throttling: RealTimeThrottling,
}

/// The kernel's bound on threads of the real-time classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RealTimeThrottling {
    /// A real-time thread may take the whole processor.
    Off,
    /// It is stopped for the rest of each period.
    On {
        /// Microseconds it may run in a period.
        runtime_us: u64,
        /// The period in microseconds.
        period_us: u64,
    },
    /// The kernel does not tell.
    Unknown,
}

impl HostReport {
    /// Reads the machine this runs on.
    #[must_use]
    pub fn read() -> Self {
        const CPU: &str = "/sys/devices/system/cpu";
        Self {
            cpu_model: fs::read_to_string("/proc/cpuinfo").ok().as_deref().and_then(model_name),
            online_cpus: list(&format!("{CPU}/online")),
            kernel: line("/proc/sys/kernel/osrelease"),
            governor: line(&format!("{CPU}/cpu0/cpufreq/scaling_governor")),
            isolated_cpus: list(&format!("{CPU}/isolated")),
            nohz_full_cpus: list(&format!("{CPU}/nohz_full")),
            smt_active: line(&format!("{CPU}/smt/active")).map(|active| active == "1"),
            transparent_huge_pages: line("/sys/kernel/mm/transparent_hugepage/enabled").as_deref().and_then(chosen),
            real_time_throttling: throttling(
                line("/proc/sys/kernel/sched_rt_runtime_us").as_deref(),
                line("/proc/sys/kernel/sched_rt_period_us").as_deref(),
            ),
        }
    }
}

impl fmt::Display for HostReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
        let smt = match self.smt_active {
            Some(true) => "on",
            Some(false) => "off",
            None => "unknown",
        };
        writeln!(formatter, "processor              {} ({} online)", told(&self.cpu_model), self.online_cpus.len())?;
        writeln!(formatter, "kernel                 {}", told(&self.kernel))?;
        writeln!(formatter, "governor               {}", told(&self.governor))?;
        writeln!(formatter, "isolated processors    {}", cpu_list::display(&self.isolated_cpus))?;
        writeln!(formatter, "tickless processors    {}", cpu_list::display(&self.nohz_full_cpus))?;
        writeln!(formatter, "two threads a core     {smt}")?;
        writeln!(formatter, "transparent huge pages {}", told(&self.transparent_huge_pages))?;
        write!(formatter, "real-time throttling   {}", self.real_time_throttling)
    }
}

impl fmt::Display for RealTimeThrottling {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => formatter.write_str("off"),
            Self::On { runtime_us, period_us } => write!(formatter, "{runtime_us} of every {period_us} us"),
            Self::Unknown => formatter.write_str("unknown"),
        }
    }
}

/// The first line of a file of `/proc` or `/sys`, if it can be read and says something.
fn line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}

/// The processors a file lists. A kernel without the feature has no file, or writes `(null)`: none, either way.
fn list(path: &str) -> Vec<usize> {
    line(path).as_deref().and_then(cpu_list::parse).unwrap_or_default()
}

/// The processor's name as x86 (`model name`) and some arm kernels (`Processor`) write it.
fn model_name(cpuinfo: &str) -> Option<String> {
    cpuinfo.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        matches!(key.trim(), "model name" | "Processor").then(|| value.trim().to_owned())
    })
}

/// The word in brackets of a choice such as `always [madvise] never`.
fn chosen(choice: &str) -> Option<String> {
    choice.split_once('[')?.1.split_once(']').map(|(word, _)| word.to_owned())
}

fn throttling(runtime_us: Option<&str>, period_us: Option<&str>) -> RealTimeThrottling {
    if runtime_us == Some("-1") {
        return RealTimeThrottling::Off;
    }
    match (runtime_us.and_then(|text| text.parse().ok()), period_us.and_then(|text| text.parse().ok())) {
        (Some(runtime_us), Some(period_us)) if runtime_us < period_us => {
            RealTimeThrottling::On { runtime_us, period_us }
        }
        (Some(_), Some(_)) => RealTimeThrottling::Off,
        _ => RealTimeThrottling::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_a_processor_and_a_kernel() {
        let report = HostReport::read();
        assert!(!report.online_cpus.is_empty());
        assert!(report.kernel.is_some());
        assert_eq!(report.to_string().lines().count(), 8);
    }

    #[test]
    fn the_formats_of_the_kernel_are_understood() {
        assert_eq!(model_name("processor : 0\nmodel name\t: Fast One\n").as_deref(), Some("Fast One"));
        assert_eq!(chosen("always [madvise] never").as_deref(), Some("madvise"));
        assert_eq!(chosen("never"), None);
        assert_eq!(throttling(Some("-1"), Some("1000000")), RealTimeThrottling::Off);
        assert_eq!(throttling(Some("1000000"), Some("1000000")), RealTimeThrottling::Off);
        assert_eq!(throttling(None, Some("1000000")), RealTimeThrottling::Unknown);
        let usual = throttling(Some("950000"), Some("1000000"));
        assert_eq!(usual.to_string(), "950000 of every 1000000 us");
    }

    #[test]
    fn what_the_kernel_does_not_tell_is_shown_as_unknown() {
        let silent = HostReport {
            cpu_model: None,
            online_cpus: vec![0],
            kernel: None,
            governor: None,
            isolated_cpus: vec![],
            nohz_full_cpus: vec![],
            smt_active: None,
            transparent_huge_pages: None,
            real_time_throttling: RealTimeThrottling::Unknown,
        };
        assert_eq!(silent.to_string().matches("unknown").count(), 6);
        assert_eq!(silent.to_string().matches("none").count(), 2);
    }
}
