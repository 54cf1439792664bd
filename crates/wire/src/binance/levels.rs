//! Price levels: where they go and how an array of them is read.
//!
//! ```text
//! "61737.63000000","0.00000000"],["61730.17000000","1.50000000"]]
//! └k─┘ └──d───┘                 └┬─┘                            └┬┘
//! integer digits and decimals    between two levels              the end
//! ```
//! Neighbouring levels have the same number of digits almost always. So the reader assumes the digit counts of the
//! level before and checks them: the position of the next level is then predicted instead of computed, and the
//! processor works on several levels at once.

use tercel_types::Level;

use super::Scales;
use super::error::{WireError, WireErrorKind};
use super::numbers::{DecimalRule, WORD, non_digits, values};
use super::scanner::Cursor;

/// Bytes that the quick reader of a level may look at: twice seven integer digits, eight decimals, the punctuation
/// and one word beyond, with room to spare.
const WINDOW: usize = 64;

/// The most integer digits that the quick reader takes.
const INTEGER_DIGITS_MAX: usize = 7;

/// Room for the levels of one message, made once and used again for every message.
#[derive(Debug)]
pub struct LevelScratch {
    bids: Slots,
    asks: Slots,
}

#[derive(Debug)]
pub(super) struct Slots {
    levels: Box<[Level]>,
    used: usize,
}

/// Where levels go.
pub(super) trait LevelSink {
    /// Takes a level, or says that there is no room.
    #[must_use]
    fn push(&mut self, level: Level) -> bool;
    /// Forgets what it took.
    fn clear(&mut self);
}

/// A vector that takes as many levels as it is told, and grows until then.
pub(super) struct Bounded<'a> {
    pub(super) levels: &'a mut Vec<Level>,
    pub(super) most: usize,
}

/// How prices and quantities of one message are read.
#[derive(Clone, Copy)]
pub(super) struct LevelRule {
    pub(super) price: DecimalRule,
    pub(super) quantity: DecimalRule,
}

/// How many digits a number has before and after its point.
#[derive(Clone, Copy)]
struct Shape {
    integer: usize,
    decimals: usize,
    /// Bits by which a word is moved so that the integer digits end at its end.
    leading: u32,
    /// The bytes of a word that are decimals.
    kept: u64,
}

impl Shape {
    /// A number of 1 to 7 digits before the point and 1 to 8 after it.
    const fn new(integer: usize, decimals: usize) -> Self {
        let kept = u64::MAX >> (u64::BITS - 8 * decimals as u32);
        Self { integer, decimals, leading: u64::BITS - 8 * integer as u32, kept }
    }
}

impl LevelScratch {
    /// The most levels that a message of Binance holds on one side.
    pub const LEVELS_MAX: usize = 5_000;

    /// Room for `levels_per_side` bids and as many asks.
    #[must_use]
    pub fn new(levels_per_side: usize) -> Self {
        Self { bids: Slots::new(levels_per_side), asks: Slots::new(levels_per_side) }
    }

    /// The bids of the message decoded last.
    #[must_use]
    pub fn bids(&self) -> &[Level] {
        self.bids.filled()
    }

    /// The asks of the message decoded last.
    #[must_use]
    pub fn asks(&self) -> &[Level] {
        self.asks.filled()
    }

    pub(super) fn bid_slots(&mut self) -> &mut Slots {
        &mut self.bids
    }

    pub(super) fn ask_slots(&mut self) -> &mut Slots {
        &mut self.asks
    }
}

impl Default for LevelScratch {
    fn default() -> Self {
        Self::new(Self::LEVELS_MAX)
    }
}

impl Slots {
    fn new(count: usize) -> Self {
        Self { levels: vec![Level::default(); count].into_boxed_slice(), used: 0 }
    }

    fn filled(&self) -> &[Level] {
        &self.levels[..self.used]
    }
}

impl LevelSink for Slots {
    #[inline(always)]
    fn push(&mut self, level: Level) -> bool {
        match self.levels.get_mut(self.used) {
            Some(slot) => {
                *slot = level;
                self.used += 1;
                true
            }
            None => false,
        }
    }

    fn clear(&mut self) {
        self.used = 0;
    }
}

impl LevelSink for Bounded<'_> {
    fn push(&mut self, level: Level) -> bool {
        let room = self.levels.len() < self.most;
        if room {
            self.levels.push(level);
        }
        room
    }

    fn clear(&mut self) {
        self.levels.clear();
    }
}

impl LevelRule {
    pub(super) const fn new(scales: Scales) -> Self {
        Self { price: DecimalRule::new(scales.price), quantity: DecimalRule::new(scales.quantity) }
    }
}

