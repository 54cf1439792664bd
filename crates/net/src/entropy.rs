//! Randomness from the operating system, for handshake nonces and mask seeds. Cold path.

/// `LENGTH` random bytes from `getrandom(2)`.
///
/// # Errors
/// The system's error; on Linux only where a sandbox forbids the call.
pub fn random_bytes<const LENGTH: usize>() -> std::io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let mut filled = 0;
    // The kernel may be interrupted before it fills a long request; each turn fills at least one byte or fails.
    while filled < LENGTH {
        let rest = &mut bytes[filled..];
        // SAFETY: the pointer and length describe `rest`, which is writable for that long.
        let count = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        if count < 0 {
            return Err(std::io::Error::last_os_error());
        }
        filled += count.unsigned_abs();
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_draws_differ() {
        assert_ne!(super::random_bytes::<16>().unwrap(), super::random_bytes::<16>().unwrap());
    }
}
