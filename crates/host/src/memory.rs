//! Memory that is there before it is needed.
//!
//! The first write to a page costs a fault, which costs a microsecond or more and comes when the page is needed for the
//! first time: in the middle of trading. Arenas are therefore touched beforehand, and locked so that they stay.
//! `mlockall` is no alternative, because Node's collector cannot release locked pages and aborts.

use std::io;

/// Bytes from one touch to the next: the smallest page of the platforms that Tercel runs on.
const TOUCH_STEP: usize = 4096;

/// Why memory could not be locked. It is usable, and was touched, all the same.
#[derive(Debug, thiserror::Error)]
pub enum PrefaultError {
    /// The limit of locked memory is too low.
    #[error(
        "locking {bytes} bytes exceeds the limit of locked memory ({limit} bytes); \
         raise it (`ulimit -l`, LimitMEMLOCK=) or accept that pages may be swapped out"
    )]
    LimitReached {
        /// The size of the memory.
        bytes: usize,
        /// `RLIMIT_MEMLOCK`.
        limit: u64,
    },
    /// The kernel refused for another reason.
    #[error("mlock2 of {bytes} bytes failed: {source}")]
    Refused {
        /// The size of the memory.
        bytes: usize,
        /// What the kernel said.
        source: io::Error,
    },
}

/// Locks the pages of `memory` as they come in, and brings them all in by writing to each. The contents stay.
///
/// Locks of a page do not nest and are dropped when the memory is returned to the system.
///
/// # Errors
/// If the lock was refused. The pages were brought in nevertheless, so that a caller may report it and go on.
pub fn lock_and_prefault(memory: &mut [u8]) -> Result<(), PrefaultError> {
    let locked = lock_on_fault(memory);
    touch(memory);
    locked
}

fn lock_on_fault(memory: &[u8]) -> Result<(), PrefaultError> {
    let bytes = memory.len();
    if bytes == 0 {
        return Ok(());
    }
    // `MLOCK_ONFAULT` rather than `mlock`: the kernel then takes pages as they are touched below, and those around the
    // slice that share its first and last page are not brought in for nothing.
    // SAFETY: the call changes how the kernel keeps pages that this process owns, never their contents.
    let result = unsafe { libc::mlock2(memory.as_ptr().cast(), bytes, libc::MLOCK_ONFAULT) };
    if result == 0 {
        return Ok(());
    }
    let source = io::Error::last_os_error();
    match source.raw_os_error() {
        Some(libc::ENOMEM | libc::EPERM) => Err(PrefaultError::LimitReached { bytes, limit: lock_limit() }),
        _ => Err(PrefaultError::Refused { bytes, source }),
    }
}

fn lock_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes one `rlimit` into this stack's; on failure it stays zero.
    unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit) };
    limit.rlim_cur
}

/// Writes back what each page holds.
fn touch(memory: &mut [u8]) {
    let last = memory.len().saturating_sub(1);
    for index in (0..memory.len()).step_by(TOUCH_STEP).chain((!memory.is_empty()).then_some(last)) {
        let byte: *mut u8 = &raw mut memory[index];
        // Volatile, because a plain write of what was read would be left out.
        // SAFETY: the pointer comes from a live exclusive borrow of an initialised byte.
        unsafe { byte.write_volatile(byte.read_volatile()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: usize = 64;

    /// How many pages of `memory`, which begins on a page, are in memory.
    fn resident(memory: &[u8]) -> usize {
        let mut states = vec![0_u8; memory.len().div_ceil(4096)];
        // SAFETY: the vector has a byte for each page, as the call requires.
        let result = unsafe { libc::mincore(memory.as_ptr().cast_mut().cast(), memory.len(), states.as_mut_ptr()) };
        assert_eq!(result, 0);
        states.iter().filter(|&&state| state & 1 == 1).count()
    }

    #[test]
    fn every_page_is_in_memory_afterwards_and_keeps_its_contents() {
        let mut memory = vec![0_u8; (PAGES + 1) * 4096];
        let start = memory.as_ptr().align_offset(4096);
        let pages = &mut memory[start..start + PAGES * 4096];
        pages[5 * 4096 + 7] = 42;
        match lock_and_prefault(pages) {
            Ok(()) | Err(PrefaultError::LimitReached { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        assert_eq!(resident(pages), PAGES);
        assert_eq!(pages[5 * 4096 + 7], 42);
    }

    #[test]
    fn an_empty_slice_is_locked_already() {
        assert!(lock_and_prefault(&mut []).is_ok());
    }

    #[test]
    fn a_limit_is_named_with_the_way_to_raise_it() {
        let text = PrefaultError::LimitReached { bytes: 4096, limit: 1024 }.to_string();
        assert!(text.contains("4096") && text.contains("1024") && text.contains("ulimit -l"), "{text}");
    }
}
