//! Identifiers. Short texts live inline, so that copying one never allocates.

use std::fmt;

/// The index of an instrument in the engine's configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct InstrumentId(pub u16);

/// A venue's book update id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct UpdateId(pub u64);

/// A venue's trade id, unique within an instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct TradeId(pub u64);

/// The order id that the venue gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct VenueOrderId(pub u64);

/// The order id that this engine gave: the restart epoch in the upper 32 bits, the sequence within it in the lower.
/// On the wire it reads `tc` and sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct ClientOrderId(pub u64);

/// A text of at most 23 bytes, stored in place. Longer ones are refused, never cut.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct InlineText {
    length: u8,
    bytes: [u8; Self::CAPACITY],
}

/// An instrument's name at its venue, such as `BTCUSDT`.
pub type Symbol = InlineText;

/// An asset's name, such as `BTC`.
pub type Asset = InlineText;

/// A text longer than [`InlineText::CAPACITY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name of {0} bytes is longer than the 23 that symbols and assets may have")]
pub struct TextTooLong(pub usize);

impl ClientOrderId {
    /// How many bytes the text form has.
    pub const TEXT_LENGTH: usize = 18;

    /// The id of the `sequence`-th order of a restart epoch.
    #[must_use]
    pub const fn new(epoch: u32, sequence: u32) -> Self {
        Self(((epoch as u64) << 32) | sequence as u64)
    }

    /// The restart epoch that issued the id.
    #[must_use]
    pub const fn epoch(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The sequence within the epoch.
    #[must_use]
    pub const fn sequence(self) -> u32 {
        self.0 as u32
    }

    /// The id as it goes on the wire.
    #[must_use]
    pub fn to_text(self) -> [u8; Self::TEXT_LENGTH] {
        let mut text = *b"tc0000000000000000";
        for (index, byte) in text[2..].iter_mut().enumerate() {
            let nibble = ((self.0 >> (60 - 4 * index)) & 0xf) as u8;
            *byte = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
        }
        text
    }

    /// Reads an id off the wire; `None` if it is not one of ours.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Option<Self> {
        let digits = text.strip_prefix(b"tc")?;
        if digits.len() != 16 {
            return None;
        }
        let mut value: u64 = 0;
        for &byte in digits {
            let nibble = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                _ => return None,
            };
            value = (value << 4) | u64::from(nibble);
        }
        Some(Self(value))
    }
}

impl InlineText {
    /// The most bytes it holds.
    pub const CAPACITY: usize = 23;

    /// Stores a text.
    ///
    /// # Errors
    /// [`TextTooLong`] above [`Self::CAPACITY`] bytes.
    pub fn new(text: &str) -> Result<Self, TextTooLong> {
        if text.len() > Self::CAPACITY {
            return Err(TextTooLong(text.len()));
        }
        let mut bytes = [0; Self::CAPACITY];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { length: text.len() as u8, bytes })
    }

    /// The bytes of the text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Made from a `str` in the only constructor.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl Default for InlineText {
    fn default() -> Self {
        Self { length: 0, bytes: [0; Self::CAPACITY] }
    }
}

impl fmt::Display for InlineText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for InlineText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_client_order_id_survives_the_wire(value in any::<u64>()) {
            let id = ClientOrderId(value);
            prop_assert_eq!(ClientOrderId::from_text(&id.to_text()), Some(id));
            prop_assert_eq!(ClientOrderId::new(id.epoch(), id.sequence()), id);
        }
    }

    #[test]
    fn somebody_elses_id_is_not_ours() {
        for text in ["", "tc", "web_0123456789abcdef", "tc0123456789ABCDEF", "tc0123456789abcde"] {
            assert_eq!(ClientOrderId::from_text(text.as_bytes()), None);
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_refused() {
        assert_eq!(Symbol::new("ABCDEFGHIJKLMNOPQRSTUVWX"), Err(TextTooLong(24)));
        assert_eq!(Symbol::new("BTCUSDT").map(|symbol| symbol.to_string()), Ok("BTCUSDT".to_owned()));
    }
}
