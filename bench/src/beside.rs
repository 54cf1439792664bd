//! Contenders beside each other in one run: bursts in turn, the best of each kept.

use std::time::{Duration, Instant};

/// One contender: does a burst of its work and says how many nanoseconds an operation took.
pub type Contender<'a> = Box<dyn FnMut() -> f64 + 'a>;

/// How long a comparison may take.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// The fewest bursts of each contender.
    pub bursts_min: usize,
    /// Where to stop once those are done.
    pub time_max: Duration,
}

/// The best time of each contender. Bursts are shorter than a time slice, so on a machine that is busy with other work
/// some of them still have a core for themselves, and those are the best ones.
#[must_use]
pub fn best_of(effort: Effort, contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; contenders.len()];
    let start = Instant::now();
    let mut burst = 0;
    while burst < effort.bursts_min || start.elapsed() < effort.time_max {
        for turn in 0..contenders.len() {
            // Who goes first changes, so that no one always inherits another's warm caches.
            let index = (burst + turn) % contenders.len();
            best[index] = best[index].min(contenders[index]());
        }
        burst += 1;
    }
    best
}

/// Nanoseconds an operation of a piece of work that does so many.
pub fn timed(operations: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / operations as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_burst_of_each_contender_counts() {
        let (mut first, mut second) = ([3.0, 1.0, 2.0].into_iter().cycle(), [5.0, 6.0, 4.0].into_iter().cycle());
        let effort = Effort { bursts_min: 3, time_max: Duration::ZERO };
        let best =
            best_of(effort, &mut [Box::new(move || first.next().unwrap()), Box::new(move || second.next().unwrap())]);
        assert_eq!(best, [1.0, 4.0]);
    }
}
