//! A careful reader of JSON: fields in any order, whitespace anywhere, unknown values skipped, every error with its
//! byte. The fast paths fall back to it, and messages off the hot path use it alone.

use tercel_types::{UtcNanos, parse_decimal};

use super::error::{WireError, WireErrorKind};
use super::numbers;

/// How deeply values may be nested: twice as deep as the deepest answer of this venue.
const DEPTH_MAX: u32 = 16;

/// A position in a text that is read from front to back.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where the next byte is.
    pub(super) const fn offset(&self) -> usize {
        self.at
    }

    /// The whole text.
    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    fn error(&self, kind: WireErrorKind) -> WireError {
        WireError::new(kind, self.at)
    }

    /// The next byte that is not whitespace.
    pub(super) fn peek(&mut self) -> Result<u8, WireError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(self.error(WireErrorKind::Truncated))
    }

    /// Checks that nothing but whitespace follows.
    pub(super) fn finish(&mut self) -> Result<(), WireError> {
        match self.peek() {
            Ok(_) => Err(self.error(WireErrorKind::Syntax)),
            Err(_) => Ok(()),
        }
    }

    /// Reads an object; `field` is called with each key and must read the value.
    pub(super) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, &'a [u8]) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        self.expect(b'{')?;
        if self.eat(b'}')? {
            return Ok(());
        }
        loop {
            let key = self.plain_string()?;
            self.expect(b':')?;
            self.peek()?;
            field(self, key)?;
            if !self.eat(b',')? {
                return self.expect(b'}');
            }
        }
    }

    /// Reads an array; `element` is called for each and must read it.
    pub(super) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        self.expect(b'[')?;
        if self.eat(b']')? {
            return Ok(());
        }
        loop {
            self.peek()?;
            element(self)?;
            if !self.eat(b',')? {
                return self.expect(b']');
            }
        }
    }

    /// A string without escapes, without its quotes.
    pub(super) fn plain_string(&mut self) -> Result<&'a [u8], WireError> {
        let start = self.at;
        let text = self.raw_string()?;
        if text.contains(&b'\\') {
            return Err(WireError::new(WireErrorKind::Escaped, start));
        }
        Ok(text)
    }

    /// A string as it is written, without its quotes, escapes left as they are.
    pub(super) fn raw_string(&mut self) -> Result<&'a [u8], WireError> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.next()? {
                b'"' => return Ok(&self.bytes[start..self.at - 1]),
                b'\\' => self.escape()?,
                0..0x20 => return Err(WireError::new(WireErrorKind::Syntax, self.at - 1)),
                _ => {}
            }
        }
    }

    /// A string, or `null` as `None`.
    pub(super) fn optional_string(&mut self) -> Result<Option<&'a [u8]>, WireError> {
        if self.peek()? == b'n' {
            return self.word(b"null").map(|()| None);
        }
        self.plain_string().map(Some)
    }

    /// An integer that is not negative.
    pub(super) fn unsigned(&mut self) -> Result<u64, WireError> {
        let first = self.peek()?;
        if !first.is_ascii_digit() {
            return Err(self.error(WireErrorKind::Syntax));
        }
        let start = self.at;
        let mut number: u64 = 0;
        while let Some(digit) = self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            number = number
                .checked_mul(10)
                .and_then(|shifted| shifted.checked_add(u64::from(digit - b'0')))
                .ok_or(WireError::new(WireErrorKind::OutOfRange, start))?;
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            Some(b'.' | b'e' | b'E') => Err(self.error(WireErrorKind::Syntax)),
            _ => Ok(number),
        }
    }

    /// An integer.
    pub(super) fn signed(&mut self) -> Result<i64, WireError> {
        let start = self.at;
        let negative = self.eat(b'-')?;
        let out_of_range = WireError::new(WireErrorKind::OutOfRange, start);
        let magnitude = i64::try_from(self.unsigned()?).map_err(|_| out_of_range)?;
        Ok(if negative { -magnitude } else { magnitude })
    }

    /// A venue's stamp.
    pub(super) fn time(&mut self) -> Result<UtcNanos, WireError> {
        self.peek()?;
        let start = self.at;
        numbers::venue_time(self.unsigned()?).ok_or(WireError::new(WireErrorKind::OutOfRange, start))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self) -> Result<bool, WireError> {
        if self.peek()? == b't' { self.word(b"true").map(|()| true) } else { self.word(b"false").map(|()| false) }
    }

    /// A decimal number in a string, as a mantissa.
    pub(super) fn decimal(&mut self, scale: u8) -> Result<i64, WireError> {
        self.peek()?;
        let start = self.at + 1;
        let text = self.plain_string()?;
        parse_decimal(text, scale).map_err(|error| WireError::new(error.into(), start))
    }

    /// A decimal number in a string that may be beyond the range of a mantissa of 64 bits.
    pub(super) fn wide_decimal(&mut self, scale: u8) -> Result<i128, WireError> {
        self.peek()?;
        let start = self.at + 1;
        let text = self.plain_string()?;
        numbers::parse_wide(text, scale).map_err(|kind| WireError::new(kind, start))
    }

    /// Any value, checked and left out.
    pub(super) fn skip(&mut self) -> Result<(), WireError> {
        self.skip_nested(0)
    }

    fn skip_nested(&mut self, depth: u32) -> Result<(), WireError> {
        if depth == DEPTH_MAX {
            return Err(self.error(WireErrorKind::TooDeep));
        }
        match self.peek()? {
            b'{' => self.skip_object(depth),
            b'[' => self.array(|cursor| cursor.skip_nested(depth + 1)),
            b'"' => self.raw_string().map(|_| ()),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.skip_number(),
        }
    }

    /// Like [`Self::object`], but keys that are not looked at may have escapes.
    fn skip_object(&mut self, depth: u32) -> Result<(), WireError> {
        self.expect(b'{')?;
        if self.eat(b'}')? {
            return Ok(());
        }
        loop {
            self.raw_string()?;
            self.expect(b':')?;
            self.skip_nested(depth + 1)?;
            if !self.eat(b',')? {
                return self.expect(b'}');
            }
        }
    }

    fn skip_number(&mut self) -> Result<(), WireError> {
        self.eat(b'-')?;
        self.digits()?;
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), WireError> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at > start {
            return Ok(());
        }
        let kind = if self.at == self.bytes.len() { WireErrorKind::Truncated } else { WireErrorKind::Syntax };
        Err(self.error(kind))
    }

    fn escape(&mut self) -> Result<(), WireError> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => {
                for _ in 0..4 {
                    if !self.next()?.is_ascii_hexdigit() {
                        return Err(WireError::new(WireErrorKind::Syntax, self.at - 1));
                    }
                }
                Ok(())
            }
            _ => Err(WireError::new(WireErrorKind::Syntax, self.at - 1)),
        }
    }

    fn next(&mut self) -> Result<u8, WireError> {
        let byte = *self.bytes.get(self.at).ok_or(self.error(WireErrorKind::Truncated))?;
        self.at += 1;
        Ok(byte)
    }

    fn word(&mut self, word: &[u8]) -> Result<(), WireError> {
        for &expected in word {
            match self.bytes.get(self.at) {
                Some(&byte) if byte == expected => self.at += 1,
                Some(_) => return Err(self.error(WireErrorKind::Syntax)),
                None => return Err(self.error(WireErrorKind::Truncated)),
            }
        }
        Ok(())
    }

    /// Reads `byte` if it is next.
    pub(super) fn eat(&mut self, byte: u8) -> Result<bool, WireError> {
        let found = self.peek()? == byte;
        self.at += usize::from(found);
        Ok(found)
    }

    /// Reads `byte`, which must be next.
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), WireError> {
        if self.eat(byte)? { Ok(()) } else { Err(self.error(WireErrorKind::Syntax)) }
    }
}
