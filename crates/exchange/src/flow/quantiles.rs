//! Distributions as tables of quantiles, drawn from by interpolation.

/// Quantiles at 0/32 to 31/32, then at 1 - 2^-6 to 1 - 2^-13, then the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantileTable(pub [i64; Self::POINTS]);

impl QuantileTable {
    /// Entries of a table.
    pub const POINTS: usize = 32 + Self::TAIL + 1;
    const TAIL: usize = 8;

    /// A table of sorted values; all zero when there are none.
    #[must_use]
    pub fn from_sorted(values: &[i64]) -> Self {
        let at = |share: usize, of: usize| values.get((values.len() * share / of).min(values.len().max(1) - 1));
        let mut points = [0; Self::POINTS];
        for (index, point) in points.iter_mut().enumerate() {
            let value = match index {
                0..32 => at(index, 32),
                40 => values.last(),
                _ => {
                    let of = 1 << (index - 26);
                    at(of - 1, of)
                }
            };
            *point = value.copied().unwrap_or(0);
        }
        Self(points)
    }

    /// The value for a uniformly distributed number.
    #[must_use]
    pub fn draw(&self, uniform: u64) -> i64 {
        let slice = (uniform >> 59) as usize;
        if slice < 31 {
            return self.between(slice, (uniform << 5) >> 48);
        }
        // Each further leading one halves what is left above.
        let rest = uniform << 5;
        let ones = (rest.leading_ones() as usize).min(Self::TAIL);
        self.between(31 + ones, (rest << (ones + 1)) >> 48)
    }

    fn between(&self, index: usize, fraction: u64) -> i64 {
        let (low, high) = (self.0[index], self.0[index + 1]);
        low + ((i128::from(high - low) * i128::from(fraction)) >> 16) as i64
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn draws_are_distributed_as_the_values_that_the_table_was_made_of() {
        let values: Vec<i64> = (0..100_000).map(|index| index * index / 1_000).collect();
        let table = QuantileTable::from_sorted(&values);
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut drawn: Vec<i64> = (0..100_000).map(|_| table.draw(random.next_u64())).collect();
        drawn.sort_unstable();
        for share in [10, 25, 50, 75, 90, 99] {
            let (expected, found) = (values[share * 1_000] as f64, drawn[share * 1_000] as f64);
            assert!((found / expected - 1.0).abs() < 0.05, "{share} %: {found} for {expected}");
        }
    }

    #[test]
    fn no_values_make_a_table_of_zeros() {
        assert_eq!(QuantileTable::from_sorted(&[]).draw(u64::MAX), 0);
    }
}
