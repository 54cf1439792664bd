//! The fast paths' reader: it moves over what it was told to expect, or says that something else is there.

use tercel_types::UtcNanos;

use super::levels::quick_number;
use super::numbers::{self, DecimalRule};

/// A position that moves only over what was expected.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    #[inline(always)]
    pub(super) fn eat(&mut self, literal: &[u8]) -> bool {
        let found = self.bytes[self.at..].starts_with(literal);
        if found {
            self.at += literal.len();
        }
        found
    }

    #[inline(always)]
    pub(super) fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.eat(literal).then_some(())
    }

    /// The rest of a string without escapes, and its closing quote.
    #[inline(always)]
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
        if rest[length] != b'"' {
            return None;
        }
        self.at += length + 1;
        Some(&rest[..length])
    }

    #[inline(always)]
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let (number, end) = numbers::unsigned(self.bytes, self.at)?;
        self.at = end;
        Some(number)
    }

    #[inline(always)]
    pub(super) fn time(&mut self) -> Option<UtcNanos> {
        numbers::venue_time(self.unsigned()?)
    }

    #[inline(always)]
    pub(super) fn decimal(&mut self, rule: DecimalRule) -> Option<i64> {
        let (mantissa, end) = quick_number(self.bytes, self.at, rule)?;
        self.at = end;
        Some(mantissa)
    }

    #[inline(always)]
    pub(super) fn boolean(&mut self, when_true: &[u8], when_false: &[u8]) -> Option<bool> {
        if self.eat(when_true) {
            return Some(true);
        }
        self.eat(when_false).then_some(false)
    }
}
