//! Masking of client frames (RFC 6455 section 5.3).

/// A source of mask keys: SplitMix64, seeded once a connection from the operating system's randomness.
///
/// The mask does not keep anything secret, it travels in front of what it masks. It exists so that a script in a
/// browser cannot choose the bytes on the wire and talk a caching proxy into storing them as an answer. The only author
/// of what this client sends is the engine itself, so there is no adversary who picks the payload; keys that a peer
/// could compute from earlier ones give it nothing that it does not already receive. A cryptographic generator would
/// cost more than the frame.
#[derive(Debug, Clone)]
pub struct MaskKeys {
    state: u64,
}

impl MaskKeys {
    /// Keys from this seed; the same seed gives the same keys.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next key.
    #[inline]
    pub fn next_key(&mut self) -> [u8; 4] {
        // Constants of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let [a, b, c, d, ..] = mixed.to_le_bytes();
        [a, b, c, d]
    }
}

/// Masks or unmasks `bytes` in place; doing it twice restores them. Eight bytes at a time, which compilers widen further.
#[inline]
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4]) {
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, tail) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip([a, b, c, d, a, b, c]) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn masking_equals_the_definition_byte_by_byte(mut bytes in prop::collection::vec(any::<u8>(), 0..300), key: [u8; 4]) {
            let expected: Vec<u8> = bytes.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
            apply_mask(&mut bytes, key);
            prop_assert_eq!(bytes, expected);
        }
    }

    #[test]
    fn keys_differ_from_frame_to_frame() {
        let mut keys = MaskKeys::new(1);
        let mut seen: Vec<_> = (0..1000).map(|_| keys.next_key()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() > 990);
    }
}
