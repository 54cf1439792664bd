//! How many orders may leave: sliding windows that never let through more than the venue would.

use tercel_types::Nanos;

/// At most `orders` in any stretch of `window_ns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowLimit {
    /// How many orders.
    pub orders: u32,
    /// In how long a stretch, in nanoseconds.
    pub window_ns: i64,
}

impl WindowLimit {
    /// Up to this many orders, each one's time is kept.
    pub const EXACT_ORDERS: u32 = 4096;

    /// So many orders in any second.
    #[must_use]
    pub const fn per_second(orders: u32) -> Self {
        Self { orders, window_ns: 1_000_000_000 }
    }
}

/// A sliding window over the orders sent.
///
/// A venue counts in fixed intervals; a limit that holds in every stretch of that length holds in each of them. Small
/// limits are exact: the time of every order is kept. Larger ones count in 1,024 buckets, and a bucket leaves the window
/// only when its youngest moment has: the window is then up to a thousandth longer than asked for, never shorter.
#[derive(Debug)]
pub struct OrderWindow {
    limit: WindowLimit,
    count: Count,
}

#[derive(Debug)]
enum Count {
    /// The times of the last `limit.orders` orders; the next one is overwritten next.
    Exact {
        sent: Box<[Option<Nanos>]>,
        next: usize,
    },
    Buckets(Buckets),
}

const BUCKETS: i64 = 1024;

#[derive(Debug)]
struct Buckets {
    orders: Box<[u32]>,
    width_ns: i64,
    newest: i64,
    /// When the newest bucket ends: until then there is nothing to forget, and nothing to divide.
    newest_end: Nanos,
    total: u32,
}

impl OrderWindow {
    /// An empty window.
    #[must_use]
    pub fn new(limit: WindowLimit) -> Self {
        let count = if limit.orders <= WindowLimit::EXACT_ORDERS {
            Count::Exact { sent: vec![None; limit.orders as usize].into_boxed_slice(), next: 0 }
        } else {
            // One bucket more than the window has, for the one that is being filled.
            let orders = vec![0; BUCKETS as usize + 1].into_boxed_slice();
            let width_ns = (limit.window_ns + BUCKETS - 1) / BUCKETS;
            Count::Buckets(Buckets { orders, width_ns, newest: 0, newest_end: Nanos(width_ns), total: 0 })
        };
        Self { limit, count }
    }

    /// Whether one more order fits now.
    #[must_use]
    pub fn has_room(&mut self, now: Nanos) -> bool {
        match &mut self.count {
            Count::Exact { sent, next } => match sent.get(*next) {
                Some(Some(oldest)) => now.since(*oldest) >= self.limit.window_ns,
                Some(None) => true,
                None => false,
            },
            Count::Buckets(buckets) => {
                buckets.forget(now);
                buckets.total < self.limit.orders
            }
        }
    }

    /// Counts one order. The caller has seen that there is room.
    pub fn count(&mut self, now: Nanos) {
        match &mut self.count {
            Count::Exact { sent, next } => {
                if let Some(slot) = sent.get_mut(*next) {
                    *slot = Some(now);
                }
                *next = if *next + 1 == sent.len() { 0 } else { *next + 1 };
            }
            Count::Buckets(buckets) => {
                buckets.forget(now);
                let newest = buckets.newest_place();
                buckets.orders[newest] = buckets.orders[newest].saturating_add(1);
                buckets.total = buckets.total.saturating_add(1);
            }
        }
    }

    /// The limit that it keeps.
    #[must_use]
    pub const fn limit(&self) -> WindowLimit {
        self.limit
    }
}

impl Buckets {
    /// Moves the window on to now. At most one pass over the buckets, and one bucket for each thousandth of the window that
    /// has gone by.
    fn forget(&mut self, now: Nanos) {
        if now < self.newest_end {
            return;
        }
        let bucket = now.0.div_euclid(self.width_ns);
        if bucket - self.newest > BUCKETS {
            self.orders.fill(0);
            self.total = 0;
            self.newest = bucket;
        }
        while self.newest < bucket {
            self.newest += 1;
            let reused = self.newest_place();
            self.total -= std::mem::take(&mut self.orders[reused]);
        }
        self.newest_end = Nanos((self.newest + 1).saturating_mul(self.width_ns));
    }

    const fn newest_place(&self) -> usize {
        self.newest.rem_euclid(BUCKETS + 1) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn send(window: &mut OrderWindow, now: i64) -> bool {
        let room = window.has_room(Nanos(now));
        if room {
            window.count(Nanos(now));
        }
        room
    }

    #[test]
    fn fifty_in_ten_seconds_and_the_next_one_when_the_first_is_ten_seconds_old() {
        let mut window = OrderWindow::new(WindowLimit { orders: 50, window_ns: 10_000_000_000 });
        assert!((0..50).all(|index| send(&mut window, index)));
        assert!(!send(&mut window, 9_999_999_999));
        assert!(send(&mut window, 10_000_000_000));
        assert!(!send(&mut window, 10_000_000_000));
    }

    #[test]
    fn a_limit_of_a_day_is_reached_and_freed_a_day_later() {
        let day = 86_400_000_000_000;
        let mut window = OrderWindow::new(WindowLimit { orders: 160_000, window_ns: day });
        let sent = (0..200_000).filter(|index| send(&mut window, index * 1_000_000)).count();
        assert_eq!(sent, 160_000);
        assert!(!send(&mut window, day - 1));
        assert!(send(&mut window, day + day / BUCKETS + 1));
    }

    proptest! {
        #[test]
        fn no_stretch_of_the_window_ever_holds_more_than_the_limit(
            steps in proptest::collection::vec(0i64..300, 1..600),
            limit in prop_oneof![Just(5u32), Just(WindowLimit::EXACT_ORDERS + 1)],
        ) {
            // The bucketed window is driven with the same steps, each standing for many orders.
            let repeat = if limit == 5 { 1 } else { 900 };
            let window_ns = 2_000;
            let mut window = OrderWindow::new(WindowLimit { orders: limit, window_ns });
            let mut now = 0;
            let mut sent: Vec<i64> = Vec::new();
            for step in steps {
                now += step;
                for _ in 0..repeat {
                    if send(&mut window, now) {
                        sent.push(now);
                    }
                }
            }
            for (index, first) in sent.iter().enumerate() {
                if let Some(beyond) = sent.get(index + limit as usize) {
                    prop_assert!(beyond - first >= window_ns);
                }
            }
        }
    }
}
