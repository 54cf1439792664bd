//! How long somebody said nothing, in time during which somebody listened.

use tercel_types::Nanos;

/// Silence that is added up look by look, so that a pause of this whole process is no silence of anybody.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Silence {
    looked: Option<Nanos>,
    length_ns: i64,
}

impl Silence {
    /// Notes that there was nothing still. The time since the last look counts as at most `look_ns_max`. Returns the
    /// length so far, in nanoseconds.
    pub fn look(&mut self, now: Nanos, look_ns_max: i64) -> i64 {
        let since = self.looked.replace(now).map_or(0, |looked| now.since(looked));
        self.length_ns += since.clamp(0, look_ns_max);
        self.length_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_of_this_process_is_no_silence_of_the_peer() {
        let mut silence = Silence::default();
        assert_eq!(silence.look(Nanos(5_000_000_000), 100_000_000), 0);
        assert_eq!(silence.look(Nanos(5_001_000_000), 100_000_000), 1_000_000);
        assert_eq!(silence.look(Nanos(95_001_000_000), 100_000_000), 101_000_000);
    }
}
