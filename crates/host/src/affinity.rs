//! On which processors a thread runs.
//!
//! A thread started by a pinned one inherits its processor and its scheduling class. Start the others first, or let
//! them begin with [`reset_current_thread`].

use std::io;
use std::sync::OnceLock;

/// Processors that a `cpu_set_t` of the C library can name.
pub const MAX_PROCESSORS: usize = libc::CPU_SETSIZE as usize;

/// Why a thread stays where it was.
#[derive(Debug, thiserror::Error)]
pub enum AffinityError {
    /// The processor does not exist, or this process may not use it.
    #[error(
        "processor {cpu} is not among those this process may use ({allowed}); choose one of them or widen its cpuset"
    )]
    NotAllowed {
        /// The processor asked for.
        cpu: usize,
        /// Those that would do.
        allowed: String,
    },
    /// The kernel refused.
    #[error("{call} failed: {source}")]
    Refused {
        /// The call of the C library.
        call: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}

/// Lets the calling thread run on processor `cpu` only.
///
/// # Errors
/// If this process may not use that processor, or the kernel refuses.
pub fn pin_current_thread(cpu: usize) -> Result<(), AffinityError> {
    let allowed = allowed_cpus();
    if !allowed.contains(&cpu) {
        return Err(AffinityError::NotAllowed { cpu, allowed: listed(&allowed) });
    }
    set_affinity(&[cpu])
}

/// Lets the calling thread run on every processor its process may use, in the ordinary scheduling class, whatever it
/// inherited from the thread that started it.
///
/// # Errors
/// If the kernel refuses.
pub fn reset_current_thread() -> Result<(), AffinityError> {
    let ordinary = libc::sched_param { sched_priority: 0 };
    // SAFETY: the call reads one `sched_param` from this stack; 0 is the calling thread.
    let result = unsafe { libc::sched_setscheduler(0, libc::SCHED_OTHER, &raw const ordinary) };
    checked("sched_setscheduler", result)?;
    set_affinity(&allowed_cpus())
}

/// The processors this process may use, ascending: those its first thread was given when it was first asked, by a
/// cpuset or by `taskset`. Pinning a thread takes nothing from them, because pinning asks first.
#[must_use]
pub fn allowed_cpus() -> Vec<usize> {
    static AT_FIRST: OnceLock<Vec<usize>> = OnceLock::new();
    // The first thread's id is that of the process.
    AT_FIRST.get_or_init(|| affinity_of(std::process::id().cast_signed())).clone()
}

fn set_affinity(cpus: &[usize]) -> Result<(), AffinityError> {
    // SAFETY: `cpu_set_t` is an array of integers, for which zero is a value: the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for &cpu in cpus {
        // SAFETY: only processors that `affinity_of` found come here, all below `MAX_PROCESSORS`, the size of the set.
        unsafe { libc::CPU_SET(cpu, &mut set) };
    }
    // SAFETY: the call reads one set of the given size from this stack; 0 is the calling thread.
    let result = unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) };
    checked("sched_setaffinity", result)
}

/// The processors of a thread; 0 is the calling one.
fn affinity_of(thread: libc::pid_t) -> Vec<usize> {
    // SAFETY: as in `set_affinity`.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes at most the given size into this stack's set; on failure the set stays empty.
    unsafe { libc::sched_getaffinity(thread, size_of::<libc::cpu_set_t>(), &raw mut set) };
    // SAFETY: every index is below the size of the set.
    (0..MAX_PROCESSORS).filter(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) }).collect()
}

fn checked(call: &'static str, result: libc::c_int) -> Result<(), AffinityError> {
    if result == 0 { Ok(()) } else { Err(AffinityError::Refused { call, source: io::Error::last_os_error() }) }
}

/// The processors with commas between them.
fn listed(processors: &[usize]) -> String {
    processors.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a thread of its own, so that the test runner's threads stay free.
    fn apart(test: impl FnOnce() + Send + 'static) {
        std::thread::spawn(test).join().unwrap();
    }

    #[test]
    fn a_pinned_thread_runs_on_its_processor_until_it_is_reset() {
        apart(|| {
            let allowed = allowed_cpus();
            let cpu = *allowed.last().unwrap();
            pin_current_thread(cpu).unwrap();
            assert_eq!(affinity_of(0), [cpu]);
            assert_eq!(allowed_cpus(), allowed, "pinning takes nothing from what is allowed");
            reset_current_thread().unwrap();
            assert_eq!(affinity_of(0), allowed);
        });
    }

    #[test]
    fn a_thread_started_by_a_pinned_one_can_free_itself() {
        apart(|| {
            let allowed = allowed_cpus();
            pin_current_thread(allowed[0]).unwrap();
            apart(move || {
                reset_current_thread().unwrap();
                assert_eq!(affinity_of(0), allowed);
            });
        });
    }

    #[test]
    fn a_processor_that_is_not_there_is_refused_with_those_that_are() {
        let error = pin_current_thread(MAX_PROCESSORS).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("1024") && text.contains(&listed(&allowed_cpus())), "{text}");
    }
}
