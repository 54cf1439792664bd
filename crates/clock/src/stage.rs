//! The stages between a packet and an order, and a histogram for each.

use std::fmt;

use crate::recorder::{LatencyRecorder, LatencySummary};

/// One of the steps that are measured on the trading thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Stage {
    /// From the kernel's receive timestamp to the return of `recv`; absent where the kernel gives none.
    Receive,
    /// One message from bytes to types.
    Decode,
    /// The message's levels into the book, divided by their number.
    Book,
    /// The strategy's handler.
    Strategy,
    /// The check before an order is sent.
    Risk,
    /// The order from types to bytes.
    Encode,
    /// The call of `send` up to its return.
    Send,
    /// From the kernel's receive timestamp, else the return of `recv`, to the return of `send`, for packets that caused
    /// an order.
    Whole,
}

/// Every stage in the order in which a packet meets them.
pub const STAGES: [Stage; 8] = [
    Stage::Receive,
    Stage::Decode,
    Stage::Book,
    Stage::Strategy,
    Stage::Risk,
    Stage::Encode,
    Stage::Send,
    Stage::Whole,
];

/// Who decides: the budget of [`Stage::Strategy`] depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrategyLanguage {
    /// A Rust trait.
    Native,
    /// A file run by Node.
    TypeScript,
}

impl Stage {
    /// The stage's name in summaries and metrics.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Decode => "decode",
            Self::Book => "book",
            Self::Strategy => "strategy",
            Self::Risk => "risk",
            Self::Encode => "encode",
            Self::Send => "send",
            Self::Whole => "whole",
        }
    }

    /// What the 99th percentile may be, in nanoseconds. That of `book` is for one level, so a duration recorded for a
    /// message of several is to be divided by their number first. The two stages that are the kernel's have none.
    #[must_use]
    pub const fn budget_ns(self, language: StrategyLanguage) -> Option<u64> {
        match self {
            Self::Receive | Self::Send => None,
            Self::Decode => Some(1_000),
            Self::Book | Self::Risk => Some(100),
            Self::Strategy => Some(match language {
                StrategyLanguage::Native => 1_000,
                StrategyLanguage::TypeScript => 2_000,
            }),
            Self::Encode => Some(500),
            Self::Whole => Some(15_000),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.key())
    }
}

/// A recorder a stage.
#[derive(Clone, Debug, Default)]
pub struct StageTable([LatencyRecorder; STAGES.len()]);

impl StageTable {
    /// Empty recorders for every stage, about 1.8 MB together.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one duration of `stage`.
    #[inline]
    pub fn record(&mut self, stage: Stage, duration_ns: i64) {
        self.0[stage as usize].record(duration_ns);
    }

    /// The recorder of `stage`.
    #[must_use]
    pub fn recorder(&self, stage: Stage) -> &LatencyRecorder {
        &self.0[stage as usize]
    }

    /// Every stage with its figures, `None` for one of which nothing was recorded.
    pub fn summaries(&self) -> impl Iterator<Item = (Stage, Option<LatencySummary>)> + '_ {
        STAGES.into_iter().map(|stage| (stage, self.recorder(stage).summary()))
    }

    /// Adds everything that `other` recorded.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            mine.merge(theirs);
        }
    }

    /// Forgets everything and keeps the memory.
    pub fn reset(&mut self) {
        self.0.iter_mut().for_each(LatencyRecorder::reset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_has_its_own_recorder_in_the_order_of_the_list() {
        let mut table = StageTable::new();
        for (index, stage) in STAGES.into_iter().enumerate() {
            assert_eq!(stage as usize, index);
            table.record(stage, 10 * (index as i64 + 1));
        }
        for (index, (stage, summary)) in table.summaries().enumerate() {
            assert_eq!(stage, STAGES[index]);
            assert_eq!(summary.map(|figures| (figures.max, figures.count)), Some((10 * (index as u64 + 1), 1)));
        }
    }

    #[test]
    fn a_stage_that_never_happened_is_absent_rather_than_zero() {
        let mut table = StageTable::new();
        table.record(Stage::Decode, 300);
        let present: Vec<_> = table.summaries().filter_map(|(stage, summary)| summary.map(|_| stage)).collect();
        assert_eq!(present, [Stage::Decode]);
    }

    #[test]
    fn tables_merge_and_reset_stage_by_stage() {
        let (mut first, mut second) = (StageTable::new(), StageTable::new());
        first.record(Stage::Risk, 40);
        second.record(Stage::Risk, 60);
        second.record(Stage::Whole, 9_000);
        first.merge(&second);
        assert_eq!(first.recorder(Stage::Risk).count(), 2);
        assert_eq!(first.recorder(Stage::Whole).count(), 1);
        first.reset();
        assert!(first.summaries().all(|(_, summary)| summary.is_none()));
    }

    #[test]
    fn only_the_kernels_stages_have_no_budget() {
        for language in [StrategyLanguage::Native, StrategyLanguage::TypeScript] {
            for stage in STAGES {
                let is_kernels = matches!(stage, Stage::Receive | Stage::Send);
                assert_eq!(stage.budget_ns(language).is_none(), is_kernels, "{stage}");
            }
        }
        assert_eq!(Stage::Strategy.budget_ns(StrategyLanguage::TypeScript), Some(2_000));
        assert_eq!(format!("[{:<8}]", Stage::Risk), "[risk    ]");
    }
}
