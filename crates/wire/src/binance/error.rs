//! What can be wrong with bytes that a venue sent.

use tercel_types::DecimalError;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireErrorKind {
    /// The bytes end in the middle of a value.
    #[error("message ends too early")]
    Truncated,
    /// Not JSON, or not the shape that this message has.
    #[error("unexpected byte")]
    Syntax,
    /// A field that this message must have is not there.
    #[error("field {0} is missing")]
    MissingField(&'static str),
    /// A text that should be a decimal number is not one.
    #[error("not a decimal number")]
    NotADecimal,
    /// A number has more decimals than the instrument's scale, and they are not zero.
    #[error("more decimals than the instrument's scale holds")]
    TooPrecise,
    /// A number does not fit its type.
    #[error("number out of range")]
    OutOfRange,
    /// More levels a side than the caller made room for.
    #[error("more price levels than there is room for")]
    TooManyLevels,
    /// Objects and arrays are nested more deeply than any message of this venue.
    #[error("nested too deeply")]
    TooDeep,
    /// A word, such as an order status, that this version does not know.
    #[error("unknown word")]
    UnknownWord,
    /// A key or a name that is written with escapes; this venue never does that.
    #[error("escaped name")]
    Escaped,
}

/// Why bytes could not be decoded, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct WireError {
    /// What is wrong.
    pub kind: WireErrorKind,
    /// The byte at which it was found: the first byte of a number or a word, the offending byte elsewhere.
    pub offset: usize,
}

impl WireError {
    /// An error of this kind at this byte.
    #[must_use]
    pub const fn new(kind: WireErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

impl From<DecimalError> for WireErrorKind {
    fn from(error: DecimalError) -> Self {
        match error {
            DecimalError::Empty | DecimalError::NotADecimal => Self::NotADecimal,
            DecimalError::TooPrecise => Self::TooPrecise,
            DecimalError::OutOfRange => Self::OutOfRange,
        }
    }
}
