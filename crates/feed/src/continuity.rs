//! The venues' rules for which diff follows which, and which one brackets a snapshot. Pure.

use crate::Diff;
use tercel_types::UpdateId;

/// How the diffs of a stream are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// Binance spot: the first update of a diff is the last of the one before plus one.
    Spot,
    /// Binance USD-M futures: a diff names the last update of the one before; ids in between belong to other symbols.
    UsdM,
}

/// How a diff lies to a snapshot of the same book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bracket {
    /// Everything in it is in the snapshot already.
    Before,
    /// It is the first to apply.
    Brackets,
    /// Updates between the snapshot and it are missing: the snapshot is too old.
    Beyond,
}

/// How a diff lies to the one that was applied last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Succession {
    /// Everything in it was applied already.
    Old,
    /// It is the next.
    Next,
    /// Something is missing: `expected` is the id that would have continued the stream, `got` what came.
    Gap {
        /// Spot: the first id wanted at the latest. USD-M: the previous id wanted.
        expected: UpdateId,
        /// The diff's own.
        got: UpdateId,
    },
}

impl Continuity {
    /// Where `diff` lies to a snapshot whose last update is `snapshot`.
    ///
    /// Spot tests `first <= snapshot + 1 <= last`. The venue's text says that the snapshot's id is within
    /// `[first, last]`, which is wrong by one when the diff begins right after the snapshot.
    pub(crate) const fn bracket(self, snapshot: UpdateId, diff: &Diff<'_>) -> Bracket {
        let (first, last) = (diff.first.0, diff.last.0);
        match self {
            Self::Spot if last <= snapshot.0 => Bracket::Before,
            Self::Spot if first <= snapshot.0.saturating_add(1) => Bracket::Brackets,
            Self::UsdM if last < snapshot.0 => Bracket::Before,
            Self::UsdM if first <= snapshot.0 => Bracket::Brackets,
            Self::Spot | Self::UsdM => Bracket::Beyond,
        }
    }

    /// Where `diff` lies to the last update that was applied.
    pub(crate) fn succession(self, applied: UpdateId, diff: &Diff<'_>) -> Succession {
        match self {
            Self::Spot if diff.last <= applied => Succession::Old,
            Self::Spot if diff.first.0 <= applied.0.saturating_add(1) => Succession::Next,
            Self::Spot => Succession::Gap { expected: UpdateId(applied.0.saturating_add(1)), got: diff.first },
            Self::UsdM if diff.previous == Some(applied) => Succession::Next,
            Self::UsdM if diff.last <= applied => Succession::Old,
            // A stream of this kind that does not say what came before cannot be followed.
            Self::UsdM => Succession::Gap { expected: applied, got: diff.previous.unwrap_or(diff.first) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(first: u64, last: u64, previous: Option<u64>) -> Diff<'static> {
        let previous = previous.map(UpdateId);
        Diff { first: UpdateId(first), last: UpdateId(last), previous, bids: &[], asks: &[] }
    }

    #[test]
    fn a_spot_diff_brackets_a_snapshot_when_it_holds_the_update_after_it() {
        let bracket = |first, last| Continuity::Spot.bracket(UpdateId(218), &diff(first, last, None));
        assert_eq!(bracket(203, 207), Bracket::Before);
        assert_eq!(bracket(208, 218), Bracket::Before);
        assert_eq!(bracket(208, 224), Bracket::Brackets);
        assert_eq!(bracket(218, 219), Bracket::Brackets);
        assert_eq!(bracket(219, 219), Bracket::Brackets);
        assert_eq!(bracket(220, 230), Bracket::Beyond);
    }

    #[test]
    fn a_usd_m_diff_brackets_a_snapshot_whose_id_it_holds() {
        let bracket = |first, last| Continuity::UsdM.bracket(UpdateId(948), &diff(first, last, None));
        assert_eq!(bracket(900, 947), Bracket::Before);
        assert_eq!(bracket(900, 948), Bracket::Brackets);
        assert_eq!(bracket(948, 990), Bracket::Brackets);
        assert_eq!(bracket(949, 990), Bracket::Beyond);
    }

    #[test]
    fn spot_diffs_follow_each_other_by_one() {
        let succession = |first, last| Continuity::Spot.succession(UpdateId(100), &diff(first, last, None));
        assert_eq!(succession(90, 100), Succession::Old);
        assert_eq!(succession(101, 105), Succession::Next);
        assert_eq!(succession(99, 105), Succession::Next);
        assert_eq!(succession(102, 105), Succession::Gap { expected: UpdateId(101), got: UpdateId(102) });
    }

    #[test]
    fn usd_m_diffs_follow_each_other_by_the_previous_id() {
        let succession = |previous| Continuity::UsdM.succession(UpdateId(100), &diff(150, 160, previous));
        assert_eq!(succession(Some(100)), Succession::Next);
        assert_eq!(succession(Some(120)), Succession::Gap { expected: UpdateId(100), got: UpdateId(120) });
        assert_eq!(succession(None), Succession::Gap { expected: UpdateId(100), got: UpdateId(150) });
        assert_eq!(Continuity::UsdM.succession(UpdateId(200), &diff(150, 160, Some(140))), Succession::Old);
    }

    #[test]
    fn ids_at_the_end_of_the_range_do_not_overflow() {
        let last = UpdateId(u64::MAX);
        assert_eq!(Continuity::Spot.bracket(last, &diff(1, u64::MAX, None)), Bracket::Before);
        assert_eq!(Continuity::Spot.succession(last, &diff(1, u64::MAX, None)), Succession::Old);
    }
}
