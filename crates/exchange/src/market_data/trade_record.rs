//! The public trades of a symbol, and what they add up to.

use std::collections::VecDeque;

use crate::core::{PublicTrade, SymbolRules};

use super::statistics::DayStatistics;

/// How many public trades of a symbol are remembered.
pub const RECENT_TRADES_MAX: usize = 1_000;

/// The recent trades and the day of one symbol.
#[derive(Clone, Debug, Default)]
pub struct TradeRecord {
    /// The newest trades, oldest first.
    pub recent: VecDeque<PublicTrade>,
    /// The day.
    pub day: DayStatistics,
}

impl TradeRecord {
    /// Remembers a trade.
    pub fn add(&mut self, rules: &SymbolRules, trade: &PublicTrade) {
        if self.recent.len() == RECENT_TRADES_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(*trade);
        self.day.add(rules, trade);
    }
}
