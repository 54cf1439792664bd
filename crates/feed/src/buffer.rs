//! Diffs that wait for the snapshot.

use crate::Diff;
use tercel_types::{Level, UpdateId};

/// The most diffs that wait: 100 seconds of a stream that brings one every 100 ms.
pub const BUFFERED_DIFFS_MAX: usize = 1_024;
/// The most levels that wait in all of them.
pub const BUFFERED_LEVELS_MAX: usize = 131_072;

/// Where a diff lies in the buffer.
#[derive(Clone, Copy)]
struct Entry {
    first: UpdateId,
    last: UpdateId,
    previous: Option<UpdateId>,
    /// Its bids begin here among the levels, its asks follow, and the next diff follows those.
    bids_from: usize,
    asks_from: usize,
    end: usize,
}

/// A bounded queue of diffs in memory that was reserved when it was made.
pub(crate) struct DiffBuffer {
    entries: Vec<Entry>,
    levels: Vec<Level>,
}

impl DiffBuffer {
    pub(crate) fn new() -> Self {
        // Written once, so that no diff waits for the kernel to map a page.
        let mut levels = vec![Level::new(1, 1); BUFFERED_LEVELS_MAX];
        std::hint::black_box(&mut levels).clear();
        Self { entries: Vec::with_capacity(BUFFERED_DIFFS_MAX), levels }
    }

    /// Takes a copy; whether there was room for it.
    pub(crate) fn push(&mut self, diff: &Diff<'_>) -> bool {
        let levels = diff.bids.len() + diff.asks.len();
        if self.entries.len() == BUFFERED_DIFFS_MAX || self.levels.len() + levels > BUFFERED_LEVELS_MAX {
            return false;
        }
        let bids_from = self.levels.len();
        self.levels.extend_from_slice(diff.bids);
        let asks_from = self.levels.len();
        self.levels.extend_from_slice(diff.asks);
        let end = self.levels.len();
        let &Diff { first, last, previous, .. } = diff;
        self.entries.push(Entry { first, last, previous, bids_from, asks_from, end });
        true
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The diff at a place, the oldest at zero.
    pub(crate) fn get(&self, at: usize) -> Option<Diff<'_>> {
        let &Entry { first, last, previous, bids_from, asks_from, end } = self.entries.get(at)?;
        let (bids, asks) = (&self.levels[bids_from..asks_from], &self.levels[asks_from..end]);
        Some(Diff { first, last, previous, bids, asks })
    }

    /// The id of the newest update that waits.
    pub(crate) fn last_update(&self) -> Option<UpdateId> {
        self.entries.last().map(|entry| entry.last)
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.levels.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diffs_come_out_as_they_went_in() {
        let mut buffer = DiffBuffer::new();
        let bids = [Level::new(1, 2), Level::new(3, 4)];
        let asks = [Level::new(5, 6)];
        let full = Diff { first: UpdateId(1), last: UpdateId(2), previous: None, bids: &bids, asks: &asks };
        let empty = Diff { first: UpdateId(3), last: UpdateId(9), previous: Some(UpdateId(2)), bids: &[], asks: &[] };
        assert!(buffer.push(&full) && buffer.push(&empty));
        assert_eq!((buffer.get(0), buffer.get(1), buffer.get(2)), (Some(full), Some(empty), None));
        assert_eq!(buffer.last_update(), Some(UpdateId(9)));
    }

    #[test]
    fn a_full_buffer_refuses_by_diffs_and_by_levels() {
        let mut buffer = DiffBuffer::new();
        let mut diff = Diff { first: UpdateId(1), last: UpdateId(1), previous: None, bids: &[], asks: &[] };
        assert!((0..BUFFERED_DIFFS_MAX).all(|_| buffer.push(&diff)));
        assert!(!buffer.push(&diff));
        buffer.clear();
        let levels = vec![Level::new(1, 1); BUFFERED_LEVELS_MAX];
        diff.bids = &levels;
        assert!(buffer.push(&diff));
        diff.bids = &levels[..1];
        assert!(!buffer.push(&diff));
    }
}
