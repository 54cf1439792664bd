//! Points in time. Durations are plain `i64` nanoseconds whose names end in `_ns`.

/// Nanoseconds on the monotonic clock of this engine; zero is when the engine's clock was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Nanos(pub i64);

/// Nanoseconds since 1970-01-01T00:00:00Z, as venues and kernels stamp them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct UtcNanos(pub i64);

impl Nanos {
    /// How long after `earlier` this is, in nanoseconds; negative if it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// This point moved by `nanoseconds`.
    #[must_use]
    pub const fn plus(self, nanoseconds: i64) -> Self {
        Self(self.0 + nanoseconds)
    }
}

impl UtcNanos {
    /// From a venue's millisecond stamp.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis * 1_000_000)
    }

    /// As a venue's millisecond stamp, rounded down.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}
