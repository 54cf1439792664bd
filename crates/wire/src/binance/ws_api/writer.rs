//! Text into a fixed buffer: a request, and beside it the text that is signed.

use tercel_types::{UtcNanos, power_of_ten};

use super::encode::EncodeError;
use crate::binance::sign::Signer;

/// The most bytes of text that a signature covers: twice what the longest request has.
const PAYLOAD_CAPACITY: usize = 640;

/// The most digits of a number.
const DIGITS_MAX: usize = 20;

/// The digits of 0 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// A buffer that is filled from the front. What does not fit is counted, so that the error shows at the end.
pub(super) struct Text<'a> {
    buffer: &'a mut [u8],
    length: usize,
}

/// The parameters of a request, in alphabetical order of their names, as JSON and as the text that is signed.
pub(super) struct Parameters<'a> {
    pub(super) json: Text<'a>,
    payload: Option<Text<'a>>,
    any: bool,
}

/// Room for the text that is signed.
pub(super) struct PayloadBuffer([u8; PAYLOAD_CAPACITY]);

impl PayloadBuffer {
    pub(super) const fn new() -> Self {
        Self([0; PAYLOAD_CAPACITY])
    }
}

impl<'a> Text<'a> {
    pub(super) fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    #[inline(always)]
    pub(super) fn put(&mut self, text: &[u8]) {
        let end = self.length + text.len();
        if let Some(room) = self.buffer.get_mut(self.length..end) {
            room.copy_from_slice(text);
        }
        self.length = end;
    }

    pub(super) fn finish(self) -> Result<usize, EncodeError> {
        if self.length > self.buffer.len() {
            return Err(EncodeError::BufferTooSmall { needed: self.length });
        }
        Ok(self.length)
    }

    /// What was written, if it all fitted.
    fn written(&self) -> Result<&[u8], EncodeError> {
        self.buffer.get(..self.length).ok_or(EncodeError::BufferTooSmall { needed: self.length })
    }
}

impl<'a> Parameters<'a> {
    pub(super) fn new(json: Text<'a>, payload: Option<&'a mut PayloadBuffer>) -> Self {
        Self { json, payload: payload.map(|buffer| Text::new(&mut buffer.0)), any: false }
    }

    /// A parameter whose value is a string.
    #[inline(always)]
    pub(super) fn text(&mut self, name: &[u8], value: &[u8]) {
        self.name(name);
        self.json.put(b"\"");
        self.json.put(value);
        self.json.put(b"\"");
        self.payload_value(value);
    }

    /// A parameter whose value is a decimal in a string.
    #[inline(always)]
    pub(super) fn decimal(&mut self, name: &[u8], mantissa: u64, scale: u8) {
        let mut buffer = [0; DIGITS_MAX + 2];
        let start = write_decimal(mantissa, scale, &mut buffer);
        self.text(name, &buffer[start..]);
    }

    /// A parameter whose value is a number.
    #[inline(always)]
    pub(super) fn number(&mut self, name: &[u8], value: u64) {
        let mut buffer = [0; DIGITS_MAX];
        let start = write_digits(value, &mut buffer);
        self.name(name);
        self.json.put(&buffer[start..]);
        self.payload_value(&buffer[start..]);
    }

    /// The time of the request.
    #[inline(always)]
    pub(super) fn timestamp(&mut self, now: UtcNanos) {
        self.number(b"timestamp", now.millis().unsigned_abs());
    }

    /// Adds the signature over all that was written.
    #[inline(always)]
    pub(super) fn sign(&mut self, signer: &Signer) -> Result<(), EncodeError> {
        let Some(payload) = self.payload.take() else { return Ok(()) };
        let signature = signer.sign(payload.written()?);
        self.text(b"signature", signature.as_bytes());
        Ok(())
    }

    #[inline(always)]
    fn name(&mut self, name: &[u8]) {
        self.json.put(if self.any { b",\"" } else { b"\"" });
        self.json.put(name);
        self.json.put(b"\":");
        if let Some(payload) = &mut self.payload {
            payload.put(if self.any { b"&" } else { b"" });
            payload.put(name);
            payload.put(b"=");
        }
        self.any = true;
    }

    #[inline(always)]
    fn payload_value(&mut self, value: &[u8]) {
        if let Some(payload) = &mut self.payload {
            payload.put(value);
        }
    }
}

/// Writes digits at the end of the buffer and returns where they begin.
#[inline(always)]
fn write_digits(mut number: u64, buffer: &mut [u8]) -> usize {
    let mut at = buffer.len();
    while number >= 100 {
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        number /= 100;
    }
    if number >= 10 {
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[number as usize]);
    } else {
        at -= 1;
        buffer[at] = b'0' + number as u8;
    }
    at
}

/// Writes a decimal with exactly `scale` decimals at the end of the buffer and returns where it begins.
#[inline(always)]
fn write_decimal(mantissa: u64, scale: u8, buffer: &mut [u8; DIGITS_MAX + 2]) -> usize {
    if scale == 0 {
        return write_digits(mantissa, buffer);
    }
    let unit = power_of_ten(scale).unsigned_abs();
    let point = buffer.len() - usize::from(scale) - 1;
    buffer[point..].fill(b'0');
    write_digits(mantissa % unit, buffer);
    buffer[point] = b'.';
    write_digits(mantissa / unit, &mut buffer[..point])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tercel_types::DecimalText;

    use super::*;

    proptest! {
        #[test]
        fn a_decimal_is_written_as_the_vocabulary_writes_it(mantissa in 0..=i64::MAX, scale in 0..=18u8) {
            let mut buffer = [0; DIGITS_MAX + 2];
            let start = write_decimal(mantissa.unsigned_abs(), scale, &mut buffer);
            let expected = DecimalText::new(mantissa, scale);
            prop_assert_eq!(&buffer[start..], expected.as_bytes());
        }
    }
}