/// Reads an array of levels in Binance's own form, whose opening bracket is at `at`, and returns where it ends.
/// `None` where anything is unusual; the sink then holds a part of the levels.
#[inline]
pub(super) fn quick_levels(bytes: &[u8], at: usize, rule: LevelRule, sink: &mut impl LevelSink) -> Option<usize> {
    sink.clear();
    if bytes.get(at..at + 2)? == b"[]" {
        return Some(at + 2);
    }
    if !(rule.price.fits_a_word() && rule.quantity.fits_a_word() && bytes[at..].starts_with(b"[[")) {
        return None;
    }
    let mut at = at + 2;
    let mut price_shape = Shape::new(5, WORD);
    let mut quantity_shape = Shape::new(1, WORD);
    let mut padded = [0; WINDOW];
    loop {
        let window = window(bytes, at, &mut padded)?;
        if window[0] != b'"' {
            return None;
        }
        let (price, price_end) = quick_decimal(window, 1, &mut price_shape, rule.price)?;
        if window[price_end..price_end + 3] != *b"\",\"" {
            return None;
        }
        let (quantity, end) = quick_decimal(window, price_end + 3, &mut quantity_shape, rule.quantity)?;
        if !sink.push(Level::new(price, quantity)) {
            return None;
        }
        let after = u32::from_le_bytes([window[end], window[end + 1], window[end + 2], window[end + 3]]);
        if after == u32::from_le_bytes(*b"\"],[") {
            at += end + 4;
        } else if after & 0x00ff_ffff == u32::from_le_bytes(*b"\"]]\0") {
            return Some(at + end + 3);
        } else {
            return None;
        }
    }
}

/// The bytes from `at` on; zeros stand where the message ends.
#[inline(always)]
fn window<'a>(bytes: &'a [u8], at: usize, padded: &'a mut [u8; WINDOW]) -> Option<&'a [u8; WINDOW]> {
    let rest = bytes.get(at..)?;
    if let Some(window) = rest.first_chunk() {
        return Some(window);
    }
    Some(pad(rest, padded))
}

/// Kept out of the way: at most the last two levels of a message need it.
#[inline(never)]
fn pad<'a>(rest: &[u8], padded: &'a mut [u8; WINDOW]) -> &'a [u8; WINDOW] {
    padded[..rest.len()].copy_from_slice(rest);
    padded[rest.len()..].fill(0);
    padded
}

/// Reads the number at `at`, assuming and updating its shape; returns its mantissa and where its closing quote is.
#[inline(always)]
fn quick_decimal(window: &[u8; WINDOW], at: usize, shape: &mut Shape, rule: DecimalRule) -> Option<(i64, usize)> {
    if let Some(number) = shaped_decimal(window, at, *shape, rule) {
        return Some(number);
    }
    *shape = measure(window, at)?;
    shaped_decimal(window, at, *shape, rule)
}

#[inline(always)]
fn shaped_decimal(window: &[u8; WINDOW], at: usize, shape: Shape, rule: DecimalRule) -> Option<(i64, usize)> {
    let point = at + shape.integer;
    let end = point + 1 + shape.decimals;
    if window[point] != b'.' || window[end] != b'"' {
        return None;
    }
    let integer = values(window_word(window, at)) << shape.leading;
    let decimals = values(window_word(window, point + 1)) & shape.kept;
    if non_digits(integer) | non_digits(decimals) != 0 {
        return None;
    }
    Some((rule.mantissa(integer, decimals)?, end))
}

/// Counts the digits of the number at `at`: 1 to 7, a point, 1 to 8.
#[inline(never)]
fn measure(window: &[u8; WINDOW], at: usize) -> Option<Shape> {
    let digits = |start: usize| window[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let integer = digits(at);
    if !(1..=INTEGER_DIGITS_MAX).contains(&integer) || window[at + integer] != b'.' {
        return None;
    }
    let decimals = digits(at + integer + 1);
    (1..=WORD).contains(&decimals).then(|| Shape::new(integer, decimals))
}

#[inline(always)]
fn window_word(window: &[u8; WINDOW], at: usize) -> u64 {
    let mut word = [0; WORD];
    word.copy_from_slice(&window[at..at + WORD]);
    u64::from_le_bytes(word)
}

/// Reads an array of levels in any form that is JSON.
pub(super) fn careful_levels(
    cursor: &mut Cursor<'_>,
    scales: Scales,
    sink: &mut impl LevelSink,
) -> Result<(), WireError> {
    sink.clear();
    cursor.array(|cursor| {
        let start = cursor.offset();
        cursor.expect(b'[')?;
        let price = cursor.decimal(scales.price)?;
        cursor.expect(b',')?;
        let quantity = cursor.decimal(scales.quantity)?;
        // Older answers had an empty array as a third element.
        while cursor.eat(b',')? {
            cursor.skip()?;
        }
        cursor.expect(b']')?;
        if sink.push(Level::new(price, quantity)) {
            Ok(())
        } else {
            Err(WireError::new(WireErrorKind::TooManyLevels, start))
        }
    })
}

/// Reads the number in quotes whose first digit is at `at`, if it is in Binance's own form.
#[inline(always)]
pub(super) fn quick_number(bytes: &[u8], at: usize, rule: DecimalRule) -> Option<(i64, usize)> {
    let mut padded = [0; WINDOW];
    let window = window(bytes, at, &mut padded)?;
    let mut shape = Shape::new(5, WORD);
    if !rule.fits_a_word() {
        return None;
    }
    let (mantissa, end) = quick_decimal(window, 0, &mut shape, rule)?;
    Some((mantissa, at + end + 1))
}
